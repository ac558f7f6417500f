// The one way to call another machine. It reaches no private address unless that is allowed (checked on the address
// actually connected to, so a name cannot change its mind), follows no redirect, and is bounded in time and in bytes
// before and after decompression.
import { lookup as lookupName, type LookupAddress, type LookupOptions } from 'node:dns'
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { BlockList, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { spkiHash } from './tls.ts'

export type OutboundRequest = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Accepted keys of the server (SPKI SHA-256, base64) besides what the system's authorities vouch for. */
  readonly tlsKeyHashes?: readonly string[]
  /** Most bytes of an answer, after decompression. */
  readonly bodyBytesMax?: number
  readonly timeoutMs?: number
}

export type OutboundResponse = {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Calls others. Throws Faults: `peer.unreachable` (try later), `peer.invalid` (out of bounds), `peer.refused` (not allowed). */
export type Outbound = { readonly request: (request: OutboundRequest) => Promise<OutboundResponse> }

export function createOutbound({ allowPrivate }: { readonly allowPrivate: boolean }): Outbound & Disposable {
  const agents = new Map<string, HttpsAgent>()
  const plain = new HttpAgent({ keepAlive: true, maxSockets: LIMITS.peerRequestsMax })
  const agentFor = (pins: readonly string[]): HttpsAgent => {
    const key = pins.join(' ')
    const known = agents.get(key)
    if (known !== undefined) return known
    const made = new PinnedAgent(pins)
    agents.set(key, made)
    return made
  }
  return {
    request: async (outgoing) => {
      const url = parseUrl(outgoing.url, allowPrivate)
      const signal = AbortSignal.timeout(outgoing.timeoutMs ?? LIMITS.peerTimeoutMs)
      try {
        const agent = url.protocol === 'https:' ? agentFor(outgoing.tlsKeyHashes ?? []) : plain
        return await perform(url, outgoing, { agent, signal, allowPrivate })
      } catch (error) {
        throw toFault(error, url, signal)
      }
    },
    [Symbol.dispose]: () => {
      plain.destroy()
      for (const agent of agents.values()) agent.destroy()
    },
  }
}

function parseUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '')
    throw new Fault('peer.refused', `“${text.slice(0, 200)}” is not an address this node calls`, {
      remedy: 'Give an https URL without user and password.',
    })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) refusePrivate(host, allowPrivate)
  return url
}

type Conditions = {
  readonly agent: HttpAgent | HttpsAgent
  readonly signal: AbortSignal
  readonly allowPrivate: boolean
}

async function perform(
  url: URL,
  outgoing: OutboundRequest,
  { agent, signal, allowPrivate }: Conditions,
): Promise<OutboundResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
    url,
    {
      agent: agent as HttpsAgent,
      method: outgoing.method,
      headers: { 'accept-encoding': 'zstd, gzip', 'user-agent': 'comity', ...outgoing.headers },
      signal,
      lookup: guardedLookup(allowPrivate) as never,
    },
    resolve,
  )
  request.on('error', reject)
  request.end(outgoing.body)
  return readResponse(await promise, outgoing.bodyBytesMax ?? LIMITS.peerBodyBytesMax)
}

/** Hands a connection over only once the other side's certificate was judged, so nothing is said to a stranger. */
class PinnedAgent extends HttpsAgent {
  readonly #pins: readonly string[]

  constructor(pins: readonly string[]) {
    super({ keepAlive: true, maxSockets: LIMITS.peerRequestsMax })
    this.#pins = pins
  }

  override createConnection(
    options: ConnectionOptions,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const socket = connectTls({ ...options, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
    socket.once('error', done)
    socket.once('secureConnect', () => {
      socket.off('error', done)
      const refusal = judgeCertificate(socket, this.#pins)
      if (refusal === undefined) return done(null, socket)
      socket.destroy()
      return done(refusal)
    })
    return undefined
  }
}

function judgeCertificate(socket: TLSSocket, pins: readonly string[]): Fault | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return new Fault('peer.refused', 'the peer showed no certificate')
  if (socket.authorized || pins.includes(spkiHash(certificate.raw))) return undefined
  return new Fault(
    'peer.refused',
    'the peer’s certificate is neither from a known authority nor the one it announced',
    {
      remedy: 'Ask the peer by telephone whether its certificate changed; invite it anew if so.',
    },
  )
}

async function readResponse(response: IncomingMessage, bytesMax: number): Promise<OutboundResponse> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  const stream =
    encoding === 'identity'
      ? response
      : encoding === 'gzip'
        ? response.pipe(createGunzip())
        : encoding === 'zstd'
          ? response.pipe(createZstdDecompress())
          : undefined
  if (stream === undefined)
    throw new Fault('peer.invalid', `the answer is encoded as ${encoding}, which was not asked for`)
  if (stream !== response) response.on('error', (error) => stream.destroy(error))
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      response.destroy()
      throw new Fault('peer.invalid', `the answer is larger than ${bytesMax} bytes`)
    }
    chunks.push(chunk)
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) headers[name] = String(value)
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) }
}

type LookupCallback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void

/** Resolves a name and refuses private addresses at that very moment. */
function guardedLookup(allowPrivate: boolean) {
  return (host: string, options: LookupOptions, done: LookupCallback): void => {
    lookupName(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error)
      try {
        for (const { address } of found) refusePrivate(address, allowPrivate)
      } catch (refusal) {
        return done(refusal as Error)
      }
      const [first] = found
      if (options.all === true) return done(null, found)
      return done(null, first?.address ?? '', first?.family ?? 4)
    })
  }
}

const PRIVATE = new BlockList()
for (const net of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [address = '', prefix = '0'] = net.split('/')
  PRIVATE.addSubnet(address, Number(prefix), 'ipv4')
}
for (const net of ['::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8', '64:ff9b:1::/48']) {
  const [address = '', prefix = '0'] = net.split('/')
  PRIVATE.addSubnet(address, Number(prefix), 'ipv6')
}

function refusePrivate(address: string, allowPrivate: boolean): void {
  if (allowPrivate) return
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  const plain = mapped ?? address
  if (!PRIVATE.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')) return
  throw new Fault('peer.refused', `${address} is a private address, and this node does not call those`, {
    remedy: 'Where peers are in the same network, set outbound.allowPrivate.',
  })
}

function toFault(error: unknown, url: URL, signal: AbortSignal): Fault {
  if (error instanceof Fault) return error
  if (signal.aborted)
    return new Fault('peer.unreachable', `${url.host} did not answer in time`, {
      cause: error,
      remedy: 'It will be tried again by itself.',
    })
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
    return new Fault('peer.invalid', `the answer of ${url.host} is not what its encoding says: ${message}`, {
      cause: error,
    })
  return new Fault('peer.unreachable', `${url.host} cannot be reached: ${message}`, {
    cause: error,
    remedy: 'It will be tried again by itself.',
  })
}
