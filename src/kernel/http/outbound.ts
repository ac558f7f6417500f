// The one way to call another machine. It reaches no private address unless that is allowed (checked on the address
// actually connected to, so a name cannot change its mind), speaks plain HTTP to this machine only, follows no redirect,
// and is bounded in time and in bytes before and after decompression.
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { Deadline, StreamDeadline } from './deadline.ts'
import { guardedLookup, refuseAddress } from './reach.ts'
import { spkiHash } from './tls.ts'

export type OutboundRequest = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Accepted keys of the server (SPKI SHA-256, base64) besides what the system's authorities vouch for. */
  readonly tlsKeyHashes?: readonly string[]
  /** Whatever certificate the server shows: for what is asked without a secret, and whose answer proves itself. */
  readonly anyCertificate?: true
  /** Most bytes of an answer, before decompression and after. */
  readonly bodyBytesMax?: number
  /** How long an answer may take, besides the time its bytes need at LIMITS.peerBytesPerSecMin. */
  readonly timeoutMs?: number
  /** Ends the call early, and the reading of what it answers. */
  readonly signal?: AbortSignal
}

export type OutboundResponse = {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Bytes of the body as they came over the line. */
  readonly wireBytes?: number
}

/** An answer whose body is read while it comes. Whoever does not read it to its end lets go of it. */
export type OutboundStream = Pick<OutboundResponse, 'status' | 'headers'> &
  Disposable & { readonly body: AsyncIterable<Uint8Array> }

/** The server shows a certificate that neither an authority nor what it announced vouches for. Nothing was said to it. */
export class CertificateRefused extends Fault {}

/** Calls others. Throws Faults: `peer.unreachable` (try later), `peer.invalid` (out of bounds), `peer.refused` (not allowed). */
export type Outbound = {
  readonly request: (request: OutboundRequest) => Promise<OutboundResponse>
  /** The same for what is too large to hold: the time that its reader takes does not count, and the Faults come from the body too. */
  readonly open: (request: OutboundRequest) => Promise<OutboundStream>
}

export function createOutbound({ allowPrivate }: { readonly allowPrivate: boolean }): Outbound & Disposable {
  const agents = new Map<string, HttpsAgent>()
  const plain = new HttpAgent({ keepAlive: true, maxSockets: LIMITS.peerRequestsMax })
  const agentFor = (pins: readonly string[] | 'any'): HttpsAgent => {
    const key = pins === 'any' ? pins : pins.join(' ')
    const known = agents.get(key)
    if (known !== undefined) return known
    const made = new PinnedAgent(pins)
    agents.set(key, made)
    return made
  }
  const call = (url: URL, outgoing: OutboundRequest, deadline: Deadline | StreamDeadline): Promise<IncomingMessage> => {
    const agent = url.protocol === 'https:' ? agentFor(pinsOf(outgoing)) : plain
    return perform(url, outgoing, { agent, deadline, allowPrivate })
  }
  return {
    request: async (outgoing) => {
      const url = parseUrl(outgoing.url, allowPrivate)
      using deadline = new Deadline(outgoing.timeoutMs ?? LIMITS.peerTimeoutMs)
      try {
        return await readResponse(await call(url, outgoing, deadline), bytesMaxOf(outgoing))
      } catch (error) {
        throw toFault(error, url, deadline.signal)
      }
    },
    open: async (outgoing) => {
      const url = parseUrl(outgoing.url, allowPrivate)
      const deadline = new StreamDeadline(outgoing.timeoutMs ?? LIMITS.peerTimeoutMs)
      try {
        const response = await call(url, outgoing, deadline)
        return {
          status: response.statusCode ?? 0,
          headers: headersOf(response),
          body: readInTurn(url, response, { bytesMax: bytesMaxOf(outgoing), deadline }),
          [Symbol.dispose]: () => {
            response.destroy()
            deadline[Symbol.dispose]()
          },
        }
      } catch (error) {
        deadline[Symbol.dispose]()
        throw toFault(error, url, deadline.signal)
      }
    },
    [Symbol.dispose]: () => {
      plain.destroy()
      for (const agent of agents.values()) agent.destroy()
    },
  }
}

const pinsOf = ({ anyCertificate, tlsKeyHashes }: OutboundRequest): readonly string[] | 'any' =>
  anyCertificate === true ? 'any' : (tlsKeyHashes ?? [])
const bytesMaxOf = ({ bodyBytesMax }: OutboundRequest): number => bodyBytesMax ?? LIMITS.peerBodyBytesMax

function parseUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '')
    throw new Fault('peer.refused', `“${text.slice(0, 200)}” is not an address this node calls`, {
      remedy: 'Give an https URL without user and password.',
    })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) refuseAddress(host, { allowPrivate, plain: url.protocol === 'http:' })
  return url
}

type Conditions = {
  readonly agent: HttpAgent | HttpsAgent
  readonly deadline: Deadline | StreamDeadline
  readonly allowPrivate: boolean
}

async function perform(
  url: URL,
  outgoing: OutboundRequest,
  { agent, deadline, allowPrivate }: Conditions,
): Promise<IncomingMessage> {
  const signal = outgoing.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, outgoing.signal])
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // NOTE: a request that has no connection yet does not hear its signal, so the deadline ends the wait itself.
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
    url,
    {
      agent: agent as HttpsAgent,
      method: outgoing.method,
      headers: { 'accept-encoding': 'zstd, gzip', 'user-agent': 'comity', ...outgoing.headers },
      signal,
      lookup: guardedLookup({ allowPrivate, plain: url.protocol === 'http:' }) as never,
    },
    resolve,
  )
  request.on('error', reject)
  request.end(outgoing.body)
  const response = await promise
  response.on('data', (chunk: Buffer) => deadline.received(chunk.length))
  return response
}

/** Hands a connection over only once the other side's certificate was judged, so nothing is said to a stranger. */
class PinnedAgent extends HttpsAgent {
  readonly #pins: readonly string[] | 'any'
  /** Connections still shaking hands: the agent does not know of them yet, so they are bounded and ended here. */
  readonly #greeting = new Set<TLSSocket>()

  constructor(pins: readonly string[] | 'any') {
    super({ keepAlive: true, maxSockets: LIMITS.peerRequestsMax })
    this.#pins = pins
  }

  override createConnection(
    options: ConnectionOptions,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const socket = connectTls({ ...options, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
    this.#greeting.add(socket)
    const timer = setTimeout(() => socket.destroy(new Error('no TLS handshake in time')), LIMITS.peerTimeoutMs)
    const greeted = (): void => {
      clearTimeout(timer)
      this.#greeting.delete(socket)
    }
    socket.once('error', done)
    socket.once('close', greeted)
    socket.once('secureConnect', () => {
      greeted()
      socket.off('error', done)
      const refusal = judgeCertificate(socket, this.#pins)
      if (refusal === undefined) return done(null, socket)
      socket.destroy()
      return done(refusal)
    })
    return undefined
  }

  override destroy(): void {
    for (const socket of this.#greeting) socket.destroy()
    super.destroy()
  }
}

function judgeCertificate(socket: TLSSocket, pins: readonly string[] | 'any'): Fault | undefined {
  if (pins === 'any') return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return new CertificateRefused('peer.refused', 'the other side showed no certificate')
  if (socket.authorized || pins.includes(spkiHash(certificate.raw))) return undefined
  return new CertificateRefused(
    'peer.refused',
    'the certificate is neither from a known authority nor, for a peer, the one it announced',
    { remedy: 'Ask whoever runs it by telephone whether the certificate changed.' },
  )
}

async function readResponse(response: IncomingMessage, bytesMax: number): Promise<OutboundResponse> {
  let wireBytes = 0
  response.on('data', (chunk: Buffer) => (wireBytes += chunk.length))
  const body = Buffer.concat(await Array.fromAsync(readBody(response, bytesMax)))
  return { status: response.statusCode ?? 0, headers: headersOf(response), body, wireBytes }
}

function headersOf(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) headers[name] = String(value)
  return headers
}

/** The body as it was before it was encoded, within its bound before and after. */
async function* readBody(response: IncomingMessage, bytesMax: number): AsyncGenerator<Buffer> {
  const stream = decoded(response)
  const tooLarge = (): Fault => new Fault('peer.invalid', `the answer is larger than ${bytesMax} bytes`)
  let packedBytes = 0
  response.on('data', (chunk: Buffer) => {
    packedBytes += chunk.length
    if (packedBytes > bytesMax) response.destroy(tooLarge())
  })
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) throw tooLarge()
      yield chunk
    }
  } finally {
    if (!response.complete) response.destroy()
  }
}

async function* readInTurn(
  url: URL,
  response: IncomingMessage,
  { bytesMax, deadline }: { readonly bytesMax: number; readonly deadline: StreamDeadline },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of readBody(response, bytesMax)) {
      deadline.pause()
      yield chunk
      deadline.resume()
    }
  } catch (error) {
    throw toFault(error, url, deadline.signal)
  } finally {
    deadline[Symbol.dispose]()
  }
}

/** A decoder takes at most this much memory for its window (RFC 8878 section 3.1.1.1.2 recommends 8 MiB). */
const ZSTD_WINDOW_LOG_MAX = 23

function decoded(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return response
  if (encoding !== 'gzip' && encoding !== 'zstd') {
    response.destroy()
    throw new Fault('peer.invalid', `the answer is encoded as ${encoding.slice(0, 40)}, which was not asked for`)
  }
  const decoder =
    encoding === 'gzip'
      ? createGunzip()
      : createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } })
  response.on('error', (error) => decoder.destroy(error))
  return response.pipe(decoder)
}

function toFault(error: unknown, url: URL, signal: AbortSignal): Fault {
  if (error instanceof Fault) {
    const kind = error instanceof CertificateRefused ? CertificateRefused : Fault
    return new kind(error.code, `${url.host}: ${error.message}`, {
      cause: error,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    })
  }
  if (signal.aborted)
    return new Fault('peer.unreachable', `${url.host} did not answer in time`, {
      cause: error,
      remedy: 'It will be tried again by itself.',
    })
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && 'code' in error && /^Z(?:STD)?_/.test(String(error.code)))
    return new Fault('peer.invalid', `the answer of ${url.host} is not what its encoding says: ${message}`, {
      cause: error,
    })
  return new Fault('peer.unreachable', `${url.host} cannot be reached: ${message}`, {
    cause: error,
    remedy: 'It will be tried again by itself.',
  })
}
