// Who did what, and what left: the audit log and the record of answers, newest first.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { listDeeds, recordDeed, type DeedQuery } from '../audit.ts'
import { formatTime, parseMicros } from '../clock.ts'
import { csvRow } from '../csv.ts'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Reader, Store } from '../store/types.ts'
import { needs } from './access.ts'
import { AnswerShape, DeedShape } from './wire.ts'

const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})
type Page = Static<typeof PageQuery>

const DeedsQuery = Type.Object({
  ...PageQuery.properties,
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
  cursor: string
  count: number
  digest: Uint8Array
}

export function auditRoutes({ store }: { readonly store: Store }): (app: FastifyInstance) => Promise<void> {
  const pageOf = <T extends { id: number }>(rows: T[], limit: number): { rows: T[]; next: { next?: string } } => {
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return { rows: rows.slice(0, limit), next: last === undefined ? {} : { next: String(last.id) } }
  }
  return async (app) => {
    app.get<{ Querystring: Deeds }>(
      '/audit',
      {
        config: needs('audit', 'audit'),
        schema: {
          tags: ['audit'],
          summary: 'Who did what on this node, newest first',
          querystring: DeedsQuery,
          response: { 200: Type.Object({ items: Type.Array(DeedShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async ({ query }) => {
        const { limit = LIMITS.pageDefault } = query
        const { rows, next } = pageOf(await listDeeds(store, { ...toDeedQuery(query), limit: limit + 1 }), limit)
        const items = rows.map(({ timeMs, actor, action, subject, detail }) => ({
          at: formatTime(timeMs),
          actor,
          action,
          subject,
          detail: JSON.parse(detail) as unknown,
        }))
        return { items, ...next }
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
          .send(Readable.from(deedTable(store, toDeedQuery(asked))))
      },
    )
    app.get<{ Querystring: Page }>(
      '/answers',
      {
        config: needs('audit', 'audit'),
        schema: {
          tags: ['audit'],
          summary: 'What left this node, for whom and by which way, newest first',
          querystring: PageQuery,
          response: { 200: Type.Object({ items: Type.Array(AnswerShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async ({ query: { limit = LIMITS.pageDefault, cursor } }) => {
        const all = await store.all<AnswerRow>(
          `SELECT id, time_ms AS timeMs, principal, route, policy_epoch AS policyEpoch, cursor, count, digest
           FROM answer WHERE id < ? ORDER BY id DESC LIMIT ?`,
          cursor ?? Number.MAX_SAFE_INTEGER,
          limit + 1,
        )
        const { rows, next } = pageOf(all, limit)
        return {
          items: rows.map(({ id: _, timeMs, digest, ...row }) => ({
            at: formatTime(timeMs),
            ...row,
            digest: digest.toHex(),
          })),
          ...next,
        }
      },
    )
  }
}

function toDeedQuery({ cursor, actor, action, subject, since, until }: Deeds): Omit<DeedQuery, 'limit'> {
  const [sinceMs, untilMs] = [timeOf(since, 'since'), timeOf(until, 'until')]
  return {
    ...(cursor === undefined ? {} : { before: cursor }),
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  }
}

function timeOf(text: string | undefined, place: string): number | undefined {
  if (text === undefined) return undefined
  const micros = parseMicros(text)
  if (micros !== undefined) return Math.ceil(micros / 1000)
  throw new Fault('input.invalid', 'this is not a time in UTC', { place, remedy: 'Like 2026-01-31T12:00:00Z.' })
}

async function* deedTable(store: Reader, query: Omit<DeedQuery, 'limit'>): AsyncGenerator<string> {
  yield csvRow(['time', 'who', 'what', 'to what', 'detail'])
  let before = query.before
  for (;;) {
    const rows = await listDeeds(store, {
      ...query,
      ...(before === undefined ? {} : { before }),
      limit: LIMITS.pageMax,
    })
    for (const { timeMs, actor, action, subject, detail } of rows)
      yield csvRow([formatTime(timeMs), actor, action, subject, detail])
    before = rows.at(-1)?.id
    if (before === undefined) return
  }
}
