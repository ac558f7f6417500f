// The lists of erases, own ones and those of others, are for who may not see TLP:RED as if no such record had ever been taken
// back: neither what it was nor who had it nor that there is more to page to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import type { HomeView } from '#src/home/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, type Fields } from './objects.ts'
import { World } from './world.ts'

const secret = [id('malware', 2), id('malware', 3), id('malware', 5)]
const malware = (n: number): Fields =>
  base('malware', n, {
    name: `m${n}`,
    is_family: true,
    ...(secret.includes(id('malware', n)) ? { object_marking_refs: [RED] } : {}),
  })

/** Two open records and three RED ones, one of them the last, were given to b.example and erased in their order. */
async function scene(seed: string) {
  const { world, node } = await oneWith(seed, [])
  const b = await world.add('b.example')
  await world.introduce(node, b)
  await world.api(node, 'PATCH', '/collections/c', { named: ['b.example'], share: 'named' })
  for (const n of [1, 2, 3, 4, 5]) await put(node, [malware(n)])
  await world.quiesce()
  for (const n of [2, 1, 3, 5, 4]) await world.api(node, 'POST', '/erasures', { id: id('malware', n), reason: 'legal' })
  await world.quiesce()
  const { secret: token } = await world.api<{ secret: string }>(node, 'POST', '/tokens', {
    name: 'program',
    role: 'administrator',
  })
  const look = async (headers: Record<string, string>, query = '') =>
    (await node.app.inject({ url: `/api/erasures?${query}`, headers })).json<ErasuresPage>()
  return { world, node, look, program: { authorization: `Bearer ${token}` } }
}

const recordsOf = ({ items }: ErasuresPage): (string | null)[] => items.map(({ record }) => record)

test('who may not see RED is told of no erase of it, by any page, word or name of a record', async () => {
  const { world, node, look, program } = await scene('red erasures')
  await using _ = world
  for (const headers of [await signedIn(node, { name: 'chief', role: 'administrator' }), program]) {
    const all = await look(headers)
    assert.deepEqual(recordsOf(all), [id('malware', 4), id('malware', 1)])
    assert.deepEqual(
      all.items.map(({ recipients }) => recipients.map(({ member }) => member)),
      [['b.example'], ['b.example']],
    )
    for (const record of secret) {
      assert.deepEqual(recordsOf(await look(headers, `record=${record}`)), [])
      assert.deepEqual(recordsOf(await look(headers, `q=${record}`)), [])
    }
    const first = await look(headers, 'limit=1')
    const last = await look(headers, `limit=1&cursor=${first.next}`)
    assert.deepEqual([first, last].map(recordsOf), [[id('malware', 4)], [id('malware', 1)]])
    assert.equal(last.next, undefined, 'the oldest erase is of a RED record')
  }
  const answers = await node.store.all<{ principal: string }>("SELECT principal FROM answer WHERE route = 'erasures'")
  assert.ok(answers.length > 0 && answers.every(({ principal }) => principal === 'self/machine'))
})

test('who is named for RED, and the command line, are told of all of them', async () => {
  const { world, node, look } = await scene('red erasures named')
  await using _ = world
  for (const headers of [
    await signedIn(node, { name: 'named', role: 'viewer', red: true }),
    { authorization: `Bearer ${node.token}` },
  ]) {
    const all = await look(headers)
    assert.deepEqual(
      recordsOf(all),
      [4, 5, 3, 1, 2].map((n) => id('malware', n)),
    )
    assert.ok(all.items.every(({ recipients }) => recipients.length === 1))
  }
})

const red = { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' }
const ADDRESS = 'ipv4-addr--9a4c7b60-d8c8-57f1-8d76-ad5ac9ff2e4c'

/** What b.example was given RED, and one open record, are taken back; it answers for itself. A program of it looks. */
async function takenBack(seed: string) {
  const world = new World(seed)
  const [a, b] = [await world.add('a.example'), await world.add('b.example', { erasure: 'ask' })]
  await world.introduce(a, b)
  const named = { share: 'named', named: ['b.example'], marking: red }
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', ...named })
  await put(a, [{ type: 'ipv4-addr', spec_version: '2.1', id: ADDRESS, value: '198.51.100.7' }, malware(6)])
  const marking = { ...red, tlp: 'GREEN', audience: { named: false, communities: [] } }
  await world.api(a, 'PATCH', '/collections/c', { marking, named: [], share: 'peers' })
  await put(a, [malware(7)])
  await world.quiesce()
  await world.api(a, 'POST', '/withdrawals', { id: id('malware', 7), reason: 'expired' })
  await world.api(a, 'POST', '/withdrawals', { id: ADDRESS, reason: 'expired' })
  await world.api(a, 'POST', '/erasures', { id: id('malware', 6), reason: 'legal' })
  await world.quiesce()
  const { secret: token } = await world.api<{ secret: string }>(b, 'POST', '/tokens', {
    name: 'program',
    role: 'administrator',
  })
  const program = { authorization: `Bearer ${token}` }
  const asked = async (headers: Record<string, string>, query = '') =>
    (await b.app.inject({ url: `/api/erasures/asked?${query}`, headers })).json<AskedPage>()
  const needs = async (headers: Record<string, string>) =>
    (await b.app.inject({ url: '/api/home', headers }))
      .json<HomeView>()
      .needs.filter(({ kind }) => kind === 'asked')
      .map(({ count }) => count)
  return { world, b, program, asked, needs }
}

test('who may not see RED is told of nothing that another takes back of it, by no page, word or count', async () => {
  const { world, b, program, asked, needs } = await takenBack('red asked')
  await using _ = world
  for (const headers of [program, await signedIn(b, { name: 'chief', role: 'administrator' })]) {
    assert.deepEqual(
      (await asked(headers, 'limit=1')).items.map(({ records }) => records.map(({ id: record }) => record)),
      [[id('malware', 7)]],
    )
    assert.equal((await asked(headers, 'limit=1')).next, undefined)
    for (const q of [ADDRESS, 'ipv4-addr--9a', 'ipv4', 'legal'])
      assert.deepEqual((await asked(headers, `q=${q}`)).items, [])
    assert.deepEqual((await asked(headers, 'waiting=true')).items, [])
    assert.deepEqual(await needs(headers), [])
  }
  const named = await signedIn(b, { name: 'named', role: 'viewer', red: true })
  assert.equal((await asked(named)).items.length, 3)
  assert.equal((await asked(named, `q=${ADDRESS}`)).items.length, 1)
  assert.deepEqual(await needs(named), [1])
})

test('who may not see RED neither honours nor refuses an erase of it, and is answered as if nobody had asked', async () => {
  const { world, b, program, asked } = await takenBack('red answer')
  await using _ = world
  const own = { authorization: `Bearer ${b.token}` }
  const [{ number } = { number: 0 }] = (await asked(own, 'waiting=true')).items
  const answer = async (headers: Record<string, string>, at: number) => {
    const url = `/api/erasures/asked/${at}`
    const response = await b.app.inject({ method: 'POST', url, headers, payload: { answer: 'honour' } })
    const detail = response.statusCode === 204 ? '' : response.json<{ detail: string }>().detail
    return [response.statusCode, detail.replace(String(at), 'NUMBER')]
  }
  const [unknown, hidden] = [await answer(program, number + 1), await answer(program, number)]
  assert.equal(unknown[0], 404)
  assert.deepEqual(hidden, unknown)
  assert.equal((await asked(own, 'waiting=true')).items.length, 1)
  assert.equal((await answer(own, number))[0], 204)
})
