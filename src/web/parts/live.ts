// News while a page is open: which part of the node has changed. What is on the screen of it is read again, except new
// warnings: they are counted and wait, and a page brings them in when its reader says so, because nothing moves under a
// pointer.
import { useEffect, useSyncExternalStore } from 'react'
import type { News, Topic } from '#kernel/http/wire.ts'
import type { SessionView } from '#identity/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { get } from '../api.ts'
import { changed, isListed, isShown, learned } from '../load.ts'

export type Live = { readonly connected: boolean; readonly waiting: ReadonlySet<number> }

let live: Live = { connected: false, waiting: new Set() }
const listeners = new Set<() => void>()

function set(next: Live): void {
  live = next
  for (const listener of listeners) listener()
}

export function useLive(): Live {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => live,
  )
}

/** Every list of warnings. */
const LISTS = '/warnings?'

/** Takes the news in: lists of warnings are read again. */
export function bringIn(): void {
  set({ ...live, waiting: new Set() })
  changed(LISTS, '/home')
}

/** What is read again when a part has changed. Lists of records are not: they would move while somebody reads. */
const TOUCHED: Readonly<Record<Exclude<Topic, 'warnings'>, readonly string[]>> = {
  records: ['/collections'],
  peers: ['/peers', '/home', '/evidence', '/quarantine'],
  deliveries: ['/left'],
  jobs: ['/jobs', '/home'],
  policy: ['/policy'],
  trust: ['/trust', '/home'],
  watch: ['/watch'],
  users: ['/users', '/sessions'],
  feeds: ['/feeds', '/home'],
}
/** Changes come in bursts; each part is read once for all of them. */
const GATHER_MS = 1000

const gathered = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

function readSoon(paths: readonly string[]): void {
  for (const path of paths) gathered.add(path)
  timer ??= setTimeout(() => {
    timer = undefined
    changed(...gathered)
    gathered.clear()
  }, GATHER_MS)
}

/** A new warning waits where a list is on the screen that does not show it; any other is read again where it stands. */
async function hearWarning(id: number): Promise<void> {
  const warning = await get<WarningView>(`/warnings/${id}`, { background: true })
  learned(`/warnings/${id}`, warning)
  changed(`/warnings/${id}/`)
  const isNews = warning.state === 'new' && warning.muted === undefined
  const isSeen = isListed<WarningView>(LISTS, (each) => each.id === id && each.state === 'new')
  const waits = isNews && !isSeen && isShown(LISTS)
  if (waits) set({ ...live, waiting: new Set([...live.waiting, id]) })
  readSoon(waits ? ['/home'] : [LISTS, '/home'])
}

const RETRY_MS_MIN = 5000
const RETRY_MS_MAX = 60_000

/** Until where the news are known here: the session's answer says where they stood, and each one that comes where they are. */
let heard: string | undefined

/**
 * Listens while somebody sits here, from where the session found the news: what was read since needs no second look. The
 * browser connects again by itself when a link drops; where it gives up (something in between answers for the node), this
 * does. Whoever signs in again hears what came meanwhile.
 */
export function useNews({ state, csrf, news }: SessionView): void {
  const isIn = state === 'signed-in'
  useEffect(() => {
    if (!isIn) return undefined
    heard ??= news
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let waitMs = RETRY_MS_MIN
    const listen = (): void => {
      source = hear(() => {
        timer = setTimeout(listen, waitMs)
        waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)
      })
      source.addEventListener('open', () => (waitMs = RETRY_MS_MIN))
    }
    listen()
    return () => {
      clearTimeout(timer)
      source?.close()
      set({ ...live, connected: false })
    }
    // A new session has a new token; where it found the news matters only at the beginning.
  }, [isIn, csrf])
}

/** One line to the node. `onGivenUp` is called where the browser does not try again. */
function hear(onGivenUp: () => void): EventSource {
  const source = new EventSource(`/api/events${heard === undefined ? '' : `?after=${encodeURIComponent(heard)}`}`)
  const on = (name: string, act: (data: string) => void): void =>
    source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
      heard = lastEventId
      act(data)
    })
  source.addEventListener('open', () => set({ ...live, connected: true }))
  source.addEventListener('error', () => {
    set({ ...live, connected: false })
    if (source.readyState === EventSource.CLOSED) onGivenUp()
  })
  on('again', () => changed('/'))
  on('warnings', (data) => {
    const { about } = JSON.parse(data) as News
    hearWarning(Number(about)).catch(() => readSoon(['/warnings']))
  })
  for (const [topic, paths] of Object.entries(TOUCHED)) on(topic, () => readSoon(paths))
  return source
}
