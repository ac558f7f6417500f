// Twenty members who live together at random: they speak, take back, share more and share less, lose each other, start
// again, lose their disks, and some show two histories. What must hold at every moment is held after every step.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { judgeEvidence, parseEvidence } from '#kernel/evidence.ts'
import { SHARES, type Share } from '#kernel/policy/types.ts'
import type { EvidenceView } from '#federation/witness/wire.ts'
import { canariesIn, Histories, type Collection, type Reader, type Said } from './history.ts'
import { ramble, type WorldMember } from './world.ts'

/** What the model knew of a member when a backup was made: what it said and decided later may be gone after a restore. */
type Backup = {
  readonly path: string
  readonly collections: ReadonlyMap<string, Share>
  readonly said: ReadonlyMap<string, boolean>
  readonly erased: ReadonlySet<string>
  readonly peers: ReadonlySet<string>
  readonly size: number
}

/** How many pairs of a record and a member were looked at, and how many of them were due and there. */
export type Ending = { readonly pairs: number; readonly due: number; readonly forksKnown: number }

type Step = readonly [weight: number, name: string, run: () => Promise<void>]

/** At most this many of the members ever show two histories: somebody must be left to find out. */
const FORKS_MAX = 4
/** Longer than neighbours wait before they compare heads again. */
const GOSSIP_MS = 61_000

export class Society extends Histories {
  /** What was done, newest last, to be printed where something does not hold. */
  readonly diary: string[] = []
  readonly counts = new Map<string, number>()
  /** Members that showed two histories; nobody deals with them any more. */
  readonly forked = new Set<string>()
  override readonly acquainted = 0.25
  /** By canary, the members who were allowed to have it at some time: a copy once given stays. */
  readonly #allowed = new Map<string, Set<string>>()
  /** What may have been lost with a disk before it was given to all who should have it. */
  readonly #uncertain = new Set<string>()
  readonly #restored = new Set<string>()
  /** Pairs one of whom may have forgotten the other, or who both lost what one had given the other. */
  readonly #estranged = new Set<string>()
  readonly #backups = new Map<string, Backup>()
  #labels = 0

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

  override may(said: Said, reader: Reader): boolean {
    if (reader === 'public' || reader.machine) return super.may(said, reader)
    return this.#allowed.get(said.canary)?.has(reader.member) ?? super.may(said, reader)
  }

  override async begin(): Promise<void> {
    await super.begin()
    for (const name of this.names) await this.addCollection(name)
  }

  async live(steps: number): Promise<void> {
    const possible: readonly Step[] = [
      [30, 'speak', () => this.#speak()],
      [8, 'take back', () => this.withdraw()],
      [4, 'erase', () => this.#erase()],
      [3, 'found a collection', async () => void (await this.addCollection(this.one(this.honest)))],
      [5, 'share otherwise', () => this.#shareOtherwise()],
      [20, 'ask a peer', async () => this.pull()],
      [6, 'weather', async () => this.changeWeather()],
      [1, 'calm', async () => this.#calm()],
      [2, 'meet', () => this.meet()],
      [3, 'start again', () => this.#startAgain()],
      [4, 'back up', () => this.#backUp()],
      [2, 'lose a disk', () => this.#loseDisk()],
      [0.3, 'show two histories', () => this.#showTwoHistories()],
    ]
    const total = possible.reduce((sum, [weight]) => sum + weight, 0)
    for (let n = 0; n < steps; n += 1) {
      const [, name, run] = drawn(possible, (this.world.pick(1_000_000) / 1_000_000) * total)
      this.diary.push(`${n} ${name}`)
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
      await run()
      await this.world.pass(250 * (1 + this.world.pick(4)))
      await this.check.step()
      assert.deepEqual(this.leaks, [], 'nobody has what was never allowed to it')
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
    await this.#nobodyHonestIsAccused()
    return { ...(await this.#nothingIsMissing()), forksKnown: await this.#forksAreKnown() }
  }

  async #nobodyHonestIsAccused(): Promise<void> {
    for (const name of this.honest) {
      const { items: found } = await this.world.api<{ items: EvidenceView[] }>(this.member(name), 'GET', '/evidence')
      for (const { file } of found) {
        const verdict = judgeEvidence(parseEvidence(Buffer.from(file)))
        assert.ok(verdict.ok && this.forked.has(verdict.origin.replace(/\/log$/, '')), `${name} accuses the honest`)
      }
      for (const { member, stopped } of await this.#peersAt(name))
        if (!this.#estranged.has([name, member].toSorted().join(' ')))
          assert.ok(stopped === undefined || this.forked.has(member), `${name} stopped with ${member}: ${stopped}`)
    }
  }

  async #peersAt(name: string): Promise<{ member: string; stopped?: string }[]> {
    return (await this.world.api<{ items: { member: string; stopped?: string }[] }>(this.member(name), 'GET', '/peers'))
      .items
  }

  /** Neighbours who were shown different histories, and know of each other that they follow that log, both have proof. */
  async #forksAreKnown(): Promise<number> {
    let known = 0
    for (const forked of this.forked) {
      const origin = `${forked}/log`
      for (const pair of await this.#neighboursWatching(origin)) {
        if (await this.#agree(pair, origin)) continue
        for (const name of pair) {
          const { items } = await this.world.api<{ items: EvidenceView[] }>(this.member(name), 'GET', '/evidence')
          const knows = items.some(({ file }) => Buffer.from(file).includes(origin))
          assert.ok(knows, `${name} does not know that ${origin} is two, which ${pair.join(' and ')} could see`)
        }
        known += 1
      }
    }
    return known
  }

  async #comparesWith(a: string, b: string, origin: string): Promise<boolean> {
    if (!this.peers.has(`${a} ${b}`) || this.#estranged.has(`${a} ${b}`)) return false
    const knows = (holder: string, other: string) =>
      this.member(holder).store.get('SELECT 1 FROM follower WHERE origin = ? AND member = ?', origin, other)
    return (await knows(a, b)) !== undefined && (await knows(b, a)) !== undefined
  }

  /** Whether one of two mirrors is the beginning of the other. */
  async #agree([a, b]: readonly [string, string], origin: string): Promise<boolean> {
    const [left, right] = [await this.#leavesAt(a, origin), await this.#leavesAt(b, origin)]
    const common = Math.min(left.length, right.length)
    return left.subarray(0, common).equals(right.subarray(0, common))
  }

  async #leavesAt(name: string, origin: string): Promise<Buffer> {
    const rows = await this.member(name).store.all<{ bytes: Uint8Array }>(
      'SELECT e.bytes FROM log_entries e JOIN log l ON l.id = e.log WHERE l.origin = ? ORDER BY e.n',
      origin,
    )
    return Buffer.concat(rows.map(({ bytes }) => bytes))
  }

  /** Whoever may have something has it, and what was taken back is found by nobody. */
  async #nothingIsMissing(): Promise<{ pairs: number; due: number }> {
    let [pairs, due] = [0, 0]
    for (const name of this.honest) {
      const held = await this.#shownBy(name)
      const kept = await this.#keptBy(name)
      for (const said of this.said.values()) {
        if ((said.owner === name && !said.erased) || this.#uncertain.has(said.canary)) continue
        pairs += 1
        if (this.#estranged.has([name, said.owner].toSorted().join(' '))) continue
        const [reader, story] = [{ member: name, machine: false }, this.#storyOf(name, said)]
        if (said.withdrawn) assert.ok(!held.has(said.canary), `${name} still shows what was withdrawn: ${story}`)
        if (said.erased) assert.ok(!kept.has(said.canary), `${name} still has what was erased: ${story}`)
        if (said.withdrawn || !super.may(said, reader)) continue
        due += 1
        assert.ok(held.has(said.canary), `${name} lacks what it may have: ${story}`)
      }
    }
    return { pairs, due }
  }

  #storyOf(name: string, { owner, tlp, collection, canary }: Said): string {
    const lost = [name, owner].filter((each) => this.#restored.has(each))
    return `${canary}, ${tlp}, of ${owner}, shared ${collection.share}; restored: ${lost.join(' and ') || 'neither'}`
  }

  /** The canaries of all records that a member shows. */
  async #shownBy(name: string): Promise<Set<string>> {
    const rows = await this.member(name).store.all<{ bytes: Uint8Array }>(
      'SELECT i.bytes FROM record r JOIN item i ON i.seq = r.seq WHERE r.withdrawn IS NULL',
    )
    return canariesIn(Buffer.concat(rows.map(({ bytes }) => bytes)).toString('latin1'))
  }

  async #speak(): Promise<void> {
    const standing = this.collections.filter(({ owner }) => !this.forked.has(owner))
    await this.publish(this.one(standing))
    for (const said of [...this.said.values()].slice(-3)) this.#note(said)
  }

  override async withdraw(): Promise<void> {
    const standing = [...this.said.values()].filter(
      (said) => !said.withdrawn && !this.forked.has(said.owner) && !this.#uncertain.has(said.canary),
    )
    if (standing.length === 0) return
    await this.takeBack(this.one(standing))
  }

  /** Something said earlier is erased, perhaps after it was taken back. */
  async #erase(): Promise<void> {
    const standing = [...this.said.values()].filter(
      (said) => !said.erased && !this.forked.has(said.owner) && !this.#uncertain.has(said.canary),
    )
    if (standing.length === 0) return
    await this.takeBack(this.one(standing), true)
  }

  override async introduce(a: string, b: string): Promise<void> {
    if (this.forked.has(a) || this.forked.has(b)) return
    await super.introduce(a, b)
    this.#noteAllowed(a)
    this.#noteAllowed(b)
  }

  async #shareOtherwise(): Promise<void> {
    const collection = this.one(this.collections.filter((each) => !this.forked.has(each.owner) && !each.public))
    const share = this.one(SHARES)
    // What is allowed for a moment may be given in that moment, so both are written down.
    this.#noteAllowed(collection.owner)
    collection.share = share
    this.#noteAllowed(collection.owner)
    await this.world.api(this.member(collection.owner), 'PATCH', `/collections/${collection.alias}`, { share })
  }

  #calm(): void {
    this.world.network.weather = { dropped: 0, duplicated: 0, answerLost: 0, delayMs: 0 }
    this.world.network.cut.clear()
  }

  async #startAgain(): Promise<void> {
    const name = this.one(this.honest)
    await this.world.move(name, name)
  }

  async #backUp(): Promise<void> {
    const name = this.one(this.honest)
    this.#labels += 1
    const previous = this.#backups.get(name)
    if (previous !== undefined) rmSync(previous.path, { recursive: true })
    this.#backups.set(name, {
      path: this.world.backUp(name, String(this.#labels)),
      collections: new Map(this.#collectionsOf(name).map(({ alias, share }) => [alias, share])),
      said: new Map(this.#saidBy(name).map(({ canary, withdrawn }) => [canary, withdrawn])),
      erased: new Set(this.#saidBy(name).flatMap(({ canary, erased }) => (erased ? [canary] : []))),
      peers: new Set(this.names.filter((peer) => this.peers.has(`${name} ${peer}`))),
      size: (await this.member(name).store.get<{ size: number }>('SELECT size FROM log WHERE id = 1'))?.size ?? 0,
    })
  }

  /** A disk is lost, the backup restored, and all peers asked: whoever restores asks everybody first. */
  async #loseDisk(): Promise<void> {
    const name = this.one(this.honest)
    const backup = this.#backups.get(name)
    if (backup === undefined) return
    this.#calm()
    const member = await this.world.network.apart(async () => {
      await this.world.silence()
      if (!(await this.#peersKnowEnough(name, backup))) return undefined
      return this.world.restore(name, backup.path)
    })
    if (member === undefined) return
    this.#backups.delete(name)
    await this.world.api(member, 'POST', '/log/resume')
    this.diary.push(`  ${name}, which had ${backup.size} statements in its backup`)
    this.#forget(name, backup)
    this.check.expectShorter(name)
  }

  /** Whether those whom the backup knows hold as much of the log as anybody does: else a second history would begin. */
  async #peersKnowEnough(name: string, backup: Backup): Promise<boolean> {
    let [known, anybody] = [-1, 0]
    for (const holder of this.honest) {
      const row = await this.member(holder).store.get<{ size: number }>(
        'SELECT size FROM log WHERE origin = ? AND id <> 1',
        `${name}/log`,
      )
      if (row === undefined) continue
      anybody = Math.max(anybody, row.size)
      if (backup.peers.has(holder)) known = Math.max(known, row.size)
    }
    return known >= Math.max(anybody, backup.size)
  }

  #forget(name: string, backup: Backup): void {
    for (const collection of this.#collectionsOf(name)) {
      const share = backup.collections.get(collection.alias)
      if (share === undefined) this.collections.splice(this.collections.indexOf(collection), 1)
      else collection.share = share
    }
    for (const said of this.#saidBy(name))
      if (backup.said.get(said.canary) !== said.withdrawn || said.erased !== backup.erased.has(said.canary))
        this.#uncertain.add(said.canary)
    for (const peer of this.names.filter((each) => this.peers.has(`${name} ${each}`)))
      if (!backup.peers.has(peer) || this.#restored.has(peer)) this.#estranged.add([name, peer].toSorted().join(' '))
    this.#restored.add(name)
  }

  /** A member runs twice and says different things to different peers, of whom at least two compare what they see. */
  async #showTwoHistories(): Promise<void> {
    if (this.forked.size >= FORKS_MAX) return
    const name = this.one(this.honest)
    const [pair] = await this.#neighboursWatching(`${name}/log`)
    if (pair === undefined) return
    const { network } = this.world
    this.check.expectFork(`${name}/log`)
    const twin = await this.world.twin(name, `twin.${name}`)
    const fooled = new Set([...this.some(this.honest), pair[0]])
    fooled.delete(pair[1])
    const straight = network.reroute
    network.reroute = (from, host) => (host === name && fooled.has(from) ? `twin.${name}` : straight(from, host))
    for (const speaker of [this.member(name), twin]) await this.#announce(speaker)
    this.diary.push(`  ${name}, of which ${pair[0]} sees one and ${pair[1]} the other`)
    this.forked.add(name)
    for (const said of this.#saidBy(name)) this.#uncertain.add(said.canary)
    for (let i = this.collections.length - 1; i >= 0; i -= 1)
      if (this.collections[i]?.owner === name) this.collections.splice(i, 1)
  }

  /** Pairs of honest peers who know of each other that they follow a log. */
  async #neighboursWatching(origin: string): Promise<(readonly [string, string])[]> {
    const pairs: (readonly [string, string])[] = []
    for (const a of this.honest)
      for (const b of this.honest) if (a < b && (await this.#comparesWith(a, b, origin))) pairs.push([a, b])
    return pairs
  }

  /** Something that goes into the log and to nobody, another thing each time. */
  async #announce(speaker: WorldMember): Promise<void> {
    await speaker.store.write(ramble, { member: speaker.identity.member, count: 1 + this.world.pick(5) })
  }

  #collectionsOf(name: string): Collection[] {
    return this.collections.filter(({ owner }) => owner === name)
  }

  #saidBy(name: string): Said[] {
    return [...this.said.values()].filter(({ owner }) => owner === name)
  }

  #noteAllowed(owner?: string): void {
    for (const said of this.said.values()) if (owner === undefined || said.owner === owner) this.#note(said)
  }

  #note(said: Said): void {
    const allowed = this.#allowed.get(said.canary) ?? new Set([said.owner])
    this.#allowed.set(said.canary, allowed)
    for (const member of this.names) if (super.may(said, { member, machine: false })) allowed.add(member)
  }

  /** The canaries in everything a member holds of statements. */
  async #keptBy(name: string): Promise<Set<string>> {
    const rows = await this.member(name).store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
    return canariesIn(Buffer.concat(rows.map(({ bytes }) => bytes)).toString('latin1'))
  }
}

function drawn(steps: readonly Step[], at: number): Step {
  let sum = 0
  return steps.find(([weight]) => (sum += weight) > at) ?? (steps[0] as Step)
}
