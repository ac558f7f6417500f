// What other capabilities may ask of sharing. They never read its tables.
import { formatMicros } from '#kernel/clock.ts'
import type { Marking } from '#kernel/marking.ts'
import { loadLabel } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Value } from '#kernel/value.ts'
import { bytesOfRecord } from './find.ts'
import { HOLDERS } from './record-store.ts'
import { objectId } from './stix-id.ts'

export { visible } from './visible.ts'
export {
  applyPut,
  applyWithdraw,
  collectionOfPeer,
  quarantine,
  returnedCollection,
  returnPut,
  returnWithdraw,
  type ForeignRecord,
  type ForeignStatement,
} from './apply-command.ts'
export { forgetRecords, hideRecords, scrubValues, scrubWords } from './forget.ts'
export { indexContext } from './context.ts'
export { quarantinedByMember } from './quarantine.ts'
export { recordsTakenBack } from './taken-back.ts'
export { Tally } from './tally.ts'
export { withdrawnOf } from './withdrawn.ts'
export { examplesOf, intentOf, loadClientPrincipals, loadHoldings, versionsForPolicy } from './holdings.ts'
export { sharingCommands } from './commands.ts'
export { sharingMigrations } from './migrations.ts'
export { reindex, REINDEX_JOB } from './reindex.ts'
export { prepareStatement } from './prepare.ts'
export { valuesOf } from './value.ts'

/** How many records a collection holds, by its row id; those of no version any more are not counted. */
export async function countRecords(reader: Reader, collection: number): Promise<number> {
  const sql = 'SELECT count(*) AS n FROM record WHERE collection = ? AND latest = 1 AND withdrawn IS NULL'
  return (await reader.get<{ n: number }>(sql, collection))?.n ?? 0
}

/** A record that carries matchable values, or did in an earlier version, as the warning capability reads it. */
export type MatchableRecord = {
  readonly seq: number
  readonly id: string
  readonly version?: string
  readonly author: string
  readonly labelClass: number
  /** Whether its author says nothing newer about this object, in any collection. */
  readonly latest: boolean
  readonly bytes: Uint8Array
}

type MatchableRow = {
  seq: number
  oid: Uint8Array
  type: string
  version: number
  author: string
  labelClass: number
  superseded: number
  bytes: Uint8Array
}

const MATCHABLE_SQL = `SELECT r.seq, r.oid, t.name AS type, r.version, m.name AS author, r.label_class AS labelClass, i.bytes,
    EXISTS (SELECT 1 FROM record n JOIN collection nc ON nc.id = n.collection
      WHERE n.oid = r.oid AND n.type = r.type AND n.version > r.version AND n.withdrawn IS NULL AND nc.author = c.author) AS superseded
  FROM record r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection JOIN member m ON m.id = c.author
    JOIN item i ON i.seq = r.seq`

function toMatchable(row: MatchableRow): MatchableRecord {
  return {
    seq: row.seq,
    id: objectId(row),
    ...(row.version === 0 ? {} : { version: formatMicros(row.version) }),
    author: row.author,
    labelClass: row.labelClass,
    latest: row.superseded === 0,
    bytes: row.bytes,
  }
}

/** Records with values behind a sequence number, not withdrawn, in the order they were added. */
export async function matchableAfter(reader: Reader, after: number, limit: number): Promise<MatchableRecord[]> {
  const rows = await reader.all<MatchableRow>(
    `${MATCHABLE_SQL} WHERE r.seq > ? AND r.matchable = 1 AND r.withdrawn IS NULL ORDER BY r.seq LIMIT ?`,
    after,
    limit,
  )
  return rows.map(toMatchable)
}

/** What its author still says about the object of a record, withdrawn or not: the matchable records of the newest version. */
export async function standingBeside(reader: Reader, seq: number): Promise<MatchableRecord[]> {
  const rows = await reader.all<MatchableRow>(
    `${MATCHABLE_SQL} JOIN ${HOLDERS} o ON o.oid = r.oid AND o.type = r.type
       JOIN collection oc ON oc.id = o.collection AND oc.author = c.author
     WHERE o.seq = ? AND r.matchable = 1 AND r.withdrawn IS NULL`,
    seq,
  )
  return rows.map(toMatchable).filter((record) => record.latest)
}

/** One matchable record by its sequence number; undefined where it was withdrawn or carries no values. */
export async function matchableAt(reader: Reader, seq: number): Promise<MatchableRecord | undefined> {
  const [record] = await matchableAfter(reader, seq - 1, 1)
  return record?.seq === seq ? record : undefined
}

/** A place in the table of values, in whose order `valuesAfter` walks. */
export type ValuePlace = { readonly kind: Value['kind']; readonly value: string; readonly seq: number }

/** The values of all records, page by page. */
export function valuesAfter(reader: Reader, after: ValuePlace | undefined, limit: number): Promise<ValuePlace[]> {
  return reader.all<ValuePlace>(
    'SELECT kind, value, seq FROM value WHERE (kind, value, seq) > (?, ?, ?) ORDER BY kind, value, seq LIMIT ?',
    after?.kind ?? '',
    after?.value ?? '',
    after?.seq ?? 0,
    limit,
  )
}

/** The records taken back by the next withdrawals behind a statement's sequence number, whole withdrawals at a time. */
export async function withdrawnAfter(
  reader: Reader,
  after: number,
): Promise<{ readonly record: number; readonly withdrawal: number; readonly reason: string }[]> {
  const next = await reader.get<{ withdrawal: number | null }>(
    `SELECT min(withdrawal) AS withdrawal FROM (SELECT min(withdrawn) AS withdrawal FROM record WHERE withdrawn > ?1
       UNION ALL SELECT min(withdrawn) FROM record_copy WHERE withdrawn > ?1)`,
    after,
  )
  const withdrawal = next?.withdrawal ?? null
  if (withdrawal === null) return []
  const content = await bytesOfRecord(reader, withdrawal)
  const reason =
    content === undefined
      ? undefined
      : (JSON.parse(Buffer.from(content).toString('utf8')) as { reason?: unknown }).reason
  const rows = await reader.all<{ seq: number }>(`SELECT seq FROM ${HOLDERS} WHERE withdrawn = ?`, withdrawal)
  return rows.map(({ seq }) => ({
    record: seq,
    withdrawal,
    reason: typeof reason === 'string' ? reason : 'no reason given',
  }))
}

/** What people are told of a record that a warning rests on. */
export type RecordFacts = {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly version?: string
  readonly author: string
  readonly marking: Marking
  readonly proof: { readonly origin: string; readonly index: number; readonly size: number }
}

export async function recordFacts(reader: Reader, seq: number): Promise<RecordFacts | undefined> {
  const row = await reader.get<{
    oid: Uint8Array
    type: string
    version: number
    author: string
    labelClass: number
    origin: string
    idx: number
    size: number
    bytes: Uint8Array
  }>(
    `SELECT r.oid, t.name AS type, r.version, m.name AS author, r.label_class AS labelClass, l.origin, s.idx, l.size, i.bytes
     FROM record r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection JOIN member m ON m.id = c.author
       JOIN item i ON i.seq = r.seq JOIN statement s ON s.seq = (SELECT max(seq) FROM statement WHERE seq <= r.seq) JOIN log l ON l.id = s.log
     WHERE r.seq = ?`,
    seq,
  )
  const marking = row === undefined ? undefined : await loadLabel(reader, row.labelClass)
  if (row === undefined || marking === undefined) return undefined
  const object = JSON.parse(Buffer.from(row.bytes).toString('utf8')) as { name?: unknown; value?: unknown }
  const name = [object.name, object.value].find((each) => typeof each === 'string')
  return {
    id: objectId(row),
    type: row.type,
    name: name ?? row.type,
    ...(row.version === 0 ? {} : { version: formatMicros(row.version) }),
    author: row.author,
    marking,
    proof: { origin: row.origin, index: row.idx, size: row.size },
  }
}
