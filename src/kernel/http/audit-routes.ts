// Who did what, and what left: the audit log and the record of answers, newest first.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { listDeeds, recordDeed, type DeedQuery } from '../audit.ts'
import { formatTime } from '../clock.ts'
import { csvRow } from '../csv.ts'
import { LIMITS } from '../limits.ts'
import { NumberedQuery, pageShape, type Asked } from '../list-shape.ts'
import { listing, pageView } from '../listing.ts'
import type { Reader, Store } from '../store/types.ts'
import { needs } from './access.ts'
import { timeOf } from './time-query.ts'
import { AnswerShape, DeedShape } from './wire.ts'

const DeedsQuery = Type.Object({
  ...NumberedQuery.properties,
  actor: Type.Optional(Type.String({ maxLength: 300, description: 'Who: admin, user:NAME, token:NAME, …' })),
  action: Type.Optional(Type.String({ maxLength: 100, description: 'What: user.add, or user for all that begin so.' })),
  subject: Type.Optional(Type.String({ maxLength: 400, description: 'To what.' })),
  since: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339, in UTC.' })),
  until: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339, in UTC; before it.' })),
})
type Deeds = Static<typeof DeedsQuery>

type AnswerRow = {
  id: number
  timeMs: number
  principal: string
  route: string
  policyEpoch: number
  reached: string
  count: number
  digest: Uint8Array
}
const listAnswers = listing<AnswerRow>({
  columns:
    'id, time_ms AS timeMs, principal, route, policy_epoch AS policyEpoch, answer.cursor AS reached, count, digest',
  from: 'answer',
  key: 'id',
  order: 'newest first',
  texts: ['principal', 'route'],
})

export function auditRoutes({ store }: { readonly store: Store }): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Deeds }>(
      '/audit',
      {
        config: needs('audit', 'audit'),
        schema: {
          tags: ['audit'],
          summary: 'Who did what on this node, newest first',
          querystring: DeedsQuery,
          response: { 200: pageShape(DeedShape) },
        },
      },
      async ({ query }) => {
        const found = await listDeeds(store, toDeedQuery(query), query)
        return pageView(found, ({ id, timeMs, actor, action, subject, detail }) => ({
          id,
          at: formatTime(timeMs),
          actor,
          action,
          subject,
          detail: JSON.parse(detail) as unknown,
        }))
      },
    )
    app.get<{ Querystring: Deeds }>(
      '/audit.csv',
      {
        config: needs('audit', 'audit'),
        schema: { tags: ['audit'], summary: 'The same as a table for spreadsheets, whole', querystring: DeedsQuery },
      },
      async ({ caller, query }, reply) => {
        const { cursor: _, limit: __, ...asked } = query
        await store.write(recordDeed, { actor: caller.actor, action: 'audit.export', subject: '', detail: asked })
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="audit.csv"')
          .send(Readable.from(deedTable(store, toDeedQuery(asked), asked.q ?? '')))
      },
    )
    app.get<{ Querystring: Static<typeof NumberedQuery> }>(
      '/answers',
      {
        config: needs('audit', 'audit'),
        schema: {
          tags: ['audit'],
          summary: 'What left this node, for whom and by which way, newest first',
          querystring: NumberedQuery,
          response: { 200: pageShape(AnswerShape) },
        },
      },
      async ({ query }) =>
        pageView(await listAnswers(store, query), ({ timeMs, digest, reached, ...row }) => ({
          at: formatTime(timeMs),
          ...row,
          cursor: reached,
          digest: digest.toHex(),
        })),
    )
  }
}

function toDeedQuery({ actor, action, subject, since, until }: Deeds): DeedQuery {
  const [sinceMs, untilMs] = [timeOf(since, 'since'), timeOf(until, 'until')]
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  }
}

async function* deedTable(store: Reader, query: DeedQuery, q: string): AsyncGenerator<string> {
  yield csvRow(['time', 'who', 'what', 'to what', 'detail'])
  let page: Asked = { q, limit: LIMITS.pageMax }
  for (;;) {
    const { rows, next } = await listDeeds(store, query, page)
    for (const { timeMs, actor, action, subject, detail } of rows)
      yield csvRow([formatTime(timeMs), actor, action, subject, detail])
    if (next === undefined) return
    page = { ...page, cursor: Number(next) }
  }
}
