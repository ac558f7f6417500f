// What somebody may look at, as a condition on rows that carry a collection and a label class. Lists are read by it, so that
// nothing on a page counts, dates or passes over what is hidden. About each row the door still decides.
import type { Egress } from './egress.ts'
import type { Principal } from './policy/types.ts'
import type { Reader } from './store/types.ts'

/** Collections in which the same label classes may be looked at, whoever is named; both as JSON lists of row ids. */
type Stretch = { readonly collections: string; readonly classes: string }
export type Sight = readonly Stretch[]

/** Where a row has what decides: column names, or expressions. */
type Columns = { readonly collection: string; readonly labelClass: string }
export type Seen = { readonly sql: string; readonly values: readonly string[] }

/** What a principal may look at now. Collections that are set alike are asked about once. */
export async function loadSight(
  { store, egress }: { readonly store: Reader; readonly egress: Pick<Egress, 'reach'> },
  principal: Principal,
): Promise<Sight> {
  const rows = await store.all<{ id: number; own: number; share: string; public: number }>(
    'SELECT collection AS id, own, share, public FROM collection_share',
  )
  const stretches = new Map<string, number[]>()
  for (const alike of Map.groupBy(rows, ({ own, share, public: open }) => `${own} ${share} ${open}`).values()) {
    const ids = alike.map(({ id }) => id)
    const classes = JSON.stringify((await egress.reach(principal, ids[0] as number)).always)
    stretches.set(classes, [...(stretches.get(classes) ?? []), ...ids])
  }
  return [...stretches].map(([classes, collections]) => ({ collections: JSON.stringify(collections), classes }))
}

/** Whether a row is in sight. The `+` keeps the planner with the index that the rest of a query begins with. */
export function inSight(sight: Sight, { collection, labelClass }: Columns): Seen {
  const [first] = sight
  if (first === undefined) return { sql: 'FALSE', values: [] }
  const allowed = `+${labelClass} IN (SELECT value FROM json_each(?))`
  if (sight.length === 1) return { sql: allowed, values: [first.classes] }
  const each = `(+${collection} IN (SELECT value FROM json_each(?)) AND ${allowed})`
  return {
    sql: `(${sight.map(() => each).join(' OR ')})`,
    values: sight.flatMap(({ collections, classes }) => [collections, classes]),
  }
}
