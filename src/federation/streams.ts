// The streams of items, one per recipient: what is due to a peer is appended to its own, in the order of the log, each
// item chained to the one before it.
import { encodeItem, hashItem, type Reason } from '#kernel/delivery-item.ts'
import { LIMITS } from '#kernel/limits.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Tx } from '#kernel/store/types.ts'

/** An item names statements of at most this much content, so that a page always holds whole items. */
const ITEM_BYTES_MAX = 1 << 20

export type Peer = { readonly id: number; readonly name: string }

/** A statement that a peer is to have. */
export type Due = {
  readonly index: number
  readonly rule: string
  readonly reason: Reason
  /** Whether the context goes along. */
  readonly context: boolean
}

/** With the bytes of its content, by which items are filled. */
export type Sized = Due & { readonly bytes: number }

/** A log, and how items name it: our own is not named. */
export type Place = { readonly log: number; readonly origin?: string }
export const OWN: Place = { log: OWN_LOG }

export function placeOf(tx: Tx, log: number): Place {
  if (log === OWN_LOG) return OWN
  const row = tx.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', log)
  return row === undefined ? OWN : { log, origin: row.origin }
}

/** Items in the order of the log; a new item begins where the reason changes or the item would grow too large. */
export function appendDue(tx: Tx, peer: Peer, due: readonly Sized[], place: Place): void {
  let from = 0
  while (from < due.length) {
    const first = due[from] as Sized
    let bytes = first.bytes
    let until = from + 1
    while (
      until < due.length &&
      until - from < LIMITS.deliveryIndexesMax &&
      (due[until] as Due).reason === first.reason
    ) {
      bytes += (due[until] as Sized).bytes
      if (bytes > ITEM_BYTES_MAX) break
      until += 1
    }
    appendItem(tx, peer, [first, ...due.slice(from + 1, until)], place)
    from = until
  }
}

/** One item, of statements that are due for the same reason. */
export function appendItem(tx: Tx, peer: Peer, due: readonly [Due, ...Due[]], place: Place): void {
  const head = tx.get<{ seq: number; hash: Uint8Array }>(
    'SELECT out_seq AS seq, out_hash AS hash FROM peer WHERE id = ?',
    peer.id,
  )
  const seq = (head?.seq ?? 0) + 1
  const body = encodeItem({
    seq,
    prevHash: head?.hash ?? new Uint8Array(32),
    ...(place.origin === undefined ? {} : { origin: place.origin }),
    indexes: due.map((each) => each.index),
    reason: due[0].reason,
  })
  tx.run('INSERT INTO delivery (peer, seq, time_ms, body) VALUES (?, ?, ?, ?)', peer.id, seq, tx.nowMs, body)
  for (const { index, rule, context } of due)
    tx.run(
      `INSERT INTO delivery_index (peer, log, idx, seq, rule, context) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (peer, log, idx) DO UPDATE SET context = excluded.context, narrowed = 0,
         perhaps_had = perhaps_had OR narrowed = 2,
         seq = iif(narrowed, excluded.seq, seq), rule = iif(narrowed, excluded.rule, rule)`,
      peer.id,
      place.log,
      index,
      seq,
      rule,
      context ? 1 : 0,
    )
  headsFollow(tx)
  tx.run('UPDATE peer SET out_seq = ?, out_hash = ? WHERE id = ?', seq, hashItem(body), peer.id)
  tx.emit({ name: 'federation.delivered', data: { peer: peer.name } })
}

/**
 * Heads are due, and all peers are told. So it is behind every statement of our own, whoever is given it, or nobody: where
 * no heads follow, none was given to anybody, and who was given nothing must not learn that.
 */
export function headsFollow(tx: Tx): void {
  tx.run('UPDATE heads_state SET due = 1 WHERE due = 0')
  tx.emit({ name: 'federation.said' })
}
