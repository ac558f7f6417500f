// A member whose keys were lost or stolen goes on in another log (protocol section 1). Its old log ends at the size that its
// recovery key names; what is here of it stays, with its proofs, and what its keys signed beyond that is disputed.
import { audit } from '#kernel/audit.ts'
import { FIRST_HASH } from '#kernel/delivery-item.ts'
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import { EMPTY_ROOT } from '#kernel/log/merkle.ts'
import { setLogKeys } from '#kernel/log/key-history.ts'
import { OWN_LOG, tileReader } from '#kernel/log/tile-store.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { SELF } from '#kernel/standing.ts'
import type { Reader, Tx } from '#kernel/store/types.ts'
import type { TakenRecovery } from './document-proof.ts'
import { dueAgain } from './forward/again.ts'
import { ASK_HELD } from './heal/wire.ts'

/** Row ids of our own logs that ended and that our document names: what they hold is still ours to give. */
export const ENDED_LOGS = `SELECT id FROM log WHERE member = ${SELF} AND id <> ${OWN_LOG} ORDER BY id DESC LIMIT ${LIMITS.endedLogsNamedMax}`

/** Ends the log of a peer and begins the one that follows, from nothing. What was stopped for the old one goes on. */
export function followRecovery(
  tx: Tx,
  peer: { readonly name: string; readonly log: number },
  { shown, recovery: { ends, follows } }: TakenRecovery,
): void {
  const id = tx.get<{ id: number }>('SELECT id FROM peer WHERE name = ?', peer.name)?.id as number
  tx.run(
    'INSERT INTO log_end (log, size, root, follows, note, time_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    peer.log,
    ends.size,
    ends.root,
    follows.origin,
    JSON.stringify(shown),
    tx.nowMs,
  )
  const log = newLog(tx, id, follows.origin)
  setLogKeys(tx, log, { vkeys: follows.vkeys, index: -1, nowMs: tx.nowMs })
  const contradicts = mirrorContradicts(tx, peer.log, ends)
  const stopped = contradicts ? 'it ended its log with a head that is not of the history it showed here' : null
  // With its keys it may have lost its disk.
  tx.run('UPDATE peer SET log = ?, stopped = ?, accept_gap = accept_gap | ? WHERE id = ?', log, stopped, ASK_HELD, id)
  beginStream(tx, id)
  offerWhatItBrought(tx, id)
  dueAgain(tx, peer.name)
  audit(tx, {
    actor: peer.name,
    action: 'peer.recover',
    subject: peer.name,
    detail: { ended: ends.origin, size: ends.size, follows: follows.origin },
  })
  tx.emit({ name: 'federation.peers' })
}

/** A stream is about one log: with another it begins anew, and what was committed to in the one before binds it no more. */
export function beginStream(tx: Tx, peer: number): void {
  tx.run('UPDATE peer SET stream_seq = 0, stream_hash = ? WHERE id = ?', FIRST_HASH, peer)
  for (const table of ['taken_item', 'head_told', 'stream_doubt']) tx.run(`DELETE FROM ${table} WHERE peer = ?`, peer)
}

/** What a peer brought of others is not offered to it, until it may have lost that again. */
export function offerWhatItBrought(tx: Tx, peer: number): void {
  tx.run('UPDATE peer SET lost_ms = ?, widened_epoch = 0 WHERE id = ?', tx.nowMs, peer)
  tx.emit({ name: 'policy.changed' })
}

function newLog(tx: Tx, member: number, origin: string): number {
  tx.run(
    'INSERT INTO log (member, origin, size, root) VALUES (?, ?, 0, ?) ON CONFLICT (origin) DO NOTHING',
    member,
    origin,
    EMPTY_ROOT,
  )
  return tx.get<{ id: number }>('SELECT id FROM log WHERE origin = ?', origin)?.id as number
}

/** Whether the end that is named is of another history than the one mirrored here. */
function mirrorContradicts(tx: Tx, log: number, ends: TakenRecovery['recovery']['ends']): boolean {
  const mirror = tx.get<{ size: number }>('SELECT size FROM log WHERE id = ?', log)
  if (ends.size === 0 || (mirror?.size ?? 0) < ends.size) return false
  return !equalBytes(treeRoot(ends.size, tileReader(tx, log)), ends.root)
}

const ENDED_SQL = 'SELECT 1 FROM log_end e JOIN log l ON l.id = e.log WHERE l.origin = ?'

export function hasEnded(tx: Pick<Tx, 'get'>, origin: string): boolean {
  return tx.get(ENDED_SQL, origin) !== undefined
}

export async function logHasEnded(reader: Reader, origin: string): Promise<boolean> {
  return (await reader.get(ENDED_SQL, origin)) !== undefined
}

/** Where a member ended a log, and which one follows; nothing follows a log whose member left. */
export type Ended = { readonly size: number; readonly follows?: string }

/** The end that a statement lies beyond: the log's keys signed it, and its member says that it did not. */
export async function disputeOf(reader: Reader, statement: number): Promise<Ended | undefined> {
  const row = await reader.get<{ size: number; follows: string | null }>(
    'SELECT e.size, e.follows FROM statement s JOIN log_end e ON e.log = s.log WHERE s.seq = ? AND s.idx >= e.size',
    statement,
  )
  if (row === undefined) return undefined
  return row.follows === null ? { size: row.size } : { size: row.size, follows: row.follows }
}
