// Lists of our own API, page by page, and searched: what of a list has some words in it. A search looks at the list piece by
// piece, so that nobody else waits for it, and answers after so many lines with what it found and where it goes on.
import { setImmediate as breathe } from 'node:timers/promises'
import { LIMITS } from './limits.ts'
import type { Asked } from './list-shape.ts'
import { containsPattern } from './store/dialect.ts'
import type { Reader, Value } from './store/types.ts'

export type ListSource = {
  /** What is read of a line, besides its key. */
  readonly columns: string
  readonly from: string
  /** Unique and indexed: lines come in its order, and it is the cursor. */
  readonly key: string
  readonly order: 'by name' | 'oldest first' | 'newest first'
  /** What else holds of every line, with a `?` for each value that a reading gives. */
  readonly where?: string
  /** The columns in which words are looked for. */
  readonly texts: readonly string[]
}

export type ListPage<R> = {
  readonly rows: readonly R[]
  /** The cursor of the next page, where there is one or may be one. */
  readonly next: string | undefined
}

type Cursor = number | string
type Keyed = { readonly cursor: Cursor }

const BEGINNING = { 'by name': '', 'oldest first': -1, 'newest first': Number.MAX_SAFE_INTEGER } as const

/** Makes the reading of one list; `values` stand for the `?` of its `where`. */
export function listing<R extends object>(
  source: ListSource,
  {
    piece = LIMITS.listPiece,
    linesMax = LIMITS.listLinesMax,
  }: { readonly piece?: number; readonly linesMax?: number } = {},
): (reader: Reader, asked: Asked, ...values: Value[]) => Promise<ListPage<R>> {
  const { columns, from, key, where = 'true', texts } = source
  const [behind, until, order] = source.order === 'newest first' ? ['<', '>=', 'DESC'] : ['>', '<=', 'ASC']
  const lines = `SELECT ${columns}, ${key} AS cursor FROM ${from} WHERE (${where}) AND ${key} ${behind} ?`
  const inOrder = `ORDER BY ${key} ${order} LIMIT ?`
  const fitting = `${lines} AND (${texts.map((text) => `${text} GLOB ?`).join(' OR ')})`
  const pieceEnd = `SELECT ${key} AS "end" FROM ${from} WHERE ${key} ${behind} ? ${inOrder} OFFSET ?`

  return async (reader, { q = '', limit = LIMITS.pageDefault, cursor }, ...values) => {
    let after: Cursor = cursor ?? BEGINNING[source.order]
    const words = q.trim()
    if (words === '')
      return toPage(await reader.all<R & Keyed>(`${lines} ${inOrder}`, ...values, after, limit + 1), limit)
    const patterns = texts.map(() => containsPattern(words))
    const found: (R & Keyed)[] = []
    for (let looked = 0; looked < linesMax; looked += piece) {
      const wanted = limit + 1 - found.length
      const ends = await reader.get<{ readonly end: Cursor }>(pieceEnd, after, 1, piece - 1)
      const fits = [...values, after, ...patterns]
      if (ends === undefined)
        return toPage([...found, ...(await reader.all<R & Keyed>(`${fitting} ${inOrder}`, ...fits, wanted))], limit)
      const inPiece = `${fitting} AND ${key} ${until} ? ${inOrder}`
      found.push(...(await reader.all<R & Keyed>(inPiece, ...fits, ends.end, wanted)))
      if (found.length > limit) return toPage(found, limit)
      after = ends.end
      await breathe()
    }
    return { rows: found, next: String(after) }
  }
}

function toPage<R>(rows: readonly (R & Keyed)[], limit: number): ListPage<R> {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { rows: rows.slice(0, limit), next: last === undefined ? undefined : String(last.cursor) }
}

/** A page as it is answered. */
export function pageView<R, V>(
  { rows, next }: ListPage<R>,
  view: (row: R) => V,
): { readonly items: V[]; readonly next?: string } {
  return { items: rows.map(view), ...(next === undefined ? {} : { next }) }
}
