// Durable work that waits, failed or was given up, and trying again what was.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime } from '../clock.ts'
import { Fault } from '../fault.ts'
import { retryJob } from '../job.ts'
import { NumberedQuery, pageShape } from '../list-shape.ts'
import { listing, pageView } from '../listing.ts'
import type { Store } from '../store/types.ts'
import { needs } from './access.ts'
import { JobShape, type JobView } from './wire.ts'

const TAGS = { tags: ['node'] }
const JobQuery = Type.Object({
  ...NumberedQuery.properties,
  state: Type.Optional(Type.Enum(['waiting', 'failed'])),
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
const listJobs = listing<Row>({
  columns: 'id, kind, key, due_ms AS dueMs, attempts, last_error AS lastError, failed_ms AS failedMs',
  from: 'job',
  key: 'id',
  order: 'newest first',
  where: '? IS NULL OR (failed_ms IS NOT NULL) = ?',
  texts: ['kind', 'key', 'last_error'],
})

export function jobRoutes({ store }: { readonly store: Store }): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof JobQuery> }>(
      '/jobs',
      {
        config: needs('audit', 'node'),
        schema: {
          ...TAGS,
          summary: 'Work that waits or was given up, newest first',
          querystring: JobQuery,
          response: { 200: pageShape(JobShape) },
        },
      },
      async ({ query: { state, ...page } }) => {
        const failed = state === undefined ? null : state === 'failed' ? 1 : 0
        return pageView(await listJobs(store, page, failed, failed), toView)
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
