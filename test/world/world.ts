// Any number of whole nodes in one process: real stores in memory, real HTTP handlers, one seeded network between them.
import type { Logger } from 'pino'
import { pino } from 'pino'
import type { Random } from '#kernel/clock.ts'
import type { Identity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundResponse } from '#kernel/http/outbound.ts'
import { memberId } from '#kernel/id.ts'
import { logKeys, newSeeds } from '#kernel/key-file.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { command, type AnyCommand } from '#kernel/store/types.ts'
import { resolveConfig } from '#src/config.ts'
import { makeNode, type ComityNode } from '#src/node.ts'
import { writerProgram } from '#src/writer.ts'
import { seededRandom, testClock, type TestClock } from '#test/store.ts'

export type WorldMember = ComityNode & {
  readonly name: string
  readonly identity: Identity
  readonly token: string
  readonly logLines: string[]
}

/** What the network does to a request: seeded, so that a world repeats itself. */
export type Weather = {
  /** Shares of requests, 0 to 1. */
  readonly dropped: number
  readonly duplicated: number
  readonly answerLost: number
}

/** Changes a store behind the program's back, to plant faults. */
export const tamper = command('test.tamper', (tx, sql: string): number => tx.run(sql))

const PROGRAM = { ...writerProgram, commands: [...writerProgram.commands, tamper as unknown as AnyCommand] }

export const CALM: Weather = { dropped: 0, duplicated: 0, answerLost: 0 }

export class World implements AsyncDisposable {
  readonly members = new Map<string, WorldMember>()
  readonly clock: TestClock = testClock()
  readonly random: Random
  /** Pairs that cannot reach each other, as `a b` in order of name. */
  readonly cut = new Set<string>()
  weather: Weather = CALM
  /** Changes an answer on its way, for tests that play the enemy. */
  meddle: (path: string, response: OutboundResponse) => OutboundResponse = (_path, response) => response
  /** Sees every request. */
  watch: (request: { readonly url: string; readonly headers: Record<string, string> }) => void = () => {}
  readonly #seed: string
  readonly #stack = new AsyncDisposableStack()

  constructor(seed: string) {
    this.#seed = seed
    this.random = seededRandom(`world ${seed}`)
  }

  /** A number from 0 to below `n`. */
  pick(n: number): number {
    return Buffer.from(this.random(4)).readUInt32BE() % n
  }

  chance(share: number): boolean {
    return this.pick(1_000_000) < share * 1_000_000
  }

  async add(name: string): Promise<WorldMember> {
    const random = seededRandom(`${this.#seed} ${name}`)
    const seeds = newSeeds(random)
    const member = memberId(name)
    const origin = `${member}/log`
    const identity: Identity = {
      member,
      names: { en: name },
      kind: 'technical',
      origin,
      vkeys: logKeys(origin, seeds.log).vkeys,
    }
    const store = this.#stack.use(
      openInlineStore({
        place: { kind: 'memory' },
        identity: { member, origin, seeds: seeds.log },
        program: PROGRAM,
        clock: this.clock,
        random,
      }),
    )
    const token = 't'.repeat(43)
    const logLines: string[] = []
    const node = this.#stack.use(
      await makeNode({
        store,
        identity,
        seeds,
        config: resolveConfig({ cwd: '/', flags: {}, env: {}, readFile: () => undefined }),
        clock: this.clock,
        random,
        outbound: this.#network(name),
        logger: collectingLogger(logLines),
        adminToken: token,
        tls: undefined,
        publicUrl: `http://${name}`,
        monotonicMs: () => this.clock.nowMs(),
      }),
    )
    const made = { ...node, name, identity, token, logLines }
    this.members.set(name, made)
    await node.federation.start()
    return made
  }

  /** Calls a member's own interface as its administrator. */
  async api<T>(
    member: WorldMember,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<T> {
    const response = await member.app.inject({
      method,
      url: `/api${path}`,
      headers: {
        authorization: `Bearer ${member.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    if (response.statusCode >= 400) throw new Fault('internal', `${method} ${path}: ${response.body}`)
    return (response.body === '' ? undefined : JSON.parse(response.body)) as T
  }

  /** First contact happens in calm weather: people try again until it works. */
  async introduce(a: WorldMember, b: WorldMember, communities: readonly string[] = []): Promise<void> {
    const { weather } = this
    this.weather = CALM
    const { invitation } = await this.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
    await this.api(b, 'POST', '/peers/accept', { invitation })
    await this.api(a, 'POST', `/peers/${b.name}/approve`, { communities })
    await this.api(b, 'POST', `/peers/${a.name}/approve`, { communities })
    this.weather = weather
  }

  /** Lets everybody hear everything: jobs done, every stream read to its end, every search settled. */
  async quiesce(): Promise<void> {
    this.weather = CALM
    this.cut.clear()
    for (let round = 0; round < 3; round += 1) {
      for (const member of this.members.values()) while ((await member.jobs.tick()) > 0) continue
      for (const member of this.members.values())
        for (const peer of await this.api<{ items: { member: string; state: string }[] }>(member, 'GET', '/peers').then(
          (page) => page.items,
        ))
          if (peer.state === 'approved') await member.federation.pullPeer(peer.member).catch(() => {})
      for (const member of this.members.values()) await member.warning.settle()
    }
  }

  /** Requests go straight into the other node's handlers, after the weather had its way with them. */
  #network(from: string): Outbound {
    return {
      request: async (request) => {
        const url = new URL(request.url)
        this.watch({ url: request.url, headers: { ...request.headers } })
        const target = this.members.get(url.host)
        const pair = [from, url.host].toSorted().join(' ')
        if (target === undefined || this.cut.has(pair) || this.chance(this.weather.dropped))
          throw new Fault('peer.unreachable', `${url.host} cannot be reached`)
        const deliver = async (): Promise<OutboundResponse> => {
          const response = await target.app.inject({
            method: request.method,
            url: url.pathname + url.search,
            headers: { ...request.headers, host: url.host },
            ...(request.body === undefined ? {} : { payload: Buffer.from(request.body) }),
          })
          const headers = Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          )
          return this.meddle(url.pathname + url.search, {
            status: response.statusCode,
            headers,
            body: response.rawPayload,
          })
        }
        const answer = await deliver()
        if (this.chance(this.weather.duplicated)) await deliver()
        if (this.chance(this.weather.answerLost))
          throw new Fault('peer.unreachable', `the answer of ${url.host} was lost`)
        return answer
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

function collectingLogger(lines: string[]): Logger {
  return pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(line) })
}
