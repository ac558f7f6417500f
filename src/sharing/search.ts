// Searching, as somebody may look at what is found.
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadSight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { parseFilter, type FilterQuery } from './filter.ts'
import { search, type RecordRow, type Search } from './find.ts'
import { visible } from './visible.ts'

type Deps = { readonly store: Reader; readonly egress: Egress }

/** What is searched for, whoever does. */
export type Asked = Pick<Search, 'text' | 'filter'>

/** A search as it is asked for. No words, or none but spaces: everything. */
export async function parseSearch(
  store: Reader,
  { q = '', ...query }: FilterQuery & { readonly q?: string },
): Promise<Asked> {
  const text = q.trim()
  return { filter: await parseFilter(store, query), ...(text === '' ? {} : { text }) }
}

/** Pages that may be passed over because nothing on them fits; then the answer says where to go on. */
const ROUNDS_MAX = 10

/**
 * Up to `limit` rows, newest first, and where the next page begins, where there may be one. That is the place of a row in
 * sight: whether and where there is more tells nothing of what is hidden.
 */
export async function searchVisible(
  deps: Deps,
  principal: Principal,
  query: Omit<Search, 'sight'>,
): Promise<{ rows: RecordRow[]; next: number | undefined }> {
  const sight = await loadSight(deps, principal)
  let before = query.before
  for (let round = 0; ; round += 1) {
    const { rows: page, next } = await search(deps.store, {
      ...query,
      sight,
      ...(before === undefined ? {} : { before }),
    })
    const looking = { principal, route: 'search', cursor: String(before ?? '') }
    const rows = await visible(deps.egress, looking, page)
    if (rows.length > 0 || next === undefined || round >= ROUNDS_MAX) return { rows, next }
    before = next
  }
}
