// What is said about a record by others: relationships, sightings, notes, opinions, reports that point at it; and how many
// of what a search would find.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { Fault } from '#kernel/fault.ts'
import type { Egress } from '#kernel/egress.ts'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadSight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { bytesOfRecord, recordsAt, type RecordRow } from './find.ts'
import { countFacets } from './facets.ts'
import { FilterShape } from './filter.ts'
import { linksOf, referringTo } from './reference.ts'
import { objectKey } from './stix-id.ts'
import { parseSearch } from './search.ts'
import { visible } from './visible.ts'
import { FacetsShape, RelatedShape, type RecordView, type RelatedView } from './wire.ts'

const TAGS = { tags: ['sharing'] }
const LINKS_SHOWN = 100
/** Pages that may be passed over because nothing on them is of the type asked for, or stands. */
const ROUNDS_MAX = 10

const RelatedQuery = Type.Object({
  type: Type.Optional(
    Type.String({ maxLength: 250, description: 'Only this type, e.g. relationship, sighting, note.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})
const FacetsQuery = Type.Object({ q: Type.Optional(Type.String({ maxLength: 500 })), ...FilterShape })

type Deps = {
  readonly store: Reader
  readonly egress: Egress
  readonly views: (rows: readonly RecordRow[]) => Promise<RecordView[]>
}

export function relatedRoutes(deps: Deps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Params: { id: string }; Querystring: Static<typeof RelatedQuery> }>(
      '/records/:id/related',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Records that point at this one, newest first: relationships, sightings, notes, reports',
          querystring: RelatedQuery,
          response: { 200: Type.Object({ items: Type.Array(RelatedShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async ({ params, query, caller }) => {
        const { limit = LIMITS.pageDefault, cursor, type } = query
        const { rows, next } = await related(deps, caller.principal, { id: params.id, type, limit, cursor })
        const views = await deps.views(rows)
        const items: RelatedView[] = []
        for (const [i, view] of views.entries()) items.push({ ...view, ...(await linkView(deps.store, rows[i])) })
        return { items, ...(next === undefined ? {} : { next: String(next) }) }
      },
    )
    app.get<{ Querystring: Static<typeof FacetsQuery> }>(
      '/search/facets',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'How many of what a search finds: by type, TLP, author and collection, of the newest matches',
          querystring: FacetsQuery,
          response: { 200: FacetsShape },
        },
      },
      async ({ query, caller }) => countFacets(deps, caller.principal, await parseSearch(deps.store, query)),
    )
  }
}

type Asked = {
  readonly id: string
  readonly type: string | undefined
  readonly limit: number
  readonly cursor: number | undefined
}

async function related(
  deps: Deps,
  principal: Principal,
  { id, type, limit, cursor }: Asked,
): Promise<{ rows: RecordRow[]; next: number | undefined }> {
  const oid = objectKey(id)?.oid
  if (oid === undefined)
    throw new Fault('input.invalid', `“${id.slice(0, 80)}” is not a STIX id`, {
      remedy: 'An id looks like indicator--<uuid>.',
    })
  const { store, egress } = deps
  const sight = await loadSight(deps, principal)
  let before = cursor ?? Number.MAX_SAFE_INTEGER
  for (let round = 0; ; round += 1) {
    const seqs = await referringTo(store, { oid, sight, before, limit: limit + 1 })
    const page = seqs.slice(0, limit)
    const standing = (await recordsAt(store, page)).filter(
      (row) => row.latest && row.withdrawnBy === null && (type === undefined || row.type === type),
    )
    const next = seqs.length > limit ? page.at(-1) : undefined
    const rows = await visible(egress, { principal, route: 'related', cursor: String(cursor ?? '') }, standing)
    if (rows.length > 0 || next === undefined || round >= ROUNDS_MAX) return { rows, next }
    before = next
  }
}

async function linkView(
  store: Reader,
  row: RecordRow | undefined,
): Promise<Pick<RelatedView, 'links' | 'relationship'>> {
  const bytes = row === undefined ? undefined : await bytesOfRecord(store, row.seq)
  if (bytes === undefined) return { links: [] }
  const object = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>
  const { relationship_type: relationship } = object
  return {
    links: linksOf(object).slice(0, LINKS_SHOWN),
    ...(typeof relationship === 'string' ? { relationship } : {}),
  }
}
