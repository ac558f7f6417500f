// What is said about a record, and how many of what a search finds: as each may look at it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillReferences } from '#kernel/store/dialect.ts'
import type { FacetsView, RecordView, RelatedView } from '#sharing/wire.ts'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, TIME, type Fields } from './objects.ts'
import { tamper } from './world.ts'

const SUBJECT = id('malware', 1)

const OBJECTS: readonly Fields[] = [
  base('malware', 1, { name: 'Loader', is_family: true }),
  base('indicator', 2, {
    name: 'Loader beacon',
    pattern: "[domain-name:value = 'a.example']",
    pattern_type: 'stix',
    valid_from: TIME,
  }),
  base('relationship', 3, { relationship_type: 'indicates', source_ref: id('indicator', 2), target_ref: SUBJECT }),
  base('note', 4, { content: 'seen twice', object_refs: [SUBJECT, id('indicator', 2), SUBJECT] }),
  base('sighting', 5, { sighting_of_ref: id('indicator', 2) }),
  base('note', 6, { content: 'Loader whisper', object_refs: [SUBJECT], object_marking_refs: [RED] }),
]

async function scene(seed: string) {
  const { world, node } = await oneWith(seed, OBJECTS)
  const related = async (about: string, query = ''): Promise<{ items: RelatedView[]; next?: string }> =>
    world.api(node, 'GET', `/records/${about}/related${query}`)
  return { world, node, related }
}

test('what points at a record is found from its end, with what it points at, newest first and by pages', async () => {
  const { world, related } = await scene('related')
  await using _ = world
  const all = await related(SUBJECT)
  assert.deepEqual(
    all.items.map((each) => each.id),
    [id('note', 6), id('note', 4), id('relationship', 3)],
  )
  assert.deepEqual(all.items[2]?.links, [
    { property: 'source_ref', id: id('indicator', 2) },
    { property: 'target_ref', id: SUBJECT },
  ])
  assert.equal(all.items[2]?.relationship, 'indicates')
  assert.deepEqual((await related(SUBJECT, '?type=note')).items.length, 2)
  const first = await related(SUBJECT, '?limit=2')
  const rest = await related(SUBJECT, `?limit=2&cursor=${first.next}`)
  assert.deepEqual(
    [first.items.length, rest.items.map((each) => each.id), rest.next],
    [2, [id('relationship', 3)], undefined],
  )
  assert.deepEqual((await related(id('sighting', 5))).items, [])
})

test('a search calls what has no name by what it joins, and by those names alone that may be seen', async () => {
  const { world, node } = await scene('related names')
  await using _ = world
  await put(node, [
    base('malware', 7, { name: 'Hidden', is_family: true, object_marking_refs: [RED] }),
    base('relationship', 8, { relationship_type: 'uses', source_ref: id('malware', 7), target_ref: SUBJECT }),
    base('opinion', 9, { opinion: 'agree', object_refs: [id('campaign', 9)] }),
  ])
  const called = async (headers: Record<string, string>): Promise<(n: number, type: string) => string | undefined> => {
    const { items } = (await node.app.inject({ url: '/api/search?limit=100', headers })).json<{ items: RecordView[] }>()
    const names = new Map(items.map((item) => [item.id, item.name]))
    return (n, type) => names.get(id(type, n))
  }
  const own = await called({ authorization: `Bearer ${node.token}` })
  assert.deepEqual(
    [own(3, 'relationship'), own(5, 'sighting'), own(4, 'note'), own(9, 'opinion'), own(8, 'relationship')],
    [
      'Loader beacon → indicates → Loader',
      'Loader beacon',
      'seen twice',
      'campaign--00000000…',
      'Hidden → uses → Loader',
    ],
  )
  const viewer = await called(await signedIn(node, { name: 'viewer', role: 'viewer' }))
  assert.equal(viewer(8, 'relationship'), 'malware--00000000… → uses → Loader')
})

test('what was taken back or changed points no more, and what a peer said points here too', async () => {
  const { world, node, related } = await scene('related changes')
  await using _ = world
  const b = await world.add('b.example')
  await world.introduce(node, b)
  await world.quiesce()
  const there = await world.api<{ items: RelatedView[] }>(b, 'GET', `/records/${SUBJECT}/related`)
  assert.deepEqual(
    there.items.map((each) => each.id),
    [id('note', 4), id('relationship', 3)],
  )
  await world.api(node, 'POST', '/withdrawals', { id: id('relationship', 3), reason: 'false-positive' })
  const later = { ...OBJECTS[3], modified: '2026-01-02T00:00:00.000Z', object_refs: [id('indicator', 2)] }
  await put(node, [later])
  assert.deepEqual(
    (await related(SUBJECT)).items.map((each) => each.id),
    [id('note', 6)],
  )
})

test('a database of an earlier version is filled with the same references that the program keeps', async () => {
  const { world, node } = await scene('related migration')
  await using _ = world
  const rows = () => node.store.all('SELECT hex(oid) AS oid, seq FROM reference ORDER BY oid, seq')
  const kept = await rows()
  assert.equal(kept.length, 6)
  await node.store.write(tamper, 'DELETE FROM reference')
  await node.store.write(tamper, fillReferences('reference'))
  assert.deepEqual(await rows(), kept)
})

test('a search is counted by what narrows it, and nobody learns by counting', async () => {
  const { world, node } = await scene('facets')
  await using _ = world
  const all = await world.api<FacetsView>(node, 'GET', '/search/facets?q=loader')
  assert.deepEqual([all.count, all.whole], [3, true])
  assert.deepEqual(all.tlp, [
    { value: 'GREEN', count: 2 },
    { value: 'RED', count: 1 },
  ])
  assert.deepEqual(
    all.type.map((each) => each.value),
    ['indicator', 'malware', 'note'],
  )
  assert.deepEqual(all.author, [{ value: 'a.example', count: 3 }])
  const notes = await world.api<FacetsView>(node, 'GET', '/search/facets?q=loader&type=note&collection=c')
  assert.equal(notes.count, 1)
  const headers = await signedIn(node, { name: 'viewer', role: 'viewer' })
  const seen = (await node.app.inject({ url: '/api/search/facets?q=loader', headers })).json<FacetsView>()
  assert.deepEqual([seen.count, seen.tlp], [2, [{ value: 'GREEN', count: 2 }]])
  const about = (await node.app.inject({ url: `/api/records/${SUBJECT}/related`, headers })).json<{
    items: RelatedView[]
  }>()
  assert.deepEqual(
    about.items.map((each) => each.id),
    [id('note', 4), id('relationship', 3)],
  )
})
