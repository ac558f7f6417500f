// What is said of a member on the map: the whole of it in one sentence, for whoever reads or hears it.
import type { PeerView } from '#federation/wire.ts'
import type { NeighbourView } from '#src/home/wire.ts'
import { peerName, peerState } from '../parts/peer.ts'
import { age, countryName, t } from '../text/language.ts'
import { plainText } from '../ui/harmless.ts'

export type Known = { readonly near: ReadonlyMap<string, NeighbourView>; readonly nowMs: number }

const NAME_CHARS = 60

/** `CERT Isles, Maldives: In step. Last contact 4 min ago, 0 behind, 3 witnesses.` */
export function sayMember(peer: PeerView, { near, nowMs }: Known): string {
  const { behind = 0, witnesses = 0 } = near.get(peer.member) ?? {}
  const contact = peer.lastContact === undefined ? 'none' : age(Date.parse(peer.lastContact), nowMs)
  return t('map.member', {
    name: plainText(peerName(peer), NAME_CHARS),
    country: peer.country === undefined ? t(withoutCountry(peer.state)) : countryName(peer.country),
    state: peerState(peer, nowMs).word,
    contact: contact === 'none' ? t('map.noContact') : t('map.contact', { age: contact }),
    behind,
    witnesses,
  })
}

/** Why a member has no country here: what a peer says of itself counts once a person has approved it. */
export const withoutCountry = (state: string): 'map.notYet' | 'map.noCountry' =>
  state === 'pending' ? 'map.notYet' : 'map.noCountry'
