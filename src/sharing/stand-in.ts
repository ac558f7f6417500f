// Of a version that its author said more than once in a collection one item stands, and the others are its copies. Where
// the one is taken back, and a copy is not, the copy stands in its place.
import type { Tx } from '#kernel/store/types.ts'
import { indexContext } from './context.ts'
import { acceptObject, prepareRecord } from './prepare.ts'
import { insertRecord, noteLate, versionsOf, withdrawCopy, withdrawRecord, type Holder } from './record-store.ts'

/** Takes back every one of these items, and has others stand in for them. */
export function withdrawHolders(tx: Tx, holders: readonly Pick<Holder, 'seq' | 'copy'>[], by: number): void {
  for (const { seq, copy } of holders) if (copy === 1) withdrawCopy(tx, seq, by)
  for (const { seq, copy } of holders)
    if (copy === 0) {
      withdrawRecord(tx, seq, by)
      standIn(tx, seq)
    }
}

type Copy = {
  readonly seq: number
  readonly oid: Uint8Array
  readonly type: number
  readonly collection: number
  readonly labelClass: number
  readonly bytes: Uint8Array
  readonly context: Uint8Array | null
}

const COPY_SQL = `SELECT c.seq, c.oid, c.type, c.collection, i.bytes, x.bytes AS context,
    (SELECT label_class FROM statement s WHERE s.seq <= c.seq ORDER BY s.seq DESC LIMIT 1) AS labelClass
  FROM record r JOIN record_copy c ON c.oid = r.oid AND c.type = r.type AND c.collection = r.collection AND c.version = r.version
    JOIN item i ON i.seq = c.seq LEFT JOIN item_context x ON x.seq = c.seq
  WHERE r.seq = ? AND r.withdrawn IS NOT NULL AND c.withdrawn IS NULL ORDER BY c.seq LIMIT 1`

/** Has a copy stand in place of a record that was just taken back, where there is one that was not. */
export function standIn(tx: Tx, gone: number): void {
  const copy = tx.get<Copy>(COPY_SQL, gone)
  const accepted = copy === undefined ? undefined : acceptObject(copy, 'lenient')
  if (copy === undefined || accepted?.ok !== true) return
  const { seq, type, collection, labelClass, context } = copy
  const siblings = versionsOf(tx, copy.oid, type).filter((each) => each.collection === collection)
  noteLate(tx, seq)
  tx.run('DELETE FROM record_copy WHERE seq = ?', seq)
  const record = prepareRecord(accepted, { label: 0, start: 0, end: 0 })
  insertRecord(tx, { seq, type, collection, labelClass, record, siblings })
  if (context !== null) indexContext(tx, seq, context)
}
