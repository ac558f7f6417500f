// Nobody has what it may not have, and everybody who may has it, over random histories of members, markings,
// audiences, collections and withdrawals. Every record carries a canary that must not turn up anywhere else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHARES, type Share } from '#kernel/policy.ts'
import { TLP, type Tlp } from '#kernel/marking.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { tamper, World, type WorldMember } from './world.ts'

const COMMUNITIES = ['red-team.example', 'energy.example']
const NAMES = ['a.example', 'b.example', 'c.example', 'd.example']
const TLP_IDS: Readonly<Record<Tlp, string>> = {
  CLEAR: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  GREEN: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  AMBER: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'AMBER+STRICT': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  RED: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
}

type Collection = {
  readonly owner: string
  readonly alias: string
  readonly communities: readonly string[]
  readonly named: readonly string[]
  share: Share
}
type Said = {
  readonly owner: string
  readonly id: string
  readonly canary: string
  readonly tlp: Tlp
  readonly collection: Collection
  withdrawn: boolean
}

class History {
  readonly world: World
  readonly collections: Collection[] = []
  readonly said: Said[] = []
  /** `owner peer`: the communities the owner counts the peer into; absent where they are no peers. */
  readonly peers = new Map<string, readonly string[]>()

  constructor(seed: string) {
    this.world = new World(seed)
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

  async begin(): Promise<void> {
    for (const name of NAMES) await this.world.add(name)
    for (const name of NAMES) for (let i = 0; i < 2; i += 1) await this.addCollection(name)
    for (const a of NAMES) for (const b of NAMES) if (a < b && this.world.chance(0.6)) await this.introduce(a, b)
  }

  async addCollection(owner: string): Promise<void> {
    const collection: Collection = {
      owner,
      alias: `c${this.collections.length}`,
      communities: this.some(COMMUNITIES),
      named: this.some(NAMES.filter((name) => name !== owner)),
      share: this.one(SHARES),
    }
    this.collections.push(collection)
    await this.world.api(this.member(owner), 'POST', '/collections', {
      title: collection.alias,
      alias: collection.alias,
      share: collection.share,
      named: collection.named,
      marking: {
        tlp: 'AMBER+STRICT',
        audience: { named: false, communities: collection.communities },
        personal: 'present',
      },
    })
  }

  async introduce(a: string, b: string): Promise<void> {
    if (this.peers.has(`${a} ${b}`)) return
    const communities = this.some(COMMUNITIES)
    await this.world.introduce(this.member(a), this.member(b), communities)
    this.peers.set(`${a} ${b}`, communities)
    this.peers.set(`${b} ${a}`, communities)
  }

  async step(): Promise<void> {
    const { world } = this
    world.clock.advance(1000 + world.pick(5000))
    const kind = world.pick(20)
    if (kind < 12) return this.publish(this.one(this.collections))
    if (kind < 14) return this.withdraw()
    if (kind < 15) return this.widen(this.one(this.collections))
    if (kind < 16) {
      const [a, b] = [this.one(NAMES), this.one(NAMES)]
      return a < b ? this.introduce(a, b) : undefined
    }
    if (kind < 17)
      world.weather = {
        dropped: world.pick(30) / 100,
        duplicated: world.pick(30) / 100,
        answerLost: world.pick(30) / 100,
      }
    else await this.pull()
    return undefined
  }

  async publish(collection: Collection): Promise<void> {
    const count = 1 + this.world.pick(3)
    const objects = Array.from({ length: count }, () => {
      const canary = `canary${Buffer.from(this.world.random(12)).toString('hex')}`
      const tlp = this.one(TLP)
      const id = `indicator--${crypto.randomUUID()}`
      this.said.push({ owner: collection.owner, id, canary, tlp, collection, withdrawn: false })
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
    const body = objects.map((object) => JSON.stringify(object)).join('\n')
    const owner = this.member(collection.owner)
    const response = await owner.app.inject({
      method: 'POST',
      url: `/api/import?collection=${collection.alias}&digest=${Buffer.from(this.world.random(32)).toString('hex')}`,
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/octet-stream' },
      payload: body,
    })
    assert.match(response.body, new RegExp(`"added":${count}`))
  }

  async withdraw(): Promise<void> {
    const standing = this.said.filter((each) => !each.withdrawn)
    if (standing.length === 0) return
    const said = this.one(standing)
    await this.world.api(this.member(said.owner), 'POST', '/withdrawals', { id: said.id, reason: 'false-positive' })
    said.withdrawn = true
  }

  async widen(collection: Collection): Promise<void> {
    const wider = SHARES[Math.min(SHARES.indexOf(collection.share) + 1, SHARES.length - 1)] as Share
    collection.share = wider
    await this.world.api(this.member(collection.owner), 'PATCH', `/collections/${collection.alias}`, { share: wider })
  }

  async pull(): Promise<void> {
    const [name, peer] = [this.one(NAMES), this.one(NAMES)]
    if (this.peers.has(`${name} ${peer}`))
      await this.member(name)
        .federation.pullPeer(peer)
        .catch(() => {})
  }

  /** Written down again from the rules people read, not from the code that decides. */
  may(said: Said, member: string): boolean {
    const { owner, tlp, collection } = said
    if (member === owner) return true
    const standing = this.peers.get(`${owner} ${member}`)
    if (standing === undefined) return false
    const named = collection.named.includes(member)
    const inCommunity = standing.some((name) => collection.communities.includes(name))
    const floor = tlp === 'RED' || tlp === 'AMBER+STRICT' ? named : tlp === 'AMBER' ? named || inCommunity : true
    const share = { none: false, named, community: named || inCommunity, peers: true }[collection.share]
    return floor && share
  }
}

/** Everything a member holds or said: all tables and every log line, as one text. */
async function everythingAt(member: WorldMember): Promise<string> {
  const tables = await member.store.all<{ name: string }>(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'record_text%'`,
  )
  const parts: string[] = [...member.logLines]
  for (const { name } of tables)
    for (const row of await member.store.all(`SELECT * FROM "${name}"`))
      for (const value of Object.values(row))
        if (value !== null)
          parts.push(typeof value === 'object' ? Buffer.from(value).toString('latin1') : String(value))
  return parts.join('\n')
}

type Verdict = { readonly leaks: string[]; readonly losses: string[]; readonly allowed: number; readonly pairs: number }

async function judge(history: History): Promise<Verdict> {
  const verdict = { leaks: [] as string[], losses: [] as string[] }
  let [allowed, pairs] = [0, 0]
  for (const name of NAMES) {
    const member = history.member(name)
    const held = await everythingAt(member)
    for (const said of history.said) {
      if (name === said.owner) continue
      const may = history.may(said, name)
      pairs += 1
      if (may) allowed += 1
      const has = held.includes(said.canary)
      if (has && !may)
        verdict.leaks.push(
          `${name} has a ${said.tlp} record of ${said.owner} from a collection shared ${said.collection.share}`,
        )
      if (!has && may && !said.withdrawn) verdict.losses.push(`${name} lacks a ${said.tlp} record of ${said.owner}`)
    }
    for (const said of history.said.filter((each) => each.withdrawn)) {
      const found = await history.world.api<{ items: unknown[] }>(member, 'GET', `/search?q=${said.canary}`)
      if (found.items.length > 0) verdict.losses.push(`${name} still finds a withdrawn record of ${said.owner}`)
    }
    const lines = member.logLines.join('\n')
    for (const said of history.said)
      if (lines.includes(said.canary)) verdict.leaks.push(`a log line at ${name} holds content`)
  }
  return { ...verdict, allowed, pairs }
}

async function play(seed: string, steps: number, plant?: (history: History) => Promise<void>): Promise<Verdict> {
  const history = new History(seed)
  await using _ = history.world
  await history.begin()
  for (let i = 0; i < steps; i += 1) {
    if (i === Math.floor(steps / 2)) await plant?.(history)
    await history.step()
  }
  await history.world.quiesce()
  return await judge(history)
}

test('over random histories everyone who may has it, and nobody else has it anywhere', async (t) => {
  const histories = rounds({ test: 12, soak: 400 })
  const steps = rounds({ test: 60, soak: 300 })
  let [allowed, pairs] = [0, 0]
  for (let i = 0; i < histories; i += 1) {
    const seed = `${seedOf('leak')} ${i}`
    const verdict = await play(seed, steps)
    assert.deepEqual(verdict.leaks, [], `seed ${seed}`)
    assert.deepEqual(verdict.losses, [], `seed ${seed}`)
    allowed += verdict.allowed
    pairs += verdict.pairs
  }
  t.diagnostic(
    `${histories} histories, ${pairs} pairs of record and member, ${Math.round((100 * allowed) / pairs)} % of them allowed`,
  )
})

const FAULTS: Readonly<Record<string, (history: History) => Promise<void>>> = {
  'the floor switched off': async (history) => {
    for (const member of history.world.members.values())
      await member.store.write(tamper, `UPDATE label_class SET marking = json_set(marking, '$.tlp', 'CLEAR')`)
  },
  'the audience ignored': async (history) => {
    const all = JSON.stringify(COMMUNITIES)
    for (const member of history.world.members.values())
      await member.store.write(
        tamper,
        `UPDATE label_class SET marking = json_set(marking, '$.audience.communities', json('${all}'))`,
      )
    for (const member of history.world.members.values())
      await member.store.write(tamper, `UPDATE member SET communities = '${all}'`)
  },
  'content in a log line': async (history) => {
    const [said] = history.said
    history.member('d.example').app.log.info({ record: said?.canary }, 'a careless line')
  },
}

for (const [name, plant] of Object.entries(FAULTS))
  test(`it is found out: ${name}`, async () => {
    let leaks = 0
    for (let i = 0; i < 5 && leaks === 0; i += 1) leaks = (await play(`planted ${name} ${i}`, 60, plant)).leaks.length
    assert.ok(leaks > 0)
  })
