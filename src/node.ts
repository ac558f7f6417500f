// A whole node, top to bottom: the door out, what the capabilities do, and the HTTP side of it all, over whatever store,
// time, chance and network it is given: the real ones (`start.ts`), or seeded ones in worlds of many nodes.
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { makeBox } from '#kernel/box.ts'
import type { Clock, Random } from '#kernel/clock.ts'
import type { Identity } from '#kernel/data-folder.ts'
import { makeEgress, type Egress } from '#kernel/egress.ts'
import { FOR_ANYONE, guardRoutes } from '#kernel/http/access.ts'
import { auditRoutes } from '#kernel/http/audit-routes.ts'
import { packAnswers } from '#kernel/http/coding.ts'
import { jobRoutes } from '#kernel/http/job-routes.ts'
import { keptRoutes } from '#kernel/http/kept-routes.ts'
import { makeNews } from '#kernel/http/news.ts'
import { operationsRoutes } from '#kernel/http/operations.ts'
import { policyRoutes } from '#kernel/http/policy-routes.ts'
import type { Outbound } from '#kernel/http/outbound.ts'
import { staticRoutes } from '#kernel/http/static.ts'
import { createServer } from '#kernel/http/server.ts'
import type { TlsIdentity } from '#kernel/http/tls.ts'
import { uuidv4 } from '#kernel/id.ts'
import { makeJobRunner, type JobRunner } from '#kernel/job.ts'
import { logKeys, type Seeds } from '#kernel/key-file.ts'
import { LIMITS } from '#kernel/limits.ts'
import { sayKeptWhenResumed } from '#kernel/log/kept.ts'
import { PolicyDesk } from '#kernel/policy/desk.ts'
import { makeScrub, SCRUB_JOB, type Beside } from '#kernel/store/scrub.ts'
import type { Store } from '#kernel/store/types.ts'
import {
  bundleRoutes,
  erasureRoutes,
  federationApiRoutes,
  federationRoutes,
  healRoutes,
  makeFederation,
  memberRoutes,
  trustRoutes,
  type Federation,
} from '#federation/api.ts'
import { identityRoutes, makeGate, type Gate, type Oidc } from '#identity/api.ts'
import {
  examplesOf,
  intentOf,
  loadClientPrincipals,
  loadHoldings,
  prepareStatement,
  recordsTakenBack,
  reindex,
  REINDEX_JOB,
  Tally,
  versionsForPolicy,
  visible,
  withdrawnOf,
} from '#sharing/api.ts'
import { FEED_COUNTS, feedRoutes, makeFeeds } from '#sharing/feeds/api.ts'
import { sharingRoutes } from '#sharing/routes.ts'
import { clientRoutes } from '#sharing/taxii-server/client-routes.ts'
import { taxiiRoutes } from '#sharing/taxii-server/routes.ts'
import { careRoutes, makeWarning, warningRoutes, type Warning } from '#warning/api.ts'
import { makeBackupDesk } from './backups/desk.ts'
import { backupRoutes } from './backups/routes.ts'
import type { Config } from './config.ts'
import { exampleRoutes } from './example/routes.ts'
import { homeRoutes } from './home/routes.ts'
import { newsOf } from './news.ts'
import { VERSION } from './version.ts'

/** The console's built files. */
export const CONSOLE = fileURLToPath(new URL('../dist/console', import.meta.url))

export type NodeParts = {
  readonly store: Store
  readonly identity: Identity
  /** Keeps what the member says of itself for the next start; absent where nothing is kept. */
  readonly keepIdentity?: (identity: Identity) => void
  readonly seeds: Seeds
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly outbound: Outbound
  readonly logger: Logger
  readonly adminToken: string
  readonly tls: TlsIdentity | undefined
  /** The address others reach this node at, without a trailing slash. */
  readonly publicUrl: string
  readonly monotonicMs: () => number
  /** The member's own provider for signing in. */
  readonly oidc?: Oidc
  /** Where the data lies and where backups of it go; absent where no folder is set. */
  readonly backups?: { readonly dataDir: string; readonly folder: string }
  /** Whether everybody on the machine may look into the data folder; absent where there is none. */
  readonly isFolderOpen?: () => boolean
  /** Files beside the database that an erase reaches; absent where there are none. */
  readonly beside?: Beside
}

export type ComityNode = AsyncDisposable & {
  readonly app: FastifyInstance
  readonly store: Store
  readonly egress: Egress
  readonly federation: Federation
  readonly warning: Warning
  readonly jobs: Pick<JobRunner, 'tick'>
  readonly gate: Gate
  /** The certificate that is shown now. */
  readonly shown: { tls: TlsIdentity | undefined }
}

/** Composes a node; nothing listens yet. */
export async function makeNode(parts: NodeParts): Promise<ComityNode> {
  const { store, identity, seeds, config, clock, random, outbound, logger } = parts
  await using stack = new AsyncDisposableStack()
  const egress = makeEgress(store)
  const shown = { tls: parts.tls }
  const keys = logKeys(identity.origin, seeds.log)
  const federation = stack.use(
    makeFederation({
      store,
      egress,
      identity,
      ...(parts.keepIdentity === undefined ? {} : { keepIdentity: parts.keepIdentity }),
      seeds,
      logKeys: keys,
      clock,
      random,
      outbound,
      logger,
      publicUrl: parts.publicUrl,
      tls: parts.tls,
      pullSeconds: config.federation.pullSeconds,
      network: config.federation.network,
      dailyBytes: config.federation.dailyBytes,
      erasure: config.federation.erasure,
      prepare: prepareStatement,
      withdrawnOf,
    }),
  )
  const backups = stack.use(makeBackupDesk({ store, clock, version: VERSION, places: parts.backups }))
  const warning = stack.use(makeWarning({ store, egress, clock, logger }))
  const jitter = (): number => (random(1)[0] ?? 0) / 256
  const newUuid = (): string => uuidv4(random(16))
  const feeds = makeFeeds({
    store,
    outbound,
    now: clock.nowMs,
    newUuid,
    jitter,
    box: makeBox(seeds.cursor, random, { name: 'feed', otherwise: 'give the feed its credentials again' }),
    onError: (name, error) => logger.error({ feed: name, err: error }, 'a feed failed in a way that was not foreseen'),
  })
  const jobs = stack.use(
    makeJobRunner({
      store,
      clock,
      handlers: {
        ...federation.jobs,
        ...feeds.tidying,
        [SCRUB_JOB]: makeScrub(store, parts.beside),
        [REINDEX_JOB]: (after) => store.write(reindex, Number(after)),
      },
      jitter,
      onError: (job, error) =>
        logger.warn({ job: job.kind, key: job.key, err: error }, 'a job failed and will be tried again'),
    }),
  )
  // A command that runs a node for itself alone reads no feeds: it would have to wait for them.
  const reading = stack.use(
    makeJobRunner({
      store,
      clock,
      handlers: config.alone === undefined ? feeds.jobs : {},
      lanes: LIMITS.feedsAtOnce,
      jitter,
      onError: (job, error) => logger.error({ feed: job.key, err: error }, 'a feed could not say how it went'),
    }),
  )
  stack.use(sayKeptWhenResumed({ store, clock, jitter, logger }))
  const tally = new Tally()
  const policy = stack.use(
    new PolicyDesk({
      store,
      egress,
      recipients: async () => [...(await federation.principals()), ...(await loadClientPrincipals(store))],
      holdings: () => loadHoldings(store, tally),
      examples: (holding) => examplesOf(store, holding),
      intentOf: (collection, tlp) => intentOf(store, collection, tlp),
      versionsOf: (id) => versionsForPolicy(store, id),
    }),
  )
  const news = makeNews({
    store,
    clock,
    newsOf,
    mayKnow: async ({ principal }, { topic, about }) =>
      topic !== 'warnings' || (await warning.find(Number(about), principal)) !== undefined,
  })
  const gate = makeGate({
    store,
    clock,
    random,
    publicUrl: config.alone?.openedAt ?? parts.publicUrl,
    adminToken: parts.adminToken,
    version: VERSION,
    member: { id: identity.member, says: () => federation.self() },
    boxSeed: seeds.cursor,
    ...(parts.oidc === undefined ? {} : { oidc: parts.oidc }),
    sessions: config.sessions,
    newsPosition: news.position,
  })
  const app = await createServer({
    logger,
    tls: parts.tls,
    https: parts.publicUrl.startsWith('https:'),
    trustedProxies: config.trustedProxies,
    bodyBytesMax: config.limits.bodyBytes,
    requestsPerMinute: config.limits.requestsPerMinute,
    version: VERSION,
    requestId: () => uuidv4(random(16)),
  })
  stack.defer(() => app.close())
  await app.register(
    operationsRoutes({
      store,
      metricsToken: config.metrics.token,
      monotonicMs: parts.monotonicMs,
      counts: FEED_COUNTS,
    }),
  )
  await app.register(federationRoutes(federation))
  await app.register(
    taxiiRoutes({
      store,
      egress,
      publicUrl: parts.publicUrl,
      now: clock.nowMs,
      random,
      cursorSecret: seeds.cursor,
      maxContentLength: config.limits.bodyBytes,
      title: identity.member,
    }),
  )
  await app.register(
    async (api) => {
      guardRoutes(api, gate.callerOf)
      packAnswers(api)
      api.get('/openapi.json', { config: FOR_ANYONE, schema: { hide: true } }, async () => app.swagger())
      await api.register(
        sharingRoutes({
          store,
          egress,
          now: clock.nowMs,
          newUuid,
          verifiersOf: federation.verifiersOf,
          viaOf: federation.viaOf,
          disputeOf: federation.disputeOf,
          recipientsOf: federation.recipientsOf,
          answersTo: federation.answersTo,
          witnessedOf: federation.witnessedOf,
          witnessesOf: federation.witnessesOf,
        }),
      )
      await api.register(feedRoutes({ store, feeds }))
      await api.register(clientRoutes({ store, publicUrl: parts.publicUrl, random }))
      await api.register(federationApiRoutes(federation))
      await api.register(memberRoutes(federation))
      await api.register(bundleRoutes(federation))
      await api.register(trustRoutes(federation))
      await api.register(healRoutes(federation))
      await api.register(
        erasureRoutes(federation, {
          recordsOf: (principal, taken) => recordsTakenBack({ store, egress }, principal, taken),
          visible: (looking, rows) => visible(egress, looking, rows),
        }),
      )
      await api.register(warningRoutes(warning))
      await api.register(careRoutes({ warning, assignees: gate.assignees }))
      await api.register(policyRoutes({ store, desk: policy }))
      await api.register(auditRoutes({ store }))
      await api.register(identityRoutes(gate))
      await api.register(jobRoutes({ store }))
      await api.register(backupRoutes(backups))
      await api.register(keptRoutes({ store, egress }))
      await api.register(exampleRoutes({ store, clock }))
      const { isFolderOpen = () => false } = parts
      const certificate = (): string | undefined => shown.tls?.cert
      await api.register(homeRoutes({ store, egress, clock, warning, federation, certificate, isFolderOpen }))
      await api.register(news.routes)
    },
    { prefix: '/api' },
  )
  await app.register(staticRoutes(CONSOLE))
  await app.ready()
  const kept = stack.move()
  return {
    app,
    store,
    egress,
    federation,
    warning,
    jobs: { tick: async () => (await jobs.tick()) + (await reading.tick()) },
    gate,
    shown,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
