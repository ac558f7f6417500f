// What other capabilities may ask of sharing. They never read its tables.
import type { Reader } from '#kernel/store/types.ts'
import { formatMicros } from '#kernel/clock.ts'
import { objectId } from './stix-id.ts'

export { applyPut, applyWithdraw, quarantine, type ForeignRecord, type ForeignStatement } from './apply-command.ts'
export { sharingCommands } from './commands.ts'
export { sharingMigrations } from './migrations.ts'
export { matchExpression } from './find.ts'
export { prepareStatement } from './prepare.ts'
export { valuesOf, type Value } from './value.ts'

/** A record that carries matchable values, as the warning capability reads it. */
export type MatchableRecord = {
  readonly seq: number
  readonly id: string
  readonly version?: string
  readonly author: string
  readonly labelClass: number
  readonly bytes: Uint8Array
}

/** Records with values behind a sequence number, not withdrawn, in the order they were added. */
export async function matchableAfter(reader: Reader, after: number, limit: number): Promise<MatchableRecord[]> {
  const rows = await reader.all<{
    seq: number
    oid: Uint8Array
    type: string
    version: number
    author: string
    labelClass: number
    bytes: Uint8Array
  }>(
    `SELECT r.seq, r.oid, t.name AS type, r.version, m.name AS author, r.label_class AS labelClass, i.bytes
     FROM record r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection JOIN member m ON m.id = c.author
       JOIN item i ON i.seq = r.seq
     WHERE r.seq > ? AND r.matchable = 1 AND r.withdrawn IS NULL ORDER BY r.seq LIMIT ?`,
    after,
    limit,
  )
  return rows.map((row) => ({
    seq: row.seq,
    id: objectId(row),
    ...(row.version === 0 ? {} : { version: formatMicros(row.version) }),
    author: row.author,
    labelClass: row.labelClass,
    bytes: row.bytes,
  }))
}
