// What the console weighs over the line, and how much of it a first visit loads before it shows the home page.
import { gzipSync } from 'node:zlib'

/** As the bundler describes a file it wrote. */
export type Chunk = {
  readonly fileName: string
  readonly code?: string
  readonly source?: string | Uint8Array
  readonly imports?: readonly string[]
  readonly isEntry?: boolean
  readonly facadeModuleId?: string | null
  readonly moduleIds?: readonly string[]
}

export type Weight = {
  /** Scripts and styles, compressed; `first` are the scripts of a first visit. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly first: boolean }[]
  readonly firstPageBytes: number
}

export const FIRST_PAGE_BYTES_MAX = 150_000
const FIRST_PAGE = '/pages/home.tsx'

/** Weighs a bundle. Throws where the first page is not in it, for then nothing would be weighed. */
export function weigh(output: readonly Chunk[]): Weight {
  const byName = new Map(output.map((chunk) => [chunk.fileName, chunk]))
  const first = new Set<Chunk>()
  const take = (chunk: Chunk | undefined): void => {
    if (chunk === undefined || first.has(chunk)) return
    first.add(chunk)
    for (const name of chunk.imports ?? []) take(byName.get(name))
  }
  const home = output.find(({ facadeModuleId }) => facadeModuleId?.endsWith(FIRST_PAGE))
  if (home === undefined) throw new Error(`no file of the bundle is ${FIRST_PAGE}, so the first page cannot be weighed`)
  for (const chunk of output) if (chunk.isEntry === true || chunk === home) take(chunk)
  const files = output
    .filter(({ fileName }) => /\.(?:js|css)$/.test(fileName))
    .map((chunk) => ({ name: chunk.fileName, bytes: sizeOf(chunk), first: first.has(chunk) }))
  const firstPageBytes = files.reduce((sum, each) => sum + (each.first ? each.bytes : 0), 0)
  return { files, firstPageBytes }
}

export function isTooHeavy({ firstPageBytes }: Weight): boolean {
  return firstPageBytes > FIRST_PAGE_BYTES_MAX
}

export function describeWeight({ files, firstPageBytes }: Weight): string[] {
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
  return [
    ...files.map(({ name, bytes, first }) => `${first ? '* ' : '  '}${name.padEnd(44)} ${kB(bytes).padStart(10)}`),
    `first page (*): ${kB(firstPageBytes)} of JavaScript, gzip; at most ${kB(FIRST_PAGE_BYTES_MAX)}`,
  ]
}

function sizeOf({ code, source }: Chunk): number {
  return gzipSync(Buffer.from(code ?? source ?? ''), { level: 9 }).length
}
