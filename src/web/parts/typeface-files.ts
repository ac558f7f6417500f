// The parts of the typefaces that nearly every page needs; a browser keeps what it fetched.
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url'
import mono from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url'

export const FILES: readonly string[] = [inter, mono]
