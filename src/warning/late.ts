// Records that are added behind what the search has seen: their numbers were reserved when their statement came, which
// waited for its date or was shown in parts. They are noted where they are added, and searched beside the cursor.
import type { Reader, Tx } from '#kernel/store/types.ts'

/** To be called before records are added under these sequence numbers, in the same transaction. */
export function noteLateRecords(tx: Tx, seqs: readonly number[]): void {
  // A search may be on its way to the newest record, with the cursor still behind it.
  const { seen } = tx.get<{ seen: number }>(SEEN_SQL) as { seen: number }
  for (const seq of seqs)
    if (seq <= seen) tx.run('INSERT INTO late_record (record) VALUES (?) ON CONFLICT DO NOTHING', seq)
}

const SEEN_SQL = 'SELECT max(record, coalesce((SELECT max(seq) FROM record), 0)) AS seen FROM match_cursor'

/** Some of those that are not searched yet. */
export async function lateRecords(reader: Reader, limit: number): Promise<number[]> {
  const rows = await reader.all<{ record: number }>('SELECT record FROM late_record ORDER BY record LIMIT ?', limit)
  return rows.map(({ record }) => record)
}

/** They were searched. */
export function forgetLateRecords(tx: Tx, seqs: readonly number[]): void {
  for (const seq of seqs) tx.run('DELETE FROM late_record WHERE record = ?', seq)
}
