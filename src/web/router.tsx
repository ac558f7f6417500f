// Where the console is: the address bar holds the state, this reads and changes it. Small on purpose: one list of pages
// without nesting needs no more (docs/decisions/console.md).
import { useCallback, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from 'react'

const listeners = new Set<() => void>()
const tell = (): void => {
  for (const listener of listeners) listener()
}
addEventListener('popstate', tell)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The address as it stands, without origin. */
export function useAddress(): { readonly pathname: string; readonly search: URLSearchParams; readonly hash: string } {
  const href = useSyncExternalStore(subscribe, () => location.href)
  const url = new URL(href)
  return { pathname: url.pathname, search: url.searchParams, hash: url.hash.slice(1) }
}

export function go(address: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const url = new URL(address, location.href)
  const moved = url.pathname !== location.pathname
  if (replace) history.replaceState(null, '', url)
  else history.pushState(null, '', url)
  tell()
  if (moved) {
    scrollTo(0, 0)
    document.getElementById('main')?.focus({ preventScroll: true })
  }
}

/**
 * A word of the address by which a list is narrowed, '' where it is not, and how it is changed: it is there when somebody
 * goes away and comes back, and goes with a link.
 */
export function useAddressed(name: string): readonly [string, (value: string) => void] {
  const value = useAddress().search.get(name) ?? ''
  const change = useCallback(
    (next: string): void => {
      const url = new URL(location.href)
      if (next === '') url.searchParams.delete(name)
      else url.searchParams.set(name, next)
      if (url.href !== location.href) go(url.href, { replace: true })
    },
    [name],
  )
  return [value, change]
}

/** A link inside the console. Held keys and other buttons do what they do with any link. */
export function Link({
  to,
  children,
  ...rest
}: { readonly to: string; readonly children: ReactNode } & Omit<
  AnchorHTMLAttributes<HTMLAnchorElement>,
  'href'
>): ReactNode {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    rest.onClick?.(event)
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    event.preventDefault()
    go(to)
  }
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  )
}
