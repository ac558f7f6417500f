// Searching without words: everything that stands, newest first, narrowed by what people know, and never by sorting.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reader } from '#kernel/store/types.ts'
import { search, type Search } from '#sharing/find.ts'
import type { FacetsView, RecordView } from '#sharing/wire.ts'
import { signedIn } from '../people.ts'
import { World, type WorldMember } from './world.ts'

const TIME = '2026-01-01T00:00:00.000Z'
const RED = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'
const id = (type: string, n: number): string => `${type}--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const malware = (n: number, more: object = {}): object => ({
  type: 'malware',
  spec_version: '2.1',
  id: id('malware', n),
  created: TIME,
  modified: TIME,
  name: `m${n}`,
  is_family: false,
  ...more,
})
const tool = (n: number): object => ({ ...malware(n), type: 'tool', id: id('tool', n), is_family: undefined })

let sources = 0
async function put(member: WorldMember, collection: string, objects: readonly object[]): Promise<void> {
  sources += 1
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${sources.toString(16).padStart(64, 'e')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: objects.map((object) => JSON.stringify(object)).join('\n'),
  })
  assert.match(body, new RegExp(`"added":${objects.length}`), body)
}

async function scene(seed: string) {
  const world = new World(seed)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  for (const [member, alias] of [
    [a, 'one'],
    [a, 'two'],
    [b, 'theirs'],
  ] as const)
    await world.api(member, 'POST', '/collections', { title: alias, alias, share: 'peers', marking })
  await put(a, 'one', [malware(1), malware(2), tool(3)])
  await put(b, 'theirs', [malware(4), tool(5)])
  await world.quiesce()
  await put(a, 'two', [malware(6, { object_marking_refs: [RED] }), malware(7)])
  await put(a, 'one', [malware(1, { modified: '2026-01-02T00:00:00.000Z', name: 'm1 again' })])
  await world.api(a, 'POST', '/withdrawals', { id: id('malware', 2), reason: 'false-positive' })
  const find = async (query: string): Promise<string[]> =>
    (await world.api<{ items: RecordView[] }>(a, 'GET', `/search${query}`)).items.map(({ name }) => name ?? '')
  return { world, a, find }
}

test('without words everything that stands is listed, newest first, and narrowed by each facet and by all', async () => {
  const { world, find } = await scene('newest')
  await using _ = world
  assert.deepEqual(await find(''), ['m1 again', 'm7', 'm6', 'm5', 'm4', 'm3'])
  assert.deepEqual(await find('?q=%20'), await find(''))
  assert.deepEqual(await find('?versions=all'), ['m1 again', 'm7', 'm6', 'm5', 'm4', 'm3', 'm1'])
  assert.deepEqual(await find('?type=tool'), ['m5', 'm3'])
  assert.deepEqual(await find('?collection=one'), ['m1 again', 'm3'])
  assert.deepEqual(await find('?tlp=RED'), ['m6'])
  assert.deepEqual(await find('?author=b.example'), ['m5', 'm4'])
  assert.deepEqual(await find('?author=a.example'), ['m1 again', 'm7', 'm6', 'm3'])
  assert.deepEqual(await find('?author=a.example&type=malware&tlp=GREEN'), ['m1 again', 'm7'])
  assert.deepEqual(await find('?author=b.example&collection=one'), [])
  assert.deepEqual([await find('?type=nothing'), await find('?author=nobody.example')], [[], []])
  assert.deepEqual(await find('?q=m1'), ['m1 again'], 'words find the latest too')
  assert.deepEqual(await find('?q=m1&versions=all'), ['m1 again', 'm1'])
})

test('pages put together are the list, whichever way it is narrowed', async () => {
  const { world, a, find } = await scene('newest pages')
  await using _ = world
  for (const query of [
    '',
    '&author=a.example',
    '&tlp=GREEN',
    '&versions=all&type=malware',
    '&author=a.example&tlp=GREEN',
  ]) {
    const paged: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const path: string = `/search?limit=1${query}${cursor}`
      const page: { items: RecordView[]; next?: string } = await world.api(a, 'GET', path)
      paged.push(...page.items.map(({ name }) => name ?? ''))
      cursor = page.next === undefined ? undefined : `&cursor=${page.next}`
    }
    assert.deepEqual(paged, await find(`?limit=50${query}`), query)
  }
})

test('facets count everything, and what may not be looked at is neither listed nor counted', async () => {
  const { world, a } = await scene('newest facets')
  await using _ = world
  const all = await world.api<FacetsView>(a, 'GET', '/search/facets')
  assert.deepEqual(
    [all.count, all.whole, all.author],
    [
      6,
      true,
      [
        { value: 'a.example', count: 4 },
        { value: 'b.example', count: 2 },
      ],
    ],
  )
  const headers = await signedIn(a, { name: 'viewer', role: 'viewer' })
  const get = async <T>(url: string): Promise<T> => (await a.app.inject({ url: `/api${url}`, headers })).json<T>()
  assert.deepEqual((await get<{ items: RecordView[] }>('/search?tlp=RED')).items, [])
  assert.equal((await get<FacetsView>('/search/facets')).count, 5)
  assert.deepEqual((await get<FacetsView>('/search/facets?tlp=RED')).count, 0)
})

test('no page of the newest scans a table or sorts it', async () => {
  const { world, a } = await scene('newest plans')
  await using _ = world
  const plans: string[] = []
  const explain = async (sql: string, values: readonly never[]): Promise<void> => {
    const rows = await a.store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    plans.push(...rows.map(({ detail }) => detail))
  }
  const reader = {
    all: async (sql: string, ...values: never[]) => (await explain(sql, values), a.store.all(sql, ...values)),
    get: async (sql: string, ...values: never[]) => (await explain(sql, values), a.store.get(sql, ...values)),
  } as unknown as Reader
  const filters: Search['filter'][] = [true, false].flatMap((latestOnly) => [
    { latestOnly },
    { latestOnly, type: 1 },
    { latestOnly, collections: [1] },
    { latestOnly, collections: [1, 2], type: 1 },
    { latestOnly, labels: [1, 2] },
    { latestOnly, labels: [1], type: 1, collections: [1] },
  ])
  const alike = { collections: '[1]', classes: '[1,2]' }
  for (const filter of filters)
    for (const sight of [[alike], [alike, { collections: '[2]', classes: '[1]' }]])
      await search(reader, { filter, sight, limit: 50 })
  assert.ok(plans.length > filters.length)
  const bad = plans.filter((plan) => /TEMP B-TREE|SCAN/.test(plan) && !/json_each|VIRTUAL TABLE/.test(plan))
  assert.deepEqual(bad, [])
  await search(reader, { filter: { latestOnly: true, type: 1 }, sight: [alike], limit: 50 })
  assert.ok(plans.some((plan) => plan.includes('record_newest (type=? AND seq<?)')))
})

test('kept searches are their person’s alone and follow them; a removed user leaves none', async () => {
  await using world = new World('kept searches')
  const a = await world.add('a.example')
  const [mara, vera] = [
    await signedIn(a, { name: 'mara', role: 'analyst' }),
    await signedIn(a, { name: 'vera', role: 'viewer' }),
  ]
  const call = async (
    headers: Record<string, string>,
    method: 'GET' | 'POST' | 'DELETE',
    path = '',
    payload?: object,
  ) =>
    a.app.inject({
      method,
      url: `/api/account/searches${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
  const kept = { type: 'campaign', tlp: 'GREEN' }
  const first = (await call(mara, 'POST', '', kept)).json<{ id: number }>()
  assert.deepEqual((await call(mara, 'POST', '', kept)).json(), first, 'kept once')
  await call(mara, 'POST', '', { q: 'loader' })
  const list = async (headers: Record<string, string>) =>
    (await call(headers, 'GET')).json<{ items: { search: object }[] }>().items.map(({ search }) => search)
  assert.deepEqual(await list(mara), [kept, { q: 'loader' }])
  assert.deepEqual(await list(vera), [])
  assert.equal((await call(vera, 'DELETE', `/${first.id}`)).statusCode, 404)
  assert.equal((await call(mara, 'DELETE', `/${first.id}`)).statusCode, 204)
  assert.deepEqual(await list(mara), [{ q: 'loader' }])
  assert.equal((await call(mara, 'POST', '', { q: 'x', more: 1 })).statusCode, 400)
  await world.api(a, 'DELETE', '/users/mara')
  assert.deepEqual(await a.store.all('SELECT * FROM saved_search'), [])
})
