// What a text finds: a value exactly, else words of records and of their contexts. Only what is in sight is found, so that
// neither what comes nor where it goes on tells of anything else.
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Seen, Sight } from '#kernel/sight.ts'
import { wordsBeginning } from '#kernel/store/dialect.ts'
import type { Reader } from '#kernel/store/types.ts'
import { anyValue } from '#kernel/value.ts'
import { contextInSight, recordInSight } from './visible.ts'

export type Matches = { readonly seqs: readonly number[]; readonly floor: number | undefined }

type Asked = {
  readonly text: string
  readonly sight: Sight
  /** Rows before this sequence number. */
  readonly before: number
  readonly rowsMax: number
}

/**
 * The newest records in sight that a text finds; where there may be more, `floor` is the last of them. Each index is walked
 * from its end, and no further than asked. A context finds its record only where both are in sight.
 */
export async function newestMatches(reader: Reader, { text, ...asked }: Asked): Promise<Matches> {
  const record = recordInSight(asked.sight)
  const value = anyValue(text)
  if (value !== undefined) return walk(reader, asked, { ...VALUES, found: [value.kind, value.value], seen: [record] })
  const lists = []
  for (const [kind, seen] of [
    ['record', [record]],
    ['context', [record, contextInSight(asked.sight)]],
  ] as const)
    lists.push(await walk(reader, asked, { ...wordsIn(kind), found: [await expressionFor(reader, text, kind)], seen }))
  const floor = Math.max(...lists.map((list) => list.floor ?? 0))
  const seqs = lists.flatMap((list) => list.seqs).filter((seq) => seq >= floor)
  return { seqs, floor: floor === 0 ? undefined : floor }
}

/** An index: where it stands, its column of sequence numbers, and what finds something in it. */
type Index = { readonly from: string; readonly seq: string; readonly where: string }
type Walk = Index & { readonly found: readonly string[]; readonly seen: readonly Seen[] }

const VALUES: Index = { from: 'value', seq: 'f.seq', where: 'f.kind = ? AND f.value = ?' }
const wordsIn = (kind: 'record' | 'context'): Index => ({
  from: `${kind}_text`,
  seq: 'f.rowid',
  where: `f.${kind}_text MATCH ?`,
})

async function walk(
  reader: Reader,
  { before, rowsMax }: Omit<Asked, 'text'>,
  { from, seq, where, found, seen }: Walk,
): Promise<Matches> {
  const rows = await reader.all<{ seq: number }>(
    `SELECT r.seq FROM ${from} f CROSS JOIN record r ON r.seq = ${seq}
     WHERE ${where} AND ${seq} < ? AND ${seen.map(({ sql }) => sql).join(' AND ')} ORDER BY ${seq} DESC LIMIT ?`,
    ...found,
    before,
    ...seen.flatMap(({ values }) => values),
    rowsMax,
  )
  const seqs = rows.map((row) => row.seq)
  return { seqs, floor: seqs.length < rowsMax ? undefined : seqs.at(-1) }
}

/** As `matchExpression`, with the words that the last one begins in its place where there are not too many. */
async function expressionFor(reader: Reader, text: string, kind: 'record' | 'context'): Promise<string> {
  const all = wordsOf(text)
  const last = all.at(-1)?.toLowerCase() ?? ''
  // What the index does to letters beyond these is its own affair.
  if (!mayBegin(last) || !/^[a-z0-9]+$/.test(last)) return matchExpression(text)
  const found = await reader.all<{ term: string }>(
    wordsBeginning(`${kind}_word`),
    last,
    `${last}\u{10FFFF}`,
    LIMITS.searchTermsMax + 1,
  )
  if (found.length === 0 || found.length > LIMITS.searchTermsMax) return matchExpression(text)
  const ends = found.map(({ term }) => `"${term}"`).join(' OR ')
  return [...all.slice(0, -1).map((word) => `"${word}"`), `(${ends})`].join(' AND ')
}

/**
 * Every word must occur, the last one may be a beginning; nothing a person types is read as FTS5 syntax. One or two letters
 * of an alphabet begin too many words to look through, so they are a word; in scripts that write no spaces they begin one.
 */
function matchExpression(text: string): string {
  const words = wordsOf(text)
  return words.map((word, i) => (i === words.length - 1 && mayBegin(word) ? `"${word}"*` : `"${word}"`)).join(' ')
}

function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFC')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, 32)
  if (words.length === 0)
    throw new Fault('input.invalid', 'there is no word to search for', {
      place: 'q',
      remedy: 'Give a word, an address, a domain, a hash or a CVE id.',
    })
  return words
}

const mayBegin = (word: string): boolean =>
  /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]|.{3}/u.test(word)
