// Federation: peers on a list and as a ring of equals, and the tabs about what goes between them.
import { lazy, Suspense, useMemo, useState, type ComponentType, type ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import { AcceptDialog, InviteDialog } from '../parts/pairing.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { useEvidence, useHome, usePeers, useQuarantine } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { byName, peerName, peerState } from '../parts/peer.ts'
import { ShortList } from '../parts/list.tsx'
import { Ring } from '../parts/ring.tsx'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { Link, useAddress } from '../router.tsx'
import { age, number, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty, Skeleton } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { Name } from '../ui/value.tsx'

const NoPeers = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="federation" title={t('peers.empty')} action={action}>
    {t('peers.emptyWhy')}
  </Empty>
)

const tab = <N extends string>(load: () => Promise<Record<N, ComponentType>>, name: N): ComponentType =>
  lazy(async (): Promise<{ default: ComponentType }> => ({ default: (await load())[name] }))

const TABS: readonly (readonly [
  key: string,
  word: Parameters<typeof t>[0],
  address: () => string,
  page: ComponentType | undefined,
])[] = [
  ['', 'peers.title', to.federation, undefined],
  ['deliveries', 'deliveries.title', to.deliveries, tab(() => import('../parts/deliveries-tab.tsx'), 'DeliveriesTab')],
  ['taken-back', 'takenBack.title', to.takenBack, tab(() => import('../parts/taken-back-tab.tsx'), 'TakenBackTab')],
  ['evidence', 'evidence.title', to.evidence, tab(() => import('../parts/evidence-tab.tsx'), 'EvidenceTab')],
  ['quarantine', 'quarantine.title', to.quarantine, tab(() => import('../parts/quarantine-tab.tsx'), 'QuarantineTab')],
  ['trust', 'trust.title', to.trust, tab(() => import('../parts/trust-tab.tsx'), 'TrustTab')],
  ['bundles', 'bundles.title', to.bundles, tab(() => import('../parts/bundles-tab.tsx'), 'BundlesTab')],
]

const columns = (nowMs: number): readonly Column<PeerView>[] => [
  {
    key: 'member',
    head: t('peer.member'),
    fill: true,
    cell: (peer) => (
      <Link className="cell" to={to.peer(peer.member)}>
        <Name charsMax={50}>{peerName(peer)}</Name>
      </Link>
    ),
  },
  {
    key: 'state',
    head: t('record.state'),
    cell: (peer) => {
      const { kind, word } = peerState(peer, nowMs)
      return <State kind={kind}>{word}</State>
    },
  },
  {
    key: 'contact',
    head: t('peer.contact'),
    number: true,
    cell: ({ lastContact }) => (
      <span className="dim">{lastContact === undefined ? t('none') : age(Date.parse(lastContact), nowMs)}</span>
    ),
  },
  { key: 'log', head: t('peer.log'), number: true, wideOnly: true, cell: ({ logSize }) => <Amount>{logSize}</Amount> },
  {
    key: 'given',
    head: t('peer.given'),
    number: true,
    wideOnly: true,
    cell: ({ delivered }) => <Amount>{delivered}</Amount>,
  },
  {
    key: 'taken',
    head: t('peer.taken'),
    number: true,
    wideOnly: true,
    cell: ({ received }) => <Amount>{received}</Amount>,
  },
]

/** A count that is not known yet has the room of a figure. */
const counted = (count: number | undefined): string => (count === undefined ? '\u2007' : number(count))

export function FederationPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const nowMs = useNow()
  const peers = usePeers()
  const evidence = useEvidence()
  const quarantine = useQuarantine()
  const [dialog, setDialog] = useState<'invite' | 'accept'>()
  const mayPair = useRight('administer')
  const key = params['tab'] ?? ''
  const [, word, , Body] = TABS.find(([each]) => each === key) ?? TABS[0] ?? []
  const shown = peers.value?.items.filter((peer) => peer.state !== 'removed') ?? []
  const inStep = shown.filter((peer) => peerState(peer, nowMs).code === 'ok').length
  useHead(word === undefined ? t('nav.federation') : t(word), [
    { text: t('nav.federation'), to: to.federation() },
    ...(key === '' || word === undefined ? [] : [{ text: t(word) }]),
  ])
  const counts: Readonly<Record<string, number | undefined>> = {
    '': peers.value === undefined ? undefined : shown.length,
    evidence: evidence.value?.items.length,
    quarantine: quarantine.value?.items.length,
  }
  return (
    <>
      <PageHead
        title={peers.value === undefined ? t('nav.federation') : t('federation.title', { n: shown.length, k: inStep })}
        lead={t('federation.lead')}
        actions={
          mayPair ? (
            <>
              <Button onClick={() => setDialog('accept')}>{t('peers.accept')}</Button>
              <Button kind="primary" onClick={() => setDialog('invite')}>
                {t('peers.invite')}
              </Button>
            </>
          ) : undefined
        }
      />
      <Tabs label={t('nav.federation')}>
        {TABS.map(([each, name, address]) => (
          <Link key={each} to={address()} aria-current={each === key ? 'page' : undefined}>
            {t(name)}
            {each in counts ? <span className="n">{counted(counts[each])}</span> : null}
          </Link>
        ))}
        <Link to={to.policy('matrix')}>{t('policy.matrix')}</Link>
      </Tabs>
      {Body === undefined ? (
        <Peers peers={peers} nowMs={nowMs} invite={mayPair ? () => setDialog('invite') : undefined} />
      ) : (
        <Suspense fallback={<Skeleton rows={8} />}>
          <Body />
        </Suspense>
      )}
      {dialog === 'invite' ? <InviteDialog onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'accept' ? <AcceptDialog onClose={() => setDialog(undefined)} /> : null}
    </>
  )
}

function Peers({
  peers,
  nowMs,
  invite,
}: {
  readonly peers: ReturnType<typeof usePeers>
  readonly nowMs: number
  readonly invite: (() => void) | undefined
}): ReactNode {
  const shown = useMemo(
    () => byName(peers.value?.items ?? []).filter((peer) => peer.state !== 'removed'),
    [peers.value],
  )
  return (
    <Show
      of={peers}
      skeleton={
        <div className="cols cols--ring">
          <div />
          <Skeleton rows={10} />
        </div>
      }
    >
      {() =>
        shown.length === 0 ? (
          <NoPeers
            action={
              invite === undefined ? undefined : (
                <Button kind="primary" onClick={invite}>
                  {t('peers.invite')}
                </Button>
              )
            }
          />
        ) : (
          <Picture peers={shown} nowMs={nowMs}>
            <ShortList
              of={shown}
              words={(peer) => `${peerName(peer)} ${peer.member} ${peerState(peer, nowMs).word}`}
              label={t('peers.title')}
              where={t('peers.where')}
              columns={columns(nowMs)}
              rowKey={({ member }) => member}
              empty={null}
            />
          </Picture>
        )
      }
    </Show>
  )
}

const WorldMap = lazy(async () => ({ default: (await import('../map/map.tsx')).WorldMap }))

/** The circle beside the list, or the map above it. */
function Picture({
  peers,
  nowMs,
  children,
}: {
  readonly peers: readonly PeerView[]
  readonly nowMs: number
  readonly children: ReactNode
}): ReactNode {
  const isMap = useAddress().search.get('view') === 'map'
  const home = useHome().value
  const near = useMemo(() => new Map((home?.peers ?? []).map((each) => [each.member, each])), [home])
  const choice = (
    <nav className="seg" aria-label={t('map.picture')}>
      <Link to={to.federation()} aria-current={isMap ? undefined : 'true'}>
        {t('map.asRing')}
      </Link>
      <Link to={to.federation('map')} aria-current={isMap ? 'true' : undefined}>
        {t('map.asMap')}
      </Link>
    </nav>
  )
  const list = <section aria-label={t('peers.title')}>{children}</section>
  if (isMap)
    return (
      <>
        <Suspense fallback={<Skeleton rows={12} />}>
          <WorldMap peers={peers} near={near} nowMs={nowMs}>
            {choice}
          </WorldMap>
        </Suspense>
        {list}
      </>
    )
  return (
    <div className="cols cols--ring">
      <section aria-label={t('ring.title')}>
        <div className="toolbar">{choice}</div>
        <Ring peers={peers} nowMs={nowMs} />
      </section>
      {list}
    </div>
  )
}

const Amount = ({ children }: { readonly children: number }): ReactNode => (
  <span className={children === 0 ? 'faint' : undefined}>{number(children)}</span>
)
