// One of several ways to go on: what it is, why, and the button that goes there.
import type { ReactNode } from 'react'

export const Way = ({
  title,
  why,
  children,
}: {
  readonly title: string
  readonly why: string
  readonly children: ReactNode
}): ReactNode => (
  <li className="way">
    <h3>{title}</h3>
    <p className="small dim">{why}</p>
    <div className="way-do">{children}</div>
  </li>
)
