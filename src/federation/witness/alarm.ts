// Somebody signs under this member's name what this node did not, and a peer shows it: people must know at once, and once.
import { audit } from '#kernel/audit.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Tx } from '#kernel/store/types.ts'

export type Alarm = {
  /** The peer that shows it. */
  readonly member: string
  readonly reason: string
}

/** Says it in the audit log, of each peer at most once an hour. Returns whether it was said. */
export function alarm(tx: Tx, { member, reason }: Alarm): boolean {
  const actor = `peer:${member}`
  if (tx.get(SAID_SQL, actor, tx.nowMs - LIMITS.alarmIntervalMs) !== undefined) return false
  audit(tx, { actor, action: 'log.alarm', subject: '', detail: { reason } })
  return true
}

const SAID_SQL = `SELECT 1 FROM audit WHERE action = 'log.alarm' AND actor = ? AND time_ms > ?`

export const raiseAlarm = command('federation.raise-alarm', alarm)
