// The HTTP side of witnessing at the root: as on C2SP's tlog-witness for anybody, and what peers send each other about
// heads and lines.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { Fault } from '#kernel/fault.ts'
import type { Problem } from '#kernel/http/problem.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { SIGNATURE_TYPE } from '#kernel/note.ts'
import type { Federation } from '../federation.ts'
import { findPeerOfLog, type Peer } from '../peers.ts'
import { logHasEnded } from '../recovery.ts'
import { hearHead, hearLines } from './hear.ts'
import { cosignedNote } from './store.ts'
import { trustedVerifiers } from './trust.ts'
import { addCheckpoint, type KnownLog } from './witness.ts'

const headsBody = Compile(
  Type.Object({ heads: Type.Array(Type.String({ maxLength: 2000 }), { maxItems: LIMITS.gossipHeadsMax }) }),
)

/** Of a peer's log nothing is cosigned that evidence of a fork could not show. */
const PROVABLE = [SIGNATURE_TYPE.ed25519]

export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<Peer>

/** Registered where bodies come as bytes. */
export function witnessRoutes(federation: Federation, authenticate: Authenticate): (raw: FastifyInstance) => void {
  const { store } = federation.deps
  const hide = { schema: { hide: true } }
  return (raw) => {
    raw.post(
      '/witness/add-checkpoint',
      { ...hide, onRequest: readAnyType, onSend: inPlainText },
      async (request, reply) => {
        const answer = await addCheckpoint(federation.witnessing, bodyOf(request), (origin) =>
          knownLog(federation, origin),
        )
        if (answer.status === 200) return reply.type('text/plain; charset=utf-8').send(`${answer.lines.join('\n')}\n`)
        if (answer.status === 409) return reply.code(409).type('text/x.tlog.size').send(`${answer.size}\n`)
        return reply.code(answer.status).type('text/plain; charset=utf-8').send(`${answer.reason}\n`)
      },
    )
    raw.get<{ Params: { hash: string } }>('/witness/:hash/checkpoint', hide, async (request, reply) => {
      const { hash } = request.params
      const note = /^[0-9a-f]{64}$/.test(hash) ? await cosignedNote(store, Uint8Array.fromHex(hash)) : undefined
      if (note === undefined) throw new Fault('not-found', 'this witness has not seen that log')
      return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(Buffer.from(note))
    })
    raw.post('/peer/cosignature', hide, async (request, reply) => {
      await hearLines(federation.hearing, await authenticate(request, reply), bodyOf(request))
      return reply.code(204).send()
    })
    raw.post('/peer/heads', hide, async (request, reply) => {
      const peer = await authenticate(request, reply)
      const body: unknown = parseJson(bodyOf(request))
      if (!headsBody.Check(body)) throw new Fault('input.invalid', 'these are no heads')
      for (const text of body.heads) await hearHead(federation.hearing, peer, text)
      return reply.code(204).send()
    })
  }
}

/** C2SP names no type for the body: whatever is said of it, and however, it is read as bytes. */
async function readAnyType({ headers }: FastifyRequest): Promise<void> {
  headers['content-type'] = 'text/plain'
}

/** Programs that know C2SP alone show people what an answer says. */
async function inPlainText(_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (!String(reply.getHeader('content-type')).startsWith('application/problem+json')) return payload
  reply.type('text/plain; charset=utf-8')
  return `${(JSON.parse(String(payload)) as Problem).detail}\n`
}

/** Logs this node witnesses: its approved peers', and those its trust policy names. */
async function knownLog({ deps }: Federation, origin: string): Promise<KnownLog | undefined> {
  const peer = await findPeerOfLog(deps.store, origin)
  if (peer?.document.log.origin === origin && peer.state === 'approved')
    return { verifiers: peer.verifiers, types: PROVABLE, frozen: peer.stopped !== null }
  if (await logHasEnded(deps.store, origin)) return undefined
  const verifiers = await trustedVerifiers(deps.store, origin)
  return verifiers.length === 0 || origin === deps.identity.origin ? undefined : { verifiers, types: [], frozen: false }
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0)
}
