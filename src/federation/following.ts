// What takes back records goes wherever they go: from whichever of its author's logs, and though it was here before them,
// or was looked at before they were given.
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Tx } from '#kernel/store/types.ts'
import { FOLLOWS_DELIVERY, reasonOf } from './due.ts'
import { appendItem, placeOf, type Peer } from './streams.ts'

/** Appends, behind a statement that a peer was just given, what takes back of it and the peer does not have. */
export function appendFollowing(tx: Tx, peer: Peer, statement: { readonly seq: number }): void {
  const found = tx.all<{ log: number; index: number; kind: string }>(FOLLOWING_SQL, statement.seq, peer.id)
  for (const { log, index, kind } of found) {
    const due = { index, rule: FOLLOWS_DELIVERY, reason: reasonOf(kind), context: false }
    appendItem(tx, peer, [due], placeOf(tx, log))
  }
}

/** Of the same author, not beyond the end of its log, not given to the peer, and not brought by it. */
const FOLLOWING_SQL = `SELECT f.log, f.idx AS "index", f.kind FROM statement s JOIN log l ON l.id = s.log
  JOIN statement f ON f.about = s.seq AND f.kind IN ('records.withdraw', 'erase')
  JOIN log fl ON fl.id = f.log AND fl.member = l.member
  WHERE s.seq = ?1
    AND NOT EXISTS (SELECT 1 FROM delivery_index d WHERE d.peer = ?2 AND d.log = f.log AND d.idx = f.idx AND d.narrowed = 0)
    AND NOT EXISTS (SELECT 1 FROM via v JOIN peer p ON p.id = v.peer
      WHERE v.statement = f.seq AND p.id = ?2 AND v.time_ms > p.lost_ms AND f.log <> ${OWN_LOG})
    AND NOT EXISTS (SELECT 1 FROM log_end e WHERE e.log = f.log AND e.size <= f.idx AND f.log <> ${OWN_LOG})
  ORDER BY f.seq`
