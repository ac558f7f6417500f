// A label of one's own means what its definition says, and nobody loosens it by defining it once more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordDetail } from '#sharing/wire.ts'
import { base, id, TIME, type Fields } from './objects.ts'
import { finds } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const OURS = id('marking-definition', 7)
const LATER = '2026-01-02T00:00:00.000Z'

const label = (tlp: string, created = TIME): Fields => ({
  type: 'marking-definition',
  spec_version: '2.1',
  id: OURS,
  created,
  definition_type: 'tlp',
  definition: { tlp },
})
const labelled = (n: number): Fields =>
  base('malware', n, { name: `word${n}`, is_family: true, object_marking_refs: [OURS] })

const marking = (tlp: string): object => ({ tlp, audience: { named: false, communities: [] }, personal: 'none' })

let sources = 0
async function send(member: WorldMember, objects: readonly Fields[], collection = 'c'): Promise<string> {
  sources += 1
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${sources.toString(16).padStart(64, 'e')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: objects.map((object) => JSON.stringify(object)).join('\n'),
  })
  return body
}

/** A member whose collections `c` and `other` go to its peer. */
async function scene(seed: string) {
  const world = new World(seed)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  for (const alias of ['c', 'other'])
    await world.api(a, 'POST', '/collections', { title: alias, alias, share: 'peers', marking: marking('AMBER') })
  const tlpOf = async (n: number, type = 'malware') =>
    (await world.api<RecordDetail>(a, 'GET', `/records/${id(type, n)}`)).versions[0]?.tlp
  return { world, a, b, tlpOf, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

test('a label that stands here as RED is not loosened by a file that brings another under its id', async () => {
  await using place = await scene('definition conflict')
  const { world, a, b, tlpOf } = place
  await send(a, [label('red'), labelled(1)])
  assert.equal(await tlpOf(1), 'RED')
  assert.match(await send(a, [label('green'), labelled(2)]), /"conflict":1/)
  await world.quiesce()
  assert.equal(await tlpOf(2), 'RED')
  assert.equal(await finds(world, b, 'word2'), 0)
})

test('a definition has no versions: one that says it is newer does not replace what a label means', async () => {
  await using place = await scene('definition later')
  const { a, tlpOf } = place
  await send(a, [label('red')])
  assert.match(await send(a, [label('green', LATER)]), /"added":1/)
  await send(a, [labelled(1)])
  assert.equal(await tlpOf(1), 'RED')
})

test('the same label defined once more in the same way means what it meant', async () => {
  await using place = await scene('definition again')
  const { a, tlpOf } = place
  await send(a, [label('green')])
  await send(a, [label('green', LATER), labelled(1)])
  assert.equal(await tlpOf(1), 'GREEN')
})

test('of two definitions of one label in one file the looser does not decide', async () => {
  await using place = await scene('definition twice')
  const { a, tlpOf } = place
  assert.match(await send(a, [label('red'), label('green'), labelled(1)]), /"conflict":1/)
  assert.equal(await tlpOf(1), 'RED')
})

test('a label that is defined in two ways is unknown', async () => {
  await using place = await scene('definition doubtful')
  const { a, tlpOf } = place
  assert.match(await send(a, [label('green'), label('white'), labelled(1)]), /"conflict":1/)
  assert.equal(await tlpOf(1), 'AMBER+STRICT')
})

test('a definition in another collection makes stricter, and never looser', async () => {
  await using place = await scene('definition elsewhere')
  const { a, tlpOf } = place
  await send(a, [label('green')], 'other')
  await send(a, [labelled(1)])
  assert.equal(await tlpOf(1), 'AMBER+STRICT')
  await send(a, [label('red', LATER)], 'other')
  await send(a, [labelled(2)])
  assert.equal(await tlpOf(2), 'RED')
})

test('a definition that was withdrawn says nothing any more', async () => {
  await using place = await scene('definition withdrawn')
  const { world, a, tlpOf } = place
  await send(a, [label('green')])
  await world.api(a, 'POST', '/withdrawals', { id: OURS, reason: 'sent-in-error' })
  await send(a, [labelled(1)])
  assert.equal(await tlpOf(1), 'AMBER+STRICT')
})

test('what a feed calls a label loosens nothing that people bring into other collections, also when it is gone', async () => {
  await using place = await scene('definition of a feed')
  const { world, a, b, tlpOf } = place
  const open = { title: 'Out', alias: 'c', marking: marking('CLEAR'), share: 'peers', public: true }
  await world.api(b, 'POST', '/collections', open)
  await send(b, [label('white')])
  await world.api(a, 'POST', '/collections', { title: 'In', alias: 'in' })
  await world.api(a, 'POST', '/feeds', {
    name: 'from-b',
    kind: 'taxii',
    url: 'http://b.example/taxii2/api/collections/c/',
    collection: 'in',
    marking: marking('CLEAR'),
    licence: 'with thanks',
    everyMinutes: 30,
  })
  while ((await a.jobs.tick()) > 0) continue
  assert.equal((await world.api<{ added: number }>(a, 'GET', '/feeds/from-b')).added, 1)
  await send(a, [labelled(1)])
  await world.api(a, 'DELETE', '/feeds/from-b')
  await send(a, [labelled(2)])
  assert.deepEqual([await tlpOf(1), await tlpOf(2)], ['AMBER+STRICT', 'AMBER+STRICT'])
})

test('a label inside an old observed-data is looked up like any other', async () => {
  await using place = await scene('definition inside')
  const { a, tlpOf } = place
  await send(a, [label('red')])
  const observed = { first_observed: TIME, last_observed: TIME, number_observed: 1 }
  const objects = { '0': { type: 'ipv4-addr', value: '192.0.2.1', object_marking_refs: [OURS] } }
  await send(a, [base('observed-data', 1, { ...observed, objects })])
  assert.equal(await tlpOf(1, 'observed-data'), 'RED')
})
