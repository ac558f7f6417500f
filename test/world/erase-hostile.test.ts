// Erases and receipts that are not what they claim are kept aside by name, and change nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '#kernel/hash.ts'
import type { StatementRef } from '#kernel/header.ts'
import { withoutErased } from '#kernel/log/erase-store.ts'
import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import { giveOnceMore } from '#federation/forward/again.ts'
import { DeliveryDecoder, encodeDelivery } from '#federation/frames.ts'
import type { HomeView } from '#src/home/wire.ts'
import { saying } from './saying.ts'
import { finds, publish, pull, stage } from './stage.ts'
import { World, type WorldMember } from './world.ts'

type Scene = { readonly world: World; readonly a: WorldMember; readonly b: WorldMember; readonly c: WorldMember }

const idOf = (n: number): string => `identity--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

async function scene(): Promise<Scene> {
  const world = new World('erase hostile')
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(c, b)
  await world.introduce(a, c)
  for (const member of [a, c])
    await world.api(member, 'POST', '/collections', {
      title: 'open',
      alias: 'open',
      share: 'peers',
      marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
    })
  await put(a, 1, 'from-a')
  await put(c, 2, 'from-c')
  await world.quiesce()
  return { world, a, b, c }
}

async function put(member: WorldMember, n: number, name: string): Promise<void> {
  const time = '2026-01-01T00:00:00.000Z'
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${n.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({
      type: 'identity',
      spec_version: '2.1',
      id: idOf(n),
      created: time,
      modified: time,
      name,
    }),
  })
  assert.match(body, /"added":1/)
}

const asideAt = async (world: World, member: WorldMember): Promise<string[]> =>
  (await world.api<{ items: { reason: string }[] }>(member, 'GET', '/quarantine')).items.map(({ reason }) => reason)

/** How a member's log refers to its own leaf at an index. */
async function leafOf({ store }: WorldMember, kind: string): Promise<StatementRef> {
  const row = await store.get<{ idx: number }>('SELECT idx FROM statement WHERE log = 1 AND kind = ?', kind)
  return store.write(saying.refer, row?.idx ?? -1)
}

test('an erase of another’s words, of another log, of what was never said or of an erase is kept aside', async () => {
  const { world, a, b, c } = await scene()
  await using _ = world
  await put(a, 4, 'withdrawn')
  await world.quiesce()
  await world.api(a, 'POST', '/withdrawals', { id: idOf(4), reason: 'expired' })
  await world.quiesce()
  const own = await leafOf(a, 'records.put')
  const foreign = await leafOf(c, 'records.put')
  await a.store.write(saying.erase, { about: foreign, to: 'b.example' })
  await a.store.write(saying.erase, { about: { ...own, commitment: foreign.commitment }, to: 'b.example' })
  await a.store.write(saying.erase, { about: { ...own, index: 900 }, to: 'b.example' })
  await a.store.write(saying.erase, { about: await leafOf(a, 'records.withdraw'), to: 'b.example' })
  await a.store.write(saying.erase, { about: own, to: 'b.example', content: '{"items":[0]}' })
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'from-a'), await finds(world, b, 'from-c')], [1, 1])
  assert.equal((await world.api<AskedPage>(b, 'GET', '/erasures/asked')).items.length, 1, 'the withdrawal')
  const aside = (await asideAt(world, b)).join('\n')
  for (const reason of [
    /not its author’s/,
    /what was never said/,
    /a statement of kind records.withdraw stands/,
    /names no items/,
  ])
    assert.match(aside, reason)
})

test('a withdrawal of a version that cannot be read takes back no version', async () => {
  const { world, a, b } = await scene()
  await using _ = world
  const content = JSON.stringify({ reason: 'expired', records: [{ id: idOf(1), version: 'yesterday' }] })
  await a.store.write(saying.withdraw, { content, to: 'b.example' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'from-a'), 1)
  assert.match((await asideAt(world, b)).join('\n'), /names no records, or a version that cannot be read/)
})

test('a receipt for what was never sent, never said, or could not be so is kept aside', async () => {
  const { world, a, b, c } = await scene()
  await using _ = world
  await world.api(a, 'POST', '/withdrawals', { id: idOf(1), reason: 'expired' })
  await world.quiesce()
  await put(a, 3, 'later')
  await world.quiesce()
  const withdrawal = await leafOf(a, 'records.withdraw')
  const said = async (member: WorldMember, outcome: string, about?: StatementRef): Promise<void> => {
    await member.store.write(saying.receipt, { to: 'a.example', outcome, ...(about === undefined ? {} : { about }) })
  }
  await said(b, 'erased', withdrawal)
  await said(b, 'withdrawn', await leafOf(a, 'records.put'))
  await said(b, 'withdrawn', { ...withdrawal, commitment: 'f'.repeat(64) })
  await said(b, 'withdrawn', { ...withdrawal, origin: 'c.example/log' })
  await said(b, 'withdrawn')
  await said(c, 'withdrawn', await leafOf(c, 'records.put'))
  await world.quiesce()
  const receipts = await a.store.all<{ name: string; outcome: string }>(
    'SELECT m.name, r.outcome FROM receipt r JOIN member m ON m.id = r.member ORDER BY m.name',
  )
  assert.deepEqual(
    receipts.map(({ name, outcome }) => [name, outcome]),
    [
      ['b.example', 'withdrawn'],
      ['c.example', 'withdrawn'],
    ],
    'the honest receipts, and no other',
  )
  assert.equal((await asideAt(world, a)).length, 6)
})

test('a receipt from a member that was never given the erase is kept aside', async () => {
  const { world, a, c } = await scene()
  await using _ = world
  const d = await world.add('d.example')
  await world.api(a, 'POST', '/erasures', { id: idOf(1), reason: 'legal' })
  await world.quiesce()
  await world.introduce(a, d)
  await world.quiesce()
  await d.store.write(saying.receipt, { to: 'a.example', outcome: 'erased', about: await leafOf(a, 'erase') })
  await world.quiesce()
  assert.match((await asideAt(world, a)).join(), /nobody showed to its author/)
  const [mine] = (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items
  assert.deepEqual(
    mine?.recipients.map(({ member }) => member),
    ['b.example', 'c.example'],
  )
  assert.equal(await finds(world, c, 'from-a'), 0)
})

test('a member that decides for itself hides what was asked, then refuses with a reason or honours it', async () => {
  const world = new World('erase ask')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example', { erasure: 'ask' })]
  await world.introduce(a, b)
  await world.api(a, 'POST', '/collections', {
    title: 'open',
    alias: 'open',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  await put(a, 1, 'contested')
  await world.quiesce()
  await world.api(a, 'POST', '/erasures', { id: idOf(1), reason: 'personal-data' })
  await world.quiesce()
  const items = async (): Promise<number> =>
    (await b.store.all("SELECT seq FROM item WHERE instr(CAST(bytes AS TEXT), 'contested') > 0")).length
  assert.deepEqual([await finds(world, b, 'contested'), await items()], [0, 1])
  const [asked] = (await world.api<AskedPage>(b, 'GET', '/erasures/asked')).items
  assert.deepEqual([asked?.answer, asked?.receipt], ['asked', false])
  assert.deepEqual(
    asked?.records.map(({ id }) => id),
    [idOf(1)],
    'whoever decides sees what it is about',
  )
  const waiting = async (): Promise<number[]> => {
    const { items } = await world.api<AskedPage>(b, 'GET', '/erasures/asked?waiting=true')
    const needs = (await world.api<HomeView>(b, 'GET', '/home')).needs.filter(({ kind }) => kind === 'asked')
    return [items.length, needs[0]?.count ?? 0]
  }
  assert.deepEqual(await waiting(), [1, 1])
  const path = `/erasures/asked/${asked?.number}`
  await assert.rejects(world.api(b, 'POST', path, { answer: 'refuse' }), /needs a reason/)
  await world.api(b, 'POST', path, { answer: 'refuse', reason: 'evidence in a court case' })
  assert.deepEqual(await waiting(), [0, 0])
  await world.quiesce()
  const answers = async (): Promise<unknown[]> =>
    (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items[0]?.recipients.map(({ answer, reason }) => [
      answer,
      reason,
    ]) ?? []
  assert.deepEqual(await answers(), [['refused', 'evidence in a court case']])
  assert.deepEqual([await finds(world, b, 'contested'), await items()], [0, 1])
  await world.api(b, 'POST', path, { answer: 'honour' })
  await world.quiesce()
  assert.deepEqual(await answers(), [['erased', undefined]])
  assert.equal(await items(), 0)
  await assert.rejects(world.api(b, 'POST', path, { answer: 'refuse', reason: 'too late' }), /erased already/)
})

test('what was shown without its items, was kept aside and comes whole is kept aside for what it is, and stops nothing', async () => {
  const { world, a, b } = await stage('erase in part')
  await using _ = world
  await publish(world, a, 'ours')
  await world.quiesce()
  const own = await leafOf(a, 'records.put')
  await a.store.write(saying.erase, { about: { ...own, index: 900 }, to: 'b.example' })
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/deliveries')) return response
    const deliveries = [...new DeliveryDecoder().push(response.body)]
    if (deliveries.length === 0) return response
    const body = Buffer.concat(
      deliveries.flatMap(({ itemBytes, statements }) => [
        ...encodeDelivery(
          itemBytes,
          statements.map((each) => ('gone' in each ? each : { ...each, ...withoutErased(each, new Set([0])) })),
        ),
      ]),
    )
    return { status: 200, headers: { 'comity-page': `${sha256(body).toHex()} ${body.length}` }, body }
  }
  assert.equal(await pull(b), '')
  assert.deepEqual(await asideAt(world, b), ['this erase cannot be followed: it names no items'])
  world.network.meddle = (_path, response) => response
  const place = await a.store.get<{ peer: number; idx: number }>(
    "SELECT d.peer, d.idx FROM delivery_index d JOIN statement s ON s.log = d.log AND s.idx = d.idx WHERE s.kind = 'erase'",
  )
  assert.ok(place)
  await a.store.write(giveOnceMore, { peer: place.peer, origin: 'a.example/log', indexes: [place.idx] })
  while ((await a.jobs.tick()) > 0) continue
  assert.equal(await pull(b), '')
  assert.deepEqual(await asideAt(world, b), ['this erase cannot be followed: it is about what was never said'])
})
