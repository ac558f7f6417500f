// Failures a caller is expected to understand. Everything else is a bug and may crash the request.
// `code` is the contract (stable, documented, mapped to HTTP here and nowhere else); `message` says what
// happened, `remedy` says what to do about it, `place` says where in the input it was.

/** The HTTP status of every fault code. Adding a code here is adding to the public interface. */
export const FAULT_STATUS = {
  'input.invalid': 400,
  'input.malformed': 400,
  'input.unprocessable': 422,
  'input.too-large': 413,
  'input.media-type': 415,
  'config.invalid': 400,
  'auth.required': 401,
  'auth.clock': 401,
  'auth.code': 401,
  'auth.key': 401,
  'auth.denied': 403,
  'policy.denied': 403,
  'not-found': 404,
  'not-acceptable': 406,
  'method.not-allowed': 405,
  conflict: 409,
  'log.fork': 409,
  'log.invalid': 422,
  'peer.refused': 502,
  'peer.invalid': 502,
  'peer.unreachable': 502,
  busy: 503,
  'rate.limited': 429,
  'storage.full': 507,
  'storage.failed': 500,
  'storage.newer': 500,
  'node.stopped': 503,
  'node.restored': 503,
  internal: 500,
} as const

export type FaultCode = keyof typeof FAULT_STATUS

/** What to do where a request does not fit its shape; who types commands is shown their help in its place. */
export const SHAPES_REMEDY = 'The shapes stand in /api/openapi.json.'

export type FaultOptions = {
  /** What the person should do next, one sentence. */
  readonly remedy?: string
  /** Where in the input: a JSON pointer, a line, a byte offset, a flag. */
  readonly place?: string
  /** When to come again, in seconds: the answer says so as Retry-After. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** A failure callers are expected to understand. `code` is the contract; `message` is for people. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly remedy: string | undefined
  readonly place: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
    this.place = options.place
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get status(): number {
    return FAULT_STATUS[this.code]
  }
}

/** What a fault looks like when it crosses a thread: plain data, made back into a Fault on the other side. */
export type FaultData = {
  readonly code: FaultCode
  readonly message: string
  readonly remedy?: string
  readonly place?: string
}

/** Flattens any thrown value; what is not a Fault becomes `internal` and keeps its message for the log only. */
export function faultToData(error: unknown): FaultData {
  if (!(error instanceof Fault))
    return { code: 'internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  return {
    code: error.code,
    message: error.message,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error.place === undefined ? {} : { place: error.place }),
  }
}

export function faultFromData(data: FaultData): Fault {
  return new Fault(data.code, data.message, data)
}
