// Making the indexes of values, references and words anew from the items themselves, in bounded steps: after a restore, for
// a backup holds none of them.
import { command, type Tx } from '#kernel/store/types.ts'
import { indexContext } from './context.ts'
import { acceptObject, prepareRecord } from './prepare.ts'
import { noteChange } from './record-store.ts'
import { insertReferences } from './reference.ts'

/** A restore asks for it by this name. */
export const REINDEX_JOB = 'sharing.reindex'
const RECORDS_STEP = 500

type Row = { seq: number; withdrawn: number | null; bytes: Uint8Array; context: Uint8Array | null }

/** One step behind a sequence number. Answers where to go on, or undefined at the end. */
export const reindex = command('sharing.reindex', (tx, after: number): number | undefined => {
  const rows = tx.all<Row>(
    `SELECT r.seq, r.withdrawn, i.bytes, c.bytes AS context FROM record r JOIN item i ON i.seq = r.seq
     LEFT JOIN item_context c ON c.seq = r.seq WHERE r.seq > ? ORDER BY r.seq LIMIT ?`,
    after,
    RECORDS_STEP,
  )
  for (const row of rows) indexOne(tx, row)
  noteChange(tx)
  tx.emit({ name: 'sharing.put' })
  return rows.length === RECORDS_STEP ? rows.at(-1)?.seq : undefined
})

function indexOne(tx: Tx, { seq, withdrawn, bytes, context }: Row): void {
  const accepted = acceptObject({ bytes }, 'lenient')
  if (!accepted.ok) return
  const { values, text, references } = prepareRecord(accepted, { label: 0, start: 0, end: 0 })
  for (let i = 0; i + 1 < values.length; i += 2)
    tx.run(
      'INSERT INTO value (kind, value, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      values[i] as string,
      values[i + 1] as string,
      seq,
    )
  if (references !== undefined) insertReferences(tx, seq, references)
  if (withdrawn !== null) return
  tx.run('DELETE FROM record_text WHERE rowid = ?', seq)
  if (text !== '') tx.run('INSERT INTO record_text (rowid, text) VALUES (?, ?)', seq, text)
  if (context !== null) indexContext(tx, seq, context)
}
