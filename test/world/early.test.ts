// A clock that is more than a day off, whosesoever it is, loses nothing: records wait for their time, and what takes them
// back does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QuarantinePage } from '#sharing/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { finds, open, publish, pull, stage } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const DAY_MS = 24 * 3600 * 1000

/** A member does something while its clock is two days ahead; nobody hears of it before it is right again. */
async function ahead<T>(world: World, act: () => Promise<T>): Promise<T> {
  return world.network.apart(async () => {
    world.clock.advance(2 * DAY_MS)
    const done = await act()
    world.clock.advance(-2 * DAY_MS)
    return done
  })
}

const quarantined = async (world: World, at: WorldMember): Promise<string[]> =>
  (await world.api<QuarantinePage>(at, 'GET', '/quarantine')).items.map(({ reason }) => reason)

async function days(world: World, n: number): Promise<void> {
  world.clock.advance(n * DAY_MS)
  await world.quiesce()
}

test('a withdrawal that was said while its author’s clock was ahead is followed at once', async () => {
  const { world, a, b } = await stage('withdrawn ahead')
  await using _ = world
  const id = await publish(world, a, 'wrong')
  await world.quiesce()
  assert.equal(await finds(world, b, 'wrong'), 1)
  await ahead(world, () => world.api(a, 'POST', '/withdrawals', { id, reason: 'false-positive' }))
  await world.quiesce()
  assert.equal(await finds(world, b, 'wrong'), 0)
  assert.deepEqual(await quarantined(world, b), [])
})

test('records that were said while the clock was ahead are put aside, and there when their time has come', async () => {
  const { world, a, b } = await stage('said ahead')
  await using _ = world
  await ahead(world, () => publish(world, a, 'early'))
  await world.quiesce()
  assert.equal(await finds(world, b, 'early'), 0)
  assert.match((await quarantined(world, b)).join(), /dated more than 24 hours ahead, and used from 2026-01-16T/)
  await days(world, 2)
  assert.equal(await finds(world, b, 'early'), 1)
  assert.deepEqual(await quarantined(world, b), [])
})

test('records that waited for their date warn as those do that came after them', async () => {
  const { world, a, b } = await stage('warned of late')
  await using _ = world
  for (const name of ['early', 'other']) await world.api(b, 'POST', '/watch', { value: `${name}.example`, asset: name })
  const warned = async (): Promise<string[]> =>
    (await world.api<{ items: WarningView[] }>(b, 'GET', '/warnings')).items.map(({ asset }) => asset).toSorted()
  await ahead(world, () => publish(world, a, 'early'))
  await world.quiesce()
  await publish(world, a, 'other')
  await world.quiesce()
  assert.deepEqual(await warned(), ['other'])
  await days(world, 2)
  assert.deepEqual(await warned(), ['early', 'other'])
})

test('what is taken back while it waits never comes', async () => {
  const { world, a, b } = await stage('taken back ahead')
  await using _ = world
  const ids = await ahead(world, async () => [await publish(world, a, 'withdrawn'), await publish(world, a, 'erased')])
  await world.quiesce()
  await ahead(world, async () => {
    await world.api(a, 'POST', '/withdrawals', { id: ids[0], reason: 'false-positive' })
    await world.api(a, 'POST', '/erasures', { id: ids[1], reason: 'legal' })
  })
  await world.quiesce()
  await days(world, 3)
  for (const word of ['withdrawn', 'erased']) assert.equal(await finds(world, b, word), 0, word)
  assert.deepEqual(await quarantined(world, b), [])
  assert.equal(await b.store.get('SELECT 1 FROM early'), undefined)
})

for (const anew of [false, true])
  test(`what came while the reader’s clock was behind is there once it is right${anew ? ', and they met anew' : ''}`, async () => {
    const world = new World('behind')
    await using _ = world
    const [a, b] = [await world.add('a.example'), await world.add('b.example')]
    await world.introduce(a, b)
    await open(world, a)
    const wrong = await publish(world, a, 'wrong')
    await world.quiesce()
    await world.network.apart(async () => {
      await publish(world, a, 'waiting')
      await world.api(a, 'POST', '/withdrawals', { id: wrong, reason: 'false-positive' })
    })
    world.clock.advance(-2 * DAY_MS)
    await pull(b)
    assert.deepEqual([await finds(world, b, 'waiting'), await finds(world, b, 'wrong')], [0, 0])
    world.clock.advance(2 * DAY_MS)
    if (anew) await world.meetAnew(a, b)
    await world.quiesce()
    assert.deepEqual([await finds(world, b, 'waiting'), await finds(world, b, 'wrong')], [1, 0])
  })
