// What narrows a search: type, collection, marking, producer, and whether earlier versions count. Names are looked up at
// the edge; inside there are only row ids, so that a page of the newest is a range of one index.
import { TLP } from '#kernel/marking.ts'
import type { Reader } from '#kernel/store/types.ts'
import Type, { type Static } from 'typebox'
import { requireCollection } from './collection.ts'

export const FilterShape = {
  type: Type.Optional(Type.String({ maxLength: 250, description: 'Only this STIX type.' })),
  collection: Type.Optional(Type.String({ maxLength: 253, description: 'Only this collection.' })),
  tlp: Type.Optional(Type.Enum([...TLP], { description: 'Only under this TLP label.' })),
  author: Type.Optional(Type.String({ maxLength: 253, description: 'Only what this member says.' })),
  versions: Type.Optional(
    Type.Enum(['latest', 'all'], { description: 'all: also versions that have a newer one (default: latest).' }),
  ),
}
const FilterQuery = Type.Object(FilterShape)
export type FilterQuery = Static<typeof FilterQuery>

/** Absent: not narrowed. An empty list narrows to nothing. */
export type Filter = {
  readonly type?: number
  readonly collections?: readonly number[]
  readonly labels?: readonly number[]
  readonly latestOnly: boolean
}

/** Throws `not-found` for a collection that is not here; a type, label or member without records finds nothing. */
export async function parseFilter(store: Reader, query: FilterQuery): Promise<Filter> {
  const { type, collection, tlp, author, versions } = query
  const within = collection === undefined ? undefined : [(await requireCollection(store, collection)).id]
  const theirs = author === undefined ? undefined : await collectionsOf(store, author)
  const collections = within === undefined ? theirs : within.filter((id) => theirs?.includes(id) !== false)
  return {
    latestOnly: versions !== 'all',
    ...(type === undefined ? {} : { type: await typeId(store, type) }),
    ...(collections === undefined ? {} : { collections }),
    ...(tlp === undefined ? {} : { labels: await labelsOf(store, tlp) }),
  }
}

const NO_TYPE = -1

async function typeId(store: Reader, name: string): Promise<number> {
  return (await store.get<{ id: number }>('SELECT id FROM stix_type WHERE name = ?', name))?.id ?? NO_TYPE
}

async function collectionsOf(store: Reader, member: string): Promise<number[]> {
  const rows = await store.all<{ id: number }>(
    'SELECT c.id FROM collection c JOIN member m ON m.id = c.author WHERE m.name = ?',
    member,
  )
  return rows.map(({ id }) => id)
}

async function labelsOf(store: Reader, tlp: string): Promise<number[]> {
  const rows = await store.all<{ id: number }>(
    "SELECT id FROM label_class WHERE json_extract(marking, '$.tlp') = ?",
    tlp,
  )
  return rows.map(({ id }) => id)
}

export type Condition = { readonly sql: string; readonly values: readonly (string | number)[] }

/**
 * The condition on a record `r`. Type, one collection and being the latest are what indexes begin with; the rest is looked
 * at row by row (the `+` keeps the planner from sorting instead), so whoever asks bounds how many rows that may be. With
 * `rowByRow` everything is, because what is looked at is known already.
 */
export function filterCondition(
  { type, collections, labels, latestOnly }: Filter,
  { rowByRow = false }: { readonly rowByRow?: boolean } = {},
): Condition {
  if (collections?.length === 0 || labels?.length === 0) return { sql: 'FALSE', values: [] }
  const by = rowByRow ? '+r' : 'r'
  const parts = [`${by}.withdrawn IS NULL`]
  const values: (string | number)[] = []
  if (latestOnly) parts.push(`${by}.latest = 1`)
  if (type !== undefined) {
    parts.push(`${by}.type = ?`)
    values.push(type)
  }
  if (collections !== undefined) {
    const one = collections.length === 1
    parts.push(one ? `${by}.collection = ?` : '+r.collection IN (SELECT value FROM json_each(?))')
    values.push(one ? (collections[0] as number) : JSON.stringify(collections))
  }
  if (labels !== undefined) {
    parts.push('+r.label_class IN (SELECT value FROM json_each(?))')
    values.push(JSON.stringify(labels))
  }
  return { sql: parts.join(' AND '), values }
}

/** As much of a filter as an index answers by itself. */
export function onlyIndexed({ type, collections, latestOnly }: Filter): Filter {
  const one = collections?.length === 1
  return {
    latestOnly,
    ...(one ? { collections } : {}),
    ...(type !== undefined && (one || latestOnly) ? { type } : {}),
  }
}

/** Whether a filter looks at records that no index keeps apart. */
export function needsLooking(filter: Filter): boolean {
  const { collections, labels, type } = filter
  if (collections?.length === 0 || labels?.length === 0) return false
  const indexed = onlyIndexed(filter)
  return labels !== undefined || collections !== indexed.collections || type !== indexed.type
}
