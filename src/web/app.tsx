// Every page by its name, and what stands around it. Pages are fetched when they are first opened.
import { Component, lazy, Suspense, useState, type ComponentType, type ReactNode } from 'react'
import type { SessionView } from '#identity/wire.ts'
import { useKeys, placeCommands, type Command } from './parts/commands.ts'
import { FaultText } from './parts/fault.tsx'
import { Frame } from './parts/frame.tsx'
import { useNews } from './parts/live.ts'
import { Palette } from './parts/palette.tsx'
import { loadSession, useSitting } from './parts/session.ts'
import { placeOf, to, type PageName } from './paths.ts'
import { go, useAddress } from './router.tsx'
import { clockTime, t } from './text/language.ts'
import { Toasts } from './ui/layer.tsx'
import { Failure, Skeleton } from './ui/quiet.tsx'

export type PageProps = { readonly params: Readonly<Record<string, string>> }

/** What fetches the code of a page. */
const loaders = new Map<ComponentType<PageProps>, () => Promise<unknown>>()

const page = <N extends string>(
  load: () => Promise<Readonly<Record<N, ComponentType<PageProps>>>>,
  name: N,
): ComponentType<PageProps> => {
  const made = lazy(async (): Promise<{ default: ComponentType<PageProps> }> => ({ default: (await load())[name] }))
  loaders.set(made, load)
  return made
}

const PAGES: Partial<Record<PageName, ComponentType<PageProps>>> = {
  home: page(() => import('./pages/home.tsx'), 'HomePage'),
  warnings: page(() => import('./pages/warnings.tsx'), 'WarningsPage'),
  knowledge: page(() => import('./pages/knowledge.tsx'), 'KnowledgePage'),
  graph: page(() => import('./pages/graph.tsx'), 'GraphPage'),
  attack: page(() => import('./pages/attack.tsx'), 'AttackPage'),
  timeline: page(() => import('./pages/timeline.tsx'), 'TimelinePage'),
  record: page(() => import('./pages/record.tsx'), 'RecordPage'),
  federation: page(() => import('./pages/federation.tsx'), 'FederationPage'),
  peer: page(() => import('./pages/peer.tsx'), 'PeerPage'),
  watch: page(() => import('./pages/watch.tsx'), 'WatchPage'),
  write: page(() => import('./pages/write.tsx'), 'WritePage'),
  import: page(() => import('./pages/import.tsx'), 'ImportPage'),
  policy: page(() => import('./pages/policy.tsx'), 'PolicyPage'),
  kept: page(() => import('./pages/kept.tsx'), 'KeptPage'),
  audit: page(() => import('./pages/audit.tsx'), 'AuditPage'),
  settings: page(() => import('./pages/settings.tsx'), 'SettingsPage'),
  account: page(() => import('./pages/account.tsx'), 'AccountPage'),
  help: page(() => import('./pages/help.tsx'), 'HelpPage'),
}
const NotFound = page(() => import('./pages/not-found.tsx'), 'NotFoundPage')
const SignIn = page(() => import('./pages/sign-in.tsx'), 'SignInPage')

/** Begins to fetch the page that an address names, before it is known who sits here: over a slow line each wait is a second. */
export async function fetchAhead(pathname: string): Promise<void> {
  const place = placeOf(pathname)
  const made = place === undefined ? undefined : PAGES[place.page]
  if (made !== undefined) await loaders.get(made)?.()
}

export function App(): ReactNode {
  const sitting = useSitting()
  if (!sitting.known)
    return sitting.fault === undefined ? null : (
      <div className="alone">
        <Failure
          title={t('failed.title')}
          reason={<FaultText fault={sitting.fault} />}
          at={clockTime(Date.now())}
          again={() => void loadSession()}
        />
      </div>
    )
  const { session, ended } = sitting
  if (session.state === 'signed-in' || ended) return <Inside session={session} over={ended} />
  return (
    <Suspense fallback={null}>
      <SignIn params={{}} />
    </Suspense>
  )
}

/** What signed-in people see. When the session ends under an open page, the page stays, and the question lies over it. */
function Inside({ session, over }: { readonly session: SessionView; readonly over: boolean }): ReactNode {
  const { pathname } = useAddress()
  const [palette, setPalette] = useState(false)
  useNews(session)
  const [always] = useState<Command[]>(() => [
    ...placeCommands(),
    { id: 'palette', title: t('palette.open'), keys: 'Mod k', run: () => setPalette(true) },
    { id: 'search', title: t('palette.open'), keys: '/', run: () => setPalette(true) },
    { id: 'write', title: t('write.title'), keys: 'c', run: () => go(to.write()) },
    { id: 'keys', title: t('help.keys'), keys: '?', run: () => go(to.help('keys')) },
  ])
  useKeys(always)
  const place = placeOf(pathname)
  const Page = (place === undefined ? undefined : PAGES[place.page]) ?? NotFound
  return (
    <>
      <Frame openPalette={() => setPalette(true)}>
        <Boundary key={pathname}>
          <Suspense fallback={<Skeleton rows={12} />}>
            <Page params={place?.params ?? {}} />
          </Suspense>
        </Boundary>
      </Frame>
      {palette ? <Palette onClose={() => setPalette(false)} /> : null}
      {over ? (
        <Suspense fallback={null}>
          <SignIn params={{ over: 'yes' }} />
        </Suspense>
      ) : null}
      <Toasts />
    </>
  )
}

/** A page that breaks, or whose code did not arrive, keeps the frame and offers one way on. */
class Boundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <Failure
        title={t('failed.page')}
        reason={t('failed.pageWhy')}
        at={clockTime(Date.now())}
        again={() => location.reload()}
      />
    )
  }
}
