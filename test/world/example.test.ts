// The example is here to be looked at and is never taken for real: it does not leave, and it does not warn.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_CAMPAIGN, type ExampleGoneView, type ExampleView } from '#src/example/wire.ts'
import type { HomeView } from '#src/home/wire.ts'
import type { CollectionView, RecordView } from '#sharing/wire.ts'
import { World } from './world.ts'

type Items<T> = { readonly items: readonly T[] }

test('it comes once, marked as an exercise, and stays as it is when it is asked for again', async () => {
  await using world = new World('example')
  const a = await world.add('a.example')
  const first = await world.api<ExampleView>(a, 'POST', '/example')
  assert.ok(first.added > 10)
  assert.equal(first.known, 0)
  const again = await world.api<ExampleView>(a, 'POST', '/example')
  assert.deepEqual([again.added, again.known], [0, first.added])
  const { items } = await world.api<Items<CollectionView>>(a, 'GET', '/collections')
  assert.deepEqual(
    items.map(({ alias, share }) => [alias, share]),
    [['example', 'none']],
  )
  assert.equal(typeof items[0]?.marking.exercise, 'string')
})

test('even where somebody opens its collection, no peer gets it; and what is watched does not warn', async () => {
  await using world = new World('example-stays')
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  await world.api(a, 'POST', '/watch', { value: '198.51.100.0/24', asset: 'Control centre' })
  await world.api(a, 'POST', '/example')
  await world.api(a, 'PATCH', '/collections/example', { share: 'peers' })
  await world.quiesce()
  const found = async (member: typeof a): Promise<number> =>
    (await world.api<Items<RecordView>>(member, 'GET', '/search?limit=5')).items.length
  assert.deepEqual([await found(a), await found(b)], [5, 0])
  assert.deepEqual((await world.api<Items<unknown>>(a, 'GET', '/warnings')).items, [])
})

test('it is taken away in one piece, with what was written beside it, and may come again', async () => {
  await using world = new World('example-gone')
  const a = await world.add('a.example')
  await assert.rejects(world.api(a, 'DELETE', '/example'), /no example/)
  const { added } = await world.api<ExampleView>(a, 'POST', '/example')
  assert.equal((await world.api<HomeView>(a, 'GET', '/home')).example, added)
  const shown = await world.api<Items<RecordView>>(a, 'GET', '/search?limit=100')
  assert.ok(
    shown.items.every(({ exercise }) => exercise === true),
    'nobody takes one of them for the real world',
  )
  assert.ok(
    shown.items.some(({ id }) => id === EXAMPLE_CAMPAIGN),
    'the campaign that pages lead to',
  )
  const before = (await world.api<HomeView>(a, 'GET', '/home')).log.size
  const { erased } = await world.api<ExampleGoneView>(a, 'DELETE', '/example')
  assert.equal(erased, added)
  assert.deepEqual((await world.api<Items<RecordView>>(a, 'GET', '/search')).items, [])
  const after = await world.api<HomeView>(a, 'GET', '/home')
  assert.equal(after.example, undefined)
  assert.ok(after.log.size - before < 10, 'the log says so once for each statement, and not for each record')
  assert.equal((await world.api<ExampleView>(a, 'POST', '/example')).added, added)
})

test('a collection that only has its name is left alone', async () => {
  await using world = new World('example-name')
  const a = await world.add('a.example')
  await world.api(a, 'POST', '/collections', { title: 'Ours', alias: 'example' })
  await assert.rejects(world.api(a, 'POST', '/example'), /is no exercise/)
  assert.deepEqual((await world.api<Items<RecordView>>(a, 'GET', '/search')).items, [])
})
