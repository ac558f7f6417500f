// Random histories over one world: members that meet, collections that are shared somehow, records that are said,
// widened and taken back, under rules of their own that come and go, in any weather. Every record carries a canary. What
// each member may have is written down again here from the rules people read, not from the code that decides; own rules
// are made from a grammar together with what they mean.
import assert from 'node:assert/strict'
import { zstdDecompressSync } from 'node:zlib'
import { uuidv4 } from '#kernel/id.ts'
import { TLP, type Tlp } from '#kernel/marking.ts'
import { SHARES, type Principal, type Share, type Subject } from '#kernel/policy/types.ts'
import { randomRules, textOf, type RandomRule } from '#test/policy/grammar.ts'
import { Chance } from '#test/policy/random.ts'
import { Check } from './check.ts'
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

export type Collection = {
  readonly owner: string
  readonly alias: string
  readonly communities: readonly string[]
  readonly named: readonly string[]
  readonly public: boolean
  share: Share
}

export type Said = {
  readonly owner: string
  readonly id: string
  readonly canary: string
  readonly tlp: Tlp
  readonly collection: Collection
  /** Taken back, one way or the other. */
  withdrawn: boolean
  /** Whether not a byte of it may be left. */
  erased: boolean
}

/** Whom something is disclosed to: a member's node, a machine client acting for a member, or anybody. */
export type Reader = { readonly member: string; readonly machine: boolean } | 'public'

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
  /** `owner peer`: the communities the owner counts the peer into; absent where they are no peers. */
  readonly peers = new Map<string, readonly string[]>()
  /** The rules of each member's own, as they are now. */
  readonly rules = new Map<string, readonly RandomRule[]>()
  /** `canary reader`: what somebody was allowed before own rules changed, and may have got then. */
  readonly #allowedBefore = new Set<string>()
  readonly #chance: Chance
  readonly leaks: string[] = []
  readonly names: readonly string[]
  /** The share of pairs that know each other from the beginning. */
  readonly acquainted: number = 0.7
  #founded = 0

  constructor(seed: string, folder?: string, names: readonly string[] = NAMES) {
    this.names = names
    this.world = new World(seed, folder)
    this.#chance = new Chance(`rules ${seed}`)
    this.check = new Check(this.world, (holder, _origin, items) => {
      for (const item of items) this.disclosed(Buffer.from(item), { member: holder, machine: false }, 'a statement')
    })
    this.world.network.arrived = (to, { headers, body }) => {
      const bytes = headers['content-encoding'] === 'zstd' ? zstdDecompressSync(body) : body
      this.disclosed(Buffer.from(bytes), { member: to, machine: false }, 'an answer over the network')
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
      if (said === undefined || this.may(said, reader) || this.#allowedBefore.has(`${canary} ${nameOf(reader)}`))
        continue
      const who = reader === 'public' ? 'anybody' : `${reader.member}${reader.machine ? ' (machine)' : ''}`
      this.leaks.push(
        `${who} sees a ${said.tlp} record of ${said.owner} from a collection shared ${said.collection.share}: ${where}`,
      )
    }
    return found
  }

  async begin(): Promise<void> {
    for (const name of this.names) await this.world.add(name)
    for (const a of this.names)
      for (const b of this.names) if (a < b && this.world.chance(this.acquainted)) await this.introduce(a, b)
    await this.check.step()
  }

  /** One history: a collection comes to be, and things happen to it and to the world. */
  async play(): Promise<void> {
    const collection = await this.addCollection(this.one(this.names))
    const steps: (() => Promise<void>)[] = [() => this.publish(collection)]
    if (this.world.chance(0.3)) steps.push(() => this.publish(this.one(this.collections)))
    if (this.world.chance(0.3)) steps.push(() => this.withdraw())
    if (this.world.chance(0.15)) steps.push(() => this.widen(this.one(this.collections)))
    if (this.world.chance(0.1)) steps.push(() => this.setRules(this.one(NAMES)))
    if (this.world.chance(0.3)) steps.push(async () => this.pull())
    if (this.world.chance(0.1)) steps.push(async () => this.changeWeather())
    if (this.world.chance(0.05)) steps.push(() => this.meet())
    for (const step of steps) {
      await step()
      await this.world.pass(250 * (1 + this.world.pick(8)))
      await this.check.step()
    }
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
      ...wanted,
    }
    this.collections.push(collection)
    await this.world.api(this.member(owner), 'POST', '/collections', {
      title: collection.alias,
      alias: collection.alias,
      share,
      public: collection.public,
      named: collection.named,
      marking: {
        tlp: 'AMBER+STRICT',
        audience: { named: false, communities: collection.communities },
        personal: 'present',
      },
    })
    return collection
  }

  async introduce(a: string, b: string): Promise<void> {
    if (this.peers.has(`${a} ${b}`)) return
    const communities = this.some(COMMUNITIES)
    // What is approved may flow before both sides have answered, so it is written down first.
    this.peers.set(`${a} ${b}`, communities)
    this.peers.set(`${b} ${a}`, communities)
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
    const count = chosen.length
    const objects = chosen.map((tlp) => {
      const canary = `canary${Buffer.from(this.world.random(12)).toString('hex')}`
      const id = `indicator--${uuidv4(this.world.random(16))}`
      this.said.set(canary, { owner: collection.owner, id, canary, tlp, collection, withdrawn: false, erased: false })
      const time = new Date(this.world.clock.nowMs()).toISOString()
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
    })
    const owner = this.member(collection.owner)
    const response = await owner.app.inject({
      method: 'POST',
      url: `/api/import?collection=${collection.alias}&digest=${Buffer.from(this.world.random(32)).toString('hex')}`,
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/octet-stream' },
      payload: objects.map((object) => JSON.stringify(object)).join('\n'),
    })
    assert.match(response.body, new RegExp(`"added":${count}`))
  }

  async withdraw(): Promise<void> {
    const standing = [...this.said.values()].filter((each) => !each.withdrawn)
    if (standing.length === 0) return
    await this.takeBack(this.one(standing))
  }

  /** Two of three times the record is withdrawn, else erased, unless it is said which. */
  async takeBack(said: Said, erased = this.world.chance(1 / 3)): Promise<void> {
    said.erased = erased
    const [path, reason] = said.erased ? ['/erasures', 'personal-data'] : ['/withdrawals', 'false-positive']
    await this.world.api(this.member(said.owner), 'POST', path as string, { id: said.id, reason })
    said.withdrawn = true
  }

  async widen(collection: Collection): Promise<void> {
    const wider = SHARES[Math.min(SHARES.indexOf(collection.share) + 1, SHARES.length - 1)] as Share
    collection.share = wider
    await this.world.api(this.member(collection.owner), 'PATCH', `/collections/${collection.alias}`, { share: wider })
  }

  /** A member sets other rules of its own, or none. What they were is remembered by what they allowed. */
  async setRules(owner: string): Promise<void> {
    for (const said of this.said.values())
      if (said.owner === owner)
        for (const reader of this.#readers())
          if (this.may(said, reader)) this.#allowedBefore.add(`${said.canary} ${nameOf(reader)}`)
    const names = { members: NAMES, communities: COMMUNITIES }
    const rules = this.world.chance(0.4) ? [] : randomRules(this.#chance, 1 + this.world.pick(4), names)
    this.rules.set(owner, rules)
    const files = rules.length === 0 ? [] : [{ name: 'own.cedar', text: textOf(rules) }]
    await this.world.api(this.member(owner), 'PUT', '/policy', { files })
  }

  #readers(): Reader[] {
    return ['public', ...NAMES.flatMap((member) => [true, false].map((machine) => ({ member, machine })))]
  }

  pull(): void {
    const [name, peer] = [this.one(this.names), this.one(this.names)]
    if (this.peers.has(`${name} ${peer}`))
      this.member(name)
        .federation.pullPeer(peer)
        .catch(() => {})
  }

  /** TLP 2.0, the owner's sharing and the owner's own rules, in the order people read them. */
  may(said: Said, reader: Reader): boolean {
    const { owner, tlp, collection } = said
    if (reader === 'public') {
      const { permit, forbid } = this.#ownRules(said, { kind: 'public' }, false)
      return tlp === 'CLEAR' && collection.public && !forbid && (collection.share === 'peers' || permit)
    }
    if (reader.machine && tlp === 'RED') return false
    if (reader.member === owner) return true
    const standing = this.peers.get(`${owner} ${reader.member}`)
    const named = collection.named.includes(reader.member)
    const inCommunity = standing?.some((name) => collection.communities.includes(name)) === true
    if (standing === undefined && !reader.machine) return false
    const floor = {
      RED: named,
      'AMBER+STRICT': named,
      AMBER: named || inCommunity,
      GREEN: standing !== undefined,
      CLEAR: true,
    }[tlp]
    if (!floor || collection.share === 'none') return false
    const share = { named, community: named || inCommunity, peers: named || standing !== undefined }[collection.share]
    const { permit, forbid } = this.#ownRules(said, principalOf(reader, standing), named)
    return (share || permit) && !forbid
  }

  #ownRules(
    { owner, tlp, collection }: Said,
    principal: Principal,
    named: boolean,
  ): { permit: boolean; forbid: boolean } {
    const audience = { named: collection.named.length > 0, communities: collection.communities }
    const { share, public: open } = collection
    const subject: Subject = {
      marking: { tlp, audience, personal: 'present' },
      named,
      own: true,
      share,
      public: open,
    }
    const applied = (this.rules.get(owner) ?? []).filter((rule) => rule.applies(principal, subject))
    return {
      permit: applied.some(({ effect }) => effect === 'permit'),
      forbid: applied.some(({ effect }) => effect === 'forbid'),
    }
  }
}

function nameOf(reader: Reader): string {
  return reader === 'public' ? 'public' : `${reader.member}${reader.machine ? '/machine' : ''}`
}

/** A member as the owner's rules see it: members of these worlds are technical bodies that name no country. */
function principalOf(reader: Exclude<Reader, 'public'>, standing: readonly string[] | undefined): Principal {
  return {
    kind: 'member',
    member: reader.member,
    approved: standing !== undefined,
    communities: standing ?? [],
    via: reader.machine ? 'machine' : 'peer',
    ...(standing === undefined ? {} : { memberKind: 'technical' }),
  }
}
