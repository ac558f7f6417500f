// What people and programs of this member may look at, by the one door: for most of it yes, for TLP:RED only where they are
// named for it.
import type { Candidate, Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { inSight, type Seen, type Sight } from '#kernel/sight.ts'

export type Held = Candidate & { readonly collection: number }
export type Looking = { readonly principal: Principal; readonly route: string; readonly cursor: string }

/** Those of the rows that may be looked at, in their order. Programs leave a record of what they got. */
export async function visible<T extends Held>(
  egress: Egress,
  { principal, route, cursor }: Looking,
  rows: readonly T[],
): Promise<T[]> {
  const shown = new Set<T>()
  for (const [collection, candidates] of Map.groupBy(rows, (row) => row.collection))
    for (const row of await egress.release({ principal, route, cursor, collection, candidates })) shown.add(row)
  return rows.filter((row) => shown.has(row))
}

/** Whether a record `r` is in sight. */
export function recordInSight(sight: Sight): Seen {
  return inSight(sight, { collection: 'r.collection', labelClass: 'r.label_class' })
}

/** Whether the context of a record `r` is, which has a class of its own where its author gave it one. */
export function contextInSight(sight: Sight): Seen {
  const own = '(SELECT s.context_class FROM statement s WHERE s.seq <= r.seq ORDER BY s.seq DESC LIMIT 1)'
  return inSight(sight, { collection: 'r.collection', labelClass: `coalesce(${own}, r.label_class)` })
}

/** Whether one row's other class (its context's) may be looked at too. */
export async function mayLookAt(egress: Egress, principal: Principal, held: Held): Promise<boolean> {
  return (await egress.explain(principal, held.collection, held)).allow
}
