// Statements that are here, as deciding about them needs them.
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

/** Whether every record of it was taken back, in its log or in one that followed. */
export function isWithdrawn(tx: Tx, { seq, log, count }: Stored): boolean {
  const withdrawals = tx.all<{ bytes: Uint8Array }>(
    `SELECT i.bytes FROM statement s JOIN item i ON i.seq = s.seq JOIN log l ON l.id = s.log
     WHERE s.about = ? AND s.kind = 'records.withdraw' AND l.member = (SELECT member FROM log WHERE id = ?)`,
    seq,
    log,
  )
  const taken = withdrawals.reduce(
    (sum, { bytes }) =>
      sum + (JSON.parse(Buffer.from(bytes).toString('utf8')) as { records: unknown[] }).records.length,
    0,
  )
  return taken >= count
}
