// Messages on a page: foreign words in them are isolated, so that a name from another member can neither turn the line
// round nor run into what follows.
import { Fragment, type ReactNode } from 'react'
import { Value } from '../ui/value.tsx'
import { fill, type Key } from './language.ts'

type Mark = (inside: ReactNode) => ReactNode

const MARKS: Readonly<Record<string, Mark>> = {
  b: (inside) => <span className="strong">{inside}</span>,
  code: (inside) => <Value>{inside}</Value>,
}

/** A message with its arguments. Text among the arguments is foreign and is isolated; numbers are written as numbers. */
export function Text({
  k,
  marks = {},
  ...args
}: { readonly k: Key; readonly marks?: Readonly<Record<string, Mark>> } & Readonly<
  Record<string, ReactNode | Readonly<Record<string, Mark>>>
>): ReactNode {
  const isolated = Object.fromEntries(
    Object.entries(args as Record<string, ReactNode>).map(([name, value]) => [
      name,
      typeof value === 'string' ? <bdi>{value}</bdi> : value,
    ]),
  )
  const pieces = fill<ReactNode>(k, isolated as Record<string, ReactNode>, (name, inside) =>
    (marks[name] ?? MARKS[name] ?? ((each: ReactNode) => each))(keyed(inside)),
  )
  return keyed(pieces)
}

const keyed = (pieces: readonly ReactNode[]): ReactNode =>
  pieces.map((piece, at) => <Fragment key={at}>{piece}</Fragment>)
