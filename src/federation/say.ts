// Statements that the node itself makes for its member: one item, no collection, nobody named.
import { formatTime } from '#kernel/clock.ts'
import { uuidv7 } from '#kernel/id.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Marking } from '#kernel/marking.ts'
import { internLabel } from '#kernel/standing.ts'
import { sealStatement } from '#kernel/statement.ts'
import type { LoggedStatement, Tx } from '#kernel/store/types.ts'

export type Saying = {
  readonly kind: string
  readonly marking: Marking
  readonly mediaType: string
  readonly item: Uint8Array
}

/** Adds the statement to this member's log. Throws `node.restored` while nothing may be signed. */
export function say(tx: Tx, { kind, marking, mediaType, item }: Saying): LoggedStatement {
  const own = tx.get<{ member: string; origin: string }>(
    'SELECT m.name AS member, l.origin FROM log l JOIN member m ON m.id = l.member WHERE l.id = ?',
    OWN_LOG,
  )
  const id = uuidv7(tx.nowMs, tx.random(10))
  const time = formatTime(tx.nowMs)
  const header = Buffer.from(JSON.stringify({ v: 1, ...own, id, kind, time, marking, mediaType, count: 1 }))
  const items = [item]
  return tx.append({
    sealed: sealStatement({ header, content: items, random: tx.random }),
    id,
    kind,
    timeMs: tx.nowMs,
    header,
    items,
    labelClass: internLabel(tx, marking),
    collection: null,
  })
}
