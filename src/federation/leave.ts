// Leaving: a member says in its own log that the log ends, tells its peers, and signs nothing more. Peers keep what they
// have, with its proofs; nothing more goes to the member, and its name is nobody else's.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { freezeLog } from '#kernel/log/freeze.ts'
import { LOG_END_KIND, LOG_END_SQL } from '#kernel/log/log-end.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Marking } from '#kernel/marking.ts'
import { endStanding } from '#kernel/standing.ts'
import { command, type Store, type Tx } from '#kernel/store/types.ts'
import type { AppliedStatement } from './apply.ts'
import { say } from './say.ts'

export const LOG_END_MEDIA_TYPE = 'application/vnd.comity.log-end+json'

const FOR_PEERS: Marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }

/** Logs the end of this member's log. What peers need to take it in (the heads of their streams) may still be signed. */
export const leave = command(
  'federation.leave',
  (tx, input: { readonly actor: string }): { readonly index: number } => {
    if (hasLeft(tx)) throw new Fault('conflict', 'this member has left already; its log has ended')
    const origin = tx.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', OWN_LOG)?.origin
    const item = Buffer.from(JSON.stringify({ origin }))
    const { index } = say(tx, { kind: LOG_END_KIND, marking: FOR_PEERS, mediaType: LOG_END_MEDIA_TYPE, item })
    audit(tx, { actor: input.actor, action: 'member.leave', subject: '', detail: { index } })
    return { index }
  },
)

function hasLeft(tx: Pick<Tx, 'get'>): boolean {
  return tx.get(LOG_END_SQL, OWN_LOG) !== undefined
}

/** Ends signing for good where the log says that it has ended. */
export async function stopAfterLeaving(store: Store, member: string): Promise<void> {
  if (store.status().frozen !== undefined || (await store.get(LOG_END_SQL, OWN_LOG)) === undefined) return
  await store.write(freezeLog, {
    peer: member,
    reason: 'this member has left: its log has ended, and nothing is signed',
  })
}

/**
 * A peer says that its log ends: it is a peer no longer, and what is here of it stays. In a log that it ended by a recovery
 * that changes nothing: whoever had stolen its keys may have said it, and the peer speaks in another log now.
 */
export function applyLogEnd(tx: Tx, { log, index, member, memberName }: AppliedStatement): void {
  if (tx.get('SELECT 1 FROM peer WHERE id = ? AND log <> ?', member, log) !== undefined) return
  const row = tx.get<{ size: number; root: Uint8Array }>('SELECT size, root FROM log WHERE id = ?', log)
  tx.run(
    'INSERT INTO log_end (log, size, root, follows, note, time_ms) VALUES (?, ?, ?, NULL, NULL, ?) ON CONFLICT DO NOTHING',
    log,
    Math.max(row?.size ?? 0, index + 1),
    row?.root ?? new Uint8Array(32),
    tx.nowMs,
  )
  tx.run(`UPDATE peer SET state = 'removed', stopped = 'it has left: its log has ended' WHERE id = ?`, member)
  endStanding(tx, memberName as never, 'left')
  audit(tx, { actor: `peer:${memberName}`, action: 'peer.left', subject: memberName })
  tx.emit({ name: 'federation.peers' })
}
