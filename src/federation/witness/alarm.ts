// Somebody signs under this member's name what this node did not, and a peer shows it: people must know at once, and once.
import { auditAtTimes } from '#kernel/audit.ts'
import { command, type Tx } from '#kernel/store/types.ts'

export type Alarm = {
  /** The peer that shows it. */
  readonly member: string
  readonly reason: string
}

/** Says it in the audit log, of each peer only at times. Returns whether it was said. */
export function alarm(tx: Tx, { member, reason }: Alarm): boolean {
  return auditAtTimes(tx, { actor: `peer:${member}`, action: 'log.alarm', subject: '', detail: { reason } })
}

export const raiseAlarm = command('federation.raise-alarm', alarm)
