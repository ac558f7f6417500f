// Writes that are kept until the log may be signed again: what waits, and letting go of it.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime } from '../clock.ts'
import type { Egress } from '../egress.ts'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { dropKept, keptInSight } from '../log/kept.ts'
import { loadSight } from '../sight.ts'
import type { Store } from '../store/types.ts'
import { needs } from './access.ts'
import { KeptPageShape } from './wire.ts'

const TAGS = { tags: ['node'] }
type Row = { number: number; timeMs: number; what: string; records: number; bytes: number }

const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})

type KeptDeps = { readonly store: Store; readonly egress: Pick<Egress, 'reach'> }

export function keptRoutes({ store, egress }: KeptDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof PageQuery> }>(
      '/kept',
      {
        config: needs('decide', 'node'),
        schema: {
          ...TAGS,
          summary: 'Changes that were received while nothing may be signed, in the order in which they will be logged',
          querystring: PageQuery,
          response: { 200: KeptPageShape },
        },
      },
      async ({ query: { limit = LIMITS.pageDefault, cursor = 0 }, caller: { principal } }) => {
        const seen = keptInSight(await loadSight({ store, egress }, principal))
        const rows = await store.all<Row>(
          `SELECT seq AS number, time_ms AS timeMs, command AS what, records, length(input) AS bytes FROM kept_write k
           WHERE seq > ? AND ${seen.sql} ORDER BY seq LIMIT ?`,
          cursor,
          ...seen.values,
          limit + 1,
        )
        const shown = rows.slice(0, limit)
        const last = rows.length > limit ? shown.at(-1) : undefined
        return {
          items: shown.map(({ timeMs, ...row }) => ({ ...row, at: formatTime(timeMs) })),
          ...(last === undefined ? {} : { next: String(last.number) }),
        }
      },
    )
    app.delete<{ Params: { number: number } }>(
      '/kept/:number',
      {
        config: needs('decide', 'node'),
        schema: {
          ...TAGS,
          summary: 'Let go of a change that is kept: it will not be logged',
          params: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
        },
      },
      async ({ caller, params }, reply) => {
        const known = await store.write(dropKept, {
          actor: caller.actor,
          principal: caller.principal,
          seq: params.number,
        })
        if (!known)
          throw new Fault('not-found', `nothing is kept under ${params.number}`, { remedy: 'It may be logged by now.' })
        return reply.code(204).send()
      },
    )
  }
}
