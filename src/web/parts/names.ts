// Members by the names they give themselves, for pages that know only their ids.
import { useCallback } from 'react'
import { nameIn, peerName } from './peer.ts'
import { usePeers } from './needs.ts'
import { useSession } from './session.ts'

/** The name of a member, this one or a peer; a member nobody here knows is called by its id. */
export function useMemberNames(): (member: string) => string {
  const peers = usePeers()
  const { member: own } = useSession()
  return useCallback(
    (member: string) => {
      if (own !== undefined && own.id === member) return nameIn(own.names, own.id)
      const peer = peers.value?.items.find((each) => each.member === member)
      return peer === undefined ? member : peerName(peer)
    },
    [own, peers.value],
  )
}

export function useAuthorName(member: string): string {
  return useMemberNames()(member)
}
