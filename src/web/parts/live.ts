// News while a page is open: which part of the node has changed. What is on the screen of it is read again, except new
// warnings: they are counted and wait, and a page brings them in when its reader says so, because nothing moves under a
// pointer.
import { useEffect, useSyncExternalStore } from 'react'
import type { News, Topic } from '#kernel/http/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { get } from '../api.ts'
import { changed, isListed, learned } from '../load.ts'

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

/** Takes the news in: lists of warnings are read again. */
export function bringIn(): void {
  set({ ...live, waiting: new Set() })
  changed('/warnings?', '/home')
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

/** A warning that no list shows yet waits; any other is read again where it stands. */
async function hearWarning(id: number): Promise<void> {
  const warning = await get<WarningView>(`/warnings/${id}`, { background: true })
  learned(`/warnings/${id}`, warning)
  changed(`/warnings/${id}/`)
  const isNews = warning.state === 'new' && warning.muted === undefined
  if (isNews && !isListed<WarningView>('/warnings?', (each) => each.id === id && each.state === 'new'))
    set({ ...live, waiting: new Set([...live.waiting, id]) })
  else readSoon(['/warnings?', '/home'])
}

/** Listens for as long as the console is open. The browser connects again by itself when a link drops or a node restarts. */
export function useNews(): void {
  useEffect(() => {
    const source = new EventSource('/api/events')
    const everything = (): void => changed('/')
    source.addEventListener('open', () => {
      // What came while nobody listened is found by reading again.
      if (live.connected) return
      set({ ...live, connected: true })
      everything()
    })
    source.addEventListener('error', () => set({ ...live, connected: false }))
    source.addEventListener('again', everything)
    source.addEventListener('warnings', ({ data }: MessageEvent<string>) => {
      const { about } = JSON.parse(data) as News
      hearWarning(Number(about)).catch(() => readSoon(['/warnings']))
    })
    for (const [topic, paths] of Object.entries(TOUCHED)) source.addEventListener(topic, () => readSoon(paths))
    return () => source.close()
  }, [])
}
