// Who at most will receive what is about to be said: the floor of the marking and the reach of the collection, as the
// README's two tables have them. A member's own policy may keep it narrower, never wider.
import type { PeerView } from '#federation/wire.ts'
import type { CollectionView } from '#sharing/wire.ts'
import type { TlpName } from './objects.ts'

export function reachOf(
  collection: Pick<CollectionView, 'share' | 'named' | 'marking'>,
  tlp: TlpName,
  peers: readonly PeerView[],
): PeerView[] {
  const { share, named, marking } = collection
  const { communities } = marking.audience
  const approved = peers.filter(({ state }) => state === 'approved')
  const isNamed = ({ member }: PeerView): boolean => named.includes(member)
  const inCommunity = (peer: PeerView): boolean => peer.communities.some((each) => communities.includes(each))
  const byMarking = (peer: PeerView): boolean => {
    if (tlp === 'CLEAR' || tlp === 'GREEN') return true
    return isNamed(peer) || (tlp === 'AMBER' && inCommunity(peer))
  }
  const byShare = (peer: PeerView): boolean => {
    if (share === 'none') return false
    return share === 'peers' || isNamed(peer) || (share === 'community' && inCommunity(peer))
  }
  return approved.filter((peer) => byMarking(peer) && byShare(peer))
}
