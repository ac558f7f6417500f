// Messages on a page: foreign words in them are isolated, so that a name from another member can neither turn the line
// round nor run into what follows.
import { Fragment, isValidElement, type ReactNode } from 'react'
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
    (marks[name] ?? MARKS[name] ?? ((each: ReactNode) => each))(keyed(closeUp(inside))),
  )
  return keyed(closeUp(pieces))
}

/** Messages have a space around a name, which other letters need beside Han; Han beside Han has none. */
function closeUp(pieces: readonly ReactNode[]): readonly ReactNode[] {
  return pieces.map((piece, at) => {
    if (typeof piece !== 'string') return piece
    const start = HAN_FIRST.test(piece.trimStart()) && HAN_LAST.test(wordsOf(pieces[at - 1]))
    const end = HAN_LAST.test(piece.trimEnd()) && HAN_FIRST.test(wordsOf(pieces[at + 1]))
    const closed = start ? piece.trimStart() : piece
    return end ? closed.trimEnd() : closed
  })
}

const HAN_FIRST = /^\p{Script=Han}/u
const HAN_LAST = /\p{Script=Han}$/u

/** The words of an argument, as far as they can be seen from here. */
function wordsOf(node: ReactNode): string {
  if (typeof node === 'string') return node
  return isValidElement<{ readonly children?: ReactNode }>(node) ? wordsOf(node.props.children) : ''
}

const keyed = (pieces: readonly ReactNode[]): ReactNode =>
  pieces.map((piece, at) => <Fragment key={at}>{piece}</Fragment>)
