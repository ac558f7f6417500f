// What takes back records goes wherever they go: from whichever of its author's logs, and though it was here before them,
// or was looked at before they were given.
import type { Tx } from '#kernel/store/types.ts'
import { FOLLOWS_DELIVERY, reasonOf } from './due.ts'
import { BROUGHT_SQL, isDisputed, mayGoOn, type Stored } from './stored.ts'
import { appendItem, placeOf, type Peer } from './streams.ts'

/** Appends, behind a statement that a peer was just given, what takes back of it and the peer does not have. */
export function appendFollowing(tx: Tx, peer: Peer, statement: { readonly seq: number }): void {
  const found = tx.all<Following>(FOLLOWING_SQL, statement.seq, peer.id, peer.id)
  for (const row of found) {
    if (isDisputed(tx, row) || !mayGoOn(tx, row)) continue
    const due = { index: row.idx, rule: FOLLOWS_DELIVERY, reason: reasonOf(row.kind), context: false }
    appendItem(tx, peer, [due], placeOf(tx, row.log))
  }
}

type Following = Pick<Stored, 'log' | 'idx' | 'kind' | 'labelClass'>

/** Of the same author, not given to the peer, and not brought by it. */
const FOLLOWING_SQL = `SELECT s.log, s.idx, s.kind, s.label_class AS labelClass FROM statement a JOIN log al ON al.id = a.log
  JOIN statement s ON s.about = a.seq AND s.kind IN ('records.withdraw', 'erase')
  JOIN log l ON l.id = s.log AND l.member = al.member
  WHERE a.seq = ?
    AND NOT EXISTS (SELECT 1 FROM delivery_index d WHERE d.peer = ? AND d.log = s.log AND d.idx = s.idx AND d.narrowed = 0)
    AND NOT EXISTS (${BROUGHT_SQL})
  ORDER BY s.seq`
