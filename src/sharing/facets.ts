// How many of what a search finds, by what people narrow it with. Of very many matches the newest are counted, and the
// answer says so; what somebody may not look at is not counted for them.
import type { Egress } from '#kernel/egress.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadSight } from '#kernel/sight.ts'
import { loadLabel } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { listCollections } from './collection.ts'
import { searchSource } from './find.ts'
import type { Asked } from './search.ts'
import type { FacetsView } from './wire.ts'

type Row = { type: string; labelClass: number; collection: number; author: string; n: number }

export async function countFacets(
  deps: { readonly store: Reader; readonly egress: Egress },
  principal: Principal,
  query: Asked,
): Promise<FacetsView> {
  const { store } = deps
  const rowsMax = query.text === undefined ? LIMITS.searchRecordsMax : LIMITS.searchMatchesMax
  const sight = await loadSight(deps, principal)
  const { sql, values, floor } = await searchSource(store, { ...query, sight }, rowsMax)
  const rows = await store.all<Row>(
    `SELECT t.name AS type, x.label_class AS labelClass, x.collection, m.name AS author, count(*) AS n FROM (
       SELECT r.type, r.label_class, r.collection FROM record r WHERE ${sql} ORDER BY r.seq DESC LIMIT ?) x
     JOIN stix_type t ON t.id = x.type JOIN collection c ON c.id = x.collection JOIN member m ON m.id = c.author
     GROUP BY x.type, x.label_class, x.collection`,
    ...values,
    LIMITS.facetRecordsMax,
  )
  const titles = new Map((await listCollections(store)).map((each) => [each.id, each.alias ?? each.uuid]))
  const tlps = new Map<number, string>()
  for (const { labelClass } of rows) tlps.set(labelClass, (await loadLabel(store, labelClass))?.tlp ?? 'RED')
  const count = rows.reduce((sum, { n }) => sum + n, 0)
  return {
    count,
    whole: count < LIMITS.facetRecordsMax && floor === undefined,
    type: tally(rows, ({ type }) => type),
    tlp: tally(rows, ({ labelClass }) => tlps.get(labelClass) ?? 'RED'),
    author: tally(rows, ({ author }) => author),
    collection: tally(rows, ({ collection }) => titles.get(collection) ?? ''),
  }
}

/** The most frequent first. */
function tally(rows: readonly Row[], nameOf: (row: Row) => string): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(nameOf(row), (counts.get(nameOf(row)) ?? 0) + row.n)
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, LIMITS.pageDefault)
}
