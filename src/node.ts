// The whole program, top to bottom: a store, the door out, what the capabilities do, and the HTTP side of it all.
// `makeNode` composes over whatever it is given (worlds of many nodes give it seeded time, chance and network);
// `startNode` is the real one: a data folder, a thread that writes, a port that listens.
import { rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:https'
import { once } from 'node:events'
import { createServer as createProbe, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { pino, type Logger } from 'pino'
import { pruneAudit } from '#kernel/audit.ts'
import { systemClock, systemRandom, type Clock, type Random } from '#kernel/clock.ts'
import { noPassphrase, openDataFolder, readIdentity, readSecretFile, type Identity } from '#kernel/data-folder.ts'
import { makeEgress, type Egress } from '#kernel/egress.ts'
import { FOR_ANYONE, guardRoutes } from '#kernel/http/access.ts'
import { auditRoutes } from '#kernel/http/audit-routes.ts'
import { jobRoutes } from '#kernel/http/job-routes.ts'
import { keptRoutes } from '#kernel/http/kept-routes.ts'
import { newsRoutes } from '#kernel/http/news.ts'
import { operationsRoutes } from '#kernel/http/operations.ts'
import { policyRoutes } from '#kernel/http/policy-routes.ts'
import { createOutbound, type Outbound } from '#kernel/http/outbound.ts'
import { staticRoutes } from '#kernel/http/static.ts'
import { createServer } from '#kernel/http/server.ts'
import { loadOrCreateTls, readTlsFiles, watchTlsFiles, type TlsIdentity } from '#kernel/http/tls.ts'
import { uuidv4 } from '#kernel/id.ts'
import { makeJobRunner, type JobRunner } from '#kernel/job.ts'
import { logKeys, type Seeds } from '#kernel/key-file.ts'
import { CHECKS_MODES } from '#kernel/key-folder.ts'
import { lockFolder } from '#kernel/folder-lock.ts'
import { sayKeptWhenResumed } from '#kernel/log/kept.ts'
import { settleNext } from '#kernel/next-identity.ts'
import type { Unlock } from '#kernel/passphrase.ts'
import { PolicyDesk } from '#kernel/policy/desk.ts'
import { openThreadStore } from '#kernel/store/open.ts'
import { removeMigrationBackups } from '#kernel/store/migrate.ts'
import { makeScrub, SCRUB_JOB, type Beside } from '#kernel/store/scrub.ts'
import { puncture } from '#kernel/record-key-file.ts'
import type { Store } from '#kernel/store/types.ts'
import {
  bundleRoutes,
  erasureRoutes,
  federationApiRoutes,
  addressOfNobody,
  federationRoutes,
  healRoutes,
  loadOwnDocument,
  makeFederation,
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
  reindex,
  REINDEX_JOB,
  versionsForPolicy,
} from '#sharing/api.ts'
import { sharingRoutes } from '#sharing/routes.ts'
import { clientRoutes } from '#sharing/taxii-server/client-routes.ts'
import { taxiiRoutes } from '#sharing/taxii-server/routes.ts'
import { careRoutes, makeWarning, warningRoutes, type Warning } from '#warning/api.ts'
import { addressOf, hostForUrl, type Config } from './config.ts'
import { homeRoutes } from './home/routes.ts'
import { newsOf } from './news.ts'
import { VERSION } from './version.ts'

/** The console's built files. */
export const CONSOLE = fileURLToPath(new URL('../dist/console', import.meta.url))

export type NodeParts = {
  readonly store: Store
  readonly identity: Identity
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
  /** Files beside the database that an erase reaches; absent where there are none. */
  readonly beside?: Beside
}

export type ComityNode = AsyncDisposable & {
  readonly app: FastifyInstance
  readonly store: Store
  readonly egress: Egress
  readonly federation: Federation
  readonly warning: Warning
  readonly jobs: JobRunner
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
    }),
  )
  const warning = stack.use(makeWarning({ store, egress, clock, logger }))
  const jobs = stack.use(
    makeJobRunner({
      store,
      clock,
      handlers: {
        ...federation.jobs,
        [SCRUB_JOB]: makeScrub(store, parts.beside),
        [REINDEX_JOB]: (after) => store.write(reindex, Number(after)),
      },
      jitter: () => (random(1)[0] ?? 0) / 256,
      onError: (job, error) =>
        logger.warn({ job: job.kind, key: job.key, err: error }, 'a job failed and will be tried again'),
    }),
  )
  stack.use(sayKeptWhenResumed(store, logger))
  const policy = stack.use(
    new PolicyDesk({
      store,
      egress,
      recipients: async () => [...(await federation.principals()), ...(await loadClientPrincipals(store))],
      holdings: () => loadHoldings(store),
      examples: (holding) => examplesOf(store, holding),
      intentOf: (collection, tlp) => intentOf(store, collection, tlp),
      versionsOf: (id) => versionsForPolicy(store, id),
    }),
  )
  const gate = makeGate({
    store,
    clock,
    random,
    publicUrl: config.alone?.openedAt ?? parts.publicUrl,
    adminToken: parts.adminToken,
    version: VERSION,
    member: { id: identity.member, names: identity.names },
    boxSeed: seeds.cursor,
    ...(parts.oidc === undefined ? {} : { oidc: parts.oidc }),
    sessions: config.sessions,
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
  await app.register(operationsRoutes({ store, metricsToken: config.metrics.token, monotonicMs: parts.monotonicMs }))
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
      api.get('/openapi.json', { config: FOR_ANYONE, schema: { hide: true } }, async () => app.swagger())
      await api.register(
        sharingRoutes({
          store,
          egress,
          now: clock.nowMs,
          newUuid: () => uuidv4(random(16)),
          verifiersOf: federation.verifiersOf,
          viaOf: federation.viaOf,
          disputeOf: federation.disputeOf,
          recipientsOf: federation.recipientsOf,
          witnessedOf: federation.witnessedOf,
          witnessesOf: federation.witnessesOf,
        }),
      )
      await api.register(clientRoutes({ store, publicUrl: parts.publicUrl, random }))
      await api.register(federationApiRoutes(federation))
      await api.register(bundleRoutes(federation))
      await api.register(trustRoutes(federation))
      await api.register(healRoutes(federation))
      await api.register(erasureRoutes(federation))
      await api.register(warningRoutes(warning))
      await api.register(careRoutes({ warning, assignees: gate.assignees }))
      await api.register(policyRoutes({ store, desk: policy }))
      await api.register(auditRoutes({ store }))
      await api.register(identityRoutes(gate))
      await api.register(jobRoutes({ store }))
      await api.register(keptRoutes({ store }))
      await api.register(homeRoutes({ store, clock, warning, federation, certificate: () => shown.tls?.cert }))
      await api.register(
        newsRoutes({
          store,
          clock,
          newsOf,
          mayKnow: async ({ principal }, { topic, about }) =>
            topic !== 'warnings' || (await warning.find(Number(about), principal)) !== undefined,
        }),
      )
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
    jobs,
    gate,
    shown,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

export type RunningNode = ComityNode & { readonly url: string; readonly publicUrl: string; readonly identity: Identity }

/**
 * Opens a data folder and serves it until disposed. A node that failed half-way leaves nothing running. `unlock` gives the
 * passphrase where the keys are protected by one.
 */
export async function startNode(
  config: Config,
  monotonicMs: () => number,
  unlock: Unlock = noPassphrase,
): Promise<RunningNode> {
  await using stack = new AsyncDisposableStack()
  readIdentity(config.dataDir)
  stack.use(lockFolder(config.dataDir))
  settleNext(config.dataDir)
  const folder = await openDataFolder(config.dataDir, unlock)
  const { identity, seeds, adminToken } = folder
  const logger = pino({
    level: config.logLevel,
    base: { member: identity.member },
    timestamp: pino.stdTimeFunctions.isoTime,
  })
  if (!CHECKS_MODES) logger.warn('this system does not say who may read the keys; close their folder by its own means')
  const store = stack.use(
    await openThreadStore({
      place: { kind: 'folder', path: config.dataDir },
      identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
      thread: new URL('./writer-thread.ts', import.meta.url),
    }),
  )
  const tls = tlsFor(config, identity)
  const scheme = tls === undefined ? 'http' : 'https'
  const port = config.port === 0 ? await freePort(config.host) : config.port
  const url = `${scheme}://${hostForUrl(config.host)}:${port}`
  const publicUrl = await publicUrlOf(config, { identity, store, port })
  const outbound = stack.use(createOutbound({ allowPrivate: config.outbound.allowPrivate }))
  const node = stack.use(
    await makeNode({
      store,
      identity,
      seeds,
      config,
      clock: systemClock,
      random: systemRandom,
      outbound,
      logger,
      adminToken,
      tls,
      publicUrl,
      monotonicMs,
      ...(config.oidc === undefined ? {} : { oidc: await openOidc(config.oidc, stack) }),
      beside: {
        removeCopies: () => removeMigrationBackups(config.dataDir),
        forgetKeys: (seqs) => puncture(config.dataDir, seqs),
      },
    }),
  )
  await node.app.listen({ host: config.host, port })
  if (config.alone !== undefined) {
    if (!config.federation.network) await node.federation.publish()
    const alone = stack.move()
    return { ...node, url, publicUrl, identity, [Symbol.asyncDispose]: () => alone.disposeAsync() }
  }
  const runFile = join(config.dataDir, 'run.json')
  const tellCommands = (certificate: string | undefined): void =>
    writeFileSync(
      runFile,
      `${JSON.stringify({ url, pid: process.pid, ...(certificate === undefined ? {} : { certificate }) })}\n`,
      { mode: 0o600 },
    )
  // A command that finds this node finds it with its document, and can invite.
  await node.federation.publish()
  tellCommands(tls?.cert)
  stack.defer(() => rmSync(runFile, { force: true }))
  if (typeof config.tls === 'object')
    stack.use(
      watchTlsFiles(config.tls, {
        renewed: (identity) => {
          renewCertificate(node, identity)
          tellCommands(identity.cert)
        },
        refused: (fault) => logger.error({ err: fault }, 'a new certificate was not taken; the one before is used'),
      }),
    )
  stack.use(keepRetention(store, config))
  await node.federation.start()
  const kept = stack.move()
  return { ...node, url, publicUrl, identity, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Where others reach this node, or that nobody does. Inside a command it is what the node that serves has published. */
async function publicUrlOf(
  config: Config,
  { identity, store, port }: { readonly identity: Identity; readonly store: Store; readonly port: number },
): Promise<string> {
  if (!config.federation.network) return addressOfNobody(identity.member)
  const published = config.alone === undefined ? undefined : await loadOwnDocument(store)
  if (published === undefined) return addressOf({ ...config, port })
  return (JSON.parse(Buffer.from(published).toString('utf8')) as { endpoint: string }).endpoint
}

function tlsFor(config: Config, identity: Identity): TlsIdentity | undefined {
  if (config.tls === 'off') return undefined
  if (config.tls === 'self-signed')
    return loadOrCreateTls(join(config.dataDir, 'keys'), {
      member: identity.member,
      host: config.publicUrl === undefined ? config.host : new URL(config.publicUrl).hostname,
      nowMs: systemClock.nowMs(),
      random: systemRandom,
    })
  return readTlsFiles(config.tls)
}

/** From the next connection on the new certificate is shown, and peers are told its key. */
function renewCertificate(node: ComityNode, identity: TlsIdentity): void {
  const { server, log } = node.app
  node.shown.tls = identity
  if ('setSecureContext' in server) (server as Server).setSecureContext({ ...identity, minVersion: 'TLSv1.3' })
  node.federation
    .renewTls(identity)
    .then(() => log.info('a new certificate is in use'))
    .catch((error: unknown) => log.error({ err: error }, 'peers could not be told of a new certificate'))
}

/** The member's own provider, with a client of its own: it may lie in a private network where that is said. */
async function openOidc(settings: NonNullable<Config['oidc']>, stack: AsyncDisposableStack): Promise<Oidc> {
  const { makeOidc } = await import('#identity/oidc.ts')
  const { allowPrivate, clientSecretFile, ...rest } = settings
  const secret = clientSecretFile === undefined ? undefined : readSecretFile(clientSecretFile)
  const outbound = stack.use(createOutbound({ allowPrivate }))
  return makeOidc({ ...rest, ...(secret === undefined ? {} : { clientSecret: secret }) }, outbound, systemClock.nowMs)
}

const DAY_MS = 24 * 3600 * 1000

/** Drops audit rows past their time, at the start and then once a day. */
function keepRetention(store: Store, config: Config): Disposable {
  let timer: Disposable | undefined
  const prune = (): void => {
    store.write(pruneAudit, { beforeMs: systemClock.nowMs() - config.audit.retentionDays * DAY_MS }).catch(() => {})
    timer = systemClock.after(DAY_MS, prune)
  }
  prune()
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() }
}

/** A port that is free now: the node document must name it before the node listens on it. */
export async function freePort(host: string): Promise<number> {
  const probe = createProbe().listen(0, host)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
