// Statements that are here, as deciding about them needs them.
import type { Header, StatementRef } from '#kernel/header.ts'
import { LOG_END_SQL } from '#kernel/log/log-end.ts'
import { HEADS_KIND } from '#kernel/stream-heads.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { readLabel, SELF } from '#kernel/standing.ts'
import type { Tx } from '#kernel/store/types.ts'

export type Stored = {
  readonly log: number
  readonly seq: number
  readonly idx: number
  readonly kind: string
  readonly labelClass: number
  readonly contextClass: number | null
  readonly collection: number | null
  readonly about: number | null
  readonly count: number
  /** 0 where nothing of its content is left. */
  readonly held: number
}

/** The statements of a log behind a leaf. */
export function readStored(
  tx: Tx,
  log: number,
  { after, limit }: { readonly after: number; readonly limit: number },
): Stored[] {
  return tx.all<Stored>(
    `SELECT s.log, s.seq, s.idx, s.kind, s.label_class AS labelClass, s.collection, s.about, s.count,
       CASE WHEN s.context_seed IS NOT NULL OR EXISTS (SELECT 1 FROM partial_list p WHERE p.statement = s.seq AND p.part = 2)
         THEN s.context_class END AS contextClass,
       s.content_seed IS NOT NULL OR EXISTS (SELECT 1 FROM partial_list p WHERE p.statement = s.seq) AS held
     FROM statement s WHERE s.log = ? AND s.idx > ? ORDER BY s.idx LIMIT ?`,
    log,
    after,
    limit,
  )
}

/** Whether a peer, by its row id, brought the statement `s` and has not lost it since. */
export const BROUGHT_SQL = `SELECT 1 FROM via v JOIN peer p ON p.id = v.peer
  WHERE v.statement = s.seq AND p.id = ? AND v.time_ms > p.lost_ms`

/** And nobody else brought its context later. */
export const BROUGHT_WHOLE_SQL = `${BROUGHT_SQL} AND v.bare = 0`

/**
 * Whether a peer was given a statement, and whether it ever brought it, each as a term of SQL over terms for their row ids.
 * Whoever was, or did, may know of what takes it back; asked by these same words where that is looked for, put into a
 * stream, and let out: what one allows and another does not would be put there without end.
 */
export function givenSql(statement: string, peer: string): string {
  return `EXISTS (SELECT 1 FROM statement g JOIN delivery_index d ON d.log = g.log AND d.idx = g.idx
    WHERE g.seq = ${statement} AND d.peer = ${peer} AND d.narrowed <> 1)`
}

export function broughtSql(statement: string, peer: string): string {
  return `EXISTS (SELECT 1 FROM via v WHERE v.statement = ${statement} AND v.peer = ${peer})`
}

/** Whether a statement may go on by way of us, as far as its marking goes: our own go where they are given. */
export function mayGoOn(tx: Tx, { log, labelClass }: Pick<Stored, 'log' | 'labelClass'>): boolean {
  if (tx.get('SELECT 1 FROM log WHERE id = ? AND member = ?', log, SELF) !== undefined) return true
  const tlp = readLabel(tx, labelClass)?.tlp
  return tlp === 'CLEAR' || tlp === 'GREEN' || tlp === 'AMBER'
}

/** Whether a leaf lies beyond the end of its log: somebody else may have said it with stolen keys. */
export function isDisputed(tx: Tx, { log, idx }: Pick<Stored, 'log' | 'idx'>): boolean {
  return log !== OWN_LOG && tx.get('SELECT 1 FROM log_end WHERE log = ? AND size <= ?', log, idx) !== undefined
}

/** Whether a member said more than heads behind the statement with which it left: nobody has to take that in. */
export function isBehindEnd(
  tx: Tx,
  log: number,
  { index, header }: { readonly index: number; readonly header: Pick<Header, 'kind'> },
): boolean {
  if (
    header.kind === HEADS_KIND ||
    tx.get('SELECT 1 FROM log_end WHERE log = ? AND follows IS NULL', log) === undefined
  )
    return false
  const end = tx.get<{ idx: number }>(LOG_END_SQL, log)
  return end !== undefined && index > end.idx
}

/** Row ids of the members that a statement names. */
export function namedIn(tx: Tx, { seq }: Stored): number[] {
  return tx.all<{ member: number }>('SELECT member FROM named WHERE statement = ?', seq).map(({ member }) => member)
}

export function contentBytes(tx: Tx, { seq, count }: Stored): number {
  return (
    tx.get<{ bytes: number }>(
      'SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM item WHERE seq >= ? AND seq < ?',
      seq,
      seq + count,
    )?.bytes ?? 0
  )
}

/** The places of a statement's items whose records are withdrawn, in order. */
export type WithdrawnIn = (tx: Tx, statement: { readonly seq: number; readonly count: number }) => readonly number[]

/** Whether a record of it may still be given: held here, not erased, and not withdrawn. */
export function stands(tx: Tx, row: Stored, withdrawnIn: WithdrawnIn): boolean {
  if (row.held === 0) return false
  const withdrawn = new Set(withdrawnIn(tx, row))
  if (withdrawn.size === 0) return true
  return tx
    .all<{ place: number }>(HELD_PLACES_SQL, row.seq, row.count, row.log, row.idx)
    .some(({ place }) => !withdrawn.has(place))
}

/** The places of the items of a statement that are held here and not erased: by its row id, count, log, and leaf. */
export const HELD_PLACES_SQL = `SELECT i.seq - ?1 AS place FROM item i WHERE i.seq >= ?1 AND i.seq < ?1 + ?2
  AND NOT EXISTS (SELECT 1 FROM erased e WHERE e.log = ?3 AND e.idx = ?4 AND e.item = i.seq - ?1)`

/** The statement here that a header refers to, in whosever log. */
export function statementAt(tx: Pick<Tx, 'get'>, { origin, index }: StatementRef): number | undefined {
  return tx.get<{ seq: number }>(
    'SELECT s.seq FROM log l JOIN statement s ON s.log = l.id AND s.idx = ? WHERE l.origin = ?',
    index,
    origin,
  )?.seq
}
