// What went and what came is, for who may not see TLP:RED, as if nothing RED had been exchanged.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GivenPage, TakenPage } from '#federation/wire.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { LeftView } from '#src/home/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, type Fields } from './objects.ts'
import { tamper, World, type WorldMember } from './world.ts'

const red = { object_marking_refs: [RED] }
const malware = (n: number, more: Fields = {}): Fields =>
  base('malware', n, { name: `m${n}`, is_family: true, ...more })

async function lists(node: WorldMember, headers: Record<string, string>) {
  const get = async <T>(url: string): Promise<T> => (await node.app.inject({ url: `/api${url}`, headers })).json<T>()
  const peer = node.name === 'a.example' ? 'b.example' : 'a.example'
  const given = async (query: string) => (await get<GivenPage>(`/peers/${peer}/given?${query}`)).items
  const taken = async (query: string) => (await get<TakenPage>(`/peers/${peer}/taken?${query}`)).items
  const left = async () =>
    (await get<LeftView>('/left')).items.flatMap(({ way, count }) => (way === 'delivery' ? [count] : []))
  return { given, taken, left }
}

const isOfRecords = ({ kind }: { kind: string }): boolean => kind.startsWith('records.') || kind === 'erase'

test('who may not see RED counts, dates and finds nothing of it in what went and what came', async () => {
  const world = new World('red deliveries')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: true, communities: [] }, personal: 'none' }
  const named = { share: 'named', named: ['b.example'], marking }
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', ...named })
  await put(a, [malware(1), malware(2, red)])
  await put(a, [malware(3, red)])
  await world.quiesce()
  await world.api(a, 'POST', '/withdrawals', { id: id('malware', 3), reason: 'expired' })
  await world.quiesce()
  const { index: open } = (await a.store.get<{ index: number }>(
    `SELECT min(idx) AS "index" FROM statement WHERE log = 1 AND kind = 'records.put'`,
  )) as { index: number }
  const hidden = (
    await a.store.all<{ index: number }>(
      `SELECT idx AS "index" FROM statement WHERE log = 1 AND idx > ? AND kind LIKE 'records.%'`,
      open,
    )
  ).map(({ index }) => index)
  assert.equal(hidden.length, 3)
  for (const [node, sees] of [a, b].flatMap(
    (each) =>
      [
        [each, false],
        [each, true],
      ] as const,
  )) {
    const { given, taken, left } = await lists(
      node,
      await signedIn(node, { name: `red ${sees}`, role: 'viewer', red: sees }),
    )
    if (node === a) {
      const indexes = (await given('limit=500')).flatMap((item) => item.indexes)
      assert.ok(indexes.includes(open))
      assert.deepEqual(
        hidden.filter((index) => indexes.includes(index)),
        sees ? hidden : [],
      )
      for (const leaf of hidden) assert.equal((await given(`leaf=${leaf}`)).length, sees ? 1 : 0)
    } else {
      assert.equal((await taken('limit=500')).filter(isOfRecords).length, sees ? 4 : 1)
      for (const leaf of hidden) assert.equal((await taken(`leaf=${leaf}`)).length, sees ? 1 : 0)
    }
    if (node === a) assert.deepEqual(await left(), [sees ? 3 : 1])
  }
})

test('of a long stream that somebody may not see one answer looks at a part, and a cursor goes on behind it', async () => {
  const { world, node: a } = await oneWith('red stream', [])
  await using _ = world
  await world.introduce(a, await world.add('b.example'))
  await world.api(a, 'PATCH', '/collections/c', { share: 'named', named: ['b.example'] })
  await put(a, [malware(1)])
  await world.quiesce()
  const open = await a.store.get<{ seq: number }>('SELECT max(seq) AS seq FROM delivery')
  await put(a, [malware(2, red)])
  await world.quiesce()
  await a.store.write(
    tamper,
    `WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ${LIMITS.listPiece})
     INSERT INTO delivery (peer, seq, time_ms, body) SELECT peer, seq + x, time_ms, body
     FROM n, (SELECT * FROM delivery ORDER BY seq DESC LIMIT 1)`,
  )
  const viewer = await signedIn(a, { name: 'viewer', role: 'viewer' })
  const given = async (query = ''): Promise<GivenPage> =>
    (await a.app.inject({ url: `/api/peers/b.example/given?${query}`, headers: viewer })).json<GivenPage>()
  const first = await given()
  assert.deepEqual(first.items, [])
  const second = await given(`cursor=${first.next}`)
  assert.equal(second.items[0]?.seq, open?.seq)
  assert.equal(second.next, undefined)
  const [leaf] = second.items[0]?.indexes ?? []
  const found = await given(`leaf=${leaf}`)
  assert.deepEqual([found.items, found.next], [second.items.slice(0, 1), undefined])
  const { left } = await lists(a, viewer)
  assert.deepEqual(await left(), [])
  const { left: leftForAll } = await lists(a, { authorization: `Bearer ${a.token}` })
  assert.deepEqual(await leftForAll(), [1000])
  world.clock.advance(25 * 3600_000)
  assert.deepEqual(await leftForAll(), [])
})
