// A peer shows a head of its log that is older than one it showed before: nothing is taken of it, and people may read of it.
// It accuses nobody: a cache, an answer that was held up, or a machine that was put back shows one, too.
import { audit } from '#kernel/audit.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command } from '#kernel/store/types.ts'

export type ShorterHead = { readonly member: string; readonly shown: number; readonly known: number }

/** Says it in the audit log, of each peer at most once an hour. */
export const noteShorterHead = command(
  'federation.note-shorter-head',
  (tx, { member, shown, known }: ShorterHead): void => {
    if (tx.get(SAID_SQL, member, tx.nowMs - LIMITS.shorterHeadSaidMs) !== undefined) return
    audit(tx, { actor: 'node', action: 'peer.shorter', subject: member, detail: { shown, known } })
  },
)

const SAID_SQL = `SELECT 1 FROM audit WHERE action = 'peer.shorter' AND subject = ? AND time_ms > ?`
