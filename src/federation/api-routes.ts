// Peers, for this member's own people, under /api: parse, call, render.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime } from '#kernel/clock.ts'
import { judgeDeliveryProof, parseDeliveryProof } from '#kernel/delivery-proof.ts'
import { needs } from '#kernel/http/access.ts'
import { timeOf } from '#kernel/http/time-query.ts'
import { LIMITS } from '#kernel/limits.ts'
import { loadSight } from '#kernel/sight.ts'
import { loadTransfers } from '#kernel/standing.ts'
import type { Store } from '#kernel/store/types.ts'
import { hasNoNetwork } from './document.ts'
import type { Federation } from './federation.ts'
import { accept, invite } from './pairing.ts'
import { setPeer } from './peer-standing.ts'
import { approvePeer, listPeers, removePeer, requirePeer, type Peer } from './peers.ts'
import { saysNothing } from './stored-document.ts'
import { setBudget } from './traffic.ts'
import { listGiven, listTaken, type Page } from './deliveries.ts'
import { loadProofFile } from './heads/proof-file.ts'
import { doubtAbout, toldBy } from './heads/told.ts'
import { DeliveryProofShape, GivenPageShape, PeerShape, TakenPageShape, type PeerView } from './wire.ts'

const TAGS = { tags: ['federation'] }
const AcceptBody = Type.Object(
  {
    invitation: Type.String({
      minLength: 1,
      maxLength: 250_000,
      description: 'The line, or the text of a file: an invitation, or the answer to one.',
    }),
  },
  { additionalProperties: false },
)
const ApproveBody = Type.Object(
  { communities: Type.Optional(Type.Array(Type.String({ maxLength: 253 }), { maxItems: 32 })) },
  { additionalProperties: false },
)
const Jurisdiction = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.' })
const SetBody = Type.Object(
  {
    communities: Type.Optional(Type.Array(Type.String({ maxLength: 253 }), { maxItems: 32 })),
    adequate: Type.Optional(Type.Array(Jurisdiction, { maxItems: 250 })),
    agreements: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Z]{2}$' }), Type.String({ minLength: 1, maxLength: 300 }), {
        description: 'Jurisdiction to the agreement by which its personal data may go there.',
      }),
    ),
    budgetBytes: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
        description: 'Bytes a day to and from this peer; beyond them what is large waits. Null: no bound.',
      }),
    ),
  },
  { additionalProperties: false },
)
const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
  leaf: Type.Optional(Type.Integer({ minimum: 0, description: 'Only what holds this leaf of its author’s log.' })),
  until: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339, in UTC; before it.' })),
})
const toPage = ({ until, ...page }: Static<typeof PageQuery>): Page => ({ ...page, untilMs: timeOf(until, 'until') })
const MetShape = Type.Object({
  member: Type.String(),
  words: Type.Array(Type.String()),
  answer: Type.Optional(Type.String({ description: 'The file for the member that invited by a file.' })),
})
type Named = { Params: { member: string } }

export function federationApiRoutes(federation: Federation): (app: FastifyInstance) => Promise<void> {
  const { store } = federation.deps
  const view = async (peer: Peer): Promise<PeerView> => ({
    member: peer.name,
    names: peer.document.names,
    url: peer.document.endpoint,
    network: !hasNoNetwork(peer.document),
    state: peer.state,
    words: [...peer.words],
    ...(await decidedAbout(federation, peer)),
    ...(peer.stopped === null ? {} : { stopped: peer.stopped }),
    ...(peer.lastContactMs === null ? {} : { lastContact: formatTime(peer.lastContactMs) }),
    ...(peer.lastError === null ? {} : { lastError: peer.lastError }),
    ...(await standingOf(store, peer.id)),
    ...(await budgetView(federation, peer.name)),
    logSize: (await store.get<{ size: number }>('SELECT size FROM log WHERE id = ?', peer.log))?.size ?? 0,
    received: peer.streamSeq,
    delivered: peer.outSeq,
  })
  return async (app) => {
    app.post(
      '/peers/invitations',
      {
        config: needs('administer', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Make an invitation: one line, for one member, once',
          response: { 201: Type.Object({ invitation: Type.String(), file: Type.String(), expires: Type.String() }) },
        },
      },
      async (request, reply) => {
        const { expiresMs, ...invited } = await invite(federation.pairing, request.caller.actor)
        return reply.code(201).send({ ...invited, expires: formatTime(expiresMs) })
      },
    )
    app.post<{ Body: Static<typeof AcceptBody> }>(
      '/peers/accept',
      {
        config: needs('administer', 'federation'),
        schema: { ...TAGS, summary: 'Accept an invitation', body: AcceptBody, response: { 200: MetShape } },
      },
      async (request) => accept(federation.pairing, request.caller.actor, request.body.invitation),
    )
    app.get(
      '/peers',
      {
        config: needs('read', 'federation'),
        schema: { ...TAGS, summary: 'All peers', response: { 200: Type.Object({ items: Type.Array(PeerShape) }) } },
      },
      async () => ({
        items: await Promise.all((await listPeers(store)).map(view)),
      }),
    )
    app.get<Named>(
      '/peers/:member',
      { config: needs('read', 'federation'), schema: { ...TAGS, summary: 'One peer', response: { 200: PeerShape } } },
      async (request) => view(await requirePeer(store, request.params.member)),
    )
    app.post<Named & { Body: Static<typeof ApproveBody> }>(
      '/peers/:member/approve',
      {
        config: needs('administer', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Approve a peer whose words were compared, and say in which communities it is',
          body: ApproveBody,
          response: { 200: PeerShape },
        },
      },
      async (request) => {
        const { member } = request.params
        const { communities } = request.body
        await store.write(approvePeer, {
          actor: request.caller.actor,
          name: member,
          ...(communities === undefined ? {} : { communities }),
        })
        return view(await requirePeer(store, member))
      },
    )
    app.patch<Named & { Body: Static<typeof SetBody> }>(
      '/peers/:member',
      {
        config: needs('administer', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Say in which communities a peer is, and where personal data may go to it',
          body: SetBody,
          response: { 200: PeerShape },
        },
      },
      async ({ params: { member }, body, caller }) => {
        const { budgetBytes, ...change } = body
        if (budgetBytes !== undefined)
          await store.write(setBudget, { actor: caller.actor, name: member, bytes: budgetBytes })
        if (Object.keys(change).length > 0) await store.write(setPeer, { actor: caller.actor, name: member, change })
        return view(await requirePeer(store, member))
      },
    )
    app.post<Named>(
      '/peers/:member/pull',
      {
        config: needs('decide', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Ask a peer for news now',
          response: { 200: Type.Object({ leaves: Type.Integer(), statements: Type.Integer() }) },
        },
      },
      async (request) => federation.pullPeer(request.params.member),
    )
    app.get<Named & { Querystring: Static<typeof PageQuery> }>(
      '/peers/:member/given',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'What went to a peer, as far as the caller may see it, newest first, and whether it has it',
          querystring: PageQuery,
          response: { 200: GivenPageShape },
        },
      },
      async ({ params, query, caller: { principal } }) =>
        listGiven(store, params.member, toPage(query), await loadSight(federation.deps, principal)),
    )
    app.get<Named & { Querystring: Static<typeof PageQuery> }>(
      '/peers/:member/taken',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'What came from a peer, as far as the caller may see it, newest first',
          querystring: PageQuery,
          response: { 200: TakenPageShape },
        },
      },
      async ({ params, query, caller: { principal } }) =>
        listTaken(store, params.member, toPage(query), await loadSight(federation.deps, principal)),
    )
    app.get<Named>(
      '/peers/:member/proof',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'What a peer told of its stream to this member, as a file for an auditor',
          response: { 200: DeliveryProofShape },
        },
      },
      async (request) => {
        const peer = await requirePeer(store, request.params.member)
        const file = await loadProofFile(store, peer, federation.deps.identity.member)
        const verdict = judgeDeliveryProof(parseDeliveryProof(file), peer.verifiers)
        const { committed, shown, index } = verdict.ok ? verdict : {}
        return {
          member: peer.name,
          finding: verdict.ok ? verdict.finding : verdict.reason,
          ...(verdict.ok ? { committed, shown, index } : {}),
          file: Buffer.from(file).toString('utf8'),
        }
      },
    )
    app.delete<Named>(
      '/peers/:member',
      { config: needs('administer', 'federation'), schema: { ...TAGS, summary: 'End the exchange with a peer' } },
      async (request, reply) => {
        await store.write(removePeer, { actor: request.caller.actor, name: request.params.member })
        return reply.code(204).send()
      },
    )
  }
}

/** What it committed to, and the doubt about it where there is one. */
async function standingOf(store: Store, peer: number): Promise<Pick<PeerView, 'committed' | 'doubt'>> {
  const [told, doubt] = [await toldBy(store, peer), await doubtAbout(store, peer)]
  return {
    ...(told === undefined ? {} : { committed: told.seq }),
    ...(doubt === undefined
      ? {}
      : {
          doubt: {
            kind: doubt.kind,
            reason: doubt.reason,
            since: formatTime(doubt.sinceMs),
            proof: doubt.proof !== null || told !== undefined,
          },
        }),
  }
}

/** What this member decided about a peer, and what of the peer's own words it took. */
async function decidedAbout(
  { deps }: Federation,
  { name, document }: Peer,
): Promise<Pick<PeerView, 'communities' | 'kind' | 'country' | 'saysNow' | 'adequate' | 'agreements'>> {
  const row = await deps.store.get<{ communities: string; kind: string | null; country: string | null }>(
    'SELECT communities, kind, country FROM member WHERE name = ?',
    name,
  )
  const differs = row?.kind !== document.kind || (row.country ?? undefined) !== document.country
  const changed = row?.kind != null && !saysNothing(document) && differs
  const { adequate, agreements } = await loadTransfers(deps.store, name)
  return {
    communities: JSON.parse(row?.communities ?? '[]') as string[],
    ...(row?.kind == null ? {} : { kind: row.kind }),
    ...(row?.country == null ? {} : { country: row.country }),
    ...(changed
      ? { saysNow: [document.kind, ...(document.country === undefined ? [] : [document.country])].join(', ') }
      : {}),
    adequate: [...adequate],
    agreements: { ...agreements },
  }
}

async function budgetView({ traffic }: Federation, name: string): Promise<Pick<PeerView, 'budget'>> {
  const budget = await traffic.budgetOf(name)
  if (budget === undefined) return {}
  const { bytes, used, resetsMs } = budget
  return { budget: { bytes, used, spent: used >= bytes, resets: formatTime(resetsMs) } }
}
