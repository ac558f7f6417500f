// A stream with a hole that nobody can fill: both sides lost their disks, and with them the items that one had given and
// the other had taken. Replication stands still until a person approves the peer anew; then it goes on behind the hole, and
// behind any other that the stream has by then, and the giving side, which sees what was asked for, gives what stood there
// once more. Who meets a peer anew begins with what that has now.
import { audit } from '#kernel/audit.ts'
import { LIMITS } from '#kernel/limits.ts'
import { internMember } from '#kernel/standing.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import { forgetClasses } from './classes.ts'
import type { Delivery } from './frames.ts'
import type { Peer } from './peers.ts'
import { beginStream } from './recovery.ts'
import type { StreamPosition } from './verify-round.ts'

/** Where a stream goes on that has a hole before its next item; undefined where it has none. */
export function positionBehind({ seq }: StreamPosition, next: Delivery | undefined): StreamPosition | undefined {
  if (next === undefined || next.item.seq <= seq + 1) return undefined
  return { seq: next.item.seq - 1, hash: next.item.prevHash }
}

/** Moves the position in a peer’s stream over a hole; false where that was done too often since people let it. */
export const skipGap = command(
  'federation.skip-gap',
  (tx, input: { readonly name: string; readonly from: number; readonly position: StreamPosition }): boolean => {
    if (!countGap(tx, input.name)) return false
    passOver(tx, { ...input, actor: 'node' })
    return true
  },
)

function countGap(tx: Tx, name: string): boolean {
  return tx.run('UPDATE peer SET gaps = gaps + 1 WHERE name = ? AND gaps < ?', name, LIMITS.streamGapsMax) === 1
}

type Hole = {
  readonly actor: string
  readonly name: string
  /** The last item before it. */
  readonly from: number
  /** Where the stream goes on. */
  readonly position: StreamPosition
}

export function passOver(tx: Tx, { actor, name, from, position: { seq, hash } }: Hole): void {
  tx.run('UPDATE peer SET stream_seq = ?, stream_hash = ? WHERE name = ? AND stream_seq = ?', seq, hash, name, from)
  audit(tx, { actor, action: 'peer.gap', subject: name, detail: { from: from + 1, to: seq } })
}

/**
 * A stream that goes on otherwise than it did, where a person has accepted that: it is taken from its beginning. False
 * where that was done too often since.
 */
export const beginAgain = command('federation.begin-again', (tx, { name }: { readonly name: string }): boolean => {
  if (!countGap(tx, name)) return false
  beginStream(tx, internMember(tx, name))
  audit(tx, { actor: 'node', action: 'peer.anew', subject: name })
  return true
})

/** What a peer committed to and does not give: whoever approves it anew has heard why, and goes on behind it. */
export function passOverWithheld(tx: Tx, { actor, name }: Pick<Hole, 'actor' | 'name'>): void {
  const row = tx.get<{ from: number; seq: number; hash: Uint8Array }>(
    `SELECT p.stream_seq AS "from", h.seq, h.hash FROM peer p JOIN head_told h ON h.peer = p.id
     JOIN stream_doubt d ON d.peer = p.id AND d.kind = 'withheld' WHERE p.name = ? AND h.seq > p.stream_seq`,
    name,
  )
  if (row !== undefined) passOver(tx, { actor, name, from: row.from, position: row })
}

/** Any peer may have this asked as often as it likes: by `delivery_index_ended`, not by all that it was ever given. */
export const OFFER_ENDED_SQL = 'UPDATE delivery_index SET narrowed = 2 WHERE peer = ? AND seq <= 0 AND narrowed = 0'

/**
 * What was given under a log of ours that ended, and what a peer was known to hold by its own claim alone, stands in no
 * stream: to a peer that may have gone back to a backup it is offered again, for nothing tells whether that has it.
 */
export function offerEndedAgain(tx: Tx, peer: number): void {
  if (tx.run(OFFER_ENDED_SQL, peer) === 0) return
  tx.run('UPDATE peer SET widened_epoch = 0 WHERE id = ?', peer)
  forgetClasses(tx, peer)
}

/** Whether a peer asks for items of its stream that were lost here: the next one that is held, if any, is not the next. */
export async function asksForLost(reader: Reader, peer: Pick<Peer, 'id' | 'outSeq'>, after: number): Promise<boolean> {
  if (after >= peer.outSeq) return false
  const row = await reader.get<{ first: number | null }>(
    'SELECT min(seq) AS first FROM delivery WHERE peer = ? AND seq > ?',
    peer.id,
    after,
  )
  return (row?.first ?? Number.MAX_SAFE_INTEGER) > after + 1
}

/** What stood in lost items behind `after`, as far as it is known, is looked at again and comes as new items. */
export const giveAgain = command(
  'federation.give-again',
  (tx, input: { readonly peer: number; readonly after: number }): void => {
    const doubted = tx.run(
      `UPDATE delivery_index SET narrowed = 2 WHERE peer = ? AND seq > ? AND rule = 'follows.returned' AND narrowed = 0`,
      input.peer,
      input.after,
    )
    if (doubted === 0) return
    tx.run('UPDATE peer SET widened_epoch = 0 WHERE id = ?', input.peer)
    forgetClasses(tx, input.peer)
    tx.emit({ name: 'policy.changed' })
  },
)
