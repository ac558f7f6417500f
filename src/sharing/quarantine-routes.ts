// What peers sent and could not be used, with the reason: for people to look at, and to ask the peer about.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { formatMicros, formatTime } from '#kernel/clock.ts'
import { needs } from '#kernel/http/access.ts'
import { listing, pageView } from '#kernel/listing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { QuarantinePageShape, QuarantineQuery } from './wire.ts'

type Row = { readonly seq: number; readonly member: string; readonly timeMs: number; readonly reason: string }
const listQuarantine = listing<Row>({
  columns: 'q.seq, m.name AS member, q.time_ms AS timeMs, q.reason',
  from: 'quarantine q JOIN member m ON m.id = q.member',
  key: 'q.seq',
  order: 'newest first',
  where: '? IS NULL OR m.name = ?',
  texts: ['m.name', 'q.reason'],
})

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
      async ({ query: { member, ...page } }) => {
        const found = await listQuarantine(store, page, member ?? null, member ?? null)
        return pageView(found, ({ seq, timeMs, ...rest }) => ({
          ...rest,
          received: formatTime(timeMs),
          at: formatMicros(seq),
        }))
      },
    )
  }
}
