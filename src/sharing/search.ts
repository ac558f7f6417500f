// Searching, as somebody may look at what is found.
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Reader } from '#kernel/store/types.ts'
import { anyValue } from '#kernel/value.ts'
import { parseFilter, type FilterQuery } from './filter.ts'
import { matchExpression, search, type RecordRow, type Search } from './find.ts'
import { mayLookAt, visible } from './visible.ts'

type Deps = { readonly store: Reader; readonly egress: Egress }

/** A search as it is asked for. No words, or none but spaces: everything. */
export async function parseSearch(
  store: Reader,
  { q = '', ...query }: FilterQuery & { readonly q?: string },
): Promise<Omit<Search, 'limit'>> {
  const text = q.trim()
  return { filter: await parseFilter(store, query), ...(text === '' ? {} : { text }) }
}

/** Pages that may be passed over because nothing on them may be looked at; then the answer says where to go on. */
const ROUNDS_MAX = 10

/** Up to `limit` rows, newest first, and where the next page begins, where there may be one. */
export async function searchVisible(
  deps: Deps,
  principal: Principal,
  query: Search,
): Promise<{ rows: RecordRow[]; next: number | undefined }> {
  let before = query.before
  for (let round = 0; ; round += 1) {
    const { rows: page, next } = await search(deps.store, { ...query, ...(before === undefined ? {} : { before }) })
    const looking = { principal, route: 'search', cursor: String(before ?? '') }
    const shown = await visible(deps.egress, looking, page)
    const rows = query.text === undefined ? shown : await withoutHiddenContext(deps, principal, query.text, shown)
    if (rows.length > 0 || next === undefined || round >= ROUNDS_MAX) return { rows, next }
    before = next
  }
}

type ContextRow = { labelClass: number | null }

/** Words that stand only in a context that may not be looked at find nothing. */
async function withoutHiddenContext(
  { store, egress }: Deps,
  principal: Principal,
  text: string,
  rows: readonly RecordRow[],
): Promise<RecordRow[]> {
  if (anyValue(text) !== undefined) return [...rows]
  const kept = []
  for (const row of rows) {
    const context = await store.get<ContextRow>(
      `SELECT (SELECT s.context_class FROM statement s WHERE s.seq <= c.rowid ORDER BY s.seq DESC LIMIT 1) AS labelClass
       FROM context_text c WHERE c.rowid = ?`,
      row.seq,
    )
    const hidden =
      context !== undefined &&
      !(await mayLookAt(egress, principal, { ...row, labelClass: context.labelClass ?? row.labelClass }))
    if (!hidden || (await standsInRecord(store, text, row.seq))) kept.push(row)
  }
  return kept
}

async function standsInRecord(store: Reader, text: string, seq: number): Promise<boolean> {
  const words = 'SELECT 1 AS x FROM record_text WHERE record_text MATCH ? AND rowid = ?'
  return (await store.get(words, matchExpression(text), seq)) !== undefined
}
