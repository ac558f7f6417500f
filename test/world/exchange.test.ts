// What went to a peer and what came from it is found by the leaf of a record, and by a time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GivenPage, TakenPage } from '#federation/wire.ts'
import { World, type WorldMember } from './world.ts'

const TIME = '2026-01-01T00:00:00.000Z'
const TIMES = 4

async function say({ app, token }: WorldMember, n: number): Promise<void> {
  const id = `tool--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  await app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${n.toString(16).padStart(64, 'a')}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({ type: 'tool', spec_version: '2.1', id, created: TIME, modified: TIME, name: `t${n}` }),
  })
}

test('what went and what came is found by its leaf, and by a time', async () => {
  await using world = new World('exchange')
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'Open', alias: 'open', share: 'peers', marking })
  const times: string[] = []
  for (let n = 1; n <= TIMES; n += 1) {
    times.push(new Date(world.clock.nowMs()).toISOString())
    await say(a, n)
    await world.quiesce()
    await world.pass(20_000)
  }
  const given = (query = '') => world.api<GivenPage>(a, 'GET', `/peers/b.example/given?limit=500${query}`)
  const taken = (query = '') => world.api<TakenPage>(b, 'GET', `/peers/a.example/taken?limit=500${query}`)
  const [went, came] = [(await given()).items, (await taken()).items]
  assert.ok(went.length >= TIMES)
  for (const item of went)
    for (const leaf of item.indexes) assert.deepEqual((await given(`&leaf=${leaf}`)).items, [item], `leaf ${leaf}`)
  for (const item of came) assert.deepEqual((await taken(`&leaf=${item.index}`)).items, [item])
  assert.deepEqual([(await given('&leaf=99999')).items, (await taken('&leaf=99999')).items], [[], []])
  for (const until of [TIME, ...times, '2030-01-01T00:00:00Z']) {
    const before = (at: string): boolean => Date.parse(at) < Date.parse(until)
    assert.deepEqual(
      (await given(`&until=${until}`)).items,
      went.filter(({ at }) => before(at)),
      until,
    )
    assert.deepEqual(
      (await taken(`&until=${until}`)).items,
      came.filter(({ received }) => before(received)),
      until,
    )
  }
  await assert.rejects(given('&until=yesterday'), /until/)
})
