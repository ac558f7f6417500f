// How records stand in the database. Called inside commands only: one place decides which version is the latest,
// what is findable and what is not any more.
import type { Tx } from '#kernel/store/types.ts'
import { insertReferences } from './reference.ts'

/** A record ready to be stored: parsed, checked and taken apart outside the writer. */
export type PreparedRecord = {
  readonly id: string
  readonly type: string
  readonly oid: Uint8Array
  /** Microseconds of `modified`, else `created`, else 0 (cyber-observables have no versions). */
  readonly version: number
  readonly spec: 20 | 21
  /** Index into the label table of the command. */
  readonly label: number
  /** What full-text search finds it by. */
  readonly text: string
  /** Pairs of kind and value, flat. */
  readonly values: readonly string[]
  /** The ids it points at, 16 bytes each in one row; absent where there are none. */
  readonly references?: Uint8Array
  /** Where its bytes lie in the command's buffer. */
  readonly start: number
  readonly end: number
}

export type StoredVersion = {
  readonly seq: number
  readonly collection: number
  readonly version: number
  readonly spec: number
  readonly latest: number
  readonly labelClass: number
  readonly matchable: number
  readonly withdrawn: number | null
}

export function internType(tx: Tx, name: string): number {
  const row = tx.get<{ id: number }>('SELECT id FROM stix_type WHERE name = ?', name)
  if (row !== undefined) return row.id
  tx.run('INSERT INTO stix_type (name) VALUES (?)', name)
  return tx.get<{ id: number }>('SELECT id FROM stix_type WHERE name = ?', name)?.id as number
}

/** Every stored version of an object, in all collections. */
export function versionsOf(tx: Tx, oid: Uint8Array, type: number): StoredVersion[] {
  return tx.all<StoredVersion>(
    'SELECT seq, collection, version, spec, latest, label_class AS labelClass, matchable, withdrawn FROM record WHERE oid = ? AND type = ?',
    oid,
    type,
  )
}

/** The last version is the last of the newest STIX version (TAXII 2.1 section 3.4.1). */
function isNewer(a: Pick<StoredVersion, 'spec' | 'version'>, b: Pick<StoredVersion, 'spec' | 'version'>): boolean {
  return a.spec === b.spec ? a.version > b.version : a.spec > b.spec
}

export type NewRecord = {
  readonly seq: number
  readonly type: number
  readonly collection: number
  readonly labelClass: number
  readonly record: PreparedRecord
  /** The versions of this object that stand in the same collection. */
  readonly siblings: readonly StoredVersion[]
}

export function insertRecord(tx: Tx, { seq, type, collection, labelClass, record, siblings }: NewRecord): void {
  let latest = 1
  // What named something before is still looked at when it names nothing any more: warnings rest on it.
  let matchable = record.values.length > 0
  if (siblings.some((sibling) => sibling.withdrawn === null && sibling.labelClass !== labelClass))
    tx.run('UPDATE collection SET mixed = 1 WHERE id = ? AND mixed = 0', collection)
  for (const sibling of siblings) {
    matchable ||= sibling.matchable === 1
    if (sibling.version === record.version) removeRecord(tx, sibling.seq)
    else if (sibling.withdrawn !== null) continue
    else if (isNewer(sibling, record)) latest = 0
    else if (sibling.latest === 1) {
      tx.run('UPDATE record SET latest = 0 WHERE seq = ?', sibling.seq)
      noteChange(tx)
    }
  }
  tx.run(
    `INSERT INTO record (seq, oid, type, collection, version, spec, label_class, latest, matchable)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    seq,
    record.oid,
    type,
    collection,
    record.version,
    record.spec,
    labelClass,
    latest,
    matchable ? 1 : 0,
  )
  for (let i = 0; i + 1 < record.values.length; i += 2)
    tx.run(
      'INSERT INTO value (kind, value, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      record.values[i] as string,
      record.values[i + 1] as string,
      seq,
    )
  if (record.references !== undefined) insertReferences(tx, seq, record.references)
  if (record.text !== '') tx.run('INSERT INTO record_text (rowid, text) VALUES (?, ?)', seq, record.text)
}

/** Takes a record out of every view; its bytes stay with the statement, so that proofs hold. */
export function withdrawRecord(tx: Tx, seq: number, by: number): void {
  const row = tx.get<{ oid: Uint8Array; type: number; collection: number }>(
    'UPDATE record SET withdrawn = ?, latest = 0 WHERE seq = ? RETURNING oid, type, collection',
    by,
    seq,
  )
  if (row === undefined) return
  noteChange(tx)
  tx.run('DELETE FROM record_text WHERE rowid = ?', seq)
  tx.run('DELETE FROM context_text WHERE rowid = ?', seq)
  tx.run(
    `UPDATE record SET latest = 1 WHERE seq = (SELECT seq FROM record
       WHERE oid = ? AND type = ? AND collection = ? AND withdrawn IS NULL ORDER BY spec DESC, version DESC LIMIT 1)`,
    row.oid,
    row.type,
    row.collection,
  )
}

/** The same for an item for which another stands: it is given to nobody any more, and never stands itself. */
export function withdrawCopy(tx: Tx, seq: number, by: number): void {
  tx.run('UPDATE record_copy SET withdrawn = ? WHERE seq = ?', by, seq)
}

/**
 * An item that holds a version for which another item stands: nothing shows it, but its bytes are here, and an erase of
 * that version takes them too.
 */
export function noteCopy(
  tx: Tx,
  { seq, type, collection, record }: Pick<NewRecord, 'seq' | 'type' | 'collection' | 'record'>,
): void {
  tx.run(
    'INSERT INTO record_copy (seq, oid, type, collection, version) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    seq,
    record.oid,
    type,
    collection,
    record.version,
  )
}

/** Every item that holds a version, by the object: the record, and its copies. */
export const HOLDERS = `(SELECT seq, oid, type, collection, version, withdrawn, 0 AS copy FROM record
   UNION ALL SELECT seq, oid, type, collection, version, withdrawn, 1 AS copy FROM record_copy)`

/** The label class of such an item `r`: that of the statement it stands in. */
export const CLASS_OF_HOLDER =
  '(SELECT s.label_class FROM statement s WHERE s.seq <= r.seq ORDER BY s.seq DESC LIMIT 1)'

/** An item that holds a version; `copy` is 1 where another item stands for it. */
export type Holder = {
  readonly seq: number
  readonly collection: number
  readonly version: number
  readonly withdrawn: number | null
  readonly copy: number
}

/** Every item that holds a version of an object, in all collections. */
export function holdersOf(tx: Tx, oid: Uint8Array, type: number): Holder[] {
  return tx.all<Holder>(
    `SELECT seq, collection, version, withdrawn, copy FROM ${HOLDERS} WHERE oid = ? AND type = ?`,
    oid,
    type,
  )
}

/** The other items that hold what stands in these, in the same collection. */
export function copiesOf(tx: Tx, seqs: readonly number[]): number[] {
  const sql = `SELECT b.seq FROM ${HOLDERS} a JOIN ${HOLDERS} b
    ON b.oid = a.oid AND b.type = a.type AND b.collection = a.collection AND b.version = a.version
    WHERE a.seq = ? AND b.seq <> a.seq`
  return [...new Set(seqs.flatMap((seq) => tx.all<{ seq: number }>(sql, seq).map((row) => row.seq)))]
}

/** A withdrawn version that is put again makes room for itself. Its values go by the bytes of the old one, so by sequence number. */
function removeRecord(tx: Tx, seq: number): void {
  tx.run(
    `INSERT INTO record_copy (seq, oid, type, collection, version, withdrawn)
     SELECT seq, oid, type, collection, version, withdrawn FROM record WHERE seq = ?`,
    seq,
  )
  tx.run('DELETE FROM record WHERE seq = ?', seq)
  noteChange(tx)
}

/**
 * Counts changes that are more than newer records: one went, is not the last version any more, came behind newer ones, or
 * is found by more than before. With the newest sequence number this says whether what was made from records still holds.
 */
export function noteChange(tx: Tx): void {
  tx.run('UPDATE record_changes SET n = n + 1')
}

/** To be called before records are added under sequence numbers that were reserved long ago. */
export function noteLate(tx: Tx, seq: number): void {
  tx.run('UPDATE record_changes SET n = n + 1 WHERE ? < (SELECT coalesce(max(seq), 0) FROM record)', seq)
}
