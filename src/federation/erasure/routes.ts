// Erasing under /api: what others answered to ours, what they ask of us, and a person's answer.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { needs } from '#kernel/http/access.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Federation } from '../federation.ts'
import { answerErase } from './answer.ts'
import { listAsked, listErasures, type RecordsOf, type TakenBack } from './list.ts'
import { AnswerBody, AskedQuery, AskedShape, ErasuresQuery, ErasuresShape } from './wire.ts'

const NumberParams = Type.Object({ number: Type.Integer({ minimum: 1 }) })

export type ErasureRouteDeps = {
  /** What somebody may look at of what was taken back. */
  readonly recordsOf: (principal: Principal, taken: readonly TakenBack[]) => ReturnType<RecordsOf>
}

export function erasureRoutes(
  { deps: { store } }: Federation,
  { recordsOf }: ErasureRouteDeps,
): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof ErasuresQuery> }>(
      '/erasures',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'What this member erased, and what each recipient answered; newest first',
          querystring: ErasuresQuery,
          response: { 200: ErasuresShape },
        },
      },
      ({ query }) => listErasures(store, query),
    )
    app.get<{ Querystring: Static<typeof AskedQuery> }>(
      '/erasures/asked',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'What other members took back here, and what was answered; newest first',
          querystring: AskedQuery,
          response: { 200: AskedShape },
        },
      },
      ({ query, caller: { principal } }) => listAsked(store, query, (taken) => recordsOf(principal, taken)),
    )
    app.post<{ Params: Static<typeof NumberParams>; Body: Static<typeof AnswerBody> }>(
      '/erasures/asked/:number',
      {
        config: needs('decide', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'Honour an erase that waits for a person, or refuse it with a reason that its author is told',
          params: NumberParams,
          body: AnswerBody,
          response: { 204: Type.Null() },
        },
      },
      async ({ params, body, caller }, reply) => {
        const { answer, reason = '' } = body
        await store.write(answerErase, {
          actor: caller.actor,
          erase: params.number,
          answer: answer as 'honour' | 'refuse',
          reason,
        })
        return reply.code(204).send()
      },
    )
  }
}
