// Quarantine: what peers sent that cannot be used, and why, narrowed to one of them where somebody asks.
import type { ReactNode } from 'react'
import type { QuarantinePage } from '#sharing/wire.ts'
import { useAddressed } from '../router.tsx'
import { t, when } from '../text/language.ts'
import { plainText } from '../ui/harmless.ts'
import { Empty } from '../ui/quiet.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name } from '../ui/value.tsx'
import { List } from './list.tsx'
import { useMemberNames } from './names.ts'
import { Narrow } from './narrow.tsx'
import { usePeers } from './needs.ts'
import { useNow } from './now.ts'
import { byName, peerName } from './peer.ts'

type Refused = QuarantinePage['items'][number]

const NothingHere = (): ReactNode => (
  <Empty icon="check" title={t('quarantine.none')}>
    {t('quarantine.noneWhy')}
  </Empty>
)

export function QuarantineTab(): ReactNode {
  const names = useMemberNames()
  const peers = byName(usePeers().value?.items ?? [])
  const nowMs = useNow()
  const [member, setMember] = useAddressed('member')
  const choices = peers.map((peer) => [peer.member, plainText(peerName(peer), 60)] as const)
  // What somebody sent who is a peer no more is still here, and home leads to it.
  if (member !== '' && !peers.some((peer) => peer.member === member))
    choices.push([member, plainText(names(member), 60)])
  const columns: readonly Column<Refused>[] = [
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
    <List<Refused>
      path={`/quarantine?limit=50${member === '' ? '' : `&member=${encodeURIComponent(member)}`}`}
      label={t('quarantine.title')}
      where={t('quarantine.where')}
      columns={columns}
      rowKey={(row) => `${row.member} ${row.at}`}
      empty={<NothingHere />}
      filtered={member !== ''}
      filters={<Narrow label={t('quarantine.from')} value={member} choices={choices} onChoose={setMember} />}
    />
  )
}
