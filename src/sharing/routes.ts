// The HTTP side of sharing under /api: parse, call, render. Nothing is decided here.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { recordDeed } from '#kernel/audit.ts'
import { formatMicros, parseMicros } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { requireMarking } from '#kernel/marking.ts'
import type { Principal, Share } from '#kernel/policy/types.ts'
import { loadLabel, loadPrincipal } from '#kernel/standing.ts'
import type { Store } from '#kernel/store/types.ts'
import { addCollection, listCollections, requireCollection, setCollection, type Collection } from './collection.ts'
import { ERASE_REASONS, type EraseReason } from '#kernel/log/erase.ts'
import { parseContexts } from './context.ts'
import { eraseRecords } from './erase-command.ts'
import { describeRecord, type DetailDeps } from './detail.ts'
import { exportBundle } from './export.ts'
import { bytesOfRecord, type RecordRow } from './find.ts'
import { FilterShape } from './filter.ts'
import { parseSearch, searchVisible } from './search.ts'
import { graphRoutes } from './graph-routes.ts'
import { pictureRoutes } from './picture/routes.ts'
import { importObjects, importPlace } from './import.ts'
import { withdrawRecords, WITHDRAW_REASONS, type WithdrawReason } from './withdraw-command.ts'

import { proofRoutes } from './proof-routes.ts'
import type { ProofDeps } from './proof.ts'
import { relatedRoutes } from './related-routes.ts'
import { quarantineRoutes } from './quarantine-routes.ts'
import {
  CollectionChangeShape,
  CollectionShape,
  NewCollectionShape,
  RecordDetailShape,
  RecordShape,
  type CollectionView,
  type RecordView,
} from './wire.ts'

export type SharingRouteDeps = DetailDeps &
  ProofDeps & {
    readonly store: Store
    readonly egress: Egress
    readonly now: () => number
    readonly newUuid: () => string
  }

const TAGS = { tags: ['sharing'] }

const DigestQuery = Type.Object({
  collection: Type.String({ maxLength: 253 }),
  digest: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the whole source, hex.' }),
  offset: Type.Optional(Type.Integer({ minimum: 0, description: 'Where in the source the body begins.' })),
  objects: Type.Optional(Type.Integer({ minimum: 0 })),
  line: Type.Optional(Type.Integer({ minimum: 1 })),
  contextBytes: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: LIMITS.bodyBytesMax,
      description: 'So many bytes at the beginning of the body are the context: JSON from STIX id to an object.',
    }),
  ),
})
const SearchQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 500, description: 'Absent: everything, newest first.' })),
  ...FilterShape,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})
const ExportQuery = Type.Object({
  collection: Type.String({ maxLength: 253 }),
  for: Type.Optional(
    Type.String({ maxLength: 253, description: 'A member id, or public. Absent: this member’s own people.' }),
  ),
  versions: Type.Optional(Type.Union([Type.Literal('latest'), Type.Literal('all')])),
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
  },
  { additionalProperties: false },
)

export function sharingRoutes(deps: SharingRouteDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(collectionRoutes(deps))
    await app.register(importRoutes(deps))
    await app.register(recordRoutes(deps))
    const withViews = { ...deps, views: (rows: readonly RecordRow[]) => toRecordViews(deps, rows) }
    await app.register(relatedRoutes(withViews))
    await app.register(graphRoutes(withViews))
    await app.register(pictureRoutes(withViews))
    await app.register(proofRoutes(deps))
    await app.register(quarantineRoutes(deps))
  }
}

function collectionRoutes({ store }: SharingRouteDeps): (app: FastifyInstance) => Promise<void> {
  const view = async (name: string): Promise<CollectionView> => toView(await requireCollection(store, name))
  return async (app) => {
    app.get(
      '/collections',
      {
        config: needs('read', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'All collections',
          response: { 200: Type.Object({ items: Type.Array(CollectionShape) }) },
        },
      },
      async () => ({ items: (await listCollections(store)).map(toView) }),
    )
    app.post<{ Body: Static<typeof NewCollectionShape> }>(
      '/collections',
      {
        config: needs('administer', 'sharing'),
        schema: { ...TAGS, summary: 'Make a collection', body: NewCollectionShape, response: { 201: CollectionShape } },
      },
      async (request, reply) => {
        const uuid = await store.write(addCollection, { actor: request.caller.actor, change: toChange(request.body) })
        return reply.code(201).send(await view(uuid))
      },
    )
    app.patch<{ Params: { name: string }; Body: Static<typeof CollectionChangeShape> }>(
      '/collections/:name',
      {
        config: needs('administer', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Change a collection',
          body: CollectionChangeShape,
          response: { 200: CollectionShape },
        },
      },
      async (request) => {
        const collection = await requireCollection(store, request.params.name)
        await store.write(setCollection, {
          actor: request.caller.actor,
          id: collection.id,
          change: toChange(request.body),
        })
        return view(collection.uuid)
      },
    )
    app.get<{ Params: { name: string } }>(
      '/collections/:name',
      {
        config: needs('read', 'sharing'),
        schema: { ...TAGS, summary: 'One collection, by alias or UUID', response: { 200: CollectionShape } },
      },
      async (request) => view(request.params.name),
    )
  }
}

function toChange<T extends Static<typeof CollectionChangeShape>>(body: T): never {
  const { marking, contextMarking, share, ...rest } = body
  return {
    ...rest,
    ...(marking === undefined ? {} : { marking: requireMarking(marking, 'marking') }),
    ...(contextMarking === undefined
      ? {}
      : { contextMarking: contextMarking === null ? null : requireMarking(contextMarking, 'contextMarking') }),
    ...(share === undefined ? {} : { share: share as Share }),
  } as never
}

function toView(collection: Collection): CollectionView {
  const { id: _, mixed: __, ...view } = collection
  return view as unknown as CollectionView
}

function importRoutes(deps: SharingRouteDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof DigestQuery> }>(
      '/import',
      {
        config: needs('contribute', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'How far an import of this source has come',
          querystring: DigestQuery,
          response: {
            200: Type.Object({
              offset: Type.Integer(),
              objects: Type.Integer(),
              line: Type.Integer(),
              done: Type.Boolean(),
            }),
          },
        },
      },
      async (request) => {
        const collection = await requireOwn(deps.store, request.query.collection)
        return importPlace(deps.store, request.query.digest, collection.id)
      },
    )
    await app.register(async (raw) => {
      raw.removeAllContentTypeParsers()
      raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
      raw.post<{ Querystring: Static<typeof DigestQuery> }>(
        '/import',
        {
          config: { ...needs('contribute', 'sharing'), streams: true },
          bodyLimit: LIMITS.importBytesMax,
          schema: {
            ...TAGS,
            summary: 'Import STIX objects (bundle, envelope, array or NDJSON); answers with NDJSON events',
            querystring: DigestQuery,
          },
        },
        async (request, reply) => {
          const collection = await requireOwn(deps.store, request.query.collection)
          const { head, rest } = await splitHead(
            request.body as AsyncIterable<Uint8Array>,
            request.query.contextBytes ?? 0,
          )
          const contexts = head.length === 0 ? {} : { contexts: parseContexts(head) }
          const { digest, offset = 0, objects = 0, line = 1 } = request.query
          await deps.store.write(recordDeed, {
            actor: request.caller.actor,
            action: 'record.import',
            subject: collection.alias ?? collection.uuid,
            detail: { digest, offset },
          })
          const events = importObjects(
            { store: deps.store, now: deps.now },
            {
              collection,
              source: rest,
              ...contexts,
              digest,
              start: { offset, objects, line },
            },
          )
          return reply.type('application/x-ndjson').send(Readable.from(lines(events)))
        },
      )
    })
    app.get<{ Querystring: Static<typeof ExportQuery> }>(
      '/export',
      {
        config: needs('decide', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'A collection as a STIX bundle, as a principal may have it',
          querystring: ExportQuery,
        },
      },
      async (request, reply) => {
        const collection = await requireCollection(deps.store, request.query.collection)
        const principal = await principalOf(deps.store, request.caller.principal, request.query.for)
        const bundle = exportBundle(deps, {
          collection,
          principal,
          bundleId: deps.newUuid(),
          allVersions: request.query.versions === 'all',
        })
        return reply.type('application/stix+json;version=2.1').send(Readable.from(bundle))
      },
    )
  }
}

async function principalOf(store: Store, own: Principal, name: string | undefined): Promise<Principal> {
  if (name === undefined) return own
  return name === 'public' ? { kind: 'public' } : loadPrincipal(store, name, 'peer')
}

async function requireOwn(store: Store, name: string): Promise<Collection> {
  const collection = await requireCollection(store, name)
  if (collection.own) return collection
  throw new Fault('auth.denied', `${name} holds what another member sends and is read only`, {
    remedy: 'Import into a collection of your own; see “comity collection list”.',
  })
}

/** The first bytes of a stream, and what follows them. */
async function splitHead(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<{ head: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
  if (bytes === 0) return { head: new Uint8Array(0), rest: source }
  const chunks = source[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  for (let length = 0; length < bytes;) {
    const { value, done } = await chunks.next()
    if (done === true)
      throw new Fault('input.invalid', 'the body ends before its context does', { place: 'contextBytes' })
    held.push(value)
    length += value.length
  }
  const whole = Buffer.concat(held)
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    if (whole.length > bytes) yield whole.subarray(bytes)
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { head: whole.subarray(0, bytes), rest: rest() }
}

async function* lines(events: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`
}

const Kept = Type.Optional(
  Type.Boolean({ description: 'The log may not be signed now: it is kept, and done once the log is resumed.' }),
)

function recordRoutes(deps: SharingRouteDeps): (app: FastifyInstance) => Promise<void> {
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
        return { items: await toRecordViews(deps, rows), ...(next === undefined ? {} : { next: String(next) }) }
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
      async (request) => describeRecord(deps, request.params.id, request.caller.principal),
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
        return store.write(withdrawRecords, {
          actor: request.caller.actor,
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
          summary: 'Erase a record, or one version of it, here and, by their answer, at everyone who received it',
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
        const { id, version, reason, keepHeader = false } = request.body
        const { statements, ...answer } = await store.write(eraseRecords, {
          actor: request.caller.actor,
          id,
          reason: reason as EraseReason,
          keepHeader,
          ...readVersion(version),
        })
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

async function toRecordViews(deps: SharingRouteDeps, rows: readonly RecordRow[]): Promise<RecordView[]> {
  const titles = new Map((await listCollections(deps.store)).map((each) => [each.id, each.alias ?? each.uuid]))
  const views: RecordView[] = []
  for (const row of rows) {
    const bytes = await bytesOfRecord(deps.store, row.seq)
    const name = bytes === undefined ? undefined : titleOf(JSON.parse(Buffer.from(bytes).toString('utf8')) as Fields)
    views.push({
      id: row.id,
      type: row.type,
      ...(row.version === undefined ? {} : { version: row.version }),
      author: row.author,
      collection: titles.get(row.collection) ?? '',
      addedAt: row.addedAt,
      latest: row.latest,
      withdrawn: row.withdrawnBy !== null,
      tlp: (await loadLabel(deps.store, row.labelClass))?.tlp ?? 'RED',
      ...(name === undefined ? {} : { name }),
    })
  }
  return views
}

type Fields = Readonly<Record<string, unknown>>

/** What says most of these, in this order, is what a record is called where it has no name. */
const TITLES = ['name', 'value', 'abstract', 'content', 'explanation', 'relationship_type'] as const
const TITLE_CHARS_MAX = 200

function titleOf(object: Fields): string | undefined {
  const texts = TITLES.map((field) => object[field]).filter((each) => typeof each === 'string')
  const title = texts.find((each) => each.trim() !== '')
  return title === object['name'] ? title : title?.slice(0, TITLE_CHARS_MAX)
}
