// Bundles for this member's own people, under /api: a file out as it is written, a file in as it is read.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import Type, { type Static } from 'typebox'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { needs } from '#kernel/http/access.ts'
import type { Federation } from '../federation.ts'
import { requirePeer } from '../peers.ts'
import { listBundles } from './store.ts'
import { BundleLookShape, BundleShape, type BundleEvent } from './wire.ts'

const TAGS = { tags: ['bundles'] }
const WriteQuery = Type.Object({
  max: Type.Optional(
    Type.Integer({
      minimum: LIMITS.bundlePartBytesMin,
      description: 'Bytes of the largest file; the rest goes into further parts.',
    }),
  ),
  goOn: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$', description: 'The bundle whose next part this is.' })),
  all: Type.Optional(Type.Boolean({ description: 'From the beginning, whatever the peer has.' })),
})
type Named = { Params: { member: string } }

export function bundleRoutes({ deps, bundles }: Federation): (app: FastifyInstance) => Promise<void> {
  const { store } = deps
  return async (app) => {
    app.get<Named>(
      '/peers/:member/bundles',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'What was written into files for a peer, newest first, and whether it answered',
          response: { 200: Type.Object({ items: Type.Array(BundleShape) }) },
        },
      },
      async (request) => ({ items: await listBundles(store, (await requirePeer(store, request.params.member)).id) }),
    )
    app.post<Named & { Querystring: Static<typeof WriteQuery> }>(
      '/peers/:member/bundles',
      {
        config: needs('administer', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Write a bundle for a peer, or its next part: one encrypted file',
          querystring: WriteQuery,
        },
      },
      async (request, reply) => {
        const { max, goOn, all } = request.query
        const peer = await requirePeer(store, request.params.member)
        const bytes = bundles.write(peer, {
          actor: request.caller.actor,
          ...(max === undefined ? {} : { maxBytes: max }),
          ...(goOn === undefined ? {} : { goOn }),
          ...(all === undefined ? {} : { all }),
        })
        return reply.type('application/octet-stream').send(await begun(bytes))
      },
    )
    await app.register(async (raw) => {
      raw.removeAllContentTypeParsers()
      raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
      raw.post(
        '/bundles/look',
        {
          config: { ...needs('administer', 'federation'), streams: true },
          bodyLimit: LIMITS.bundleLookBytesMax,
          schema: {
            ...TAGS,
            summary: 'What a bundle says of itself, and whether reading it would be refused; its beginning is enough',
            response: { 200: BundleLookShape },
          },
        },
        async (request, reply) => bundles.look(streamOf(request.body as Readable, reply)),
      )
      raw.post(
        '/bundles',
        {
          config: { ...needs('administer', 'federation'), streams: true },
          bodyLimit: LIMITS.bundleBytesMax,
          schema: { ...TAGS, summary: 'Read a bundle from a peer; answers with NDJSON events' },
        },
        async (request, reply) => {
          const events = bundles.read(request.caller.actor, streamOf(request.body as Readable, reply))
          return reply.type('application/x-ndjson').send(Readable.from(lines(events)))
        },
      )
    })
  }
}

/** A file that is refused, or known enough, early leaves the line open and flowing, so that the answer still gets through. */
function streamOf(body: Readable, reply: FastifyReply): AsyncIterable<Uint8Array> {
  reply.raw.once('finish', () => body.resume())
  return body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
}

/** A stream whose first bytes are there: what is refused is refused before an answer has begun. */
async function begun(bytes: AsyncGenerator<Uint8Array>): Promise<Readable> {
  const first = await bytes.next()
  return Readable.from(
    (async function* () {
      if (first.done !== true) yield first.value
      yield* bytes
    })(),
    { objectMode: false },
  )
}

async function* lines(events: AsyncIterable<BundleEvent>): AsyncGenerator<string> {
  const line = (event: BundleEvent): string => `${JSON.stringify(event)}\n`
  try {
    for await (const event of events) yield line(event)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { message, place, remedy } = error
    yield line({
      kind: 'broken',
      message,
      ...(place === undefined ? {} : { place }),
      ...(remedy === undefined ? {} : { remedy }),
    })
  }
}
