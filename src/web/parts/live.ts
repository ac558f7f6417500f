// News while a page is open: warnings as they come and change. What is new is counted and waits; a page brings it in when
// its reader says so, because nothing moves under a pointer.
import { useEffect, useSyncExternalStore } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { changed, learned } from '../load.ts'

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
  changed('/warnings')
}

/** Listens for as long as the console is open. The browser connects again by itself when a link drops or a node restarts. */
export function useWarningStream(): void {
  useEffect(() => {
    const source = new EventSource('/api/warnings/stream')
    source.addEventListener('open', () => {
      // What came while nobody listened is found by reading again.
      if (live.connected) return
      set({ ...live, connected: true })
      changed('/warnings?')
    })
    source.addEventListener('error', () => set({ ...live, connected: false }))
    source.addEventListener('message', (event: MessageEvent<string>) => {
      const warning = JSON.parse(event.data) as WarningView
      learned(`/warnings/${warning.id}`, warning)
      if (warning.state === 'new') set({ ...live, waiting: new Set([...live.waiting, warning.id]) })
      else changed('/warnings?')
    })
    return () => source.close()
  }, [])
}
