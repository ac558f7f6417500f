// The inbox of warnings: a list that a duty officer can work at night, and beside it the one that is open.
import { useMemo, type ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { FaultText, Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { bringIn, useLive } from '../parts/live.ts'
import { Tlp } from '../parts/marking.tsx'
import type { Page } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { OpenWarning } from '../parts/open-warning.tsx'
import { useMemberNames } from '../parts/names.ts'
import { warningState } from '../parts/warning.ts'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { useCommands } from '../parts/commands.ts'
import { age, clockTime, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty, Failure } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Foreign, Name, Observable } from '../ui/value.tsx'

const NoWarnings = (): ReactNode => (
  <Empty
    icon="warnings"
    title={t('warnings.none')}
    action={<Button onClick={() => go(to.watch())}>{t('warnings.watch')}</Button>}
  >
    {t('warnings.noneWhy')}
  </Empty>
)

const STATES = ['open', 'closed', 'retracted'] as const
type Filter = (typeof STATES)[number]

const pathOf = (filter: Filter): string =>
  filter === 'open' ? '/warnings?limit=100' : `/warnings?limit=100&state=${filter}`
const isOpen = ({ state }: WarningView): boolean => state === 'new' || state === 'acknowledged'

export function WarningsPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const { search } = useAddress()
  const filter = STATES.find((each) => each === search.get('state')) ?? 'open'
  const list = useGet<Page<WarningView>>(pathOf(filter), { everyMs: 60_000 })
  const items = useMemo(
    () => (list.value?.items ?? []).filter((warning) => filter !== 'open' || isOpen(warning)),
    [list.value, filter],
  )
  const id = Number(params['id'] ?? Number.NaN)
  const open = useGet<WarningView>(Number.isSafeInteger(id) ? `/warnings/${id}` : undefined)
  const state = filter === 'open' ? undefined : filter
  useHead(Number.isSafeInteger(id) ? t('warning.name', { id }) : t('nav.warnings'), [
    { text: t('nav.warnings'), to: to.warnings(state) },
    ...(Number.isSafeInteger(id) ? [{ text: t('warning.name', { id }), mono: true }] : []),
  ])
  useStepping(items, id, state)
  return (
    <div className={Number.isSafeInteger(id) ? 'mail mail--open' : 'mail'}>
      <section className="inbox" aria-label={t('nav.warnings')}>
        {Number.isSafeInteger(id) ? null : <h1 className="sr">{t('nav.warnings')}</h1>}
        <Filters filter={filter} />
        <News />
        <Show of={list} rows={8}>
          {() => (items.length === 0 ? <NoWarnings /> : <List items={items} chosen={id} state={state} />)}
        </Show>
      </section>
      {Number.isSafeInteger(id) ? (
        open.value === undefined && open.fault !== undefined ? (
          <Failure
            title={t('failed.title')}
            reason={<FaultText fault={open.fault} />}
            at={clockTime(open.atMs)}
            again={open.again}
            busy={open.busy}
          />
        ) : (
          <Show of={open} rows={10}>
            {(warning) => <OpenWarning warning={warning} />}
          </Show>
        )
      ) : (
        <p className="mail-none dim">{t('warnings.choose')}</p>
      )}
    </div>
  )
}

/** `j` and `k` go through the list as it stands. */
function useStepping(items: readonly WarningView[], id: number, state: string | undefined): void {
  const commands = useMemo(() => {
    const at = items.findIndex((each) => each.id === id)
    const step = (by: number) => () => {
      const next = items[Math.max(0, Math.min(items.length - 1, at + by))]
      if (next !== undefined) go(to.warning(next.id, state))
    }
    return [
      { id: 'next', title: t('keys.next'), keys: 'j', run: step(1) },
      { id: 'previous', title: t('keys.previous'), keys: 'k', run: step(-1) },
    ]
  }, [items, id, state])
  useCommands(commands)
}

function Filters({ filter }: { readonly filter: Filter }): ReactNode {
  return (
    <div className="filters">
      <nav className="seg" aria-label={t('warnings.filter')}>
        {STATES.map((each) => (
          <Link
            key={each}
            to={to.warnings(each === 'open' ? undefined : each)}
            aria-current={each === filter ? 'true' : undefined}
          >
            {t(`warnings.${each}`)}
          </Link>
        ))}
      </nav>
      <Link className="link small end" to={to.watch()}>
        {t('watch.title')}
      </Link>
    </div>
  )
}

function News(): ReactNode {
  const { waiting } = useLive()
  if (waiting.size === 0) return null
  return (
    <button type="button" className="news" onClick={bringIn}>
      {t('news', { n: waiting.size })}
    </button>
  )
}

function List({
  items,
  chosen,
  state,
}: {
  readonly items: readonly WarningView[]
  readonly chosen: number
  readonly state: string | undefined
}): ReactNode {
  const groups = [
    [t('warnings.needOwner'), items.filter((each) => each.state === 'new')],
    [t('warnings.acknowledged'), items.filter((each) => each.state === 'acknowledged')],
    [t('warnings.done'), items.filter((each) => !isOpen(each))],
  ] as const
  return groups
    .filter(([, group]) => group.length > 0)
    .map(([title, group]) => (
      <section key={title} aria-label={title}>
        <h2 className="group label">
          <span>{title}</span>
          <span>{group.length}</span>
        </h2>
        {group.map((warning) => (
          <Item key={warning.id} warning={warning} chosen={warning.id === chosen} state={state} />
        ))}
      </section>
    ))
}

function Item({
  warning,
  chosen,
  state,
}: {
  readonly warning: WarningView
  readonly chosen: boolean
  readonly state: string | undefined
}): ReactNode {
  const nowMs = useNow()
  const names = useMemberNames()
  const { kind, word } = warningState(warning)
  const [match] = warning.matches
  return (
    <Link
      to={to.warning(warning.id, state)}
      className={warning.state === 'new' ? 'item' : 'item item--read'}
      aria-current={chosen ? 'true' : undefined}
    >
      <span className="item-top">
        <State kind={kind}>{word}</State>
        <span className="mono">{t('warning.name', { id: warning.id })}</span>
        <span className="age">{age(Date.parse(warning.firstSeen), nowMs)}</span>
      </span>
      <span className="item-title">
        <Foreign charsMax={100}>{warning.what}</Foreign>
      </span>
      <span className="item-why">
        <Foreign charsMax={60}>{warning.asset}</Foreign>
        {match === undefined ? null : (
          <>
            {' · '}
            <Observable>{match.value}</Observable>
          </>
        )}
      </span>
      <span className="item-end">
        <Tlp tlp={warning.tlp} />
        <span>
          <Name charsMax={40}>{names(warning.author)}</Name>
        </span>
      </span>
    </Link>
  )
}
