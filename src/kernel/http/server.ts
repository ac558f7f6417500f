// The HTTP side of a node: one Fastify instance with limits, request ids, problem+json and the OpenAPI document.
// Capabilities register their routes on it; how a failure looks on the wire is decided here and nowhere else.
import { STATUS_CODES } from 'node:http'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import fastify, {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { FAULT_STATUS, Fault, SHAPES_REMEDY, type FaultCode } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is taken as a stream, for as long as it flows. */
    readonly streams?: boolean
  }
}

/**
 * On every answer: it is what its type says, nobody frames it, no other site's page reads it, and where it leads is not
 * told. Pages carry a policy of their own (static.ts).
 */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

export type ServerOptions = {
  readonly logger: unknown
  /** Plain certificate and key, or undefined for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** Whether people reach this node by https, from here or by a proxy: browsers then keep to it. */
  readonly https?: boolean
  readonly trustedProxies: readonly string[]
  readonly bodyBytesMax: number
  readonly requestsPerMinute: number
  readonly version: string
  readonly requestId: () => string
}

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.logger as never,
    https: options.tls === undefined ? null : { cert: options.tls.cert, key: options.tls.key, minVersion: 'TLSv1.3' },
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    bodyLimit: options.bodyBytesMax,
    connectionTimeout: LIMITS.requestTimeoutMs * 2,
    requestIdHeader: false,
    genReqId: options.requestId,
    rewriteUrl: (request: { readonly url?: string }) => decodableUrl(request.url ?? '/'),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 512 },
  } as never) as unknown as FastifyInstance
  app.setValidatorCompiler(({ schema }) => compileValidator(schema as TSchema))
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler((error, request, reply) => sendProblem(toFault(error), request, reply, error))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new Fault('not-found', `nothing is at ${request.method} ${pathOf(request)}`), request, reply),
  )
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.headers(HEADERS)
    if (options.https) reply.header('strict-transport-security', 'max-age=31536000')
    if (request.routeOptions.config.streams !== true) boundBody(request)
  })
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: () =>
      new Fault('rate.limited', 'too many requests in a minute', { remedy: 'Wait as long as Retry-After says.' }),
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Comity',
        version: options.version,
        description: 'The interface of a Comity node. Errors are problem+json with a stable code.',
        license: { name: 'Apache-2.0' },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  })
  return app
}

/** A body that does not come is not waited for. Routes with `config: { streams: true }` take one as long as it flows. */
function boundBody({ raw }: FastifyRequest): void {
  if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined) return
  const timer = setTimeout(() => raw.destroy(), LIMITS.requestTimeoutMs).unref()
  const stop = (): void => clearTimeout(timer)
  raw.once('end', stop)
  raw.once('close', stop)
}

/** TypeBox compiles a schema to a function; what does not fit is named by its place. */
function compileValidator(schema: TSchema): (data: unknown) => { value: unknown } | { error: Error } {
  const validator = Compile(schema)
  return (data) => {
    const value = coerceQuery(schema, data)
    if (validator.Check(value)) return { value }
    const errors = validator.Errors(value)
    const [first] = errors
    return {
      error: new Fault('input.invalid', `this request does not fit: ${reasonOf(errors)}`, {
        place: first?.instancePath === '' || first === undefined ? 'the request' : first.instancePath,
        remedy: SHAPES_REMEDY,
      }),
    }
  }
}

type Misfit = {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

/** What is wrong, and with which part; where one of several words is asked for, all of them. */
function reasonOf(errors: readonly Misfit[]): string {
  const [first] = errors
  if (first === undefined) return 'unknown reason'
  const words = errors
    .filter(({ instancePath }) => instancePath === first.instancePath)
    .flatMap(({ keyword, params }) => wordsOf(keyword, params))
  const reason = words.length > 1 ? `must be one of ${words.join(', ')}` : first.message
  return first.instancePath === '' ? reason : `“${first.instancePath.slice(1)}” ${reason}`
}

function wordsOf(keyword: string, params: object): string[] {
  const { allowedValue, allowedValues = [] } = params as { allowedValue?: unknown; allowedValues?: readonly unknown[] }
  if (keyword === 'const') return [String(allowedValue)]
  return keyword === 'enum' ? allowedValues.map(String) : []
}

/** Query parameters are text; numbers and booleans that a schema asks for are read from it. */
function coerceQuery(schema: TSchema, data: unknown): unknown {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties
  if (properties === undefined || typeof data !== 'object' || data === null || Array.isArray(data)) return data
  const copy: Record<string, unknown> = { ...(data as Record<string, unknown>) }
  for (const [name, property] of Object.entries(properties)) {
    const value = copy[name]
    if (typeof value !== 'string') continue
    if ((property.type === 'integer' || property.type === 'number') && /^-?\d+(\.\d+)?$/.test(value))
      copy[name] = Number(value)
    if (property.type === 'boolean' && (value === 'true' || value === 'false')) copy[name] = value === 'true'
  }
  return copy
}

const FASTIFY_CODES: Readonly<Record<string, FaultCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'input.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'input.media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'input.malformed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'input.malformed',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'input.malformed',
}

/** Every thrown thing as a Fault; what nobody expected becomes `internal`, its text kept for the log only. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const { code, statusCode, message } = error as FastifyError
  const known = typeof code === 'string' ? FASTIFY_CODES[code] : undefined
  if (known !== undefined) return new Fault(known, message)
  if (statusCode === 400) return new Fault('input.malformed', message)
  if (statusCode === 429) return new Fault('rate.limited', message)
  return new Fault('internal', 'something went wrong here; it is in the log under this request id', { cause: error })
}

/** Of the server's own failures those that are states it is in: they are told elsewhere, and asked for again and again. */
const TOLD: ReadonlySet<FaultCode> = new Set(['node.restored', 'node.stopped', 'busy'])

export function sendProblem(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  cause: unknown = fault,
): FastifyReply {
  if (fault.status >= 500 && !TOLD.has(fault.code))
    request.log.error({ err: cause, requestId: request.id, code: fault.code }, 'request failed')
  else
    request.log.info(
      { requestId: request.id, code: fault.code, method: request.method, path: pathOf(request) },
      'request refused',
    )
  if (fault.retryAfterSeconds !== undefined) reply.header('retry-after', fault.retryAfterSeconds)
  if (fault.code === 'auth.required') reply.header('www-authenticate', 'Bearer realm="comity"')
  return reply
    .code(FAULT_STATUS[fault.code])
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problemOf(fault, request.id)))
}

export function problemOf(fault: Fault, requestId: string): Problem {
  const internal = fault.code === 'internal'
  return {
    type: 'about:blank',
    title: STATUS_CODES[fault.status] ?? 'Error',
    status: fault.status,
    code: fault.code,
    detail: internal ? 'something went wrong here; it is in the log under this request id' : fault.message,
    ...(fault.remedy === undefined ? {} : { remedy: fault.remedy }),
    ...(fault.place === undefined ? {} : { place: fault.place }),
    requestId,
  }
}

/** A path that cannot be decoded is taken as it is written, so that whoever owns that part of the paths answers. */
function decodableUrl(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  if (!path.includes('%')) return url
  try {
    decodeURIComponent(path)
    return url
  } catch {
    return path.replaceAll('%', '%25') + url.slice(path.length)
  }
}

/** The path without its query, which may hold what people searched for. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}
