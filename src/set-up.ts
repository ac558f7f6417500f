// What `comity serve` runs where there is no member yet: a page on this machine only, opened with a code that stands in
// the terminal. When the member is made it ends, and the node takes its place.
import { pino } from 'pino'
import type { Clock, Random } from '#kernel/clock.ts'
import { createDataFolder } from '#kernel/data-folder.ts'
import { createServer } from '#kernel/http/server.ts'
import { staticRoutes } from '#kernel/http/static.ts'
import { uuidv4 } from '#kernel/id.ts'
import { formatRecovery } from '#kernel/recovery-key.ts'
import { newCode, setUpRoutes, siteOf } from '#identity/api.ts'
import { addressOf, type Config } from './config.ts'
import { freePort, listenOn } from './listen.ts'
import { CONSOLE } from './node.ts'
import { VERSION } from './version.ts'

export type SetUpPage = AsyncDisposable & {
  /** Opens the page, with the code behind a number sign. */
  readonly link: string
  readonly code: string
  readonly done: Promise<void>
}

const HOST = '127.0.0.1'

export async function startSetUp(
  config: Config,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<SetUpPage> {
  const port = config.port === 0 ? await freePort(HOST) : config.port
  const url = `http://${HOST}:${port}`
  const { promise, resolve } = Promise.withResolvers<void>()
  const code = newCode(random)
  const app = await createServer({
    logger: pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }),
    tls: undefined,
    trustedProxies: [],
    bodyBytesMax: config.limits.bodyBytes,
    requestsPerMinute: config.limits.requestsPerMinute,
    version: VERSION,
    requestId: () => uuidv4(random(16)),
  })
  await app.register(
    setUpRoutes({
      url,
      code,
      version: VERSION,
      nowMs: clock.nowMs,
      create: ({ country, contact, ...member }) => {
        const more = { ...(country === undefined ? {} : { country }), ...(contact === undefined ? {} : { contact }) }
        const { identity, recoverySeed } = createDataFolder(config.dataDir, { ...member, ...more }, random)
        const [page = url] = siteOf(addressOf({ ...config, port })).origins
        return { member: identity.member, page, recoveryKey: formatRecovery(recoverySeed) }
      },
      done: resolve,
    }),
    { prefix: '/api' },
  )
  await app.register(staticRoutes(CONSOLE))
  await listenOn(app, HOST, port)
  return {
    link: `${siteOf(url).origins[0]}/#${code}`,
    code,
    done: promise,
    [Symbol.asyncDispose]: () => app.close(),
  }
}
