// Deliveries: how much went to each peer and came from it.
import { type ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Empty } from '../ui/quiet.tsx'
import type { Column } from '../ui/table.tsx'
import { Name } from '../ui/value.tsx'
import { ShortList } from './list.tsx'
import { usePeers } from './needs.ts'
import { useNow } from './now.ts'
import { byName, peerName } from './peer.ts'

const NoDeliveries = (): ReactNode => (
  <Empty icon="federation" title={t('peers.empty')}>
    {t('peers.emptyWhy')}
  </Empty>
)

export function DeliveriesTab(): ReactNode {
  const peers = usePeers()
  const nowMs = useNow()
  const columns: readonly Column<PeerView>[] = [
    {
      key: 'member',
      head: t('peer.member'),
      fill: true,
      cell: (peer) => (
        <Link className="cell" to={to.peer(peer.member)}>
          <Name>{peerName(peer)}</Name>
        </Link>
      ),
    },
    { key: 'given', head: t('peer.given'), number: true, cell: ({ delivered }) => number(delivered) },
    { key: 'taken', head: t('peer.taken'), number: true, cell: ({ received }) => number(received) },
    {
      key: 'contact',
      head: t('peer.contact'),
      number: true,
      cell: ({ lastContact }) => (
        <span className="dim">{lastContact === undefined ? t('none') : when(lastContact, nowMs)}</span>
      ),
    },
  ]
  const shown = byName(peers.value?.items ?? []).filter(({ state }) => state !== 'pending')
  return (
    <ShortList
      of={{ ...peers, value: peers.value === undefined ? undefined : shown }}
      words={(peer) => `${peerName(peer)} ${peer.member}`}
      label={t('deliveries.title')}
      where={t('peers.where')}
      columns={columns}
      rowKey={({ member }) => member}
      empty={<NoDeliveries />}
      rows={8}
    />
  )
}
