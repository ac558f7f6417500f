// Two tabs of federation: deliveries and quarantine.
import { type ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import type { QuarantinePage } from '#sharing/wire.ts'
import { usePages } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, t, when } from '../text/language.ts'
import { Empty } from '../ui/quiet.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name } from '../ui/value.tsx'
import { Show } from './fault.tsx'
import { MoreRows } from './more-rows.tsx'
import { useMemberNames } from './names.ts'
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
  return (
    <Show of={peers} rows={8}>
      {({ items }) => {
        const shown = byName(items).filter(({ state }) => state !== 'pending')
        return shown.length === 0 ? (
          <NoDeliveries />
        ) : (
          <Table label={t('deliveries.title')} columns={columns} rows={shown} rowKey={({ member }) => member} />
        )
      }}
    </Show>
  )
}

export function QuarantineTab(): ReactNode {
  const pages = usePages<QuarantinePage['items'][number]>('/quarantine?limit=50')
  const names = useMemberNames()
  const nowMs = useNow()
  const columns: readonly Column<QuarantinePage['items'][number]>[] = [
    { key: 'member', head: t('quarantine.from'), cell: ({ member }) => <Name>{names(member)}</Name> },
    {
      key: 'reason',
      head: t('quarantine.why'),
      fill: true,
      cell: ({ reason }) => <Foreign charsMax={300}>{reason}</Foreign>,
    },
    {
      key: 'received',
      head: t('quarantine.received'),
      number: true,
      cell: ({ received }) => <span className="dim nowrap">{when(received, nowMs)}</span>,
    },
  ]
  return (
    <Show of={pages} rows={6}>
      {(items) =>
        items.length === 0 ? (
          <Empty icon="check" title={t('quarantine.none')}>
            {t('quarantine.noneWhy')}
          </Empty>
        ) : (
          <>
            <Table
              label={t('quarantine.title')}
              columns={columns}
              rows={items}
              rowKey={(row) => `${row.member} ${row.at}`}
            />
            <MoreRows of={pages} />
          </>
        )
      }
    </Show>
  )
}
