// What a page says about itself: its title and the way to it. The bar at the top shows it.
import { useEffect, useSyncExternalStore, type ReactNode } from 'react'
import { plainText } from '../ui/harmless.ts'

export type Crumb = { readonly text: ReactNode; readonly to?: string; readonly mono?: boolean }

let crumbs: readonly Crumb[] = []
const listeners = new Set<() => void>()

export function useCrumbs(): readonly Crumb[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => crumbs,
  )
}

/** Called once by every page. `title` is what the window says; foreign words in it are made harmless. */
export function useHead(title: string, way: readonly Crumb[]): void {
  const key = JSON.stringify([title, way.map(({ text, to }) => [typeof text === 'string' ? text : '', to])])
  useEffect(() => {
    document.title = `${plainText(title, 80)} · Comity`
    crumbs = way
    for (const listener of listeners) listener()
    // The way is made anew by every render; its key says whether it is another one.
  }, [key])
}
