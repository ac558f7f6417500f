// The HTTP side of federation at the root: what other members' nodes call. Every request is signed by a peer (or, for
// reading the log, carries a token a signed request fetched); nothing is believed from Host or X-Forwarded-*.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { pack } from '#kernel/http/coding.ts'
import { verifyRequest } from '#kernel/http/signature.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { widenAhead } from './walk.ts'
import { httpKeyOf, type HttpKey } from './document.ts'
import type { Federation } from './federation.ts'
import { giveOnceMore, parseAgain } from './forward/again.ts'
import { asksForLost, giveAgain } from './gap.ts'
import { documentProof, loadOwnDocument } from './own-document.ts'
import { DOCUMENT_VERSION_HEADER, PAGE_HEADER } from './network-source.ts'
import { LogTokens } from './log-tokens.ts'
import { answerAcceptance } from './pairing.ts'
import { findPeer, noteConfirmed, type Peer } from './peers.ts'
import { readStream } from './heads/serve.ts'
import { loadShownHead, readTilePath } from './serve.ts'
import { returnRoutes, type Bounded } from './heal/routes.ts'
import { witnessRoutes } from './witness/routes.ts'
import { HintShape, PairRequestShape } from './wire.ts'

const pairRequest = Compile(PairRequestShape)
const hintBody = Compile(HintShape)
const DeliveriesQuery = Type.Object({
  after: Type.Integer({ minimum: 0 }),
  maxBytes: Type.Optional(Type.Integer({ minimum: 1 })),
  small: Type.Optional(Type.Boolean({ description: 'Only items of at most 16 KiB, up to the first larger one.' })),
  offset: Type.Optional(Type.Integer({ minimum: 0, description: 'Where in the page the piece begins.' })),
  length: Type.Optional(Type.Integer({ minimum: 1, description: 'How long the piece is at most.' })),
})

export function federationRoutes(federation: Federation): (app: FastifyInstance) => Promise<void> {
  const { store, clock, random, identity } = federation.deps
  const tokens = new LogTokens(clock.nowMs)
  const inFlight = new Map<string, number>()

  const callers = new WeakMap<FastifyRequest, string>()
  const authenticate = async (request: FastifyRequest, reply: FastifyReply): Promise<Peer> => {
    const peer = await authenticatePeer(federation, request, reply)
    callers.set(request, peer.name)
    return peer
  }
  const reader = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const bearer = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? '')?.[1]
    const holder = bearer === undefined ? undefined : tokens.holder(bearer)
    if (holder !== undefined && (await findPeer(store, holder))?.state === 'approved') callers.set(request, holder)
    else await authenticate(request, reply)
  }
  const bounded: Bounded = async (peer, work) => {
    const running = inFlight.get(peer.name) ?? 0
    if (running >= LIMITS.peerRequestsMax)
      throw new Fault('busy', `at most ${LIMITS.peerRequestsMax} requests at once`, { remedy: 'Retry after a second.' })
    inFlight.set(peer.name, running + 1)
    try {
      return await work()
    } finally {
      inFlight.set(peer.name, (inFlight.get(peer.name) ?? 1) - 1)
    }
  }

  return async (app) => {
    await app.register(async (raw) => {
      raw.removeAllContentTypeParsers()
      raw.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: LIMITS.nodeDocumentBytesMax * 2 },
        (_request, body, done) => done(null, body),
      )
      raw.addHook('onSend', async (request, _reply, payload) => {
        const name = callers.get(request)
        const sent = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
        if (name !== undefined) federation.traffic.add(name, sent + bodyOf(request).length)
      })
      const hide = { schema: { hide: true } }
      raw.addHook('onError', async (request, _reply, error) =>
        federation.refusals.note({
          member: callers.get(request),
          at: `${request.method} ${request.routeOptions.url ?? ''}`,
          error,
        }),
      )

      raw.get('/.well-known/comity', hide, async (_request, reply) => {
        const bytes = await loadOwnDocument(store)
        if (bytes === undefined) throw new Fault('busy', 'this node has not published its document yet')
        return reply.type('application/json').send(Buffer.from(bytes))
      })
      raw.get('/.well-known/comity.proof', hide, async (_request, reply) => {
        const proof = await documentProof(store)
        if (proof === undefined) throw new Fault('busy', 'this node has not published its document yet')
        return reply.type('application/json').send(proof)
      })
      raw.get('/log/checkpoint', hide, async (request, reply) => {
        await reader(request, reply)
        const head = await loadShownHead(store)
        if (head === undefined) throw new Fault('not-found', 'the log is empty')
        reply.header('etag', head.etag).header('cache-control', 'private, no-cache')
        reply.header(DOCUMENT_VERSION_HEADER, head.documentVersion)
        if (request.headers['if-none-match'] === head.etag) return reply.code(304).send()
        return reply.type('text/plain; charset=utf-8').send(Buffer.from(head.note))
      })
      raw.get<{ Params: { '*': string } }>('/log/tile/*', hide, async (request, reply) => {
        await reader(request, reply)
        const bytes = await readTilePath(store, `tile/${request.params['*']}`)
        return reply
          .type('application/octet-stream')
          .header('cache-control', 'private, immutable, max-age=31536000')
          .send(Buffer.from(bytes))
      })
      raw.get<{ Querystring: Static<typeof DeliveriesQuery> }>(
        '/peer/deliveries',
        { schema: { hide: true, querystring: DeliveriesQuery } },
        async (request, reply) => {
          const peer = await authenticate(request, reply)
          if (peer.unaskedMs !== null) {
            federation.hinted(peer.name)
            throw new Fault('busy', 'this node was put back to a backup and asks you first what came', {
              remedy: 'Let it reach you, and ask again in a moment.',
            })
          }
          const {
            after,
            maxBytes = LIMITS.deliveryPageBytesMax,
            small = false,
            offset = 0,
            length = LIMITS.peerBodyBytesMax,
          } = request.query
          if (after > peer.confirmedSeq && after <= peer.outSeq)
            await store.write(noteConfirmed, { peer: peer.id, seq: after })
          if (await asksForLost(store, peer, after)) await store.write(giveAgain, { peer: peer.id, after })
          const spent = await federation.traffic.isSpent(peer.name)
          const whole = await bounded(peer, () =>
            federation.asking.first(async () => {
              if (offset === 0) await widenAhead(store, peer, after)
              return readStream(federation.deps, peer, { after, maxBytes, ...(small || spent ? SMALL : {}) })
            }),
          )
          if (spent && after < peer.outSeq && whole[4] !== 1) throw await spentFault(federation, peer)
          const page = whole.subarray(offset, offset + length)
          reply.header(PAGE_HEADER, `${sha256(whole).toHex()} ${whole.length}`)
          reply.type('application/vnd.comity.deliveries').header('cache-control', 'no-store')
          const packed = await pack(page, request.headers['accept-encoding'], 3)
          if (packed === undefined) return reply.send(Buffer.from(page))
          return reply.header('content-encoding', packed.coding).send(packed.bytes)
        },
      )
      raw.post('/peer/hint', hide, async (request, reply) => {
        const peer = await authenticate(request, reply)
        const hint: unknown = parseJson(bodyOf(request))
        if (!hintBody.Check(hint)) throw new Fault('input.invalid', 'this is not a hint')
        federation.hinted(peer.name, hint.node)
        return reply.code(204).send()
      })
      raw.post('/peer/again', hide, async (request, reply) => {
        const peer = await authenticate(request, reply)
        await store.write(giveOnceMore, { peer: peer.id, ...parseAgain(bodyOf(request)) })
        return reply.code(204).send()
      })
      witnessRoutes(federation, authenticate)(raw)
      returnRoutes(federation, authenticate, bounded)(raw)
      raw.post('/peer/token', hide, async (request, reply) => {
        const { name } = await authenticate(request, reply)
        return { token: tokens.make(random, name), expiresInMs: LIMITS.tokenLifeMs }
      })
      raw.post('/peer/pair', hide, async (request) => {
        const body: unknown = parseJson(bodyOf(request))
        if (!pairRequest.Check(body))
          throw new Fault('input.invalid', `this is not an acceptance of an invitation to ${identity.member}`)
        return answerAcceptance(federation.pairing, body)
      })
    })
  }
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0)
}

const SMALL = { itemBytesMax: LIMITS.smallItemBytesMax }

/** What is large waits for the next day. */
async function spentFault({ traffic, deps }: Federation, peer: Peer): Promise<Fault> {
  const budget = await traffic.budgetOf(peer.name)
  const waitMs = (budget?.resetsMs ?? 0) - deps.clock.nowMs()
  return new Fault('busy', 'the bytes set aside for you today are used up; what is small still goes', {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  })
}

/** The approved peer that signed a request. Refusals say no more than the caller needs. */
async function authenticatePeer(federation: Federation, request: FastifyRequest, reply: FastifyReply): Promise<Peer> {
  const { store, clock, publicUrl } = federation.deps
  const claimed = /keyid="([^"#]{1,253})#/.exec(String(request.headers['signature-input'] ?? ''))?.[1]
  const peer = claimed === undefined ? undefined : await findPeer(store, claimed)
  // Where the clock was set back, behind our start or behind what was forgotten, peers are told that time: an older request
  // may have been used before, and they correct themselves by what they are told.
  const nowMs = Math.max(clock.nowMs(), federation.startedMs, federation.nonces.forgottenMs)
  const verdict = verifyRequest<HttpKey>(
    {
      method: request.method,
      targetUri: `${publicUrl}${request.raw.url ?? ''}`,
      headers: request.headers,
      body: bodyOf(request),
    },
    {
      keyOf: (keyid) => (peer === undefined ? undefined : httpKeyOf(peer.document, keyid)),
      nowMs,
      startedMs: federation.startedMs,
      nonces: federation.nonces,
    },
  )
  if (!verdict.ok) {
    if (verdict.code === 'auth.clock') reply.header('x-comity-time', formatTime(nowMs))
    throw new Fault(verdict.code, verdict.reason)
  }
  if (peer?.state !== 'approved')
    throw new Fault('auth.denied', 'this node has not approved you yet', {
      remedy: 'Ask its people to compare the words and approve.',
    })
  return peer
}
