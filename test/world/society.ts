// Twenty members who live together at random: they speak, take back, pass on, share more and share less, lose each other,
// part, start again, lose their disks or their keys, make up, and some show two histories. What must hold at every moment is held
// after every step.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { LIMITS } from '#kernel/limits.ts'
import { SHARES, type Share } from '#kernel/policy/types.ts'
import { originNumber } from '#kernel/recovery-note.ts'
import { seededRandom } from '#test/store.ts'
import { canariesIn, Histories } from './history.ts'
import type { Collection } from './may.ts'
import { Reckoning, type Ending } from './reckoning.ts'
import { ramble, type WorldMember } from './world.ts'

/** What the model knew of a member when a backup was made: what it said and decided later may be gone after a restore. */
type Backup = {
  readonly path: string
  readonly collections: ReadonlyMap<string, Share>
  readonly said: ReadonlyMap<string, boolean>
  readonly erased: ReadonlySet<string>
  readonly peers: ReadonlyMap<string, readonly string[]>
  readonly passing: readonly string[]
  readonly size: number
}

/** What a step does; false where there was nothing to do it with. */
type Deed = () => Promise<unknown>
type Step = readonly [weight: number, name: string, run: Deed]

/** At most this many of the members ever show two histories: somebody must be left to find out. */
const FORKS_MAX = 4
/** Nobody meets anybody new beyond so many: what a step costs stays the same, however long they live. */
const ACQUAINTANCES_MAX = 6
const TELL_EVERY = 250
/** Whoever is asked more often than this in one step is asked in a circle; a hundred times are many. */
const ASKED_MAX = 2000
/** Longer than neighbours wait before they compare heads again. */
const GOSSIP_MS = 61_000

export class Society extends Histories {
  /** What was done, newest last, to be printed where something does not hold. */
  readonly diary: string[] = []
  /** How often each thing was really done. */
  readonly counts = new Map<string, number>()
  /** Members that showed two histories; nobody deals with them any more. */
  readonly forked = new Set<string>()
  override readonly acquainted = 0.25
  /** What may have been lost with a disk before it was given to all who should have it. */
  readonly uncertain = new Set<string>()
  readonly restored = new Set<string>()
  /** Pairs one of whom may have forgotten the other, or who both lost what one had given the other. */
  readonly #estranged = new Set<string>()
  readonly #backups = new Map<string, Backup>()
  readonly #reckoning = new Reckoning(this)
  /** How often each member was asked in this step. */
  readonly #asked = new Map<string, number>()
  #labels = 0
  #lived = 0

  constructor(seed: string, folder: string, size = 20) {
    super(
      seed,
      folder,
      Array.from({ length: size }, (_, i) => `m${String(i).padStart(2, '0')}.example`),
    )
  }

  /** Members that still deal with others. */
  get honest(): string[] {
    return this.names.filter((name) => !this.forked.has(name))
  }

  isEstranged(a: string, b: string): boolean {
    return this.#estranged.has(pairOf(a, b))
  }

  /** Whether at least one of them counts the other among its peers. */
  arePeers(a: string, b: string): boolean {
    return this.model.peers.has(`${a} ${b}`) || this.model.peers.has(`${b} ${a}`)
  }

  override async admit(name: string): Promise<void> {
    await this.world.add(name, { recoverySeed: recoverySeedOf(name) })
  }

  override async begin(): Promise<void> {
    this.world.network.watch = ({ url }) => {
      const { host } = new URL(url)
      this.#asked.set(host, (this.#asked.get(host) ?? 0) + 1)
    }
    await super.begin()
    for (const name of this.names) await this.addCollection(name)
  }

  /** `tell` hears now and then how many steps were lived. */
  async live(steps: number, tell: (lived: number) => void = () => {}): Promise<void> {
    const possible: readonly Step[] = [
      [30, 'speak', () => this.#speak()],
      [8, 'take back', () => this.#takeBack(false)],
      [4, 'erase', () => this.#takeBack(true)],
      [3, 'found a collection', () => this.addCollection(this.one(this.honest))],
      [4, 'share otherwise', () => this.#shareOtherwise()],
      [2, 'narrow before it is asked for', () => this.narrowUnseen(this.one(this.#collections()))],
      [5, 'pass on, or cease to', () => this.passOn(...this.#twoPeers())],
      [2, 'count into other communities', () => this.regroup(...this.#twoPeers())],
      [20, 'ask a peer', async () => this.pull()],
      [6, 'weather', async () => this.changeWeather()],
      [3, 'cut a line', async () => this.#cut()],
      [1, 'calm', async () => this.#calm()],
      [2, 'meet', () => this.#meet()],
      [3, 'start again', () => this.#startAgain()],
      [4, 'back up', () => this.#backUp()],
      [2, 'lose a disk', () => this.#loseDisk()],
      [1, 'lose the keys', () => this.#loseKeys()],
      [1, 'part', () => this.#part()],
      [9, 'make up', () => this.#makeUp()],
      [0.3, 'show two histories', () => this.#showTwoHistories()],
    ]
    for (const [, name] of possible) this.counts.set(name, this.counts.get(name) ?? 0)
    const total = possible.reduce((sum, [weight]) => sum + weight, 0)
    for (let n = 0; n < steps; n += 1) {
      const [, name, run] = drawn(possible, (this.world.pick(1_000_000) / 1_000_000) * total)
      this.diary.push(`${this.#lived} ${name}`)
      this.#lived += 1
      this.#asked.clear()
      if ((await run()) !== false) this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
      await this.world.pass(250 * (1 + this.world.pick(4)))
      await this.check.step()
      this.#readLogs()
      assert.deepEqual(this.leaks, [], 'nobody has what was never allowed to it')
      this.#countQuestions()
      if ((n + 1) % TELL_EVERY === 0) tell(n + 1)
    }
  }

  /** Everything calms down, everybody hears everything, and all of it is looked at from nothing. */
  async end(): Promise<Ending> {
    for (let i = 0; i < 3; i += 1) {
      await this.world.quiesce()
      await this.world.pass(GOSSIP_MS)
    }
    await this.world.quiesce()
    await this.check.everything()
    return this.#reckoning.all()
  }

  #countQuestions(): void {
    for (const [host, times] of this.#asked)
      assert.ok(times < ASKED_MAX, `${host} was asked ${times} times in one step`)
  }

  /** No content stands in what a node writes about itself. */
  #readLogs(): void {
    for (const { name, logLines } of this.world.members.values())
      for (const canary of canariesIn(logLines.splice(0).join('\n')))
        this.leaks.push(`a log line at ${name} holds content of ${this.said.get(canary)?.owner}`)
  }

  #collections(): Collection[] {
    return this.collections.filter(({ owner }) => !this.forked.has(owner))
  }

  async #speak(): Promise<void> {
    await this.publish(this.one(this.#collections()))
  }

  /** Something said earlier is withdrawn, or erased, perhaps after it was withdrawn. */
  async #takeBack(erase: boolean): Promise<boolean> {
    const standing = this.records().filter(
      ({ withdrawn, erased, owner, canary }) =>
        !(erase ? erased : withdrawn) && !this.forked.has(owner) && !this.uncertain.has(canary),
    )
    if (standing.length === 0) return false
    await this.takeBack(this.one(standing), erase)
    return true
  }

  override async introduce(a: string, b: string): Promise<void> {
    if (!this.forked.has(a) && !this.forked.has(b) && this.#isOpen(a) && this.#isOpen(b)) await super.introduce(a, b)
  }

  /** Whether a member has room for one more acquaintance. */
  #isOpen(name: string): boolean {
    return this.names.filter((other) => this.arePeers(name, other)).length < ACQUAINTANCES_MAX
  }

  async #meet(): Promise<boolean> {
    const [a, b] = [this.one(this.honest), this.one(this.honest)]
    if (a === b || this.arePeers(a, b) || this.isEstranged(a, b)) return false
    await this.introduce(a, b)
    return this.arePeers(a, b)
  }

  async #shareOtherwise(): Promise<void> {
    const collection = this.one(this.#collections())
    this.remember(this.in(collection))
    await this.share(collection, this.one(SHARES))
  }

  #twoPeers(): [string, string] {
    const pairs = [...this.model.peers.keys()].map((pair) => pair.split(' ') as [string, string])
    return this.one(pairs.filter(([a, b]) => !this.forked.has(a) && !this.forked.has(b) && !this.isEstranged(a, b)))
  }

  #cut(): void {
    this.world.network.cut.add(pairOf(...this.#twoPeers()))
  }

  #calm(): void {
    this.world.network.weather = { dropped: 0, duplicated: 0, answerLost: 0, delayMs: 0 }
    this.world.network.cut.clear()
  }

  /** One ends it with a peer, which does not know yet and asks in vain. */
  async #part(): Promise<void> {
    const [a, b] = this.#twoPeers()
    this.remember([a, ...this.#passedOnBy(a)].flatMap((author) => this.by(author)))
    await this.world.api(this.member(a), 'DELETE', `/peers/${b}`)
    this.diary.push(`  ${a} with ${b}`)
    this.model.peers.delete(`${a} ${b}`)
    this.#estranged.add(pairOf(a, b))
  }

  async #startAgain(): Promise<void> {
    const name = this.one(this.honest)
    await this.world.move(name, name)
  }

  async #backUp(): Promise<void> {
    const name = this.one(this.honest)
    this.#labels += 1
    this.#dropBackup(name)
    this.#backups.set(name, {
      path: this.world.backUp(name, String(this.#labels)),
      collections: new Map(this.#collectionsOf(name).map(({ alias, share }) => [alias, share])),
      said: new Map(this.by(name).map(({ canary, withdrawn }) => [canary, withdrawn])),
      erased: new Set(this.by(name).flatMap(({ canary, erased }) => (erased ? [canary] : []))),
      peers: new Map(
        this.names.flatMap((peer) => {
          const communities = this.model.peers.get(`${name} ${peer}`)
          return communities === undefined ? [] : [[peer, communities]]
        }),
      ),
      passing: this.#passedOnBy(name),
      size: (await this.member(name).store.get<{ size: number }>('SELECT size FROM log WHERE id = 1'))?.size ?? 0,
    })
  }

  /** A disk is lost, the backup restored, and all peers asked: whoever restores asks everybody first. */
  async #loseDisk(): Promise<boolean> {
    const name = this.one(this.honest)
    const backup = this.#backups.get(name)
    if (backup === undefined) return false
    this.#calm()
    const member = await this.world.network.apart(async () => {
      await this.world.silence()
      if (!(await this.#peersKnowEnough(name, backup))) return undefined
      return this.world.restore(name, backup.path)
    })
    if (member === undefined) return false
    this.#backups.delete(name)
    await this.world.api(member, 'POST', '/log/resume')
    this.diary.push(`  ${name}, which had ${backup.size} statements in its backup`)
    this.#forget(name, backup)
    this.check.expectShorter(name, member.identity.origin)
    return true
  }

  /**
   * Whether those whom the backup knows hold as much of the log as anybody does, also of those who showed two histories:
   * else a second history would begin.
   */
  async #peersKnowEnough(name: string, backup: Backup): Promise<boolean> {
    let [known, anybody] = [-1, 0]
    for (const { name: holder, store } of this.world.members.values()) {
      const row = await store.get<{ size: number }>(
        'SELECT size FROM log WHERE origin = ? AND id <> 1',
        this.member(name).identity.origin,
      )
      if (row === undefined) continue
      anybody = Math.max(anybody, row.size)
      const isAsked = backup.peers.has(holder) && !this.isEstranged(name, holder) && !this.forked.has(holder)
      if (isAsked) known = Math.max(known, row.size)
    }
    return known >= Math.max(anybody, backup.size)
  }

  #forget(name: string, backup: Backup): void {
    const authors = this.#passedOnBy(name)
    this.remember([name, ...authors].flatMap((author) => this.by(author)))
    for (const collection of this.#collectionsOf(name)) {
      const share = backup.collections.get(collection.alias)
      if (share === undefined) this.collections.splice(this.collections.indexOf(collection), 1)
      else collection.share = share
    }
    for (const said of this.by(name))
      if (backup.said.get(said.canary) !== said.withdrawn || said.erased !== backup.erased.has(said.canary))
        this.uncertain.add(said.canary)
    for (const author of authors) this.model.passing.delete(`${name} ${author}`)
    for (const author of backup.passing) this.model.passing.add(`${name} ${author}`)
    for (const peer of this.names) {
      const communities = backup.peers.get(peer)
      if (communities === undefined && !this.arePeers(name, peer)) continue
      if (communities === undefined) this.model.peers.delete(`${name} ${peer}`)
      else this.model.peers.set(`${name} ${peer}`, communities)
      if (communities === undefined || this.restored.has(peer)) this.#estranged.add(pairOf(name, peer))
    }
    this.restored.add(name)
  }

  /** The keys are lost: the log ends, and another begins that the recovery key names. Old backups are of no use then. */
  async #loseKeys(): Promise<boolean> {
    const name = this.one(this.honest)
    // What is in logs that ended before those that a node document can name is offered to nobody new.
    const { origin } = this.member(name).identity
    if ((originNumber(name, origin) ?? 1) > LIMITS.endedLogsNamedMax) return false
    const { identity } = await this.world.recover(name, recoverySeedOf(name))
    this.diary.push(`  ${name}, which goes on in ${identity.origin}`)
    this.#dropBackup(name)
    return true
  }

  #dropBackup(name: string): void {
    const backup = this.#backups.get(name)
    if (backup !== undefined) rmSync(backup.path, { recursive: true })
    this.#backups.delete(name)
  }

  /** People look: two who know each other go on with each other, and whoever was forgotten is met anew. */
  async #makeUp(): Promise<boolean> {
    const pairs = [...this.#estranged].map((pair) => pair.split(' ') as [string, string])
    const able = pairs.filter((pair) => pair.every((name) => !this.forked.has(name)))
    if (able.length === 0) return false
    const [a, b] = this.one(able)
    this.#calm()
    // What stands between them shows when they ask each other; people decide about what they see.
    await this.#reckoning.pull(a, b)
    await this.#reckoning.pull(b, a)
    const knows = async (at: string, other: string): Promise<boolean> =>
      (await this.#reckoning.peersAt(at)).some(({ member, state }) => member === other && state === 'approved')
    const [there, here] = [await knows(a, b), await knows(b, a)]
    const communities = this.model.peers.get(`${a} ${b}`) ?? this.model.peers.get(`${b} ${a}`) ?? []
    this.remember([a, b].flatMap((name) => [name, ...this.#passedOnBy(name)]).flatMap((author) => this.by(author)))
    for (const pair of [`${a} ${b}`, `${b} ${a}`]) this.model.peers.set(pair, communities)
    if (there && here) {
      await this.world.api(this.member(a), 'POST', `/peers/${b}/approve`, { communities })
      await this.world.api(this.member(b), 'POST', `/peers/${a}/approve`, { communities })
    } else {
      if (there) await this.world.api(this.member(a), 'DELETE', `/peers/${b}`)
      if (here) await this.world.api(this.member(b), 'DELETE', `/peers/${a}`)
      await this.world.introduce(this.member(a), this.member(b), communities)
    }
    this.#estranged.delete(pairOf(a, b))
    this.diary.push(`  ${a} and ${b}${there && here ? '' : ', anew'}`)
    return true
  }

  /** A member runs twice and says different things to different peers, of whom at least two compare what they see. */
  async #showTwoHistories(): Promise<boolean> {
    if (this.forked.size >= FORKS_MAX) return false
    const name = this.one(this.honest)
    const [pair] = await this.#reckoning.neighboursWatching(name)
    if (pair === undefined) return false
    // The copy knows the keys that those two have today, or it could show them nothing.
    this.#calm()
    for (const each of pair) {
      await this.#reckoning.pull(name, each)
      await this.#reckoning.pull(each, name)
    }
    const { network } = this.world
    this.check.expectFork(this.member(name).identity.origin)
    const twin = await this.world.twin(name, `twin.${name}`)
    const fooled = new Set([...this.some(this.honest), pair[0]])
    fooled.delete(pair[1])
    const straight = network.reroute
    network.reroute = (from, host) => (host === name && fooled.has(from) ? `twin.${name}` : straight(from, host))
    for (const speaker of [this.member(name), twin]) await this.#announce(speaker)
    this.diary.push(`  ${name}, of which ${pair[0]} sees one and ${pair[1]} the other`)
    this.forked.add(name)
    this.remember(this.by(name))
    for (const said of this.by(name)) this.uncertain.add(said.canary)
    for (const collection of this.#collectionsOf(name)) this.collections.splice(this.collections.indexOf(collection), 1)
    this.#calm()
    await this.#reckoning.findsOut(name, pair)
    return true
  }

  /** Something that goes into the log and to nobody, another thing each time. */
  async #announce(speaker: WorldMember): Promise<void> {
    await speaker.store.write(ramble, { member: speaker.identity.member, count: 1 + this.world.pick(5) })
  }

  /** Whose words a member passes on. */
  #passedOnBy(name: string): string[] {
    return this.names.filter((author) => this.model.passing.has(`${name} ${author}`))
  }

  #collectionsOf(name: string): Collection[] {
    return this.collections.filter(({ owner }) => owner === name)
  }
}

function recoverySeedOf(name: string): Uint8Array {
  return seededRandom(`recovery of ${name}`)(32)
}

export function pairOf(a: string, b: string): string {
  return [a, b].toSorted().join(' ')
}

function drawn(steps: readonly Step[], at: number): Step {
  let sum = 0
  return steps.find(([weight]) => (sum += weight) > at) ?? (steps[0] as Step)
}
