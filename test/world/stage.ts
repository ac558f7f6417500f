// A small scene for tests of deliveries: one author with an open collection, and peers that pull from it.
import assert from 'node:assert/strict'
import { Fault } from '#kernel/fault.ts'
import { World, type WorldMember } from './world.ts'

export type Stage = { readonly world: World; readonly a: WorldMember; readonly b: WorldMember }

/** `a.example` with a collection `open` for all its peers, of which `b.example` is one. */
export async function stage(seed: string, others: readonly string[] = ['b.example']): Promise<Stage> {
  const world = new World(seed)
  const a = await world.add('a.example')
  for (const name of others) await world.introduce(a, await world.add(name))
  await world.api(a, 'POST', '/collections', {
    title: 'Open',
    alias: 'open',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  return { world, a, b: world.members.get('b.example') as WorldMember }
}

/** The author says one indicator and everybody has time to hear of it. Returns its id. */
export async function say(world: World, a: WorldMember, name: string, collection = 'open'): Promise<string> {
  const time = new Date(world.clock.nowMs()).toISOString()
  const id = `indicator--${crypto.randomUUID()}`
  const object = {
    type: 'indicator',
    spec_version: '2.1',
    id,
    created: time,
    modified: time,
    name,
    pattern: `[domain-name:value = '${name}.example']`,
    pattern_type: 'stix',
    valid_from: time,
  }
  const response = await a.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${Buffer.from(world.random(32)).toString('hex')}`,
    headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(object),
  })
  assert.equal(response.statusCode, 200, response.body)
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
