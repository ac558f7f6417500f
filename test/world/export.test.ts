// An export for a member is fetched by somebody: what is in it is for both, and the record of what left names both.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedIn } from '../people.ts'
import { base, oneWith, put, RED } from './objects.ts'
import type { World, WorldMember } from './world.ts'

type Answer = { readonly principal: string; readonly route: string; readonly count: number }

/** A node with a record for all peers, and one under TLP:RED that names `b.example`, which only the latter may have. */
async function scene(seed: string): Promise<{ world: World; node: WorldMember; token: Record<string, string> }> {
  const { world, node } = await oneWith(seed, [base('malware', 1, { name: 'Asselspinne', is_family: true })])
  await world.introduce(node, await world.add('b.example'))
  await world.api(node, 'PATCH', '/collections/c', { named: ['b.example'] })
  await put(node, [base('malware', 2, { name: 'Kellerassel', is_family: true, object_marking_refs: [RED] })])
  const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', { name: 'p', role: 'analyst' })
  return { world, node, token: { authorization: `Bearer ${secret}` } }
}

async function exported(node: WorldMember, headers: Record<string, string>, to = ''): Promise<string[]> {
  const { body } = await node.app.inject({ url: `/api/export?collection=c${to}`, headers })
  const { objects } = JSON.parse(body) as { objects: { name: string }[] }
  return objects.map(({ name }) => name)
}

test('who may not read RED does not get it by exporting it for a member that is named', async () => {
  const { world, node, token } = await scene('export red')
  await using _ = world
  const user = await signedIn(node, { name: 'ana', role: 'analyst' })
  const named = await signedIn(node, { name: 'ben', role: 'analyst', red: true })
  for (const [headers, expected] of [
    [token, ['Asselspinne']],
    [user, ['Asselspinne']],
    [named, ['Asselspinne', 'Kellerassel']],
  ] as const) {
    assert.deepEqual(await exported(node, headers), expected)
    assert.deepEqual(await exported(node, headers, '&for=b.example'), expected)
    assert.deepEqual(await exported(node, headers, '&for=public'), [])
  }
})

test('what left by an export for a member is recorded for the member and for the program that fetched it', async () => {
  const { world, node, token } = await scene('export recorded')
  await using _ = world
  const answers = async (): Promise<Answer[]> => {
    const { items } = await world.api<{ items: Answer[] }>(node, 'GET', '/answers?limit=10')
    return items.map(({ principal, route, count }) => ({ principal, route, count })).toReversed()
  }
  const toMember = { principal: 'member:b.example', route: 'export' }
  await exported(node, token, '&for=b.example')
  const byProgram = [
    { ...toMember, count: 1 },
    { principal: 'self/machine', route: 'export', count: 1 },
  ]
  assert.deepEqual(await answers(), byProgram)
  // People of this member are not written down as receivers of their own records.
  await exported(node, await signedIn(node, { name: 'ben', role: 'analyst', red: true }), '&for=b.example')
  assert.deepEqual(await answers(), [...byProgram, { ...toMember, count: 2 }])
})
