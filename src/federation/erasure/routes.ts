// Erasing under /api: what others answered to ours, what they ask of us, and a person's answer.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { needs } from '#kernel/http/access.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadSight } from '#kernel/sight.ts'
import type { Federation } from '../federation.ts'
import { answerErase } from './answer.ts'
import { listAsked, listErasures, type Held, type RecordsOf, type TakenBack } from './list.ts'
import { AnswerBody, AskedQuery, AskedShape, ErasuresQuery, ErasuresShape } from './wire.ts'

const NumberParams = Type.Object({ number: Type.Integer({ minimum: 1 }) })

export type ErasureRouteDeps = {
  /** What somebody may look at of what was taken back. */
  readonly recordsOf: (principal: Principal, taken: readonly TakenBack[]) => ReturnType<RecordsOf>
  /** Those of some rows that somebody may look at, by the one door. */
  readonly visible: <T extends Held>(
    looking: { readonly principal: Principal; readonly route: string; readonly cursor: string },
    rows: readonly T[],
  ) => Promise<T[]>
}

export function erasureRoutes(
  { deps: { store, egress } }: Federation,
  { recordsOf, visible }: ErasureRouteDeps,
): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof ErasuresQuery> }>(
      '/erasures',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary:
            'What this member erased, as far as the caller may see it, and what each recipient answered; newest first',
          querystring: ErasuresQuery,
          response: { 200: ErasuresShape },
        },
      },
      async ({ query, caller: { principal } }) => {
        const looking = { principal, route: 'erasures', cursor: String(query.cursor ?? '') }
        return listErasures(store, query, {
          sight: await loadSight({ store, egress }, principal),
          visible: (rows) => visible(looking, rows),
        })
      },
    )
    app.get<{ Querystring: Static<typeof AskedQuery> }>(
      '/erasures/asked',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary:
            'What other members took back here, as far as the caller may see it, and what was answered; newest first',
          querystring: AskedQuery,
          response: { 200: AskedShape },
        },
      },
      async ({ query, caller: { principal } }) =>
        listAsked(store, query, {
          sight: await loadSight({ store, egress }, principal),
          recordsOf: (taken) => recordsOf(principal, taken),
        }),
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
          principal: caller.principal,
          erase: params.number,
          answer: answer as 'honour' | 'refuse',
          reason,
        })
        return reply.code(204).send()
      },
    )
  }
}
