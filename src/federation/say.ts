// Statements that the node itself makes for its member: one item, no collection, nobody named.
import { appendOwn } from '#kernel/log/say.ts'
import type { Marking } from '#kernel/marking.ts'
import { internLabel } from '#kernel/standing.ts'
import type { LoggedStatement, Tx } from '#kernel/store/types.ts'

export type Saying = {
  readonly kind: string
  readonly marking: Marking
  readonly mediaType: string
  readonly item: Uint8Array
}

/** Adds the statement to this member's log. Throws `node.restored` while nothing may be signed. */
export function say(tx: Tx, { item, ...said }: Saying): LoggedStatement {
  const labelClass = internLabel(tx, said.marking)
  return appendOwn(tx, { ...said, items: [item], labelClass, collection: null, named: [] })
}
