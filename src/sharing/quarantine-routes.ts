// What peers sent and could not be used, with the reason: for people to look at, and to ask the peer about.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { formatMicros, formatTime } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { needs } from '#kernel/http/access.ts'
import type { NumberedQuery } from '#kernel/list-shape.ts'
import { listing, pageView, type ListPage } from '#kernel/listing.ts'
import { loadSight, type Sight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { QUARANTINED, quarantinedInSight } from './quarantine.ts'
import { QuarantinePageShape, QuarantineQuery } from './wire.ts'

type Row = { readonly seq: number; readonly member: string; readonly timeMs: number; readonly reason: string }
type Asked = Static<typeof NumberedQuery> & { readonly member: string | null }

/** Reasons quote what could not be used, so they are for those who may see it. */
function listQuarantine(reader: Reader, { member, ...asked }: Asked, sight: Sight): Promise<ListPage<Row>> {
  const seen = quarantinedInSight(sight)
  const read = listing<Row>({
    columns: 'q.seq, m.name AS member, q.time_ms AS timeMs, q.reason',
    from: `${QUARANTINED} JOIN member m ON m.id = q.member`,
    key: 'q.seq',
    order: 'newest first',
    where: `(? IS NULL OR m.name = ?) AND ${seen.sql}`,
    texts: ['m.name', 'q.reason'],
  })
  return read(reader, asked, member, member, ...seen.values)
}

export type QuarantineDeps = { readonly store: Reader; readonly egress: Pick<Egress, 'reach'> }

export function quarantineRoutes(deps: QuarantineDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof QuarantineQuery> }>(
      '/quarantine',
      {
        config: needs('read', 'sharing'),
        schema: {
          tags: ['sharing'],
          summary: 'What peers sent that cannot be used, as far as the caller may see it; newest first',
          querystring: QuarantineQuery,
          response: { 200: QuarantinePageShape },
        },
      },
      async ({ query: { member = null, ...page }, caller: { principal } }) => {
        const sight = await loadSight(deps, principal)
        const found = await listQuarantine(deps.store, { ...page, member }, sight)
        return pageView(found, ({ seq, timeMs, ...rest }) => ({
          ...rest,
          received: formatTime(timeMs),
          at: formatMicros(seq),
        }))
      },
    )
  }
}
