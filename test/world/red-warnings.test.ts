// A warning that rested on a TLP:RED record stays hidden from who is not named for RED when nothing stands behind it any
// more, in whatever way that came about; what others may see of warnings stays as it was.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireCollection } from '#sharing/collection.ts'
import { withdrawRecords } from '#sharing/withdraw-command.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, TIME, type Fields } from './objects.ts'
import type { World, WorldMember } from './world.ts'

const NOTE = 'Kellerassel told us'
const UNTIL = '2026-02-03T00:00:00.000Z'
const red = { object_marking_refs: [RED] }

const indicator = (n: number, more: Fields = {}): Fields =>
  base('indicator', n, {
    name: `i${n}`,
    pattern: `[domain-name:value = 'hit.example']`,
    pattern_type: 'stix',
    valid_from: TIME,
    indicator_types: ['malicious-activity'],
    ...more,
  })

type Scene = { readonly world: World; readonly node: WorldMember }
type Seen = { readonly statusCode: number; readonly body: string }

async function scene(seed: string, ...indicators: readonly Fields[]): Promise<Scene> {
  const { world, node } = await oneWith(seed, [])
  await world.api(node, 'POST', '/watch', { value: 'hit.example', asset: 'Web' })
  for (const each of indicators) {
    await put(node, [each])
    await node.warning.settle()
  }
  return { world, node }
}

async function see(node: WorldMember, headers: Record<string, string>): Promise<Seen[]> {
  const seen = []
  for (const path of ['/warnings', '/warnings?state=retracted', '/warnings/1', '/warnings/1/deeds', '/home'])
    seen.push(await node.app.inject({ url: `/api${path}`, headers }))
  return seen
}

const WAYS: readonly [string, (scene: Scene) => Promise<unknown>][] = [
  [
    'withdrawn',
    ({ world, node }) => world.api(node, 'POST', '/withdrawals', { id: id('indicator', 1), reason: 'false-positive' }),
  ],
  ['erased', ({ world, node }) => world.api(node, 'POST', '/erasures', { id: id('indicator', 1), reason: 'legal' })],
  ['no longer watched', ({ world, node }) => world.api(node, 'DELETE', '/watch/1')],
  ['expired', async ({ world }) => world.clock.advance(Date.parse(UNTIL) - world.clock.nowMs())],
  [
    'revised to say something else',
    ({ node }) =>
      put(node, [
        indicator(1, {
          ...red,
          modified: '2026-01-02T00:00:00.000Z',
          pattern: `[domain-name:value = 'other.example']`,
        }),
      ]),
  ],
]

for (const [how, fallAway] of WAYS)
  test(`a warning on a RED record stays hidden when the record is ${how}`, async () => {
    const made = await scene(`red warning ${how}`, indicator(1, { ...red, valid_until: UNTIL }))
    const { world, node } = made
    await using _ = world
    await world.api(node, 'POST', '/warnings/1/acknowledge', { note: NOTE })
    await fallAway(made)
    await node.warning.settle()
    const viewer = await see(node, await signedIn(node, { name: 'viewer', role: 'viewer' }))
    const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', { name: 'program', role: 'viewer' })
    const program = await see(node, { authorization: `Bearer ${secret}` })
    const told = [...viewer, ...program].map(({ body }) => body).join('\n')
    for (const secretWord of [id('indicator', 1), NOTE, '"Web"']) assert.ok(!told.includes(secretWord), told)
    for (const [, , one, deeds] of [viewer, program]) assert.deepEqual([one?.statusCode, deeds?.statusCode], [404, 404])
    const named = await see(node, await signedIn(node, { name: 'named', role: 'viewer', red: true }))
    assert.match(named[1]?.body ?? '', new RegExp(id('indicator', 1)))
    assert.match(named[2]?.body ?? '', /"state":"retracted"/)
    assert.match(named[3]?.body ?? '', new RegExp(NOTE))
  })

test('a warning on a record that is not RED stays to be read when the record is taken back', async () => {
  const { world, node } = await scene('open warning', indicator(1))
  await using _ = world
  await world.api(node, 'POST', '/erasures', { id: id('indicator', 1), reason: 'legal' })
  await node.warning.settle()
  const [, , one] = await see(node, await signedIn(node, { name: 'viewer', role: 'viewer' }))
  assert.match(one?.body ?? '', /"state":"retracted"/)
})

test('a warning that rests on a RED record alone, since the other was taken back, goes by that one', async () => {
  const { world, node } = await scene('one of two')
  await using _ = world
  const marking = { tlp: 'RED', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(node, 'POST', '/collections', { title: 'd', alias: 'd', marking })
  for (const collection of ['d', 'c']) {
    const { body } = await node.app.inject({
      method: 'POST',
      url: `/api/import?collection=${collection}&digest=${collection.repeat(64)}`,
      headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
      payload: JSON.stringify(indicator(1)),
    })
    assert.match(body, /"added":1/)
    await node.warning.settle()
  }
  const headers = await signedIn(node, { name: 'viewer', role: 'viewer' })
  assert.equal((await see(node, headers))[2]?.statusCode, 200)
  const { id: collection } = await requireCollection(node.store, 'c')
  const away = { actor: 'test', id: id('indicator', 1), reason: 'expired' } as const
  await node.store.write(withdrawRecords, { ...away, collection })
  await node.warning.settle()
  assert.equal((await see(node, headers))[2]?.statusCode, 404)
  await node.store.write(withdrawRecords, away)
  await node.warning.settle()
  assert.equal((await see(node, headers))[2]?.statusCode, 404)
})

test('a page of warnings goes on only where there is one to see', async () => {
  const { world, node } = await scene('red warning pages', indicator(1, red), indicator(2), indicator(3, red))
  await using _ = world
  const headers = await signedIn(node, { name: 'viewer', role: 'viewer' })
  const page = await node.app.inject({ url: '/api/warnings?limit=1', headers })
  const { items, next } = page.json<{ items: { object: string }[]; next?: string }>()
  assert.deepEqual([items.map(({ object }) => object), next], [[id('indicator', 2)], undefined])
})
