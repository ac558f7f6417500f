// The inbox of warnings: a list that a duty officer can work at night, and beside it the one that is open.
import { useMemo, type ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { ChosenBar, useChoice, type Choice } from '../parts/chosen-warnings.tsx'
import { FaultText, Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { InboxItem } from '../parts/inbox-item.tsx'
import { bringIn, useLive } from '../parts/live.ts'
import { MoreRows } from '../parts/more-rows.tsx'
import { OpenWarning } from '../parts/open-warning.tsx'
import { useRight, useSession } from '../parts/session.ts'
import { useAssignees } from '../parts/warning-dialogs.tsx'
import { inGroups, reasonsFor, type Group } from '../parts/warning-order.ts'
import { useGet, usePages } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { useCommands } from '../parts/commands.ts'
import { clockTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { plainText } from '../ui/harmless.ts'
import { Icon } from '../ui/icon.tsx'
import { Empty, Failure } from '../ui/quiet.tsx'

const NoWarnings = (): ReactNode => (
  <Empty
    icon="warnings"
    title={t('warnings.none')}
    action={<Button onClick={() => go(to.watch())}>{t('warnings.watch')}</Button>}
  >
    {t('warnings.noneWhy')}
  </Empty>
)

const LISTS = ['open', 'mine', 'muted', 'closed', 'retracted'] as const
/** How an address says that it is nobody’s. */
const NOBODY = '-'
type Inbox = { readonly list: (typeof LISTS)[number]; readonly whose?: string }

function pathOf({ list, whose }: Inbox, me: string): string {
  const what = {
    open: { state: 'open', muted: 'false' },
    mine: { state: 'open', assigned: me },
    muted: { state: 'open', muted: 'true' },
    closed: { state: 'closed' },
    retracted: { state: 'retracted' },
  }[list]
  const assigned = whose === undefined || list === 'mine' ? {} : { assigned: whose === NOBODY ? '' : whose }
  return `/warnings?${new URLSearchParams({ limit: '50', ...what, ...assigned })}`
}

function askedOf(search: URLSearchParams): Inbox {
  const whose = search.get('whose') ?? ''
  return {
    list: LISTS.find((each) => each === search.get('list')) ?? 'open',
    ...(whose === '' ? {} : { whose }),
  }
}

export function WarningsPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const { search } = useAddress()
  const { user } = useSession()
  const me = user?.name ?? ''
  const words = search.toString()
  const asked = useMemo(() => askedOf(new URLSearchParams(words)), [words])
  const list = usePages<WarningView>(pathOf(asked, me))
  const groups = useMemo(() => inGroups(list.value ?? [], me), [list.value, me])
  const id = Number(params['id'] ?? Number.NaN)
  const isOpen = Number.isSafeInteger(id)
  const open = useGet<WarningView>(isOpen ? `/warnings/${id}` : undefined)
  useHead(isOpen ? t('warning.name', { id }) : t('nav.warnings'), [
    { text: t('nav.warnings'), to: to.warnings(asked) },
    ...(isOpen ? [{ text: t('warning.name', { id }), mono: true }] : []),
  ])
  useStepping(groups, id, asked)
  const choice = useChoice(list.value, id)
  return (
    <div className={isOpen ? 'mail mail--open' : 'mail'}>
      <section className="inbox" aria-label={t('nav.warnings')}>
        {isOpen ? null : <h1 className="sr">{t('nav.warnings')}</h1>}
        <Filters asked={asked} />
        <News />
        <ChosenBar choice={choice} />
        <Show of={list} rows={8}>
          {() => (
            <>
              {groups.length === 0 ? (
                <NoWarnings />
              ) : (
                <Groups groups={groups} open={id} asked={asked} choice={choice} />
              )}
              <MoreRows of={list} />
            </>
          )}
        </Show>
      </section>
      {!isOpen ? (
        <p className="mail-none dim">
          {groups.length === 0 ? null : <Text k="warnings.choose" marks={{ key: (key) => <kbd>{key}</kbd> }} />}
        </p>
      ) : open.value === undefined && open.fault !== undefined ? (
        <Failure
          title={t('failed.title')}
          reason={<FaultText fault={open.fault} />}
          at={clockTime(open.atMs)}
          again={open.again}
          busy={open.busy}
        />
      ) : (
        <Show of={open} rows={10}>
          {(warning) => <OpenWarning warning={warning} all={list.value ?? []} keys={choice.chosen.length === 0} />}
        </Show>
      )}
    </div>
  )
}

/** `j` and `k` go through the list as it stands. */
function useStepping(groups: readonly Group[], id: number, asked: Inbox): void {
  const commands = useMemo(() => {
    const items = groups.flatMap((group) => group.items)
    const at = items.findIndex((each) => each.id === id)
    const step = (by: number) => () => {
      const next = items[Math.max(0, Math.min(items.length - 1, at + by))]
      if (next !== undefined) go(to.warning(next.id, asked))
    }
    return [
      { id: 'next', title: t('keys.next'), keys: 'j', run: step(1) },
      { id: 'previous', title: t('keys.previous'), keys: 'k', run: step(-1) },
    ]
  }, [groups, id, asked])
  useCommands(commands)
}

function Filters({ asked }: { readonly asked: Inbox }): ReactNode {
  const mayDecide = useRight('decide')
  const people = useAssignees(mayDecide)
  return (
    <div className="filters">
      <nav className="seg" aria-label={t('warnings.filter')}>
        {LISTS.map((each) => (
          <Link
            key={each}
            to={to.warnings(each === 'open' ? {} : { list: each })}
            aria-current={each === asked.list ? 'true' : undefined}
          >
            {t(`warnings.${each}`)}
          </Link>
        ))}
      </nav>
      <div className="filters-line">
        {asked.list === 'mine' || people.length === 0 ? null : (
          <span className="select">
            <select
              className="input"
              aria-label={t('warnings.whose')}
              value={asked.whose ?? ''}
              onChange={(event) => go(to.warnings({ ...asked, whose: event.target.value }))}
            >
              <option value="">{t('warnings.anybody')}</option>
              <option value={NOBODY}>{t('warning.nobody')}</option>
              {people.map(({ name, display }) => (
                <option key={name} value={name}>
                  {plainText(display, 40)}
                </option>
              ))}
            </select>
            <Icon name="down" />
          </span>
        )}
        <Link className="link small end" to={to.watch()}>
          {t('watch.title')}
        </Link>
      </div>
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

function Groups({
  groups,
  open,
  asked,
  choice,
}: {
  readonly groups: readonly Group[]
  readonly open: number
  readonly asked: Inbox
  readonly choice: Choice
}): ReactNode {
  return groups.map(({ key, items }) => (
    <section key={key} aria-label={t(`warnings.group.${key}`)}>
      <h2 className="group label">
        <span>{t(`warnings.group.${key}`)}</span>
        <span>{items.length}</span>
      </h2>
      {items.map((warning) => (
        <InboxItem
          key={warning.id}
          warning={warning}
          reasons={reasonsFor(warning, items)}
          open={warning.id === open}
          address={to.warning(warning.id, asked)}
          choice={choice}
        />
      ))}
    </section>
  ))
}
