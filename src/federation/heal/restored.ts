// What is owed to a peer that lost its disk and asks for its own history back: it may have lost items of its stream to us
// that it had committed to and that never came, what it had of our log that ended before its backup was made, and what it
// had brought of others.
import { command, type Store } from '#kernel/store/types.ts'
import { offerEndedAgain, passOver } from '../gap.ts'
import { toldBy } from '../heads/told.ts'
import type { Peer } from '../peers.ts'
import { offerWhatItBrought } from '../recovery.ts'
import type { StreamPosition } from '../verify-round.ts'

/** Where a restored peer goes on in its stream to us, and up to where what it gave before has come. */
export type Standing = StreamPosition & { readonly applied: number }

/**
 * `stream` is the last item of its stream that the peer still has. Where it has committed to more than that and than came,
 * it goes on behind what it committed to: an item that was committed to is never another one. What stood between comes as
 * new items, as far as it has it.
 */
export async function standAnew(store: Store, peer: Peer, stream: number): Promise<Standing> {
  const told = await toldBy(store, peer.id)
  const isLost = told !== undefined && told.seq > Math.max(stream, peer.streamSeq)
  const place = isLost ? { seq: told.seq, hash: told.hash } : { seq: peer.streamSeq, hash: peer.streamHash }
  await store.write(meetRestored, { peer: peer.id, name: peer.name, from: peer.streamSeq, place })
  return { ...place, applied: await lastTaken(store, peer.id) }
}

/** The last item that came: the place may be behind that already, where the answer that said so was lost on the way. */
async function lastTaken(store: Store, peer: number): Promise<number> {
  const row = await store.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM taken_item WHERE peer = ?', peer)
  return row?.seq ?? 0
}

export const meetRestored = command(
  'federation.meet-restored',
  (
    tx,
    input: {
      readonly peer: number
      readonly name: string
      readonly from: number
      readonly place: StreamPosition
    },
  ): void => {
    const { peer, name, from, place } = input
    // What came to it before may be lost with its disk: it is confirmed anew by what it asks for next.
    tx.run('UPDATE peer SET confirmed_seq = 0 WHERE id = ?', peer)
    if (place.seq > from) passOver(tx, { actor: 'node', name, from, position: place })
    offerEndedAgain(tx, peer)
    offerWhatItBrought(tx, peer)
  },
)
