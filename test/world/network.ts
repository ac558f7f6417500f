// The network of a world: every request goes straight into the other node's handlers, after the weather had its way
// with it. All chance comes from the world's seed, all waiting from its clock.
import { Readable } from 'node:stream'
import { zstdDecompressSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundRequest, OutboundResponse } from '#kernel/http/outbound.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { TestClock } from '#test/store.ts'

/** What happens to requests and answers. */
export type Weather = {
  /** Shares of requests, 0 to 1. */
  readonly dropped: number
  readonly duplicated: number
  readonly answerLost: number
  /** Each way takes up to this long, each message its own time: so they overtake each other. */
  readonly delayMs: number
  /** The thin lines some members have, which alone lose anything then; absent: everything arrives at once. */
  readonly thin?: { readonly members: ReadonlySet<string>; readonly bitsPerSec: number; readonly roundTripMs: number }
}

export const CALM: Weather = { dropped: 0, duplicated: 0, answerLost: 0, delayMs: 0 }

export class Network {
  weather: Weather = CALM
  /** Pairs of members that cannot reach each other, as `a b` in order of name. */
  readonly cut = new Set<string>()
  /** Where a request really goes, for tests in which somebody stands in another's place. */
  reroute: (from: string, host: string) => string = (_from, host) => host
  /** Looks at the certificate that a request meets, and throws where it is not taken. */
  greet: (from: string, request: OutboundRequest) => void = () => {}
  /** Changes an answer of a host on its way, for tests that play the enemy. */
  meddle: (path: string, response: OutboundResponse, host: string) => OutboundResponse = (_path, response) => response
  /** Sees every request. */
  watch: (request: { readonly url: string; readonly headers: Record<string, string> }) => void = () => {}
  /** Sees every answer as it reaches the member that asked. */
  arrived: (to: string, response: OutboundResponse) => void = () => {}
  /** Bytes that went over thin lines, by path: what was asked and answered, compressed. */
  readonly carried = new Map<string, number>()
  /** When each member's thin line is free again. */
  readonly #free = new Map<string, number>()
  /** Messages on their way right now. */
  onTheWay = 0
  readonly #hosts = new Map<string, { readonly member: string; readonly app: FastifyInstance }>()
  readonly #clock: TestClock
  readonly #pick: (n: number) => number

  constructor(clock: TestClock, pick: (n: number) => number) {
    this.#clock = clock
    this.#pick = pick
  }

  /** From now on a member answers at this host, and nowhere else. */
  connect(host: string, member: string, app: FastifyInstance): void {
    for (const [known, each] of this.#hosts) if (each.member === member) this.#hosts.delete(known)
    this.#hosts.set(host, { member, app })
  }

  /** Does something while nobody reaches anybody. */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    const { weather } = this
    this.weather = { ...CALM, dropped: 1 }
    try {
      return await work()
    } finally {
      this.weather = weather
    }
  }

  /** Does something while a member answers, and can ask nobody. */
  async unasking<T>(member: string, work: () => Promise<T>): Promise<T> {
    const { greet } = this
    this.greet = (from, request) => {
      if (from === member) throw new Fault('peer.unreachable', `${member} cannot ask`)
      greet(from, request)
    }
    try {
      return await work()
    } finally {
      this.greet = greet
    }
  }

  outboundOf(member: string): Outbound {
    return {
      request: (request) => this.#carry(member, request),
      open: async (request) => {
        const { status, headers, body } = await this.#carry(member, request)
        return { status, headers, body: Readable.from([body]), [Symbol.dispose]: () => {} }
      },
    }
  }

  #chance(share: number): boolean {
    return share > 0 && this.#pick(1_000_000) < share * 1_000_000
  }

  async #carry(from: string, request: OutboundRequest): Promise<OutboundResponse> {
    const url = new URL(request.url)
    this.watch({ url: request.url, headers: { ...request.headers } })
    const unreachable = (): Fault => new Fault('peer.unreachable', `${url.host} cannot be reached`)
    this.onTheWay += 1
    try {
      await this.#delay()
      const target = this.#hosts.get(this.reroute(from, url.host))
      const to = target?.member ?? ''
      const pair = [from, to].toSorted().join(' ')
      const thin = this.#isThin(from, to)
      await this.#travel(from, to, url.pathname, REQUEST_BYTES + (request.body?.length ?? 0))
      if (target === undefined || this.cut.has(pair)) throw unreachable()
      this.greet(from, request)
      const lossy = thin || this.weather.thin === undefined
      if (lossy && this.#chance(this.weather.dropped)) return await this.#silence(thin, unreachable())
      const answer = await this.#deliver(target.app, url, request, thin)
      if (this.#chance(this.weather.duplicated)) await this.#deliver(target.app, url, request, thin)
      await this.#delay()
      await this.#travel(from, to, url.pathname, ANSWER_BYTES + answer.body.length)
      if (this.cut.has(pair)) throw unreachable()
      if (lossy && this.#chance(this.weather.answerLost)) return await this.#silence(thin, unreachable())
      this.arrived(from, answer)
      return unpacked(answer, thin)
    } finally {
      this.onTheWay -= 1
    }
  }

  #isThin(from: string, to: string): boolean {
    const { thin } = this.weather
    return thin !== undefined && (thin.members.has(from) || thin.members.has(to))
  }

  /** The time bytes take on a thin line, one message behind the other. */
  async #travel(from: string, to: string, path: string, bytes: number): Promise<void> {
    const { thin } = this.weather
    if (thin === undefined || !this.#isThin(from, to)) return
    const kind = path.startsWith('/log/tile') ? '/log/tile' : path
    this.carried.set(kind, (this.carried.get(kind) ?? 0) + bytes)
    const owner = thin.members.has(from) ? from : to
    const startMs = Math.max(this.#clock.nowMs(), this.#free.get(owner) ?? 0)
    const endMs = startMs + (bytes * 8 * 1000) / thin.bitsPerSec
    this.#free.set(owner, endMs)
    await this.#wait(endMs - this.#clock.nowMs() + thin.roundTripMs / 2)
  }

  /** What is lost is noticed by its absence. */
  async #silence(thin: boolean, fault: Fault): Promise<never> {
    if (thin) await this.#wait(LIMITS.peerTimeoutMs)
    throw fault
  }

  async #deliver(app: FastifyInstance, url: URL, request: OutboundRequest, thin: boolean): Promise<OutboundResponse> {
    const response = await app.inject({
      method: request.method,
      url: url.pathname + url.search,
      headers: { ...request.headers, host: url.host, ...(thin ? { 'accept-encoding': 'zstd' } : {}) },
      ...(request.body === undefined ? {} : { payload: Buffer.from(request.body) }),
    })
    const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]))
    const { rawPayload: body, statusCode: status } = response
    return this.meddle(url.pathname + url.search, { status, headers, body, wireBytes: body.length }, url.host)
  }

  async #delay(): Promise<void> {
    if (this.weather.delayMs === 0) return
    await this.#wait(1 + this.#pick(this.weather.delayMs))
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#clock.after(ms, resolve)
    await promise
  }
}

/** What a signed request and the head of an answer take on the wire, about. */
const REQUEST_BYTES = 600
const ANSWER_BYTES = 250

function unpacked(answer: OutboundResponse, thin: boolean): OutboundResponse {
  if (!thin || answer.headers['content-encoding'] !== 'zstd') return answer
  return { ...answer, body: zstdDecompressSync(answer.body) }
}
