// Any number of whole nodes in one process: real stores in memory, real HTTP handlers, one seeded clock and network.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pino, type Logger } from 'pino'
import { formatTime, type Clock, type Random } from '#kernel/clock.ts'
import type { Identity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { memberId, uuidv7 } from '#kernel/id.ts'
import { logKeys, newSeeds, type Seeds } from '#kernel/key-file.ts'
import { signingKey } from '#kernel/key.ts'
import { nextOrigin, recoveryHash } from '#kernel/recovery-note.ts'
import type { PeerView } from '#federation/wire.ts'
import { succeedLog } from '#cli/offline/succeed-log.ts'
import type { Marking } from '#kernel/marking.ts'
import { internLabel } from '#kernel/standing.ts'
import { sealStatement } from '#kernel/statement.ts'
import { openInlineStore, type Place } from '#kernel/store/open.ts'
import { command, type AnyCommand, type Store } from '#kernel/store/types.ts'
import { resolveConfig } from '#src/config.ts'
import { makeNode, type ComityNode } from '#src/node.ts'
import { writerProgram } from '#src/writer.ts'
import { seededRandom, testClock, testPolicy, type TestClock } from '#test/store.ts'
import { sayingCommands } from './saying.ts'
import { CALM, Network, type Weather } from './network.ts'

export type WorldMember = ComityNode & {
  readonly name: string
  readonly identity: Identity
  readonly seeds: Seeds
  readonly random: Random
  readonly clock: Clock
  readonly token: string
  readonly logLines: string[]
}

/** What else is gone when a member recovers, and the head of its log that a witness still has. */
type Lost = { readonly backup?: string; readonly head?: Uint8Array }

type NewMember = {
  readonly clockOffMs?: number
  readonly names?: Identity['names']
  readonly country?: string | undefined
  readonly network?: boolean
  readonly erasure?: 'honour' | 'ask'
  readonly recoverySeed?: Uint8Array
}

/** Changes a store behind the program's back, to plant faults. */
export const tamper = command('test.tamper', (tx, sql: string): number => tx.run(sql))

/** Logs many statements at once that no capability knows. */
export const ramble = command('test.ramble', (tx, input: { readonly member: string; readonly count: number }): void => {
  const marking: Marking = { tlp: 'RED', audience: { named: false, communities: [] }, personal: 'none' }
  const labelClass = internLabel(tx, marking)
  const items = [Buffer.from('-')]
  const origin = tx.get<{ origin: string }>('SELECT origin FROM log WHERE id = 1')?.origin
  for (let n = 0; n < input.count; n += 1) {
    const id = uuidv7(tx.nowMs, tx.random(10))
    const header = Buffer.from(
      JSON.stringify({
        v: 1,
        member: input.member,
        origin,
        id,
        kind: 'test.ramble',
        time: formatTime(tx.nowMs),
        marking,
        mediaType: 'text/plain',
        count: 1,
      }),
    )
    const sealed = sealStatement({ header, content: items, random: tx.random })
    tx.append({ sealed, id, kind: 'test.ramble', timeMs: tx.nowMs, header, items, labelClass, collection: null })
  }
})

const PROGRAM = {
  ...writerProgram,
  commands: [...writerProgram.commands, ...([tamper, ramble] as unknown as AnyCommand[]), ...sayingCommands],
}
const CONFIG = resolveConfig({ cwd: '/', flags: {}, env: {}, readFile: () => undefined })
const TOKEN = 't'.repeat(43)

export class World implements AsyncDisposable {
  readonly members = new Map<string, WorldMember>()
  readonly clock: TestClock = testClock()
  readonly random: Random
  readonly network: Network
  readonly #seed: string
  readonly #folder: string | undefined
  readonly #stores = new Set<Store>()
  /** Where the store of a member lies that was restored; others lie where they began. */
  readonly #moved = new Map<string, string>()
  readonly #erasure = new Map<string, 'honour' | 'ask'>()

  /** Stores lie in memory, or below `folder` where one is given. */
  constructor(seed: string, folder?: string) {
    this.#seed = seed
    this.#folder = folder
    this.random = seededRandom(`world ${seed}`)
    // The weather has chances of its own: so a seed makes the same choices, however many messages there are.
    const weather = seededRandom(`weather ${seed}`)
    this.network = new Network(this.clock, (n) => numberBelow(weather, n))
  }

  /** A number from 0 to below `n`. */
  pick(n: number): number {
    return numberBelow(this.random, n)
  }

  chance(share: number): boolean {
    return this.pick(1_000_000) < share * 1_000_000
  }

  /** A new member. `clockOffMs` is how far its clock is ahead of everybody's; without a network it has bundles alone. */
  async add(
    name: string,
    { clockOffMs = 0, names = { en: name }, country, network = true, erasure = 'honour', recoverySeed }: NewMember = {},
  ): Promise<WorldMember> {
    this.#erasure.set(name, erasure)
    const clock: Clock = { nowMs: () => this.clock.nowMs() + clockOffMs, after: this.clock.after }
    const random = seededRandom(`${this.#seed} ${name}`)
    const seeds = newSeeds(random)
    const member = memberId(name)
    const origin = `${member}/log`
    const { vkeys } = logKeys(origin, seeds.log)
    const recovery =
      recoverySeed === undefined ? {} : { recoveryHash: recoveryHash(signingKey('ed25519', recoverySeed).publicKey) }
    const place = country === undefined ? {} : { country }
    const identity: Identity = { member, names, kind: 'technical', ...place, origin, vkeys, ...recovery }
    const store = this.#kept(
      openInlineStore({
        place: this.#place(name),
        identity: { member, origin, seeds: seeds.log },
        program: PROGRAM,
        clock,
        random,
        policy: testPolicy,
      }),
    )
    const host = network ? name : `${name}.invalid`
    return this.#begin({ name, identity, seeds, random, clock, store, logLines: [] }, host)
  }

  #place(name: string): Place {
    if (this.#folder === undefined) return { kind: 'memory' }
    const path = join(this.#folder, name)
    mkdirSync(path, { recursive: true })
    return { kind: 'folder', path }
  }

  #folderOf(name: string): string {
    return this.#moved.get(name) ?? join(this.#folder ?? '', name)
  }

  /** Stops a member's node and starts it again, at the same host or another one. */
  async move(name: string, host: string): Promise<WorldMember> {
    const member = this.members.get(name) as WorldMember
    await this.#stop(member)
    return this.#begin(member, host)
  }

  /** Stops a member's node and starts it with these keys. Only in worlds with a folder. */
  async rekey(name: string, seeds: Seeds, host = name): Promise<WorldMember> {
    const member = this.members.get(name) as WorldMember
    await this.#stop(member)
    const store = this.#openCopy({ ...member, seeds }, this.#folderOf(name), `rekeyed ${name}`)
    return this.#begin({ ...member, seeds, store }, host)
  }

  /** A member whose keys were lost or stolen ends its log with its recovery key and goes on in the next. */
  async recover(name: string, recoverySeed: Uint8Array, lost: Lost = {}): Promise<WorldMember> {
    const member = this.members.get(name) as WorldMember
    await this.#stop(member)
    if (lost.backup !== undefined) await this.#loseDisk(member, lost.backup)
    const folder = this.#folderOf(name)
    const origin = nextOrigin(name, member.identity.origin)
    // Files for the keys before stay readable, as the command has it.
    const earlierRecipients = [member.seeds.recipient, ...member.seeds.earlierRecipients]
    const seeds = { ...newSeeds(seededRandom(`${this.#seed} ${origin}`)), earlierRecipients }
    const { vkeys } = logKeys(origin, seeds.log)
    const nowMs = this.clock.nowMs()
    const head = lost.head === undefined ? {} : { head: lost.head }
    succeedLog(folder, { identity: member.identity, recoverySeed, follows: { origin, vkeys }, nowMs, ...head })
    rmSync(join(folder, 'head'), { force: true })
    const after = { ...member, seeds, identity: { ...member.identity, origin, vkeys } }
    return this.#begin({ ...after, store: this.#openCopy(after, folder, `recovered ${origin}`) }, name)
  }

  /** Stops a node; time goes on meanwhile, as it waits for messages that are on their way. */
  async #stop(member: WorldMember): Promise<void> {
    let stopped = false
    const stopping = Promise.resolve(member[Symbol.asyncDispose]()).finally(() => (stopped = true))
    while (!stopped) await this.pass(PASS_STEP_MS)
    await stopping
  }

  /** A copy of what a member has now, as a backup makes it. Only in worlds with a folder. */
  backUp(name: string, label: string): string {
    const path = join(this.#folder ?? '', `${name}.${label}`)
    const from = this.#folderOf(name)
    mkdirSync(path, { recursive: true })
    using source = new DatabaseSync(join(from, 'comity.db'), { readOnly: true })
    source.exec(`VACUUM INTO '${join(path, 'comity.db')}'`)
    copyFileSync(join(from, 'head'), join(path, 'head'))
    return path
  }

  /** The member loses its disk and begins again from a backup, which is marked as one. */
  async restore(name: string, backup: string): Promise<WorldMember> {
    const member = this.members.get(name) as WorldMember
    await this.#stop(member)
    {
      using database = new DatabaseSync(join(backup, 'comity.db'))
      database.prepare('UPDATE meta SET restored_ms = ?').run(this.clock.nowMs())
    }
    await this.#loseDisk(member, backup)
    return this.#begin({ ...member, store: this.#openCopy(member, backup, `restored ${backup}`) }, name)
  }

  /** The same, and the log goes on: what its peers hold of it has come back. */
  async heal(name: string, backup: string): Promise<WorldMember> {
    const member = await this.restore(name, backup)
    await this.api(member, 'POST', '/log/resume')
    return member
  }

  /** What a member had is gone; from now on a backup is what it has. */
  async #loseDisk(member: WorldMember, backup: string): Promise<void> {
    this.#stores.delete(member.store)
    await member.store[Symbol.asyncDispose]()
    rmSync(this.#folderOf(member.name), { recursive: true })
    this.#moved.set(member.name, backup)
  }

  /** A whole machine is put back, and nothing on it knows. */
  async revive(name: string, copy: string): Promise<WorldMember> {
    const member = this.members.get(name) as WorldMember
    await this.#stop(member)
    return this.#begin({ ...member, store: this.#openCopy(member, copy, `revived ${copy}`) }, name)
  }

  /** A second node with the data and the keys that a member has now, at a host of its own: what must never run. */
  async twin(name: string, host: string): Promise<WorldMember> {
    const member = this.members.get(name) as WorldMember
    const store = this.#openCopy(member, this.backUp(name, host), host)
    const random = seededRandom(`${this.#seed} twin ${host}`)
    const made = await this.#make({ ...member, name: host, random, store, logLines: [] }, name)
    this.members.set(host, made)
    this.network.connect(host, host, made.app)
    return made
  }

  /** A store that is closed with the world. */
  #kept(store: Store): Store {
    this.#stores.add(store)
    return store
  }

  #openCopy({ identity, seeds }: WorldMember, path: string, seed: string): Store {
    return this.#kept(
      openInlineStore({
        place: { kind: 'folder', path },
        identity: { member: identity.member, origin: identity.origin, seeds: seeds.log },
        program: PROGRAM,
        clock: this.clock,
        random: seededRandom(`${this.#seed} ${seed}`),
        policy: testPolicy,
      }),
    )
  }

  async #begin(
    parts: Pick<WorldMember, 'name' | 'identity' | 'seeds' | 'random' | 'clock' | 'logLines'> & {
      readonly store: Store
    },
    host: string,
  ): Promise<WorldMember> {
    const made = await this.#make(parts, host)
    this.members.set(made.name, made)
    if (!host.endsWith('.invalid')) this.network.connect(host, made.name, made.app)
    await made.federation.start()
    return made
  }

  async #make(
    parts: Pick<WorldMember, 'name' | 'identity' | 'seeds' | 'random' | 'clock' | 'logLines'> & {
      readonly store: Store
    },
    host: string,
  ): Promise<WorldMember> {
    let { identity } = parts
    const node = await makeNode({
      ...parts,
      keepIdentity: (next) => void (identity = next),
      config: {
        ...CONFIG,
        federation: {
          ...CONFIG.federation,
          network: !host.endsWith('.invalid'),
          erasure: this.#erasure.get(parts.name) ?? 'honour',
        },
      },
      outbound: this.network.outboundOf(parts.name),
      logger: collectingLogger(parts.logLines),
      adminToken: TOKEN,
      tls: undefined,
      publicUrl: host.endsWith('.invalid') ? `https://${host}` : `http://${host}`,
      monotonicMs: () => this.clock.nowMs(),
    })
    const { name, seeds, random, clock, logLines } = parts
    return {
      ...node,
      name,
      get identity() {
        return identity
      },
      seeds,
      random,
      clock,
      token: TOKEN,
      logLines,
    }
  }

  /** Calls a member's own interface as its administrator. */
  async api<T>(
    member: WorldMember,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
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
    await this.inCalm(async () => {
      const { invitation } = await this.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
      await this.api(b, 'POST', '/peers/accept', { invitation })
      await this.api(a, 'POST', `/peers/${b.name}/approve`, { communities })
      await this.api(b, 'POST', `/peers/${a.name}/approve`, { communities })
    })
  }

  /** Two members forget each other and meet again. */
  async meetAnew(a: WorldMember, b: WorldMember, communities: readonly string[] = []): Promise<void> {
    await this.api(a, 'DELETE', `/peers/${b.name}`)
    await this.api(b, 'DELETE', `/peers/${a.name}`)
    await this.introduce(a, b, communities)
  }

  /** First contact by files on a stick: the invitation there, the answer back. */
  async introduceByFile(a: WorldMember, b: WorldMember): Promise<void> {
    const { file } = await this.api<{ file: string }>(a, 'POST', '/peers/invitations')
    const { answer } = await this.api<{ answer: string }>(b, 'POST', '/peers/accept', { invitation: file })
    await this.api(a, 'POST', '/peers/accept', { invitation: answer })
    await this.api(a, 'POST', `/peers/${b.name}/approve`, {})
    await this.api(b, 'POST', `/peers/${a.name}/approve`, {})
  }

  /** Does something while the network carries everything at once. */
  async inCalm<T>(work: () => Promise<T>): Promise<T> {
    const { weather } = this.network
    this.network.weather = CALM
    try {
      return await work()
    } finally {
      this.network.weather = weather
    }
  }

  /** Lets time pass in small steps, so that what waits for it goes on in between. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += PASS_STEP_MS) {
      this.clock.advance(Math.min(PASS_STEP_MS, ms - passed))
      await breathe()
    }
  }

  /** Lets everything that is on its way arrive. */
  async silence(): Promise<void> {
    while (this.network.onTheWay > 0) await this.pass(PASS_STEP_MS)
  }

  /**
   * Lets everybody hear everything: messages arrived, jobs done, every stream read to its end, every search settled. Who
   * has no network hears nothing.
   */
  async quiesce(): Promise<void> {
    this.network.weather = CALM
    this.network.cut.clear()
    await this.silence()
    for (let round = 0; round < 3; round += 1) {
      await this.pass(HINTS_MS)
      for (const member of this.members.values()) while ((await member.jobs.tick()) > 0) continue
      for (const member of this.members.values()) if (member.federation.deps.network) await this.#pullAll(member)
      for (const member of this.members.values()) await member.warning.settle()
    }
  }

  async #pullAll(member: WorldMember): Promise<void> {
    const { items } = await this.api<{ items: PeerView[] }>(member, 'GET', '/peers')
    for (const peer of items)
      if (peer.state === 'approved' && peer.network) await member.federation.pullPeer(peer.member).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.network.weather = CALM
    await this.silence()
    for (const member of this.members.values()) await member[Symbol.asyncDispose]()
    for (const store of this.#stores) await store[Symbol.asyncDispose]()
  }
}

export { CALM, type Weather }

function numberBelow(random: Random, n: number): number {
  return Buffer.from(random(4)).readUInt32BE() % n
}

const PASS_STEP_MS = 250
/** Long enough for hints to be sent, heard and followed. */
const HINTS_MS = 1500

/** Lets everything that is ready to run do so. */
async function breathe(): Promise<void> {
  for (let i = 0; i < 4; i += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    setImmediate(resolve)
    await promise
  }
}

function collectingLogger(lines: string[]): Logger {
  return pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(line) })
}
