// Letting go of records: every row made from their bytes goes, in this transaction or, where an index keeps traces of what
// was deleted, in the steps that follow it.
import { mergeFullText } from '#kernel/store/dialect.ts'
import { SELF } from '#kernel/standing.ts'
import type { Tx } from '#kernel/store/types.ts'
import { forgetReferences } from './reference.ts'
import { HOLDERS, withdrawRecord, type Holder } from './record-store.ts'
import { standIn, withdrawHolders } from './stand-in.ts'
import { isNameOfValue, objectId } from './stix-id.ts'
import { valuesOf } from './value.ts'

/** An object by its id, and who says it. */
export type NamedObject = { readonly author: string; readonly id: string }

type Gone = { readonly oid: Uint8Array; readonly type: string; readonly author: string; readonly own: number }
const GONE_SQL = `SELECT r.oid, t.name AS type, m.name AS author, c.author = ${SELF} AS own FROM record r
  JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection JOIN member m ON m.id = c.author WHERE r.seq = ?`

/**
 * Removes what sharing made from items that are being erased. Their bytes must still be here. Answers the objects whose ids
 * are made of their values, for others to forget those, too.
 */
export function forgetRecords(tx: Tx, seqs: readonly number[]): NamedObject[] {
  const named: NamedObject[] = []
  for (const seq of seqs) {
    forgetValues(tx, seq)
    tx.run('DELETE FROM quarantine WHERE seq = ?', seq)
    const gone = forgetRecord(tx, seq)
    tx.run('DELETE FROM record_copy WHERE seq = ?', seq)
    if (gone !== undefined && isNameOfValue(gone.id)) named.push(gone)
  }
  return named
}

function forgetObject(tx: Tx, id: string): void {
  // Statuses quote objects that were in conflict with this one.
  tx.run('DELETE FROM taxii_status WHERE instr(CAST(body AS TEXT), ?) > 0', id)
  // A list that a feed reads is remembered by its values.
  tx.run('DELETE FROM feed_value WHERE object = ?', id)
  // What a feed brought of it and was not taken: “id” or “id version”.
  tx.run("DELETE FROM feed_refusal WHERE feed IN (SELECT id FROM feed) AND what BETWEEN ?1 AND ?1 || ' ~'", id)
}

/** The digest of a file of one object is as good as the object to whoever guesses. An import that broke off begins anew. */
function forgetImports(tx: Tx): void {
  tx.run('DELETE FROM import_progress')
}

function forgetRecord(tx: Tx, seq: number): NamedObject | undefined {
  const row = tx.get<Gone>(GONE_SQL, seq)
  if (row === undefined) return undefined
  const id = objectId(row)
  forgetObject(tx, id)
  if (row.own === 1) forgetImports(tx)
  withdrawRecord(tx, seq, seq)
  standIn(tx, seq)
  tx.run('DELETE FROM record WHERE seq = ?', seq)
  return { author: row.author, id }
}

/** Hides records whose author asked to erase them, until somebody here answers. */
export function hideRecords(tx: Tx, seqs: readonly number[], by: number): void {
  for (const seq of seqs) {
    const holder = tx.get<Holder>(`SELECT seq, copy FROM ${HOLDERS} WHERE seq = ? AND withdrawn IS NULL`, seq)
    if (holder !== undefined) withdrawHolders(tx, [holder], by)
  }
  tx.emit({ name: 'sharing.withdrawn' })
}

function forgetValues(tx: Tx, seq: number): void {
  const item = tx.get<{ bytes: Uint8Array }>('SELECT bytes FROM item WHERE seq = ?', seq)
  if (item === undefined) return
  try {
    const object = JSON.parse(Buffer.from(item.bytes).toString('utf8')) as Record<string, unknown>
    forgetReferences(tx, seq, object)
    for (const { kind, value } of valuesOf(object as never))
      tx.run('DELETE FROM value WHERE kind = ? AND value = ? AND seq = ?', kind, value, seq)
  } catch (error) {
    // What was quarantined for not being JSON has no values.
    if (!(error instanceof SyntaxError)) throw error
  }
}

const VALUES_STEP = 20_000
type ValuePlace = { readonly kind: string; readonly value: string; readonly seq: number }

/** Values whose item is gone: those that an earlier version of this program took from it otherwise than this one. */
export function scrubValues(tx: Tx, place: unknown): unknown {
  const from = (place ?? { kind: '', value: '', seq: 0 }) as ValuePlace
  const bounds = [from.kind, from.value, from.seq] as const
  const last = tx.get<ValuePlace>(
    'SELECT kind, value, seq FROM value WHERE (kind, value, seq) > (?, ?, ?) ORDER BY kind, value, seq LIMIT 1 OFFSET ?',
    ...bounds,
    VALUES_STEP - 1,
  )
  const gone = 'NOT EXISTS (SELECT 1 FROM item WHERE item.seq = value.seq)'
  if (last === undefined) tx.run(`DELETE FROM value WHERE (kind, value, seq) > (?, ?, ?) AND ${gone}`, ...bounds)
  else
    tx.run(
      `DELETE FROM value WHERE (kind, value, seq) > (?, ?, ?) AND (kind, value, seq) <= (?, ?, ?) AND ${gone}`,
      ...bounds,
      last.kind,
      last.value,
      last.seq,
    )
  return last === undefined ? undefined : { ...last }
}

/** Words of rows that were deleted. */
export function scrubWords(table: 'record_text' | 'context_text'): (tx: Tx, place: unknown) => unknown {
  return (tx, place) => (mergeFullText(tx, table, { first: place === null }) ? 'merging' : undefined)
}
