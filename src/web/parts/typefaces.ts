// The typefaces weigh as much as the program. Over a thin line they come on the first visit after what people came for, which
// until then stands in letters of the same measures; later they are kept by the browser and there from the beginning.
import { quiet } from '../load.ts'

const STORED = 'comity.typefaces'
const FACES = ['1rem "Inter Variable"', '1rem "JetBrains Mono Variable"']

/** `begun` resolves when the page has begun to read. */
export async function loadTypefaces(begun: Promise<unknown>): Promise<void> {
  if (localStorage.getItem(STORED) === null) {
    await begun
    await quiet()
  }
  await import('../style/typefaces.css')
  await Promise.all(FACES.map((face) => document.fonts.load(face)))
  localStorage.setItem(STORED, 'kept')
}
