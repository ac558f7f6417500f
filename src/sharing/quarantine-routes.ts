// What peers sent and could not be used, with the reason: for people to look at, and to ask the peer about.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { formatMicros, formatTime } from '#kernel/clock.ts'
import { needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Reader } from '#kernel/store/types.ts'
import { QuarantinePageShape, QuarantineQuery } from './wire.ts'

type Row = { readonly seq: number; readonly member: string; readonly timeMs: number; readonly reason: string }

export function quarantineRoutes({ store }: { readonly store: Reader }): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof QuarantineQuery> }>(
      '/quarantine',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'What peers sent that cannot be used, newest first',
          querystring: QuarantineQuery,
          response: { 200: QuarantinePageShape },
        },
      },
      async ({ query: { member, limit = LIMITS.pageDefault, cursor } }) => {
        const rows = await store.all<Row>(
          `SELECT q.seq, m.name AS member, q.time_ms AS timeMs, q.reason FROM quarantine q JOIN member m ON m.id = q.member
           WHERE q.seq < ? AND (? IS NULL OR m.name = ?) ORDER BY q.seq DESC LIMIT ?`,
          cursor ?? Number.MAX_SAFE_INTEGER,
          member ?? null,
          member ?? null,
          limit + 1,
        )
        const shown = rows.slice(0, limit)
        const last = rows.length > limit ? shown.at(-1) : undefined
        return {
          items: shown.map(({ seq, timeMs, ...rest }) => ({
            ...rest,
            received: formatTime(timeMs),
            at: formatMicros(seq),
          })),
          ...(last === undefined ? {} : { next: String(last.seq) }),
        }
      },
    )
  }
}
