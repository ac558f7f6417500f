// The node that really runs: a data folder, a thread that writes, a certificate, a port that listens.
import { rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:https'
import { join } from 'node:path'
import { pino } from 'pino'
import { pruneAudit } from '#kernel/audit.ts'
import { systemClock, systemRandom } from '#kernel/clock.ts'
import {
  isOpenToAll,
  IDENTITY_FILE,
  noPassphrase,
  openDataFolder,
  readIdentity,
  readSecretFile,
  writeIdentity,
  type Identity,
} from '#kernel/data-folder.ts'
import { lockFolder } from '#kernel/folder-lock.ts'
import { createOutbound } from '#kernel/http/outbound.ts'
import { loadOrCreateTls, readTlsFiles, watchTlsFiles, type TlsIdentity } from '#kernel/http/tls.ts'
import { CHECKS_MODES } from '#kernel/key-folder.ts'
import { settleNext } from '#kernel/next-identity.ts'
import type { Unlock } from '#kernel/passphrase.ts'
import { puncture } from '#kernel/record-key-file.ts'
import { removeMigrationBackups } from '#kernel/store/migrate.ts'
import { openThreadStore } from '#kernel/store/open.ts'
import type { Store } from '#kernel/store/types.ts'
import { addressOfNobody, loadOwnDocument } from '#federation/api.ts'
import type { Oidc } from '#identity/api.ts'
import { addressOf, hostForUrl, type Config } from './config.ts'
import { freePort, listenOn } from './listen.ts'
import { makeNode, type ComityNode } from './node.ts'

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
      keepIdentity: (next) => writeIdentity(join(config.dataDir, IDENTITY_FILE), next),
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
      ...(config.backup.folder === undefined
        ? {}
        : { backups: { dataDir: config.dataDir, folder: config.backup.folder } }),
      isFolderOpen: () => isOpenToAll(config.dataDir),
      beside: {
        removeCopies: () => removeMigrationBackups(config.dataDir),
        forgetKeys: (seqs) => puncture(config.dataDir, seqs),
      },
    }),
  )
  if (isOpenToAll(config.dataDir))
    logger.warn(
      { place: config.dataDir },
      `everybody on this machine may read the data; run: chmod 700 ${config.dataDir}`,
    )
  await listenOn(node.app, config.host, port)
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
