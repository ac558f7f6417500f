// The network of a world: every request goes straight into the other node's handlers, after the weather had its way
// with it. All chance comes from the world's seed, all waiting from its clock.
import type { FastifyInstance } from 'fastify'
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundRequest, OutboundResponse } from '#kernel/http/outbound.ts'
import type { TestClock } from '#test/store.ts'

/** What happens to requests and answers. */
export type Weather = {
  /** Shares of requests, 0 to 1. */
  readonly dropped: number
  readonly duplicated: number
  readonly answerLost: number
  /** Each way takes up to this long, each message its own time: so they overtake each other. */
  readonly delayMs: number
}

export const CALM: Weather = { dropped: 0, duplicated: 0, answerLost: 0, delayMs: 0 }

export class Network {
  weather: Weather = CALM
  /** Pairs of members that cannot reach each other, as `a b` in order of name. */
  readonly cut = new Set<string>()
  /** Where a request really goes, for tests in which somebody stands in another's place. */
  reroute: (from: string, host: string) => string = (_from, host) => host
  /** Changes an answer on its way, for tests that play the enemy. */
  meddle: (path: string, response: OutboundResponse) => OutboundResponse = (_path, response) => response
  /** Sees every request. */
  watch: (request: { readonly url: string; readonly headers: Record<string, string> }) => void = () => {}
  /** Sees every answer as it reaches the member that asked. */
  arrived: (to: string, response: OutboundResponse) => void = () => {}
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

  outboundOf(member: string): Outbound {
    return { request: (request) => this.#carry(member, request) }
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
      const pair = [from, target?.member ?? ''].toSorted().join(' ')
      if (target === undefined || this.cut.has(pair) || this.#chance(this.weather.dropped)) throw unreachable()
      const answer = await this.#deliver(target.app, url, request)
      if (this.#chance(this.weather.duplicated)) await this.#deliver(target.app, url, request)
      await this.#delay()
      if (this.cut.has(pair) || this.#chance(this.weather.answerLost)) throw unreachable()
      this.arrived(from, answer)
      return answer
    } finally {
      this.onTheWay -= 1
    }
  }

  async #deliver(app: FastifyInstance, url: URL, request: OutboundRequest): Promise<OutboundResponse> {
    const response = await app.inject({
      method: request.method,
      url: url.pathname + url.search,
      headers: { ...request.headers, host: url.host },
      ...(request.body === undefined ? {} : { payload: Buffer.from(request.body) }),
    })
    const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]))
    return this.meddle(url.pathname + url.search, { status: response.statusCode, headers, body: response.rawPayload })
  }

  async #delay(): Promise<void> {
    if (this.weather.delayMs === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#clock.after(1 + this.#pick(this.weather.delayMs), resolve)
    await promise
  }
}
