// Records over HTTP: found, shown, taken back and erased.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatMicros, parseMicros } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { ERASE_REASONS, type EraseReason } from '#kernel/log/erase.ts'
import type { Store } from '#kernel/store/types.ts'
import { describeRecord, type DetailDeps } from './detail.ts'
import { eraseRecords } from './erase-command.ts'
import { FilterShape } from './filter.ts'
import type { RecordRow } from './find.ts'
import { nameJoined } from './joined-name.ts'
import { letGo } from './let-go-command.ts'
import { toRecordViews } from './record-view.ts'
import { parseSearch, searchVisible } from './search.ts'
import { RecordDetailShape, RecordShape, type RecordView } from './wire.ts'
import { WITHDRAW_REASONS, withdrawRecords, type WithdrawReason } from './withdraw-command.ts'

const TAGS = { tags: ['sharing'] }

const SearchQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 500, description: 'Absent: everything, newest first.' })),
  ...FilterShape,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})
const WithdrawBody = Type.Object(
  {
    id: Type.String({ maxLength: 400 }),
    version: Type.Optional(Type.String({ maxLength: 40 })),
    reason: Type.Union(WITHDRAW_REASONS.map((each) => Type.Literal(each))),
  },
  { additionalProperties: false },
)

const EraseBody = Type.Object(
  {
    id: Type.String({ maxLength: 400 }),
    version: Type.Optional(Type.String({ maxLength: 40 })),
    reason: Type.Union(ERASE_REASONS.map((each) => Type.Literal(each))),
    keepHeader: Type.Optional(
      Type.Boolean({ description: 'Keep the headers of statements of which nothing else stays.' }),
    ),
    onlyHere: Type.Optional(
      Type.Boolean({ description: 'Only this node’s copies of what other members said; nobody else is asked.' }),
    ),
  },
  { additionalProperties: false },
)

const Kept = Type.Optional(
  Type.Boolean({ description: 'The log may not be signed now: it is kept, and done once the log is resumed.' }),
)

export type RecordRouteDeps = DetailDeps & { readonly store: Store }

export function recordRoutes(deps: RecordRouteDeps): (app: FastifyInstance) => Promise<void> {
  const { store } = deps
  return async (app) => {
    app.get<{ Querystring: Static<typeof SearchQuery> }>(
      '/search',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary:
            'Search by words, or exactly by an address, a domain, a URL, a hash or a CVE id; without, everything; newest first',
          querystring: SearchQuery,
          response: { 200: Type.Object({ items: Type.Array(RecordShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async (request) => {
        const { limit = LIMITS.pageDefault, cursor, ...asked } = request.query
        const { rows, next } = await searchVisible(deps, request.caller.principal, {
          ...(await parseSearch(store, asked)),
          limit,
          ...(cursor === undefined ? {} : { before: cursor }),
        })
        const views = (of: readonly RecordRow[]): Promise<RecordView[]> => toRecordViews(store, of)
        const items = await nameJoined({ ...deps, views }, request.caller.principal, { rows, views: await views(rows) })
        return { items, ...(next === undefined ? {} : { next: String(next) }) }
      },
    )
    app.get<{ Params: { id: string } }>(
      '/records/:id',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'A record: versions, author, marking, proof, recipients',
          response: { 200: RecordDetailShape },
        },
      },
      async ({ params: { id }, caller: { principal, rights } }) =>
        describeRecord(deps, id, { principal, decides: rights.includes('decide') }),
    )
    app.post<{ Body: Static<typeof WithdrawBody> }>(
      '/withdrawals',
      {
        config: needs('decide', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Take back a record, or one version of it, from everyone who received it',
          body: WithdrawBody,
          response: { 200: Type.Object({ withdrawn: Type.Integer(), kept: Kept }) },
        },
      },
      async (request) => {
        const { id, version, reason } = request.body
        const { actor, principal } = request.caller
        return store.write(withdrawRecords, {
          actor,
          principal,
          id,
          reason: reason as WithdrawReason,
          ...readVersion(version),
        })
      },
    )
    app.post<{ Body: Static<typeof EraseBody> }>(
      '/erasures',
      {
        config: needs('decide', 'sharing'),
        schema: {
          ...TAGS,
          summary:
            'Erase a record, or one version of it: one of this member’s here and, by their answer, at everyone who received it; one of another’s only here',
          body: EraseBody,
          response: {
            200: Type.Object({
              erased: Type.Integer({ description: 'Versions that are gone here.' }),
              statements: Type.Array(Type.Integer(), { description: 'The leaves that say so.' }),
              kept: Kept,
            }),
          },
        },
      },
      async (request) => {
        const { id, version, keepHeader = false, onlyHere = false } = request.body
        const { actor, principal } = request.caller
        const asked = {
          actor,
          principal,
          reason: request.body.reason as EraseReason,
          keepHeader,
          ...readVersion(version),
        }
        if (onlyHere) return { erased: await store.write(letGo, { ...asked, id }), statements: [] }
        const { statements, ...answer } = await store.write(eraseRecords, { ...asked, of: { id } })
        return { ...answer, statements: [...statements] }
      },
    )
  }
}

/** A version given as a time, in microseconds. */
function readVersion(version: string | undefined): { readonly versions?: readonly number[] } {
  if (version === undefined) return {}
  const micros = parseMicros(version)
  if (micros !== undefined) return { versions: [micros] }
  throw new Fault('input.invalid', 'the version is not a time', {
    place: 'version',
    remedy: `Give it as ${formatMicros(0)}.`,
  })
}
