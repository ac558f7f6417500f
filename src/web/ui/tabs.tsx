// Tabs of a page: links on one line, which scrolls sideways where it is narrow. The one that is open is always in sight.
import { useLayoutEffect, useRef, type ReactNode } from 'react'

export function Tabs({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  const line = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const open = line.current?.querySelector<HTMLElement>('[aria-current]')
    if (line.current !== null && open !== null && open !== undefined) bringIntoSight(line.current, open)
  })
  return (
    <nav ref={line} className="tabs" aria-label={label}>
      {children}
    </nav>
  )
}

/** Scrolls the line alone, never the page. Works from either side. */
function bringIntoSight(line: HTMLElement, open: HTMLElement): void {
  const [frame, tab] = [line.getBoundingClientRect(), open.getBoundingClientRect()]
  if (tab.left < frame.left || tab.right > frame.right)
    line.scrollBy({ left: (tab.left + tab.right - frame.left - frame.right) / 2 })
}
