// Who may not see TLP:RED does nothing to it either, and learns by trying nothing of what is here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordDetail } from '#sharing/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, type Fields } from './objects.ts'
import { finds } from './stage.ts'
import type { World, WorldMember } from './world.ts'

const NOWHERE = 9
const LATER = '2026-01-10T00:00:00.000000Z'
const malware = (n: number, more: Fields = {}): Fields =>
  base('malware', n, { name: 'whisper', is_family: true, ...more })
const red = { object_marking_refs: [RED] }

const WAYS = [
  ['takes it back', '/withdrawals', { reason: 'expired' }],
  ['erases it', '/erasures', { reason: 'legal' }],
  ['erases it only here', '/erasures', { reason: 'legal', onlyHere: true }],
] as const

async function everybody(world: World, node: WorldMember): Promise<Record<string, string>[]> {
  const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', { name: 'program', role: 'analyst' })
  return [{ authorization: `Bearer ${secret}` }, await signedIn(node, { name: 'analyst', role: 'analyst' })]
}

const asks = (node: WorldMember, headers: Record<string, string>, path: string) => async (n: number, body: object) => {
  const response = await node.app.inject({
    method: 'POST',
    url: `/api${path}`,
    headers: { ...headers, 'content-type': 'application/json' },
    payload: JSON.stringify({ id: id('malware', n), ...body }),
  })
  const { requestId: _, ...told } = response.json<{ requestId?: string }>()
  return JSON.stringify(told).replaceAll(id('malware', n), 'ID')
}

for (const [what, path, body] of WAYS)
  test(`who may not see a RED record neither ${what} nor learns by trying that it is here`, async () => {
    const { world, node: a } = await oneWith(`red ${what}`, [])
    await using _ = world
    const b = await world.add('b.example')
    await world.introduce(a, b)
    await world.api(a, 'PATCH', '/collections/c', { share: 'named', named: ['b.example'] })
    await put(a, [malware(1, red)])
    await world.quiesce()
    const node = 'onlyHere' in body ? b : a
    for (const headers of await everybody(world, node)) {
      const ask = asks(node, headers, path)
      const nothing = await ask(NOWHERE, body)
      assert.match(nothing, /not-found/)
      assert.equal(await ask(1, body), nothing)
    }
    assert.equal(await finds(world, node, 'whisper'), 1, 'it stands')
    assert.doesNotMatch(await asks(node, { authorization: `Bearer ${node.token}` }, path)(1, body), /not-found/)
    assert.equal(await finds(world, node, 'whisper'), 0)
  })

test('of a record with a RED version only what whoever asks may see goes', async () => {
  const { world, node } = await oneWith('red version', [malware(1)])
  await using _ = world
  await put(node, [malware(1, { ...red, modified: LATER })])
  const [program = {}] = await everybody(world, node)
  assert.equal(await asks(node, program, '/withdrawals')(1, { reason: 'expired' }), '{"withdrawn":1}')
  assert.match(await asks(node, program, '/withdrawals')(1, { reason: 'expired', version: LATER }), /not-found/)
  assert.match(await asks(node, program, '/erasures')(1, { reason: 'legal' }), /"erased":1/)
  const { versions } = await world.api<RecordDetail>(node, 'GET', `/records/${id('malware', 1)}`)
  assert.deepEqual(
    versions.map(({ version, withdrawn }) => [version, withdrawn]),
    [[LATER, false]],
  )
})
