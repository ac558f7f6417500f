// A small scene: one author with an open collection, and peers that pull from it; and what is done on it everywhere.
import assert from 'node:assert/strict'
import { Fault } from '#kernel/fault.ts'
import { uuidv4 } from '#kernel/id.ts'
import { World, type WorldMember } from './world.ts'

export type Stage = { readonly world: World; readonly a: WorldMember; readonly b: WorldMember } & AsyncDisposable

type Setting = {
  /** The author's peers. */
  readonly others?: readonly string[]
  /** Where stores lie, where not in memory. */
  readonly folder?: string
  /** The author's recovery key. */
  readonly recoverySeed?: Uint8Array
}

/** `a.example` with a collection `open` for all its peers, of which `b.example` is one. */
export async function stage(
  seed: string,
  { others = ['b.example'], folder, recoverySeed }: Setting = {},
): Promise<Stage> {
  const world = new World(seed, folder)
  const a = await world.add('a.example', recoverySeed === undefined ? {} : { recoverySeed })
  for (const name of others) await world.introduce(a, await world.add(name))
  await open(world, a)
  const b = world.members.get('b.example') as WorldMember
  return { world, a, b, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

/** The community in which words are passed on. */
export const ENERGY = 'energy.example'

export type Chain = {
  readonly world: World
  readonly a: WorldMember
  readonly b: WorldMember
  readonly c: WorldMember
} & AsyncDisposable

type Marking = { readonly tlp?: string; readonly communities?: readonly string[] }
export type Links = Marking & {
  readonly folder?: string
  /** The author's recovery key. */
  readonly recoverySeed?: Uint8Array
  /** Whether the author and `c` know each other. */
  readonly met?: boolean
}

/** The author `a` counts `b` into the community and `b` counts `c` into it; to `c` the author itself gives nothing. */
export async function chain(
  seed: string,
  { folder, recoverySeed, met = true, ...marking }: Links = {},
): Promise<Chain> {
  const world = new World(seed, folder)
  const a = await world.add('a.example', recoverySeed === undefined ? {} : { recoverySeed })
  const [b, c] = [await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b, [ENERGY])
  await world.introduce(b, c, [ENERGY])
  if (met) await world.introduce(a, c)
  await energy(world, a, marking)
  return { world, a, b, c, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

/** A collection `energy` for a community; where its marking asks for names, `b.example` is named. */
export async function energy(
  world: World,
  member: WorldMember,
  { tlp = 'AMBER', communities = [ENERGY] }: Marking = {},
): Promise<void> {
  await world.api(member, 'POST', '/collections', {
    title: 'Energy',
    alias: 'energy',
    share: 'community',
    named: tlp === 'RED' || tlp === 'AMBER+STRICT' ? ['b.example'] : [],
    marking: { tlp, audience: { named: false, communities }, personal: 'none' },
  })
}

/** A collection `open` for all peers of a member. */
export async function open(world: World, member: WorldMember): Promise<void> {
  await world.api(member, 'POST', '/collections', {
    title: 'Open',
    alias: 'open',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
}

/** A member says one indicator, a second after whatever was before. Returns its id. */
export async function publish(world: World, member: WorldMember, name: string, collection = 'open'): Promise<string> {
  const [id = ''] = await publishAll(world, member, [name], collection)
  return id
}

/** The same with several, in one statement. */
export async function publishAll(
  world: World,
  member: WorldMember,
  names: readonly string[],
  collection = 'open',
): Promise<string[]> {
  world.clock.advance(1000)
  const time = new Date(world.clock.nowMs()).toISOString()
  const objects = names.map((name) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuidv4(world.random(16))}`,
    created: time,
    modified: time,
    name,
    pattern: `[domain-name:value = '${name}.example']`,
    pattern_type: 'stix',
    valid_from: time,
  }))
  const response = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${Buffer.from(world.random(32)).toString('hex')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: objects.map((object) => JSON.stringify(object)).join('\n'),
  })
  assert.equal(response.statusCode, 200, response.body)
  return objects.map(({ id }) => id)
}

/** The same, and everybody has time to hear of it. */
export async function say(world: World, member: WorldMember, name: string, collection?: string): Promise<string> {
  const id = await publish(world, member, name, collection)
  await world.pass(3000)
  return id
}

/** One round with `from`. Returns why it ended early, or nothing. */
export const pull = async (member: WorldMember, from = 'a.example'): Promise<string> =>
  member.federation.pullPeer(from).then(
    () => '',
    (error: unknown) => {
      assert.ok(error instanceof Fault, String(error))
      return error.message
    },
  )

export async function finds(world: World, member: WorldMember, word: string): Promise<number> {
  return (await world.api<{ items: unknown[] }>(member, 'GET', `/search?q=${word}`)).items.length
}

/** The next time that a member's store is asked for this command it has no room for it. Returns whether that has been. */
export function failOnce(member: WorldMember, command: string): () => boolean {
  const { store } = member
  const write = store.write.bind(store)
  let failed = false
  const failing: typeof write = async (asked, ...rest) => {
    if (failed || asked.name !== command) return write(asked, ...rest)
    failed = true
    throw new Fault('busy', 'the writer has no room')
  }
  Object.assign(store, { write: failing })
  return () => failed
}
