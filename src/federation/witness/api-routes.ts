// Trust and evidence, for this member's own people, under /api.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime } from '#kernel/clock.ts'
import { needs } from '#kernel/http/access.ts'
import { countQuorum, formatTrustPolicy, parseTrustPolicy } from '#kernel/trust-policy.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Federation } from '../federation.ts'
import { listEvidence } from './fork.ts'
import { setTrustPolicy } from './store.ts'
import { currentPolicy, witnessedOf } from './trust.ts'
import { EvidenceShape, TrustShape, type TrustView } from './wire.ts'

const TAGS = { tags: ['trust'] }
const PolicyBody = Type.Object(
  { text: Type.String({ maxLength: LIMITS.trustPolicyCharsMax, description: 'In the tlog-policy format.' }) },
  { additionalProperties: false },
)
type Policy = { Body: Static<typeof PolicyBody> }

export function trustRoutes({ deps, silentWitnesses }: Federation): (app: FastifyInstance) => Promise<void> {
  const { store } = deps
  const view = async (): Promise<TrustView> => {
    const { policy, own } = await currentPolicy(store)
    const head = await store.get<{ size: number }>('SELECT size FROM log WHERE id = 1')
    const witnessed = await witnessedOf(store, (head?.size ?? 0) - 1)
    return { text: formatTrustPolicy(policy), own, size: head?.size ?? 0, ...witnessed, silent: silentWitnesses() }
  }
  return async (app) => {
    app.get(
      '/trust',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'The policy in force, and how far the log is witnessed by it',
          response: { 200: TrustShape },
        },
      },
      view,
    )
    app.post<Policy>(
      '/trust/check',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Check a policy without setting it',
          body: PolicyBody,
          response: { 200: Type.Object({ witnesses: Type.Integer(), n: Type.Integer(), needed: Type.Integer() }) },
        },
      },
      async ({ body }) => {
        const policy = parseTrustPolicy(body.text)
        const { n, needed } = countQuorum(policy, new Set())
        return { witnesses: policy.witnesses.length, n, needed }
      },
    )
    app.put<Policy>(
      '/trust',
      {
        config: needs('administer', 'federation'),
        schema: { ...TAGS, summary: 'Set a policy of our own', body: PolicyBody, response: { 200: TrustShape } },
      },
      async ({ body, caller }) => {
        await store.write(setTrustPolicy, { actor: caller.actor, text: body.text })
        return view()
      },
    )
    app.delete(
      '/trust',
      {
        config: needs('administer', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Go back to the policy that follows from the peers',
          response: { 200: TrustShape },
        },
      },
      async ({ caller }) => {
        await store.write(setTrustPolicy, { actor: caller.actor, text: undefined })
        return view()
      },
    )
    app.get(
      '/evidence',
      {
        config: needs('read', 'federation'),
        schema: {
          ...TAGS,
          summary: 'Forks that were proven, newest first',
          response: { 200: Type.Object({ items: Type.Array(EvidenceShape) }) },
        },
      },
      async () => ({
        items: (await listEvidence(store)).map(({ id, member, origin, source, timeMs, bytes }) => ({
          id,
          member,
          origin,
          source,
          at: formatTime(timeMs),
          file: Buffer.from(bytes).toString('utf8'),
        })),
      }),
    )
  }
}
