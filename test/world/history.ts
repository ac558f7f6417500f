// Random histories over one world: members that meet, collections that are shared somehow, records with their context that
// are said, widened, narrowed, passed on and taken back, under rules of their own that come and go, in any weather. Every
// record and every context carries a canary.
import assert from 'node:assert/strict'
import { zstdDecompressSync } from 'node:zlib'
import { uuidv4 } from '#kernel/id.ts'
import { TLP, type Tlp } from '#kernel/marking.ts'
import { SHARES, type Share } from '#kernel/policy/types.ts'
import { randomRules, textOf } from '#test/policy/grammar.ts'
import { Chance } from '#test/policy/random.ts'
import { Check } from './check.ts'
import { Entitlements, type Collection, type Label, type Reader, type Said } from './may.ts'
import { Secrets } from './secrets.ts'
import { World, type WorldMember } from './world.ts'

const COMMUNITIES = ['red-team.example', 'energy.example']
export const NAMES = ['a.example', 'b.example', 'c.example', 'd.example']
const TLP_IDS: Readonly<Record<Tlp, string>> = {
  CLEAR: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  GREEN: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  AMBER: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'AMBER+STRICT': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  RED: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
}

/** The salts of a statement, and what they hide. Who is named is for nobody else to know. */
const SALTS = [
  ['entry_salt', 'record'],
  ['header_salt', 'record'],
  ['content_seed', 'record'],
  ['context_seed', 'context'],
  ['audience_salt', 'nobody'],
] as const

const CANARY = /canary[0-9a-f]{24}/g

/** The canaries in some bytes. */
export function canariesIn(text: string): Set<string> {
  return new Set(text.match(CANARY))
}

export class Histories {
  readonly world: World
  readonly check: Check
  readonly collections: Collection[] = []
  readonly said = new Map<string, Said>()
  readonly model: Entitlements
  /** Pairs that knew each other before anything was said. */
  readonly acquaintedFirst = new Set<string>()
  /** `canary member`: what somebody was allowed before something was narrowed, and may have got then. */
  readonly #allowedBefore = new Set<string>()
  readonly #chance: Chance
  readonly leaks: string[] = []
  readonly secrets = new Secrets()
  readonly names: readonly string[]
  /** The share of pairs that know each other from the beginning. */
  readonly acquainted: number = 0.7
  #founded = 0

  constructor(seed: string, folder?: string, names: readonly string[] = NAMES) {
    this.names = names
    this.model = new Entitlements(names, (said, member) => this.had(said, member))
    this.world = new World(seed, folder)
    this.#chance = new Chance(`rules ${seed}`)
    this.check = new Check(this.world, (holder, _origin, items) => {
      for (const item of items) this.disclosed(Buffer.from(item), { member: holder, machine: false }, 'a statement')
    })
    this.world.network.arrived = (to, { headers, body }) => {
      const bytes = headers['content-encoding'] === 'zstd' ? zstdDecompressSync(body) : body
      // A copy of a member's machine is that member, as far as others can tell.
      const member = to.replace(/^twin\./, '')
      this.disclosed(Buffer.from(bytes), { member, machine: false }, 'an answer over the network')
    }
  }

  member(name: string): WorldMember {
    return this.world.members.get(name) as WorldMember
  }

  one<T>(list: readonly T[]): T {
    return list[this.world.pick(list.length)] as T
  }

  some<T>(list: readonly T[]): T[] {
    return list.filter(() => this.world.chance(0.5))
  }

  /** Holds what somebody can see against what they may see. */
  disclosed(bytes: Buffer | string, reader: Reader, where: string): Set<string> {
    const found = canariesIn(typeof bytes === 'string' ? bytes : bytes.toString('latin1'))
    for (const canary of found) {
      const said = this.said.get(canary)
      if (said === undefined || this.may(said, reader)) continue
      const what = `a ${said.tlp} ${said.of === undefined ? 'record' : 'context'} of ${said.owner}`
      this.leaks.push(`${nameOf(reader)} sees ${what} from a collection shared ${said.collection.share}: ${where}`)
    }
    if (typeof bytes !== 'string')
      for (const { what, may } of this.secrets.in(bytes))
        if (reader === 'public' || reader.machine || !may(reader.member))
          this.leaks.push(`${nameOf(reader)} can guess by ${what}: ${where}`)
    return found
  }

  may(said: Said, reader: Reader): boolean {
    return this.model.may(said, reader)
  }

  /** Whether a member was allowed something once: a copy that was given stays. */
  had(said: Said, member: string): boolean {
    return this.#allowedBefore.has(`${said.canary} ${member}`)
  }

  /** What is allowed now may be given until it is not allowed any more, so it is written down before that. */
  remember(affected: Iterable<Said> = this.said.values()): void {
    for (const said of affected)
      for (const member of this.model.holders(said)) this.#allowedBefore.add(`${said.canary} ${member}`)
  }

  async begin(): Promise<void> {
    for (const name of this.names) await this.admit(name)
    for (const a of this.names)
      for (const b of this.names) if (a < b && this.world.chance(this.acquainted)) await this.introduce(a, b)
    for (const pair of this.model.peers.keys()) this.acquaintedFirst.add(pair)
    await this.check.step()
  }

  async admit(name: string): Promise<void> {
    await this.world.add(name)
  }

  /** One history: a collection comes to be, and things happen to it and to the world. */
  async play(): Promise<void> {
    const collection = await this.addCollection(this.one(this.names))
    const steps: (() => Promise<unknown>)[] = [() => this.publish(collection)]
    if (this.world.chance(0.3)) steps.push(() => this.publish(this.one(this.collections)))
    if (this.world.chance(0.3)) steps.push(() => this.withdraw())
    if (this.world.chance(0.15)) steps.push(() => this.widen(this.one(this.collections)))
    if (this.world.chance(0.05)) steps.push(() => this.narrow(this.one(this.collections)))
    if (this.world.chance(0.1)) steps.push(() => this.narrowUnseen(this.one(this.collections)))
    if (this.world.chance(0.1)) steps.push(() => this.setRules(this.one(this.names)))
    if (this.world.chance(0.25)) steps.push(() => this.passOn(...this.#twoPeers()))
    if (this.world.chance(0.05)) steps.push(() => this.regroup(...this.#twoPeers()))
    if (this.world.chance(0.3)) steps.push(async () => this.pull())
    if (this.world.chance(0.1)) steps.push(async () => this.changeWeather())
    if (this.world.chance(0.05)) steps.push(() => this.meet())
    for (const step of steps) {
      await step()
      await this.world.pass(250 * (1 + this.world.pick(8)))
      await this.check.step()
    }
  }

  #twoPeers(): [string, string] {
    return this.one([...this.model.peers.keys()]).split(' ') as [string, string]
  }

  async addCollection(owner: string, wanted: Partial<Collection> = {}): Promise<Collection> {
    const share = wanted.share ?? this.one(SHARES)
    const collection: Collection = {
      owner,
      alias: `c${(this.#founded += 1)}`,
      communities: this.some(COMMUNITIES),
      named: this.some(this.names.filter((name) => name !== owner)),
      public: share === 'peers' && this.world.chance(0.5),
      share,
      ...(this.world.chance(0.5) ? { context: { tlp: this.one(TLP), communities: this.some(COMMUNITIES) } } : {}),
      ...wanted,
    }
    this.collections.push(collection)
    await this.world.api(this.member(owner), 'POST', '/collections', {
      title: collection.alias,
      alias: collection.alias,
      share,
      public: collection.public,
      named: collection.named,
      marking: markingOf({ tlp: 'AMBER+STRICT', communities: collection.communities }),
      ...(collection.context === undefined ? {} : { contextMarking: markingOf(collection.context) }),
    })
    return collection
  }

  async introduce(a: string, b: string): Promise<void> {
    if (this.model.peers.has(`${a} ${b}`)) return
    const communities = this.some(COMMUNITIES)
    // What is approved may flow before both sides have answered, so it is written down first.
    this.model.peers.set(`${a} ${b}`, communities)
    this.model.peers.set(`${b} ${a}`, communities)
    this.world.network.cut.delete([a, b].toSorted().join(' '))
    await this.world.introduce(this.member(a), this.member(b), communities)
  }

  async meet(): Promise<void> {
    const [a, b] = [this.one(this.names), this.one(this.names)]
    if (a < b) await this.introduce(a, b)
  }

  changeWeather(): void {
    const { network, pick } = { network: this.world.network, pick: (n: number) => this.world.pick(n) }
    network.weather = {
      dropped: pick(30) / 100,
      duplicated: pick(30) / 100,
      answerLost: pick(30) / 100,
      delayMs: pick(2) * pick(3000),
    }
    const pair = [this.one(this.names), this.one(this.names)].toSorted().join(' ')
    if (this.world.chance(0.5)) network.cut.add(pair)
    else network.cut.clear()
  }

  async publish(collection: Collection, markings?: readonly Tlp[]): Promise<void> {
    const chosen = markings ?? Array.from({ length: 1 + this.world.pick(3) }, () => this.one(TLP))
    const contexts: Record<string, object> = {}
    const objects = chosen.map((tlp) => {
      const record = this.#sayNew({ collection, tlp, id: `indicator--${uuidv4(this.world.random(16))}` })
      if (this.world.chance(0.4)) {
        const { canary } = this.#sayNew({
          collection,
          tlp: collection.context?.tlp ?? tlp,
          id: record.id,
          of: record,
        })
        contexts[record.id] = { victim: canary }
      }
      return indicator(record, this.world.clock.nowMs())
    })
    const context = Buffer.from(Object.keys(contexts).length === 0 ? '' : JSON.stringify(contexts))
    const digest = Buffer.from(this.world.random(32)).toString('hex')
    const owner = this.member(collection.owner)
    const response = await owner.app.inject({
      method: 'POST',
      url: `/api/import?collection=${collection.alias}&digest=${digest}&contextBytes=${context.length}`,
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/octet-stream' },
      payload: Buffer.concat([context, Buffer.from(objects.map((object) => JSON.stringify(object)).join('\n'))]),
    })
    assert.match(response.body, new RegExp(`"added":${chosen.length}`))
    await this.#keepSecrets(owner, chosen.length)
  }

  /** The salts of the newest statements of a member: no two are the same, and each is for those who may have what it hides. */
  async #keepSecrets({ name, store }: WorldMember, count: number): Promise<void> {
    const rows = await store.all<Record<string, Uint8Array | null> & { bytes: Uint8Array; context: Uint8Array | null }>(
      `SELECT s.entry_salt, s.header_salt, s.content_seed, s.context_seed, s.audience_salt, i.bytes, c.bytes AS context
       FROM statement s JOIN item i ON i.seq >= s.seq AND i.seq < s.seq + s.count
       LEFT JOIN item_context c ON c.seq = i.seq WHERE s.log = 1 AND s.kind = 'records.put' ORDER BY i.seq DESC LIMIT ?`,
      count,
    )
    const saidIn = (bytes: Uint8Array | null | undefined): Said[] =>
      [...canariesIn(Buffer.from(bytes ?? []).toString('latin1'))].flatMap((each) => this.said.get(each) ?? [])
    const secrets = new Map<string, { secret: Uint8Array; what: string; hidden: Said[] }>()
    for (const row of rows)
      for (const [what, from] of SALTS) {
        const secret = row[what]
        if (secret === null || secret === undefined) continue
        const known = secrets.get(secret.toHex()) ?? { secret, what, hidden: [] }
        known.hidden.push(...(from === 'nobody' ? [] : saidIn(from === 'record' ? row.bytes : row.context)))
        secrets.set(secret.toHex(), known)
      }
    for (const { secret, what, hidden } of secrets.values()) {
      const may = (member: string): boolean =>
        member === name || hidden.some((said) => this.may(said, { member, machine: false }))
      assert.ok(this.secrets.add(secret, { what: `${what} of ${name}`, may }), 'a salt stands for two things')
    }
  }

  #sayNew(what: Pick<Said, 'collection' | 'tlp' | 'id'> & { readonly of?: Said }): Said {
    const canary = `canary${Buffer.from(this.world.random(12)).toString('hex')}`
    const said = { ...what, owner: what.collection.owner, canary, withdrawn: false, erased: false }
    this.said.set(canary, said)
    return said
  }

  by(owner: string): Said[] {
    return [...this.said.values()].filter((said) => said.owner === owner)
  }

  in(collection: Collection): Said[] {
    return [...this.said.values()].filter((said) => said.collection === collection)
  }

  /** All that was said, without what belongs to it. */
  records(): Said[] {
    return [...this.said.values()].filter(({ of }) => of === undefined)
  }

  async withdraw(): Promise<void> {
    const standing = this.records().filter((each) => !each.withdrawn)
    if (standing.length === 0) return
    await this.takeBack(this.one(standing))
  }

  /** Two of three times the record is withdrawn, else erased, unless it is said which. Its context goes with it. */
  async takeBack(said: Said, erased = this.world.chance(1 / 3)): Promise<void> {
    const all = [...this.said.values()].filter((each) => each === said || each.of === said)
    for (const each of all) each.erased = erased
    const [path, reason] = erased ? ['/erasures', 'personal-data'] : ['/withdrawals', 'false-positive']
    await this.world.api(this.member(said.owner), 'POST', path as string, { id: said.id, reason })
    for (const each of all) each.withdrawn = true
  }

  /** Own rules may forbid for what is shared wider what they allow now. */
  async widen(collection: Collection): Promise<void> {
    this.remember(this.in(collection))
    const wider = SHARES[Math.min(SHARES.indexOf(collection.share) + 1, SHARES.length - 1)] as Share
    await this.share(collection, wider)
  }

  async narrow(collection: Collection): Promise<void> {
    this.remember(this.in(collection))
    await this.share(collection, this.#narrower(collection))
  }

  /** What is narrowed before anybody could ask for it is given to nobody, although it was allowed when it was said. */
  async narrowUnseen(collection: Collection): Promise<void> {
    this.remember(this.in(collection))
    await this.world.network.apart(async () => {
      await this.world.silence()
      await this.publish(collection)
      await this.share(collection, this.#narrower(collection))
    })
  }

  #narrower({ share }: Collection): Share {
    return this.one(SHARES.slice(0, Math.max(1, SHARES.indexOf(share))))
  }

  async share(collection: Collection, share: Share): Promise<void> {
    // What is public is shared with peers, too.
    const open = collection.public && share === 'peers'
    collection.share = share
    collection.public = open
    await this.world.api(this.member(collection.owner), 'PATCH', `/collections/${collection.alias}`, {
      share,
      public: open,
    })
  }

  /** A member sets other rules of its own, or none. */
  async setRules(owner: string): Promise<void> {
    this.remember()
    const names = { members: this.names, communities: COMMUNITIES }
    const rules = this.world.chance(0.4) ? [] : randomRules(this.#chance, 1 + this.world.pick(4), names)
    this.model.rules.set(owner, rules)
    const files = rules.length === 0 ? [] : [{ name: 'own.cedar', text: textOf(rules) }]
    await this.world.api(this.member(owner), 'PUT', '/policy', { files })
  }

  /** A member begins or ceases to pass on what another says. Returns whether it has heard of the other at all. */
  async passOn(member: string, author: string): Promise<boolean> {
    const share = this.world.chance(0.75) ? 'community' : 'none'
    const { items } = await this.world.api<{ items: { alias?: string }[] }>(this.member(member), 'GET', '/collections')
    if (!items.some(({ alias }) => alias === `from-${author}`)) return false
    this.remember(this.by(author))
    if (share === 'none') this.model.passing.delete(`${member} ${author}`)
    else this.model.passing.add(`${member} ${author}`)
    await this.world.api(this.member(member), 'PATCH', `/collections/from-${author}`, { share })
    return true
  }

  /** A member counts a peer into other communities than before. */
  async regroup(member: string, peer: string): Promise<boolean> {
    if (!this.model.peers.has(`${member} ${peer}`)) return false
    const authors = this.names.filter((name) => name === member || this.model.passing.has(`${member} ${name}`))
    this.remember(authors.flatMap((author) => this.by(author)))
    const communities = this.some(COMMUNITIES)
    this.model.peers.set(`${member} ${peer}`, communities)
    await this.world.api(this.member(member), 'POST', `/peers/${peer}/approve`, { communities })
    return true
  }

  pull(): void {
    const [name, peer] = [this.one(this.names), this.one(this.names)]
    if (this.model.peers.has(`${name} ${peer}`))
      this.member(name)
        .federation.pullPeer(peer)
        .catch(() => {})
  }
}

function markingOf({ tlp, communities }: Label): object {
  return { tlp, audience: { named: false, communities }, personal: 'present' }
}

function indicator({ id, canary, tlp }: Said, nowMs: number): object {
  const time = new Date(nowMs).toISOString()
  return {
    type: 'indicator',
    spec_version: '2.1',
    id,
    created: time,
    modified: time,
    name: canary,
    pattern: `[domain-name:value = '${canary}.example']`,
    pattern_type: 'stix',
    valid_from: time,
    object_marking_refs: [TLP_IDS[tlp]],
  }
}

function nameOf(reader: Reader): string {
  if (reader === 'public') return 'anybody'
  return reader.machine ? `${reader.member} (machine at ${reader.at})` : reader.member
}
