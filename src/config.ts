// What an operator can set, from four places: flags over environment over file over default. Everything is checked
// at the start, and what is wrong is named with its key; a node never runs on a setting it did not understand.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Compile } from 'typebox/compile'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { OidcSettings } from '#identity/api.ts'
import { ConfigFile } from './config-file.ts'
import { nearest } from './nearest.ts'

/** A complete, checked configuration. */
export type Config = {
  /** The data folder. */
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly publicUrl: string | undefined
  readonly trustedProxies: readonly string[]
  readonly tls: 'off' | 'self-signed' | { readonly certFile: string; readonly keyFile: string }
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  readonly metrics: { readonly token: string | undefined }
  readonly limits: { readonly bodyBytes: number; readonly requestsPerMinute: number }
  readonly audit: { readonly retentionDays: number }
  /** Where the running node puts backups. */
  readonly backup: { readonly folder: string | undefined }
  /** Where the passphrase of the keys comes from; without either a person is asked. */
  readonly keys: { readonly command: readonly string[] | undefined; readonly file: string | undefined }
  readonly outbound: { readonly allowPrivate: boolean }
  readonly oidc:
    | (Omit<OidcSettings, 'clientSecret'> & {
        readonly clientSecretFile: string | undefined
        readonly allowPrivate: boolean
      })
    | undefined
  readonly sessions: { readonly idleMs: number; readonly lifeMs: number }
  readonly federation: {
    readonly pullSeconds: number
    readonly network: boolean
    readonly dailyBytes: number | undefined
    readonly erasure: 'honour' | 'ask'
  }
  /** Started inside a command, for it alone: answers on loopback, does not tell the folder, does not call peers. */
  readonly alone?: {
    /** Where people open this node when it is served, for links that are given to them. */
    readonly openedAt: string
  }
}

/** Environment variable of each key that has one; nested keys join with an underscore. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  COMITY_HOST: 'host',
  COMITY_PORT: 'port',
  COMITY_PUBLIC_URL: 'publicUrl',
  COMITY_TRUSTED_PROXIES: 'trustedProxies',
  COMITY_TLS: 'tls',
  COMITY_LOG_LEVEL: 'logLevel',
  COMITY_METRICS_TOKEN: 'metrics.token',
  COMITY_BODY_BYTES: 'limits.bodyBytes',
  COMITY_REQUESTS_PER_MINUTE: 'limits.requestsPerMinute',
  COMITY_AUDIT_RETENTION_DAYS: 'audit.retentionDays',
  COMITY_BACKUP_FOLDER: 'backup.folder',
  COMITY_PASSPHRASE_FILE: 'keys.passphraseFile',
  COMITY_ALLOW_PRIVATE: 'outbound.allowPrivate',
  COMITY_SESSION_IDLE_MINUTES: 'sessions.idleMinutes',
  COMITY_SESSION_HOURS: 'sessions.hours',
  COMITY_PULL_SECONDS: 'federation.pullSeconds',
  COMITY_NETWORK: 'federation.network',
  COMITY_DAILY_BYTES: 'federation.dailyBytes',
  COMITY_ERASURE: 'federation.erasure',
}

/** Flag of `comity serve` for each key that has one. */
export const FLAGS: Readonly<Record<string, string>> = {
  host: 'host',
  port: 'port',
  'public-url': 'publicUrl',
  'trusted-proxies': 'trustedProxies',
  tls: 'tls',
  'log-level': 'logLevel',
  'allow-private': 'outbound.allowPrivate',
  'pull-seconds': 'federation.pullSeconds',
}

type Texts = Readonly<Record<string, string | boolean | undefined>>

export type ConfigSources = {
  readonly cwd: string
  readonly flags: Texts
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a file, or answers undefined where it is not there. */
  readonly readFile?: (path: string) => string | undefined
}

/** Puts the sources together and checks the whole. Throws `config.invalid` that names the key and where it was set. */
export function resolveConfig({ cwd, flags, env, readFile = readIfThere }: ConfigSources): Config {
  const dataDir = resolve(cwd, String(flags['data-dir'] ?? env['COMITY_DATA_DIR'] ?? 'comity-data'))
  const explicit = flags['config'] ?? env['COMITY_CONFIG']
  const path = explicit === undefined ? join(dataDir, 'comity.json') : resolve(cwd, String(explicit))
  const text = readFile(path)
  if (text === undefined && explicit !== undefined)
    throw new Fault('config.invalid', 'the configuration file is not there', {
      place: path,
      remedy: 'Check the path behind --config.',
    })
  const file = text === undefined ? {} : checkFile(parseFile(text, path), path)
  const fromEnv = collect(env, ENVIRONMENT)
  const fromFlags = collect(flags, FLAGS)
  const config = complete(
    { dataDir, cwd },
    merge(merge(file, checkFile(fromEnv, 'the environment')), checkFile(fromFlags, 'the flags')),
  )
  return checkTls(config)
}

function complete({ dataDir, cwd }: { dataDir: string; cwd: string }, file: ConfigFile): Config {
  return {
    dataDir,
    host: file.host ?? '127.0.0.1',
    port: file.port ?? 7411,
    publicUrl: file.publicUrl?.replace(/\/+$/, ''),
    trustedProxies: file.trustedProxies ?? [],
    tls:
      file.tls ??
      (isLoopback(file.host ?? '127.0.0.1') || (file.trustedProxies ?? []).length > 0 ? 'off' : 'self-signed'),
    logLevel: file.logLevel ?? 'info',
    metrics: { token: file.metrics?.token },
    limits: {
      bodyBytes: file.limits?.bodyBytes ?? LIMITS.bodyBytesMax,
      requestsPerMinute: file.limits?.requestsPerMinute ?? LIMITS.requestsPerMinuteMax,
    },
    audit: { retentionDays: file.audit?.retentionDays ?? 3650 },
    backup: { folder: file.backup?.folder === undefined ? undefined : resolve(cwd, file.backup.folder) },
    keys: {
      command: file.keys?.command,
      file: file.keys?.passphraseFile === undefined ? undefined : resolve(cwd, file.keys.passphraseFile),
    },
    outbound: { allowPrivate: file.outbound?.allowPrivate ?? false },
    oidc: completeOidc(file.oidc, dataDir),
    sessions: {
      idleMs: (file.sessions?.idleMinutes ?? 60) * 60_000,
      lifeMs: (file.sessions?.hours ?? 12) * 3600_000,
    },
    federation: {
      pullSeconds: file.federation?.pullSeconds ?? 30,
      network: file.federation?.network ?? true,
      dailyBytes: file.federation?.dailyBytes,
      erasure: file.federation?.erasure ?? 'honour',
    },
  }
}

function completeOidc(oidc: ConfigFile['oidc'], dataDir: string): Config['oidc'] {
  if (oidc === undefined) return undefined
  const { clientSecretFile } = oidc
  return {
    title: 'Single sign-on',
    scopes: 'openid profile',
    nameClaim: 'preferred_username',
    roleClaim: 'groups',
    allowPrivate: false,
    ...oidc,
    clientSecretFile: clientSecretFile === undefined ? undefined : resolve(dataDir, clientSecretFile),
  }
}

/** Plain HTTP only on loopback or behind a trusted proxy (protocol section 7). */
function checkTls(config: Config): Config {
  if (config.tls !== 'off' || isLoopback(config.host) || config.trustedProxies.length > 0) return config
  throw new Fault('config.invalid', `plain HTTP on ${config.host} could be read and changed on the way`, {
    place: 'tls',
    remedy:
      'Set tls to self-signed or to your certificate, listen on 127.0.0.1, or name the reverse proxy in trustedProxies.',
  })
}

/** The address a node is reached at by default, without a trailing slash. */
export function addressOf({ publicUrl, tls, host, port }: Config): string {
  return publicUrl ?? `${tls === 'off' ? 'http' : 'https'}://${hostForUrl(host)}:${port}`
}

export function hostForUrl(host: string): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return reachable.includes(':') ? `[${reachable}]` : reachable
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function parseFile(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('config.invalid', `the configuration file is not JSON: ${(cause as Error).message}`, {
      place: path,
      cause,
    })
  }
}

const validator = Compile(ConfigFile)

function checkFile(value: unknown, source: string): ConfigFile {
  if (validator.Check(value)) return value
  const unknown = unknownKey(value)
  if (unknown !== undefined)
    throw new Fault('config.invalid', `no setting is called “${unknown.key}”`, {
      place: source,
      remedy: `Did you mean “${unknown.nearest}”? All settings stand in docs/operating/configure.md.`,
    })
  const first = validator.Errors(value)[0]
  const key = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
  throw new Fault(
    'config.invalid',
    `${key === '' ? 'the configuration' : `the setting ${key}`} ${first?.message ?? 'does not fit'}`,
    {
      place: `${key} in ${source}`,
      remedy: 'All settings and what they take stand in docs/operating/configure.md.',
    },
  )
}

function unknownKey(value: unknown): { key: string; nearest: string } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const known = Object.keys(ConfigFile.properties)
  const key = Object.keys(value).find((each) => !known.includes(each))
  return key === undefined ? undefined : { key, nearest: nearest(key, known) }
}

/** Texts of flags or variables as the nested, typed keys they stand for. */
function collect(texts: Texts, names: Readonly<Record<string, string>>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(names)) {
    const text = texts[name]
    if (text === undefined || text === '') continue
    const [outer = '', inner] = key.split('.')
    const value = readText(key, text)
    if (inner === undefined) out[outer] = value
    else out[outer] = { ...(out[outer] as object | undefined), [inner]: value }
  }
  return out
}

function readText(key: string, text: string | boolean): unknown {
  if (typeof text === 'boolean') return text
  if (key === 'trustedProxies') return text.split(',').map((each) => each.trim())
  if (key === 'outbound.allowPrivate' || key === 'federation.network')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
  if (key === 'tls' && text.includes(',')) {
    const [certFile = '', keyFile = ''] = text.split(',')
    return { certFile, keyFile }
  }
  const numeric = /^(port$|limits\.|audit\.|sessions\.|federation\.)/.test(key)
  return numeric && /^\d+$/.test(text) ? Number(text) : text
}

function merge(under: ConfigFile, over: ConfigFile): ConfigFile {
  const out: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const before = out[key]
    const nested = typeof before === 'object' && typeof value === 'object' && !Array.isArray(value) && key !== 'tls'
    out[key] = nested ? { ...before, ...value } : value
  }
  return out as ConfigFile
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Fault('config.invalid', `the configuration file cannot be read (${(error as Error).message})`, {
      place: path,
      cause: error,
    })
  }
}
