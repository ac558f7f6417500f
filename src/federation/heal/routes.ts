// The two sides of healing over HTTP: what a peer may have back of its own log here, and the button for our own people.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { encodeItem, FIRST_HASH } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Federation } from '../federation.ts'
import { encodeDelivery } from '../frames.ts'
import { DOCUMENT_VERSION_HEADER } from '../network-source.ts'
import type { Peer } from '../peers.ts'
import { discloseAll, readTilePath } from '../serve.ts'
import type { Authenticate } from '../witness/routes.ts'
import { heal } from './heal.ts'
import { tellHeld } from './held.ts'
import { standAnew } from './restored.ts'
import { APPLIED_HEADER, HealedShape, STREAM_HEADER } from './wire.ts'

const ReturnsQuery = Type.Object({ after: Type.Integer({ minimum: -1 }) })
const HeldQuery = Type.Object({
  ...ReturnsQuery.properties,
  origin: Type.String({ minLength: 1, maxLength: 300, description: 'Of the log that is asked about.' }),
})
const LeaveBody = Type.Object(
  { confirm: Type.String({ maxLength: 253, description: 'This member’s own name.' }) },
  { additionalProperties: false },
)
const LeftShape = Type.Object({ index: Type.Integer({ description: 'The last statement of the log.' }) })
/** `stream` is the last item of its stream to us that the peer has; said with the first question alone. */
const GivenBackQuery = Type.Object({
  ...ReturnsQuery.properties,
  stream: Type.Optional(Type.Integer({ minimum: 0 })),
})
/** Statements looked at for one answer. */
const RETURNS_MAX = 200

/** Does work for a peer, of which there is only so much at once. Throws `busy` where there is no more room. */
export type Bounded = <T>(peer: Peer, work: () => Promise<T>) => Promise<T>

/** A peer's own log as it is mirrored here, and the content it gave us: to that peer alone. */
export function returnRoutes(
  { deps }: Federation,
  authenticate: Authenticate,
  bounded: Bounded,
): (raw: FastifyInstance) => void {
  const { store } = deps
  const hide = { schema: { hide: true } }
  return (raw) => {
    raw.get('/peer/mirror/checkpoint', hide, async (request, reply) => {
      const peer = await authenticate(request, reply)
      const row = await store.get<{ checkpoint: Uint8Array | null }>(
        'SELECT checkpoint FROM log WHERE id = ?',
        peer.log,
      )
      if (row === undefined || row.checkpoint === null) throw new Fault('not-found', 'nothing of your log is here')
      return reply
        .type('text/plain; charset=utf-8')
        .header('cache-control', 'no-store')
        .header(DOCUMENT_VERSION_HEADER, peer.document.version)
        .send(Buffer.from(row.checkpoint))
    })
    raw.get<{ Params: { '*': string } }>('/peer/mirror/tile/*', hide, async (request, reply) => {
      const peer = await authenticate(request, reply)
      const bytes = await readTilePath(store, `tile/${request.params['*']}`, peer.log)
      return reply.type('application/octet-stream').header('cache-control', 'no-store').send(Buffer.from(bytes))
    })
    raw.get<{ Querystring: Static<typeof HeldQuery> }>(
      '/peer/returns/held',
      { schema: { hide: true, querystring: HeldQuery } },
      async (request, reply) => {
        const peer = await authenticate(request, reply)
        reply.type('application/json').header('cache-control', 'no-store')
        const { origin, after } = request.query
        return bounded(peer, () => tellHeld(store, deps.identity.member, { member: peer.id, origin, after }))
      },
    )
    raw.get<{ Querystring: Static<typeof GivenBackQuery> }>(
      '/peer/returns',
      { schema: { hide: true, querystring: GivenBackQuery } },
      async (request, reply) => {
        const peer = await authenticate(request, reply)
        const { after, stream } = request.query
        const here = { seq: peer.streamSeq, hash: peer.streamHash, applied: peer.streamSeq }
        const [{ seq, hash, applied }, given] = await bounded(peer, async () => [
          stream === undefined ? here : await standAnew(store, peer, stream),
          await giveBack(store, peer, after),
        ])
        reply.header(STREAM_HEADER, `${seq} ${Buffer.from(hash).toString('hex')}`)
        if (applied < seq) reply.header(APPLIED_HEADER, applied)
        reply.type('application/vnd.comity.deliveries').header('cache-control', 'no-store')
        return reply.send(given)
      },
    )
  }
}

/** Statements of a peer's own log behind `after`, as one delivery; nothing at the end. */
async function giveBack(store: Reader, { log }: Peer, after: number): Promise<Buffer> {
  const rows = await store.all<{ index: number; bytes: number }>(
    `SELECT s.idx AS "index", coalesce((SELECT sum(length(bytes)) FROM item WHERE seq >= s.seq AND seq < s.seq + s.count), 0) AS bytes
     FROM statement s WHERE s.log = ? AND s.idx > ? ORDER BY s.idx LIMIT ?`,
    log,
    after,
    RETURNS_MAX,
  )
  let bytes = 0
  const indexes = rows
    .filter((row, i) => (bytes += row.bytes) <= LIMITS.deliveryPageBytesMax || i === 0)
    .map((row) => row.index)
  if (indexes.length === 0) return Buffer.alloc(0)
  const item = encodeItem({ seq: 1, prevHash: FIRST_HASH, indexes, reason: 'new' })
  const disclosed = await discloseAll(store, indexes, { log, context: new Set(indexes) })
  return Buffer.concat([...encodeDelivery(item, disclosed)])
}

/** Under /api. */
export function healRoutes(federation: Federation): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.post<{ Body: Static<typeof LeaveBody> }>(
      '/leave',
      {
        config: needs('administer', 'federation'),
        schema: {
          tags: ['log'],
          summary: 'Leave for good: end this member’s log and tell the peers',
          body: LeaveBody,
          response: { 200: LeftShape },
        },
      },
      ({ body, caller }) => federation.leave(caller.actor, body.confirm),
    )
    app.post(
      '/log/resume',
      {
        config: needs('administer', 'federation'),
        schema: {
          tags: ['log'],
          summary: 'Restored data: ask the peers, take back what they hold of this log, and go on in the same history',
          response: { 200: HealedShape },
        },
      },
      async ({ caller }) => {
        const { confirmedBy, unheard, ...healed } = await heal(federation.healing, caller.actor)
        return { ...healed, confirmedBy: [...confirmedBy], unheard: [...unheard] }
      },
    )
  }
}
