// A node as a reader of other nodes and as one that is run by people: feeds through the whole program.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HomeView } from '#src/home/wire.ts'
import type { FeedPreview, FeedRefusalView, FeedView } from '#sharing/feeds/wire.ts'
import { CLEAR, indicator } from '#test/feeds.ts'
import { World, type WorldMember } from './world.ts'

type Made = { readonly secret: string }
type Found = { readonly items: readonly { readonly id: string; readonly author: string; readonly tlp: string }[] }

/** A member with one collection of a thousand and some records, and a client that may read it. */
async function server(world: World, count: number): Promise<{ readonly member: WorldMember; readonly secret: string }> {
  const member = await world.add('b.example')
  await world.api(member, 'POST', '/collections', {
    title: 'Out',
    alias: 'out',
    marking: CLEAR,
    share: 'peers',
    public: true,
  })
  const objects = Array.from({ length: count }, (_, n) => indicator(n))
  await imported(member, 'out', objects)
  const grants = [{ collection: 'out', read: true, write: false }]
  const { secret } = await world.api<Made>(member, 'POST', '/clients', { name: 'reader', actsFor: 'public', grants })
  return { member, secret }
}

async function imported(member: WorldMember, collection: string, objects: readonly object[]): Promise<void> {
  const answer = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${String(objects.length).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({ type: 'bundle', id: 'bundle--1', objects }),
  })
  assert.equal(answer.statusCode, 200)
}

const feedOf = (secret: string) => ({
  name: 'from-b',
  kind: 'taxii',
  url: 'http://b.example/taxii2/api/collections/out/',
  collection: 'in',
  marking: { ...CLEAR, tlp: 'GREEN' },
  licence: 'with thanks',
  everyMinutes: 30,
  secret,
})

async function readAll(world: World, member: WorldMember): Promise<FeedView> {
  while ((await member.jobs.tick()) > 0) continue
  return world.api<FeedView>(member, 'GET', '/feeds/from-b')
}

test('a node reads another node’s collection with a client’s token, and goes on where it was', async () => {
  await using world = new World('feed')
  const { member: b, secret } = await server(world, 2100)
  const a = await world.add('a.example')
  await world.api(a, 'POST', '/collections', { title: 'In', alias: 'in' })
  const { name: _, collection: __, licence: ___, everyMinutes: ____, ...source } = feedOf(secret)
  const seen = await world.api<FeedPreview>(a, 'POST', '/feeds/preview', source)
  assert.deepEqual([seen.read, seen.more, seen.kinds], [500, true, [{ kind: 'indicator', count: 500 }]])
  const offered = { ...source, url: 'http://b.example/taxii2/api/' }
  const { collections } = await world.api<FeedPreview>(a, 'POST', '/feeds/preview', offered)
  assert.deepEqual(
    collections?.map(({ title, mayRead }) => [title, mayRead]),
    [['Out', true]],
  )
  await world.api(a, 'POST', '/feeds', feedOf(secret))
  const feed = await readAll(world, a)
  assert.deepEqual([feed.state, feed.added, feed.refused, feed.from, feed.credentials], ['ok', 2100, 0, 'out', 'token'])
  const { items } = await world.api<Found>(a, 'GET', '/search?limit=1')
  assert.deepEqual([items[0]?.author, items[0]?.tlp], ['a.example', 'GREEN'])
  await imported(b, 'out', [indicator(5000)])
  await world.api(a, 'POST', '/feeds/from-b/run')
  const again = await readAll(world, a)
  assert.deepEqual([again.added, again.known, again.total], [1, 0, 2101])
})

test('what fails three times in a row needs a person; what is paused is left alone; what is removed is gone', async () => {
  await using world = new World('feed fails')
  const { secret } = await server(world, 3)
  const a = await world.add('a.example')
  await world.api(a, 'POST', '/collections', { title: 'In', alias: 'in' })
  await world.api(a, 'POST', '/feeds', feedOf(`${secret}x`))
  const needs = async (): Promise<number> =>
    (await world.api<HomeView>(a, 'GET', '/home')).needs.find(({ kind }) => kind === 'feeds')?.count ?? 0
  for (const [failures, needed] of [
    [1, 0],
    [2, 0],
    [3, 1],
  ]) {
    const feed = await readAll(world, a)
    assert.deepEqual([feed.state, feed.failures, await needs()], ['failing', failures, needed])
    assert.match(feed.error?.message ?? '', /does not let this node in/)
    await world.api(a, 'POST', '/feeds/from-b/run')
  }
  await world.api(a, 'PATCH', '/feeds/from-b', { paused: true })
  assert.deepEqual([(await readAll(world, a)).state, await needs()], ['paused', 0])
  await world.api(a, 'PATCH', '/feeds/from-b', { paused: false, secret })
  assert.deepEqual([(await readAll(world, a)).state, (await readAll(world, a)).added], ['ok', 3])
  await world.api(a, 'DELETE', '/feeds/from-b')
  await assert.rejects(world.api(a, 'GET', '/feeds/from-b'), /there is no feed/)
  const deeds = await world.api<{ items: { action: string; actor: string }[] }>(a, 'GET', '/audit?action=feed')
  assert.deepEqual(deeds.items.map(({ actor, action }) => `${actor} ${action}`).toReversed(), [
    'admin feed.add',
    'node feed.fail',
    ...Array.from({ length: 3 }, () => 'admin feed.run'),
    'admin feed.pause',
    'admin feed.resume',
    'node feed.read',
    'admin feed.remove',
  ])
})

test('a feed that cannot be is refused with its place, and a secret is shown to nobody', async () => {
  await using world = new World('feed input')
  const { secret } = await server(world, 1)
  const a = await world.add('a.example')
  await world.api(a, 'POST', '/collections', { title: 'In', alias: 'in' })
  const good = feedOf(secret)
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ url: 'ftp://b.example/' }, /no address|not an address/],
    [{ url: 'http://user:pw@b.example/' }, /not an address/],
    [{ url: 'http://b.example/taxii2/api/' }, /collection of the server is not named/],
    [{ name: 'No Such Name' }, /name/],
    [{ collection: 'nowhere' }, /no collection/],
    [{ licence: ' ' }, /licence/],
    [{ everyMinutes: 0 }, /everyMinutes/],
    [{ column: '1' }, /only a list/],
    [{ secret: undefined, user: 'x' }, /no password/],
    [{ secret: 'a\nb' }, /printable/],
    [{ marking: { tlp: 'GREEN' } }, /marking/],
  ]
  for (const [change, reason] of wrong)
    await assert.rejects(world.api(a, 'POST', '/feeds', { ...good, ...change }), reason, JSON.stringify(change))
  await world.api(a, 'POST', '/feeds', good)
  await assert.rejects(world.api(a, 'POST', '/feeds', good), /already/)
  await readAll(world, a)
  for (const path of ['/feeds', '/feeds/from-b', '/audit', '/jobs'])
    assert.ok(!JSON.stringify(await world.api(a, 'GET', path)).includes(secret), path)
  assert.deepEqual(
    a.logLines.filter((line) => line.includes(secret)),
    [],
  )
  const { items } = await world.api<{ items: FeedRefusalView[] }>(a, 'GET', '/feeds/from-b/refusals')
  assert.deepEqual(items, [])
})

test('lists of feeds are found by words and read by pages', async () => {
  await using world = new World('feed lists')
  const a = await world.add('a.example')
  await world.api(a, 'POST', '/collections', { title: 'In', alias: 'in' })
  for (let n = 0; n < 7; n += 1) {
    const { secret: _, ...feed } = feedOf('')
    await world.api(a, 'POST', '/feeds', { ...feed, name: `f${n}`, licence: n === 3 ? 'CC BY' : 'CC0' })
  }
  type Page = { readonly items: readonly FeedView[]; readonly next?: string }
  const first = await world.api<Page>(a, 'GET', '/feeds?limit=5')
  const second = await world.api<Page>(a, 'GET', `/feeds?limit=5&cursor=${first.next}`)
  assert.deepEqual([first.items.length, second.items.length, second.next], [5, 2, undefined])
  const found = await world.api<Page>(a, 'GET', '/feeds?q=cc%20by')
  assert.deepEqual(
    found.items.map(({ name }) => name),
    ['f3'],
  )
})
