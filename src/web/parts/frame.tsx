// The frame of every page: the rail, the bar with the way here, the status line.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { HomeView } from '#src/home/wire.ts'
import { isSettled } from '../load.ts'
import { to, placeOf, type PageName } from '../paths.ts'
import { Link, useAddress } from '../router.tsx'
import { clockTime, fullTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { IconButton } from '../ui/button.tsx'
import { Icon, Mark, type IconName } from '../ui/icon.tsx'
import { Key } from '../ui/key.tsx'
import { State } from '../ui/state.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useCrumbs } from './head.ts'
import { Held } from './held.tsx'
import { useLive } from './live.ts'
import { useCounts, useHome } from './needs.ts'
import { useNow } from './now.ts'
import { nameIn } from './peer.ts'
import { useSession } from './session.ts'
import { toggleTheme } from './theme.ts'

const PLACES: readonly (readonly [
  pages: readonly PageName[],
  word: Parameters<typeof t>[0],
  icon: IconName,
  to: () => string,
])[] = [
  [['home'], 'nav.home', 'home', to.home],
  [['warnings', 'watch'], 'nav.warnings', 'warnings', to.warnings],
  [['knowledge', 'record', 'graph', 'attack', 'timeline', 'write'], 'nav.knowledge', 'knowledge', to.knowledge],
  [['federation', 'peer'], 'nav.federation', 'federation', to.federation],
  [['policy'], 'nav.policy', 'policy', () => to.policy()],
  [['audit'], 'nav.audit', 'audit', to.audit],
  [['settings'], 'nav.settings', 'settings', to.settings],
]

export function Frame({
  children,
  openPalette,
}: {
  readonly children: ReactNode
  readonly openPalette: () => void
}): ReactNode {
  const [menu, setMenu] = useState(false)
  const { pathname } = useAddress()
  useEffect(() => setMenu(false), [pathname])
  return (
    <div className="app">
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <Rail open={menu} onClose={() => setMenu(false)} />
      <header className="top">
        <IconButton
          icon="menu"
          label={t('menu')}
          className="menu-btn"
          aria-expanded={menu}
          onClick={() => setMenu(!menu)}
        />
        <Crumbs />
        <button className="cmd" type="button" onClick={openPalette} aria-keyshortcuts="Control+K">
          <Icon name="search" />
          <span>{t('palette.open')}</span>
          <Key>Ctrl</Key>
          <Key>K</Key>
        </button>
        <IconButton icon="theme" label={t('theme.switch')} className="hide-s" onClick={toggleTheme} />
      </header>
      <main className="main" id="main" tabIndex={-1}>
        <Held />
        {children}
        <OnPaper />
      </main>
      <Status />
    </div>
  )
}

/** On paper nothing else says whose page it was, and when “40 min ago” was. */
function OnPaper(): ReactNode {
  const { member, user } = useSession()
  const nowMs = useNow()
  return (
    <p className="on-paper small">
      <Text
        k="print.by"
        member={<Name>{nameIn(member?.names ?? {}, member?.id ?? '')}</Name>}
        who={<Name>{user?.display ?? ''}</Name>}
        time={fullTime(nowMs)}
      />
    </p>
  )
}

function Rail({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): ReactNode {
  const { pathname } = useAddress()
  const here = placeOf(pathname)?.page
  const { needs, warnings } = useCounts()
  const { member, user } = useSession()
  const rail = useRef<HTMLElement>(null)
  useEffect(() => {
    if (open) rail.current?.querySelector('a')?.focus()
  }, [open])
  const memberName = nameIn(member?.names ?? {}, member?.id ?? '')
  const counts: Readonly<Record<string, number>> = { home: needs, warnings }
  return (
    <nav
      ref={rail}
      className={open ? 'rail rail--open' : 'rail'}
      aria-label={t('nav.main')}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <div className="brand">
        <Mark />
        <span>Comity</span>
        {open ? <IconButton icon="cross" label={t('close')} onClick={onClose} /> : null}
      </div>
      <div className="nav">
        {PLACES.map(([pages, word, icon, address]) => {
          const count = counts[pages[0] ?? ''] ?? 0
          return (
            <Link
              key={word}
              to={address()}
              aria-current={here !== undefined && pages.includes(here) ? 'page' : undefined}
            >
              <Icon name={icon} />
              <span>{t(word)}</span>
              {count === 0 ? null : <Count hot={icon === 'warnings'}>{count}</Count>}
            </Link>
          )
        })}
      </div>
      <div className="rail-end">
        <div className="nav">
          <Link to={to.help()} aria-current={here === 'help' ? 'page' : undefined}>
            <Icon name="help" />
            <span>{t('nav.help')}</span>
            <span className="n" aria-hidden="true">
              ?
            </span>
          </Link>
        </div>
        <Link to={to.account()} className="who" aria-current={here === 'account' ? 'page' : undefined}>
          <span className="av" aria-hidden="true">
            {initials(user?.display ?? memberName)}
          </span>
          <span>
            <Name charsMax={40}>{user?.display ?? memberName}</Name>
            <small>
              <Name charsMax={30}>{memberName}</Name>
              {user === undefined ? null : `, ${t(`role.${user.role}`)}`}
            </small>
          </span>
        </Link>
      </div>
    </nav>
  )
}

const Count = ({ children, hot }: { readonly children: number; readonly hot: boolean }): ReactNode => (
  <span className={hot ? 'n n--hot' : 'n'}>
    {children > 49 ? '50+' : children}
    <span className="sr"> {t('nav.waiting')}</span>
  </span>
)

function initials(name: string): string {
  const words = name.split(/[\s.]+/u).filter((word) => /\p{L}/u.test(word))
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
}

function Crumbs(): ReactNode {
  const crumbs = useCrumbs()
  const { member } = useSession()
  return (
    <nav className="crumbs" aria-label={t('nav.way')}>
      <ol>
        <li>
          <Link to={to.home()}>
            <Name charsMax={40}>{nameIn(member?.names ?? {}, member?.id ?? 'Comity')}</Name>
          </Link>
        </li>
        {crumbs.map(({ text, to: address, mono }, at) => {
          const shown = mono === true ? <Value>{text}</Value> : text
          const last = at === crumbs.length - 1
          return (
            <li key={at} aria-current={last ? 'page' : undefined}>
              {last || address === undefined ? shown : <Link to={address}>{shown}</Link>}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

function Status(): ReactNode {
  const home = useHome()
  const { connected } = useLive()
  const nowMs = useNow()
  const log = home.value?.log
  return (
    <footer className="status">
      {home.fault !== undefined && log === undefined ? <State kind="danger">{t('status.lost')}</State> : null}
      {log === undefined ? null : <LogState {...log} />}
      {isSettled(home) ? <span>{connected ? t('status.live') : t('status.notLive')}</span> : null}
      <span>
        UTC <time dateTime={new Date(nowMs).toISOString()}>{clockTime(nowMs)}</time>
      </span>
    </footer>
  )
}

function LogState({ size, witnessed: { k, n, needed, enough } }: HomeView['log']): ReactNode {
  return (
    <>
      <State kind={enough ? 'ok' : 'warning'}>
        <Text k="status.log" size={size} />
      </State>
      <span>
        {n === 0 ? t('status.alone') : t(enough ? 'status.witnessed' : 'status.witnessedLess', { k, n, needed })}
      </span>
    </>
  )
}
