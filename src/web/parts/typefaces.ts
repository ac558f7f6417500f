// The typefaces weigh as much as the program. Over a thin line they come on the first visit after what people came for, and are
// kept for the next: until then everything stands in letters of about the same measures, and nothing moves under a reader.
import { quiet } from '../load.ts'

const STORED = 'comity.typefaces'
/** Where the program itself came sooner than this, so do the typefaces. */
const FAST_MS = 3000

/** `begun` resolves when the page has begun to read. */
export async function loadTypefaces(begun: Promise<unknown>): Promise<void> {
  const isFirst = localStorage.getItem(STORED) === null
  if (isFirst && performance.now() > FAST_MS) {
    await begun
    await quiet()
    const { FILES } = await import('./typeface-files.ts')
    await Promise.all(FILES.map(async (file) => (await fetch(file)).arrayBuffer()))
  } else await import('../style/typefaces.css')
  localStorage.setItem(STORED, 'kept')
}
