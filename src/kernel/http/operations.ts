// What an operator's tools ask a node: is it alive, is it ready, how is it doing.
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { Fault } from '../fault.ts'
import { OWN_LOG } from '../log/tile-store.ts'
import type { Store } from '../store/types.ts'

export type OperationsDeps = {
  readonly store: Store
  /** Demanded from callers that are not on loopback; without one only loopback is answered. */
  readonly metricsToken: string | undefined
  readonly monotonicMs: () => number
  /** Numbers that the capabilities tell of themselves, each by one query. */
  readonly counts?: readonly { readonly name: string; readonly help: string; readonly sql: string }[]
}

/** `/healthz`: the process runs. `/readyz`: it can write. `/metrics`: Prometheus, for loopback or with a token. */
export function operationsRoutes(deps: OperationsDeps): (app: FastifyInstance) => Promise<void> {
  const metrics = makeMetrics(deps)
  return async (app) => {
    const started = new WeakMap<object, number>()
    app.addHook('onRequest', async (request) => void started.set(request, deps.monotonicMs()))
    app.addHook('onResponse', async (request, reply) => {
      const seconds = (deps.monotonicMs() - (started.get(request) ?? deps.monotonicMs())) / 1000
      metrics.observe(request.routeOptions.url ?? 'unknown', reply.statusCode, seconds)
    })
    app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'alive' }))
    app.get('/readyz', { schema: { hide: true } }, async () => {
      const { frozen } = deps.store.status()
      if (frozen === undefined) return { status: 'ready' }
      throw new Fault('node.restored', frozen, {
        remedy: 'Reading works. See docs/operating/restore.md.',
      })
    })
    app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
      const loopback = request.socket.remoteAddress !== undefined && isLoopback(request.socket.remoteAddress)
      const forwarded = request.headers['x-forwarded-for'] !== undefined
      const token = request.headers.authorization === `Bearer ${deps.metricsToken}` && deps.metricsToken !== undefined
      if (!token && (!loopback || forwarded))
        throw new Fault('auth.required', 'metrics are for this machine, or with a token', {
          remedy: 'Set metrics.token.',
        })
      return reply.type(metrics.contentType).send(await metrics.text())
    })
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}

function makeMetrics({ store, counts = [] }: OperationsDeps) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  const requests = new Counter({
    name: 'comity_http_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'comity_http_request_seconds',
    help: 'Time to answer, by route.',
    labelNames: ['route'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [registry],
  })
  const gauge = (name: string, help: string, read: () => Promise<number>): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  const count = async (sql: string): Promise<number> => (await store.get<{ n: number }>(sql))?.n ?? 0
  gauge('comity_log_size', 'Statements in this member’s log.', () =>
    count(`SELECT size AS n FROM log WHERE id = ${OWN_LOG}`),
  )
  gauge('comity_jobs_waiting', 'Durable jobs that wait or run.', () =>
    count('SELECT count(*) AS n FROM job WHERE failed_ms IS NULL'),
  )
  gauge('comity_jobs_failed', 'Durable jobs that were given up.', () =>
    count('SELECT count(*) AS n FROM job WHERE failed_ms IS NOT NULL'),
  )
  for (const { name, help, sql } of counts) gauge(name, help, () => count(sql))
  gauge('comity_commands_queued', 'Changes that wait for the writer.', async () => store.status().queued)
  const { settings } = store.status()
  new Gauge({
    name: 'comity_store_info',
    help: 'Always 1; the settings of the live writer are its labels.',
    labelNames: Object.keys(settings),
    registers: [registry],
  }).set({ ...settings }, 1)
  gauge('comity_frozen', '1 where nothing may be signed.', async () => (store.status().frozen === undefined ? 0 : 1))
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observe: (route: string, status: number, took: number) => {
      requests.inc({ route, status })
      seconds.observe({ route }, took)
    },
  }
}
