// Who did what, and what left: the audit log and the record of answers, newest first.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { listDeeds } from '../audit.ts'
import { formatTime } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import type { Reader } from '../store/types.ts'
import { needs } from './access.ts'

const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})
type Page = Static<typeof PageQuery>

const DeedShape = Type.Object({
  at: Type.String(),
  actor: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  detail: Type.Unknown(),
})

const AnswerShape = Type.Object({
  at: Type.String(),
  principal: Type.String(),
  route: Type.String(),
  policyEpoch: Type.Integer(),
  cursor: Type.String(),
  count: Type.Integer(),
  digest: Type.String({ description: 'SHA-256 of the sequence numbers that left, 8 bytes each, hex.' }),
})

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

export function auditRoutes({ store }: { readonly store: Reader }): (app: FastifyInstance) => Promise<void> {
  const pageOf = <T extends { id: number }>(rows: T[], limit: number): { rows: T[]; next: { next?: string } } => {
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return { rows: rows.slice(0, limit), next: last === undefined ? {} : { next: String(last.id) } }
  }
  return async (app) => {
    app.get<{ Querystring: Page }>(
      '/audit',
      {
        config: needs('audit', 'audit'),
        schema: {
          tags: ['audit'],
          summary: 'Who did what on this node, newest first',
          querystring: PageQuery,
          response: { 200: Type.Object({ items: Type.Array(DeedShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async ({ query: { limit = LIMITS.pageDefault, cursor } }) => {
        const { rows, next } = pageOf(
          await listDeeds(store, { limit: limit + 1, ...(cursor === undefined ? {} : { before: cursor }) }),
          limit,
        )
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
