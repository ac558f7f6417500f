// Where the console is: the address bar holds the state, this reads and changes it. Small on purpose: one list of pages
// without nesting needs no more (docs/decisions/console.md).
import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from 'react'

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
