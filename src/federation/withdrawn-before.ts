// Withdrawals that are here before what they take back: what was left out of an answer and is allowed again is given behind
// them, and of two ways either may be the shorter. They hold for it all the same.
import { parseJson } from '#kernel/json.ts'
import type { Tx } from '#kernel/store/types.ts'
import type { AppliedStatement } from './apply.ts'

/** Takes back once more what a withdrawal names. */
export type WithdrawAgain = (
  tx: Tx,
  statement: Pick<AppliedStatement, 'seq' | 'member' | 'memberName' | 'labelClass'>,
  content: unknown,
) => void

/** Applies to records that just came what was withdrawn of them before. */
export function withdrawBefore(tx: Tx, records: AppliedStatement, withdraw: WithdrawAgain): void {
  const early = tx.all<{ seq: number; bytes: Uint8Array }>(
    `SELECT s.seq, i.bytes FROM taken_back t JOIN statement s ON s.seq = t.statement
     JOIN item i ON i.seq = s.seq WHERE t.kind = 'withdraw' AND t.log = ? AND t.idx = ? ORDER BY s.seq`,
    records.log,
    records.index,
  )
  for (const { seq, bytes } of early) {
    tx.run('UPDATE statement SET about = ? WHERE seq = ?', records.seq, seq)
    withdraw(tx, { ...records, seq }, parseJson(bytes))
  }
}
