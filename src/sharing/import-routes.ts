// What comes in and goes out whole, over HTTP: imports as a stream of events, exports as a bundle.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { recordDeed } from '#kernel/audit.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadPrincipal } from '#kernel/standing.ts'
import type { Store } from '#kernel/store/types.ts'
import { requireCollection, type Collection } from './collection.ts'
import { parseContexts } from './context.ts'
import { exportBundle } from './export.ts'
import { importObjects, importPlace } from './import.ts'
import type { ImportEvent } from './wire.ts'

export type ImportRouteDeps = {
  readonly store: Store
  readonly egress: Egress
  readonly now: () => number
  readonly newUuid: () => string
}

const TAGS = { tags: ['sharing'] }

/** Refusals told to who cannot read while sending. */
const TOLD_MAX = 1000
/** Lines that wait for a reader who has not begun; the import goes on meanwhile. */
const LINES_AHEAD = 4 * TOLD_MAX

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
const ImportQuery = Type.Object({
  ...DigestQuery.properties,
  refusals: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: TOLD_MAX,
      description:
        'So many refusals are told one by one, the rest is counted: for who reads the answer only when all is sent.',
    }),
  ),
})
const ExportQuery = Type.Object({
  collection: Type.String({ maxLength: 253 }),
  for: Type.Optional(
    Type.String({
      maxLength: 253,
      description:
        'A member id, or public: of what the caller may have, what this one may have too. Absent: what the caller may have.',
    }),
  ),
  versions: Type.Optional(Type.Union([Type.Literal('latest'), Type.Literal('all')])),
})
export function importRoutes(deps: ImportRouteDeps): (app: FastifyInstance) => Promise<void> {
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
      raw.post<{ Querystring: Static<typeof ImportQuery> }>(
        '/import',
        {
          config: { ...needs('contribute', 'sharing'), streams: true },
          bodyLimit: LIMITS.importBytesMax,
          schema: {
            ...TAGS,
            summary: 'Import STIX objects (bundle, envelope, array or NDJSON); answers with NDJSON events',
            querystring: ImportQuery,
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
            detail: { offset },
          })
          const events = importObjects(
            { store: deps.store, now: deps.now },
            {
              collection,
              source: rest,
              ...contexts,
              digest,
              start: { offset, objects, line },
              teller: { egress: deps.egress, principal: request.caller.principal },
            },
          )
          const { refusals } = request.query
          if (refusals === undefined) return reply.type('application/x-ndjson').send(Readable.from(lines(events)))
          // A browser reads nothing before it has sent all: were the answer to wait for it, neither would go on.
          const ahead = { highWaterMark: LINES_AHEAD }
          return reply.type('application/x-ndjson').send(Readable.from(lines(atMost(refusals, events)), ahead))
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
        const { for: name, versions } = request.query
        const own = request.caller.principal
        const bundle = exportBundle(deps, {
          collection,
          ...(name === undefined
            ? { principal: own }
            : { principal: await principalOf(deps.store, name), bearer: own }),
          bundleId: deps.newUuid(),
          allVersions: versions === 'all',
        })
        return reply.type('application/stix+json;version=2.1').send(Readable.from(bundle))
      },
    )
  }
}

async function principalOf(store: Store, name: string): Promise<Principal> {
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

/** Without the refusals, and the progress, beyond so many of each. */
async function* atMost(told: number, events: AsyncIterable<ImportEvent>): AsyncGenerator<ImportEvent> {
  const left = new Map<ImportEvent['kind'], number>([
    ['refused', told],
    ['progress', TOLD_MAX],
  ])
  for await (const event of events) {
    const room = left.get(event.kind) ?? 1
    if (room > 0) yield event
    if (left.has(event.kind)) left.set(event.kind, room - 1)
  }
}

async function* lines(events: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`
}
