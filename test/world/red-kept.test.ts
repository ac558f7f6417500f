// What waits to be logged is, for who may not see TLP:RED, as if nothing RED were among it.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { KeptPage } from '#kernel/http/wire.ts'
import type { HomeView } from '#src/home/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, put, RED, type Fields } from './objects.ts'
import { World, type WorldMember } from './world.ts'

const NOWHERE = 9
const red = { object_marking_refs: [RED] }
const malware = (n: number, more: Fields = {}): Fields =>
  base('malware', n, { name: 'whisper', is_family: true, ...more })

async function keep(node: WorldMember, n: number, more: Fields = {}): Promise<void> {
  const { body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${String(n).repeat(64)}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(malware(n, more)),
  })
  assert.match(body, /"kept":1/)
}

/** A node that was put back and signs nothing yet: a RED record is here, another and an open one wait, as does what erases the first. */
async function scene(seed: string, folder: string) {
  const world = new World(seed, folder)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', share: 'peers', marking })
  await put(a, [malware(1, red)])
  await world.quiesce()
  const program = await world.api<{ secret: string }>(a, 'POST', '/tokens', { name: 'program', role: 'analyst' })
  const chief = await signedIn(a, { name: 'chief', role: 'administrator' })
  const named = await signedIn(a, { name: 'named', role: 'analyst', red: true })
  const node = await world.restore('a.example', world.backUp('a.example', 'before'))
  await keep(node, 2, red)
  await keep(node, 3)
  await world.api(node, 'POST', '/erasures', { id: id('malware', 1), reason: 'legal' })
  const get = async <T>(path: string, headers: Record<string, string>): Promise<T> =>
    (await node.app.inject({ url: `/api${path}`, headers })).json<T>()
  const told = async (n: number, headers: Record<string, string>): Promise<string> =>
    (await get<{ detail: string }>(`/records/${id('malware', n)}`, headers)).detail.replace(id('malware', n), 'ID')
  return { world, node, get, told, hidden: [{ authorization: `Bearer ${program.secret}` }, chief], named }
}

test('a RED record that waits to be logged is told of to nobody who may not see RED', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-red-kept-'))
  const { world, told, hidden, named } = await scene('red kept', folder.path)
  await using _ = world
  for (const headers of hidden) {
    const nothing = await told(NOWHERE, headers)
    assert.match(nothing, /no record/)
    assert.equal(await told(2, headers), nothing)
    assert.equal(await told(1, headers), nothing, 'nor that one is to be erased')
    assert.match(await told(3, headers), /waits to be logged/)
  }
  assert.match(await told(2, named), /waits to be logged/)
})

test('who may not see RED neither finds it among what is kept nor lets go of it', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-red-kept-'))
  const { world, node, get, hidden, named } = await scene('red kept list', folder.path)
  await using _ = world
  const numbers = async (headers: Record<string, string>): Promise<number[]> =>
    (await get<KeptPage>('/kept', headers)).items.map(({ number }) => number)
  const count = async (headers: Record<string, string>): Promise<number | undefined> =>
    (await get<HomeView>('/home', headers)).needs.find(({ kind }) => kind === 'kept')?.count
  const drop = async (number: number, headers: Record<string, string>): Promise<number> =>
    (await node.app.inject({ method: 'DELETE', url: `/api/kept/${number}`, headers })).statusCode
  const [secret = 0, ...others] = await numbers(named)
  for (const headers of hidden) {
    assert.deepEqual([await numbers(headers), await count(headers)], [others, others.length])
    assert.deepEqual([await drop(secret, headers), await drop(1, headers)], [404, 404])
  }
  assert.equal(await count(named), 3)
  assert.equal(await drop(others[0] as number, hidden[0] as Record<string, string>), 204)
  assert.equal(await drop(secret, named), 204)
})
