// What the marking definitions say that objects refer to. Those that came along and those of the same collection are
// believed. What this member holds elsewhere under the same id can only make stricter: whoever speaks there, a feed or a
// program, decides nothing here.
import { LIMITS } from '#kernel/limits.ts'
import { SELF } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { meaningOf, references } from './stix/marking.ts'
import { FIXED_MARKINGS } from './stix/tlp.ts'
import { objectKey } from './stix-id.ts'

type Fields = Readonly<Record<string, unknown>>

/** Answers a marking definition by its id; undefined where nobody can say what it means. */
export type Definitions = (id: string) => Fields | undefined

/** The definitions that some objects refer to, which are sent together into one collection. */
export async function findDefinitions(
  reader: Reader,
  objects: readonly Fields[],
  collection: number,
): Promise<Definitions> {
  const sent = Map.groupBy(
    objects.filter(({ type }) => type === 'marking-definition'),
    ({ id }) => id,
  )
  const agreed = new Map<string, Fields | undefined>()
  for (const id of new Set(objects.flatMap((object) => [...references(object)]))) {
    if (typeof id !== 'string' || FIXED_MARKINGS.has(id)) continue
    const { here, elsewhere } = await standing(reader, id, collection)
    agreed.set(id, agree([...(sent.get(id) ?? []), ...here], elsewhere))
  }
  return (id) => agreed.get(id)
}

/** What is defined in several ways is unknown, and where one of them is RED it is that. */
function agree(believed: readonly Fields[], elsewhere: readonly Fields[]): Fields | undefined {
  const all = [...believed, ...elsewhere].map((definition) => ({ definition, ...meaningOf(definition) }))
  const red = all.find(({ tlp }) => tlp === 'RED')
  if (red !== undefined) return red.definition
  const isOne = all.every(({ tlp, unknown }) => tlp === all[0]?.tlp && unknown === all[0]?.unknown)
  return isOne ? believed[0] : undefined
}

const STANDING_SQL = `SELECT i.bytes, r.collection = ? AS here FROM record r
  JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection JOIN item i ON i.seq = r.seq
  WHERE r.oid = ? AND t.name = ? AND c.author = ? AND r.withdrawn IS NULL ORDER BY r.seq LIMIT ?`

/** Whatever stands in this member's collections, the first said first: a definition has no versions that replace it. */
async function standing(
  reader: Reader,
  id: string,
  collection: number,
): Promise<{ readonly here: Fields[]; readonly elsewhere: Fields[] }> {
  const key = objectKey(id)
  if (key === undefined) return { here: [], elsewhere: [] }
  const rows = await reader.all<{ bytes: Uint8Array; here: number }>(
    STANDING_SQL,
    collection,
    key.oid,
    key.type,
    SELF,
    LIMITS.pageMax,
  )
  const parse = (each: typeof rows): Fields[] =>
    each.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')) as Fields)
  return { here: parse(rows.filter(({ here }) => here === 1)), elsewhere: parse(rows.filter(({ here }) => here !== 1)) }
}
