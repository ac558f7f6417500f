// A state: its shape, its colour, its word and, where it has one, its age. Each says it alone.
import type { ReactNode } from 'react'

export type StateKind = 'ok' | 'warning' | 'danger' | 'wait' | 'off' | 'mine'

export function State({
  kind,
  children,
  since,
}: {
  readonly kind: StateKind
  readonly children: ReactNode
  readonly since?: ReactNode
}): ReactNode {
  return (
    <span className={`st st--${kind}`}>
      <b>{children}</b>
      {since === undefined ? null : <small> {since}</small>}
    </span>
  )
}
