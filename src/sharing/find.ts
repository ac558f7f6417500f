// Looking things up: one object with all its versions, everything that matches words or a value.
import { formatMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Sight } from '#kernel/sight.ts'
import type { Reader, Value } from '#kernel/store/types.ts'
import { filterCondition, needsLooking, onlyIndexed, type Condition, type Filter } from './filter.ts'
import { newestMatches } from './matches.ts'
import { isNameOfValue, objectId, objectKey } from './stix-id.ts'
import { recordInSight } from './visible.ts'

/** A stored version of a record with what is known about it, bytes apart. */
export type RecordRow = {
  readonly seq: number
  readonly labelClass: number
  readonly id: string
  readonly type: string
  /** RFC 3339, absent for objects without versions. */
  readonly version?: string
  readonly collection: number
  readonly author: string
  readonly addedAt: string
  readonly latest: boolean
  /** Sequence number of the statement that took it back. */
  readonly withdrawnBy: number | null
}

type Raw = {
  seq: number
  oid: Uint8Array
  type: string
  version: number
  collection: number
  author: string
  labelClass: number
  latest: number
  withdrawn: number | null
}

const RECORD_SQL = `SELECT r.seq, r.oid, t.name AS type, r.version, r.collection, m.name AS author,
    r.label_class AS labelClass, r.latest, r.withdrawn
  FROM record r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection JOIN member m ON m.id = c.author`

function toRow(raw: Raw): RecordRow {
  return {
    seq: raw.seq,
    labelClass: raw.labelClass,
    id: objectId({ type: raw.type, oid: raw.oid }),
    type: raw.type,
    ...(raw.version === 0 ? {} : { version: formatMicros(raw.version) }),
    collection: raw.collection,
    author: raw.author,
    addedAt: formatMicros(raw.seq),
    latest: raw.latest === 1,
    withdrawnBy: raw.withdrawn,
  }
}

/** Every version of an object, from every author, oldest first. */
export async function versionsOfObject(reader: Reader, id: string): Promise<RecordRow[]> {
  const key = objectKey(id)
  if (key === undefined)
    throw new Fault('input.invalid', `“${id.slice(0, 80)}” is not a STIX id`, {
      remedy: 'An id looks like indicator--<uuid>.',
    })
  const rows = await reader.all<Raw>(
    `${RECORD_SQL} WHERE r.oid = ? AND t.name = ? ORDER BY r.version, r.seq`,
    key.oid,
    key.type,
  )
  return rows.map(toRow)
}

/** How the record of an answer says which object it was: where its id would say what it is, by when its versions came. */
export function placeOfObject(id: string, versions: readonly RecordRow[]): string {
  const place = isNameOfValue(id) ? `added ${versions.map(({ addedAt }) => addedAt).join(', ')}` : id
  return place.slice(0, 400)
}

/** The bytes of the newest version of an object in a collection. */
export async function latestObject(reader: Reader, id: string, collection: number): Promise<Uint8Array | undefined> {
  const key = objectKey(id)
  if (key === undefined) return undefined
  const row = await reader.get<{ bytes: Uint8Array }>(
    `SELECT i.bytes FROM record r JOIN stix_type t ON t.id = r.type JOIN item i ON i.seq = r.seq
     WHERE r.oid = ? AND t.name = ? AND r.collection = ? AND r.latest = 1`,
    key.oid,
    key.type,
    collection,
  )
  return row?.bytes
}

/** The records of some sequence numbers that are here, newest first. */
export async function recordsAt(reader: Reader, seqs: readonly number[]): Promise<RecordRow[]> {
  const rows = await reader.all<Raw>(
    `${RECORD_SQL} WHERE r.seq IN (SELECT value FROM json_each(?)) ORDER BY r.seq DESC`,
    JSON.stringify(seqs),
  )
  return rows.map(toRow)
}

/** The records `r` of a condition, which may say in which order and how many. */
export async function recordsWhere(reader: Reader, condition: string, ...values: Value[]): Promise<RecordRow[]> {
  return (await reader.all<Raw>(`${RECORD_SQL} WHERE ${condition}`, ...values)).map(toRow)
}

/** What stands today under some ids, from every author, as far as it is in sight, newest first. */
export async function standingRecords(reader: Reader, sight: Sight, ids: readonly string[]): Promise<RecordRow[]> {
  const wanted = new Set(ids)
  const oids = ids.flatMap((id) => Buffer.from(objectKey(id)?.oid ?? []).toString('hex'))
  const seen = recordInSight(sight)
  const rows = await reader.all<Raw>(
    `${RECORD_SQL} WHERE r.oid IN (SELECT unhex(value) FROM json_each(?)) AND r.latest = 1 AND r.withdrawn IS NULL
       AND ${seen.sql} ORDER BY r.seq DESC LIMIT ?`,
    JSON.stringify(oids),
    ...seen.values,
    LIMITS.graphHoldersMax,
  )
  return rows.map(toRow).filter(({ id }) => wanted.has(id))
}

export async function bytesOfRecord(reader: Reader, seq: number): Promise<Uint8Array | undefined> {
  return (await reader.get<{ bytes: Uint8Array }>('SELECT bytes FROM item WHERE seq = ?', seq))?.bytes
}

export type Search = {
  /** Absent: everything, newest first. */
  readonly text?: string
  readonly filter: Filter
  /** What whoever searches may look at. Nothing else is found, counted or named as a place to go on. */
  readonly sight: Sight
  /** Rows before this sequence number: newest come first. */
  readonly before?: number
  readonly limit: number
}

/** Newest first. `next` is where to go on: a page may be short, because only so many records are looked at for one. */
export type Found = { readonly rows: readonly RecordRow[]; readonly next: number | undefined }

/** Lists that are read one after the other and put together; more are looked through as one. */
const LISTS_MAX = 100

/** A text that is a value (an address, a domain, a hash, a CVE id) is looked up exactly, anything else as words. */
export async function search(reader: Reader, query: Search): Promise<Found> {
  const { collections = [] } = query.filter
  if (query.text !== undefined || collections.length < 2 || collections.length > LISTS_MAX)
    return searchOne(reader, query)
  const lists: Found[] = []
  for (const id of collections)
    lists.push(await searchOne(reader, { ...query, filter: { ...query.filter, collections: [id] } }))
  return merge(lists, query.limit)
}

/** The newest of several lists. Below the place where one of them breaks off nothing is known of the others. */
function merge(lists: readonly Found[], limit: number): Found {
  const known = Math.max(0, ...lists.map(({ next = 0 }) => next))
  const all = lists.flatMap(({ rows }) => rows).filter(({ seq }) => seq >= known)
  const rows = all.toSorted((a, b) => b.seq - a.seq).slice(0, limit)
  return { rows, next: all.length > limit ? rows.at(-1)?.seq : known === 0 ? undefined : known }
}

async function searchOne(reader: Reader, query: Search): Promise<Found> {
  const limit = Math.min(query.limit, LIMITS.pageMax)
  // Most of the newest matches fit where nothing narrows them, so few are looked at first.
  const steps = query.text === undefined ? [LIMITS.searchRecordsMax] : [2 * limit, LIMITS.searchMatchesMax]
  for (const [at, rowsMax] of steps.entries()) {
    const { sql, values, floor } = await searchSource(reader, query, rowsMax)
    const raws = await reader.all<Raw>(`${RECORD_SQL} WHERE ${sql} ORDER BY r.seq DESC LIMIT ?`, ...values, limit + 1)
    if (raws.length <= limit && floor !== undefined && at < steps.length - 1) continue
    const rows = raws.slice(0, limit).map(toRow)
    return { rows, next: raws.length > limit ? rows.at(-1)?.seq : floor }
  }
  return { rows: [], next: undefined }
}

/**
 * What a search looks at, as a condition on a record `r`: at most `rowsMax` records in sight of those that the words or the
 * indexes find; where there are more, `floor` is the last of them.
 */
export async function searchSource(
  reader: Reader,
  { text, filter, sight, before = Number.MAX_SAFE_INTEGER }: Omit<Search, 'limit'>,
  rowsMax: number,
): Promise<Condition & { readonly floor: number | undefined }> {
  if (text !== undefined) {
    const { seqs, floor } = await newestMatches(reader, { text, sight, before, rowsMax })
    const narrowed = filterCondition(filter, { rowByRow: true })
    const sql = `r.seq IN (SELECT value FROM json_each(?)) AND ${narrowed.sql}`
    return { sql, values: [JSON.stringify(seqs), ...narrowed.values], floor }
  }
  const seen = recordInSight(sight)
  const narrowed = filterCondition(filter)
  const behind = {
    sql: `${narrowed.sql} AND r.seq < ? AND ${seen.sql}`,
    values: [...narrowed.values, before, ...seen.values],
  }
  if (!needsLooking(filter)) return { ...behind, floor: undefined }
  const indexed = filterCondition(onlyIndexed(filter))
  const last = await reader.get<{ seq: number }>(
    `SELECT r.seq FROM record r WHERE ${indexed.sql} AND r.seq < ? AND ${seen.sql} ORDER BY r.seq DESC LIMIT 1 OFFSET ?`,
    ...indexed.values,
    before,
    ...seen.values,
    rowsMax - 1,
  )
  const floor = last?.seq
  return { sql: `${behind.sql} AND r.seq >= ?`, values: [...behind.values, floor ?? 0], floor }
}
