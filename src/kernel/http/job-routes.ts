// Durable work that waits, failed or was given up, and trying again what was.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime } from '../clock.ts'
import { Fault } from '../fault.ts'
import { retryJob } from '../job.ts'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/types.ts'
import { needs } from './access.ts'
import { JobShape, type JobView } from './wire.ts'

const TAGS = { tags: ['node'] }
const PageQuery = Type.Object({
  state: Type.Optional(Type.Enum(['waiting', 'failed'])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
  cursor: Type.Optional(Type.Integer({ minimum: 1 })),
})

type Row = {
  id: number
  kind: string
  key: string
  dueMs: number
  attempts: number
  lastError: string | null
  failedMs: number | null
}

export function jobRoutes({ store }: { readonly store: Store }): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof PageQuery> }>(
      '/jobs',
      {
        config: needs('audit', 'node'),
        schema: {
          ...TAGS,
          summary: 'Work that waits or was given up, newest first',
          querystring: PageQuery,
          response: { 200: Type.Object({ items: Type.Array(JobShape), next: Type.Optional(Type.String()) }) },
        },
      },
      async ({ query: { state, limit = LIMITS.pageDefault, cursor } }) => {
        const failed = state === undefined ? null : state === 'failed' ? 1 : 0
        const rows = await store.all<Row>(
          `SELECT id, kind, key, due_ms AS dueMs, attempts, last_error AS lastError, failed_ms AS failedMs FROM job
           WHERE id < ? AND (? IS NULL OR (failed_ms IS NOT NULL) = ?) ORDER BY id DESC LIMIT ?`,
          cursor ?? Number.MAX_SAFE_INTEGER,
          failed,
          failed,
          limit + 1,
        )
        const shown = rows.slice(0, limit)
        const last = rows.length > limit ? shown.at(-1) : undefined
        return { items: shown.map(toView), ...(last === undefined ? {} : { next: String(last.id) }) }
      },
    )
    app.post<{ Params: { id: number } }>(
      '/jobs/:id/retry',
      {
        config: needs('administer', 'node'),
        schema: {
          ...TAGS,
          summary: 'Try work again now, also where it was given up',
          params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        },
      },
      async ({ caller, params }, reply) => {
        const known = await store.write(retryJob, { actor: caller.actor, id: params.id })
        if (!known) throw new Fault('not-found', `there is no job ${params.id}`, { remedy: 'It may be done by now.' })
        return reply.code(204).send()
      },
    )
  }
}

function toView({ dueMs, lastError, failedMs, ...row }: Row): JobView {
  return {
    ...row,
    state: failedMs === null ? 'waiting' : 'failed',
    due: formatTime(dueMs),
    ...(lastError === null ? {} : { lastError }),
    ...(failedMs === null ? {} : { failed: formatTime(failedMs) }),
  }
}
