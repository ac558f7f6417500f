// Home: what needs me now, what happened, how the others are, what left.
import { useMemo, useState, type ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import type { NeighbourView } from '#src/home/wire.ts'
import { useHead } from '../parts/head.ts'
import { Example } from '../parts/example.tsx'
import { FaultText, Show } from '../parts/fault.tsx'
import { LeftToday } from '../parts/left-today.tsx'
import { bringIn, useLive } from '../parts/live.ts'
import { NeedRow } from '../parts/need-row.tsx'
import { useHome, useNeeds, usePeers, type Need } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { byName, peerName, peerState } from '../parts/peer.ts'
import { useRight, useSession } from '../parts/session.ts'
import { Happened } from '../parts/timeline.tsx'
import { useBeginning, WaysOn } from '../parts/ways-on.tsx'
import { isSettled } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link } from '../router.tsx'
import { age, clockTime, longDay, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failure, Skeleton } from '../ui/quiet.tsx'
import { PageHead, Pane } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name } from '../ui/value.tsx'

const NEEDS_SHOWN = 8

const NothingNeedsYou = (): ReactNode => (
  <Empty icon="check" title={t('home.nothing')}>
    {t('home.nothingWhy')}
  </Empty>
)

const peerColumns = (nowMs: number, near: ReadonlyMap<string, NeighbourView>): readonly Column<PeerView>[] => [
  {
    key: 'member',
    head: t('peer.member'),
    fill: true,
    cell: (peer) => (
      <Link className="cell" to={to.peer(peer.member)}>
        <Name charsMax={40}>{peerName(peer)}</Name>
      </Link>
    ),
  },
  { key: 'contact', head: t('peer.contact'), number: true, cell: (peer) => <Contact peer={peer} nowMs={nowMs} /> },
  {
    key: 'behind',
    head: t('peer.behind'),
    number: true,
    cell: ({ member }) => <Amount>{near.get(member)?.behind ?? 0}</Amount>,
  },
  {
    key: 'witnesses',
    head: t('peer.witnesses'),
    number: true,
    wideOnly: true,
    cell: ({ member }) => <Amount>{near.get(member)?.witnesses ?? 0}</Amount>,
  },
]

/** What stands below something waits until that is there: then nothing moves when it comes. */
export function HomePage(): ReactNode {
  const nowMs = useNow()
  const { needs, loads } = useNeeds(nowMs)
  const peers = usePeers()
  const { user } = useSession()
  const mayWrite = useRight('contribute')
  const beginning = useBeginning()
  const title = needs === undefined ? t('nav.home') : headline(needs)
  useHead(title, [{ text: t('nav.home') }])
  return (
    <>
      <PageHead
        title={title}
        lead={<Text k="home.lead" day={longDay(nowMs)} name={user?.display ?? ''} />}
        actions={
          mayWrite ? (
            <Button icon="plus" shortcut="C" onClick={() => go(to.write())}>
              {t('write.title')}
            </Button>
          ) : undefined
        }
      />
      {beginning ? <WaysOn /> : null}
      <Example />
      <div className="cols">
        <div>
          <Pane title={t('home.needs')} end={<span className="label">{t('home.urgent')}</span>}>
            <News />
            <Needs needs={needs} loads={loads} nowMs={nowMs} />
          </Pane>
          {needs === undefined && !loads.every(isSettled) ? null : <Happened />}
        </div>
        <div>
          <FederationAtAGlance nowMs={nowMs} peers={peers} />
          {isSettled(peers) ? <LeftToday /> : null}
        </div>
      </div>
    </>
  )
}

function headline(needs: readonly Need[]): string {
  if (needs.length === 0) return t('home.title.none')
  const warnings = needs.filter((need) => need.kind === 'warning').length
  return t('home.title', { n: needs.length, warnings })
}

/** New ones wait behind a line: nothing moves under a pointer. */
function News(): ReactNode {
  const { waiting } = useLive()
  if (waiting.size === 0) return null
  return (
    <button type="button" className="news" onClick={bringIn}>
      {t('news', { n: waiting.size })}
    </button>
  )
}

function Needs({ needs, loads, nowMs }: ReturnType<typeof useNeeds> & { readonly nowMs: number }): ReactNode {
  const [all, setAll] = useState(false)
  const failed = loads.find((load) => load.fault !== undefined && load.value === undefined)
  const failure =
    failed?.fault === undefined ? null : (
      <Failure
        title={t('failed.title')}
        reason={<FaultText fault={failed.fault} />}
        at={clockTime(nowMs)}
        again={failed.again}
      />
    )
  if (needs === undefined) return failure ?? <Skeleton rows={NEEDS_SHOWN} />
  if (needs.length === 0) return failure ?? <NothingNeedsYou />
  return (
    <>
      {failure}
      <ul className="needs">
        {(all ? needs : needs.slice(0, NEEDS_SHOWN)).map((need, at) => (
          <NeedRow key={keyOf(need)} need={need} nowMs={nowMs} first={at === 0} />
        ))}
      </ul>
      {all || needs.length <= NEEDS_SHOWN ? null : (
        <div className="more">
          <Button small onClick={() => setAll(true)}>
            {t('home.all', { n: needs.length })}
          </Button>
        </div>
      )}
    </>
  )
}

function keyOf(need: Need): string {
  switch (need.kind) {
    case 'warning':
      return `warning ${need.warning.id}`
    case 'fork':
      return `fork ${need.evidence.id}`
    default:
      return `${need.kind} ${need.need.about ?? ''}`
  }
}

function FederationAtAGlance({
  nowMs,
  peers,
}: {
  readonly nowMs: number
  readonly peers: ReturnType<typeof usePeers>
}): ReactNode {
  const home = useHome()
  const columns = useMemo(
    () => peerColumns(nowMs, new Map((home.value?.peers ?? []).map((each) => [each.member, each]))),
    [nowMs, home.value],
  )
  const shown = byName(peers.value?.items ?? []).filter((peer) => peer.state !== 'removed')
  const inStep = shown.filter((peer) => peerState(peer, nowMs).code === 'ok').length
  return (
    <Pane
      title={t('nav.federation')}
      state={
        shown.length === 0 ? undefined : (
          <State kind={inStep === shown.length ? 'ok' : 'warning'}>
            {t('home.inStep', { k: inStep, n: shown.length })}
          </State>
        )
      }
      end={
        <Link className="link" to={to.federation()}>
          {t('open')}
        </Link>
      }
    >
      <Show of={peers} rows={5}>
        {() =>
          shown.length === 0 ? (
            <Empty
              icon="federation"
              title={t('peers.empty')}
              action={<Button onClick={() => go(to.federation())}>{t('peers.invite')}</Button>}
            >
              {t('peers.emptyWhy')}
            </Empty>
          ) : (
            <Table label={t('nav.federation')} columns={columns} rows={shown} rowKey={(peer) => peer.member} dense />
          )
        }
      </Show>
    </Pane>
  )
}

function Contact({ peer, nowMs }: { readonly peer: PeerView; readonly nowMs: number }): ReactNode {
  const { kind, code, word } = peerState(peer, nowMs)
  const since = peer.lastContact === undefined ? t('none') : age(Date.parse(peer.lastContact), nowMs)
  if (code === 'ok') return <span className="dim">{since}</span>
  return <State kind={kind}>{code === 'late' || code === 'silent' ? since : word}</State>
}

const Amount = ({ children }: { readonly children: number }): ReactNode => (
  <span className={children === 0 ? 'faint' : undefined}>{number(children)}</span>
)
