// Who would receive what is not written yet, and why rules were set.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReachView, RulesVersion } from '#kernel/policy/wire.ts'
import { World, type WorldMember } from './world.ts'

const NO_GREEN = `@id("no.green") @reason("nothing green for c") forbid (principal == Member::"c.example", action, resource) when { resource.tlp == "GREEN" };`

async function begin(): Promise<{ world: World; a: WorldMember }> {
  const world = new World('overview')
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b, ['energy.example'])
  await world.introduce(a, c)
  for (const [alias, tlp] of [
    ['advisories', 'GREEN'],
    ['circle', 'AMBER'],
  ])
    await world.api(a, 'POST', '/collections', {
      title: alias,
      alias,
      share: 'peers',
      marking: { tlp, audience: { named: false, communities: ['energy.example'] }, personal: 'none' },
    })
  return { world, a }
}

test('who would receive a record is asked of the real rules, the member’s own among them', async () => {
  const { world, a } = await begin()
  await using _ = world
  const ask = async (collection: string, tlp: string): Promise<string[]> =>
    (await world.api<ReachView>(a, 'POST', '/policy/reach', { collection, tlp })).items.map(
      ({ to, allow, rule }) => `${to} ${allow} ${rule}`,
    )
  assert.deepEqual(await ask('circle', 'AMBER'), [
    'member:b.example true allow.community',
    'member:c.example false floor.amber',
  ])
  await world.api(a, 'PUT', '/policy', { files: [{ name: 'own.cedar', text: NO_GREEN }] })
  assert.deepEqual(await ask('advisories', 'GREEN'), [
    'member:b.example true allow.community',
    'member:c.example false no.green',
  ])
  await assert.rejects(ask('nowhere', 'GREEN'), /no collection/)
})

test('why rules were set stands in their history', async () => {
  const { world, a } = await begin()
  await using _ = world
  const files = [{ name: 'own.cedar', text: NO_GREEN }]
  await world.api(a, 'PUT', '/policy', { files, after: 0, reason: 'they asked for quiet' })
  await world.api(a, 'PUT', '/policy', { files: [], after: 1 })
  const { items } = await world.api<{ items: RulesVersion[] }>(a, 'GET', '/policy/versions')
  assert.deepEqual(
    items.map(({ reason }) => reason),
    ['', 'they asked for quiet'],
  )
})

test('members named by the collection are named by what goes into it', async () => {
  const { world, a } = await begin()
  await using _ = world
  await world.api(a, 'POST', '/collections', {
    title: 'named',
    alias: 'named',
    share: 'named',
    named: ['c.example'],
    marking: { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' },
  })
  const { items } = await world.api<ReachView>(a, 'POST', '/policy/reach', { collection: 'named', tlp: 'RED' })
  assert.deepEqual(
    items.map(({ to, allow }) => [to, allow]),
    [
      ['member:b.example', false],
      ['member:c.example', true],
    ],
  )
})
