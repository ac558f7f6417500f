// Lists, counts and pages are for somebody who is not named for TLP:RED as they would be if there were no such records:
// neither whether there is more nor where it goes on tells of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { signedIn } from '../people.ts'
import { base, id, oneWith, put, RED, type Fields } from './objects.ts'
import type { World, WorldMember } from './world.ts'

const CENTRE = id('malware', 1)
const MARKING = { audience: { named: false, communities: [] }, personal: 'none' }
const red = { object_marking_refs: [RED] }
const malware = (n: number, name: string, more: Fields = {}): Fields =>
  base('malware', n, { name, is_family: true, ...more })
const joins = (n: number, from: string, to: string, more: Fields = {}): Fields =>
  base('relationship', n, { relationship_type: 'related-to', source_ref: from, target_ref: to, ...more })
const domain = (n: number, more: Fields = {}): Fields =>
  base('indicator', n, {
    name: `i${n}`,
    pattern: `[domain-name:value = 'hit.example']`,
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00.000Z',
    indicator_types: ['malicious-activity'],
    ...more,
  })
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_each, n) => make(n))

/** In front of, between and behind what everybody may see. */
const HIDDEN = [
  ...many(30, (n) => malware(500 + n, 'whisper', red)),
  ...many(12, (n) => joins(600 + n, id('malware', 500 + n), CENTRE, red)),
  ...many(12, (n) => joins(700 + n, CENTRE, id('malware', 500 + n), red)),
  ...many(3, (n) => domain(800 + n, red)),
]
const OPEN = [
  malware(1, 'whisper'),
  ...many(3, (n) => malware(2 + n, 'rumour')),
  ...many(3, (n) => joins(10 + n, id('malware', 2 + n), CENTRE)),
  domain(20),
]

async function scene(seed: string, hidden: readonly Fields[]) {
  const [third, sixth] = [Math.floor(hidden.length / 3), Math.floor((2 * hidden.length) / 3)]
  const { world, node } = await oneWith(seed, [...hidden.slice(0, third), ...OPEN.slice(0, 4)])
  if (hidden.length > 0) await put(node, hidden.slice(third, sixth))
  await put(node, OPEN.slice(4))
  if (hidden.length > 0) await put(node, hidden.slice(sixth))
  await world.quiesce()
  return { world, node }
}

const LISTS = [
  `/records/${CENTRE}/neighbours?side=in`,
  `/records/${CENTRE}/neighbours?side=out`,
  `/records/${CENTRE}/timeline?`,
  `/records/${CENTRE}/related?`,
  `/records/${CENTRE}/related?type=relationship`,
  '/search?q=whisper',
  '/search?q=rumour',
  '/search?q=hit.example',
  '/search?q=nothing',
  '/search?',
  '/search?tlp=RED',
  '/search?tlp=GREEN&type=malware',
  '/search?collection=c',
  '/search?versions=all',
]

type Page = { items?: { id: string }[]; nodes?: { id: string }[]; next?: string }

/** The pages of a list with one line each: what is on them, and the cursors between them. */
async function walk(node: WorldMember, headers: Record<string, string>, path: string) {
  const [pages, cursors]: [string[][], string[]] = [[], []]
  for (let cursor = ''; pages.length < 80;) {
    const { body } = await node.app.inject({ url: `/api${path}&limit=1${cursor}`, headers })
    const { items, nodes, next } = JSON.parse(body) as Page
    pages.push((items ?? nodes ?? []).map((each) => each.id))
    if (next === undefined) return { pages, cursors }
    cursors.push(next)
    cursor = `&cursor=${next}`
  }
  throw new Error(`${path} does not end`)
}

async function redPlaces({ store }: WorldMember): Promise<Set<string>> {
  const rows = await store.all<{ seq: number }>(
    "SELECT r.seq FROM record r JOIN label_class l ON l.id = r.label_class WHERE json_extract(l.marking, '$.tlp') = 'RED'",
  )
  return new Set(rows.map(({ seq }) => String(seq)))
}

async function others(world: World, node: WorldMember): Promise<[string, Record<string, string>][]> {
  const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', { name: 'program', role: 'viewer' })
  return [
    ['a person', await signedIn(node, { name: 'viewer', role: 'viewer' })],
    ['a program', { authorization: `Bearer ${secret}` }],
  ]
}

test('every list has the same pages with RED records around it as without any, and none ends at one', async () => {
  const [with_, without] = [await scene('red lists', HIDDEN), await scene('no red lists', [])]
  await using _one = with_.world
  await using _two = without.world
  const places = await redPlaces(with_.node)
  assert.equal(places.size, HIDDEN.length)
  const [some, none] = [await others(with_.world, with_.node), await others(without.world, without.node)]
  const told: string[] = []
  for (const [at, [who, headers]] of some.entries())
    for (const path of LISTS) {
      const { pages, cursors } = await walk(with_.node, headers, path)
      const same = isDeepStrictEqual(pages, (await walk(without.node, none[at]?.[1] ?? {}, path)).pages)
      const named = cursors.some((cursor) => places.has(cursor.replace('in.', '')))
      if (!same || named) told.push(`${path} tells ${who}`)
    }
  assert.deepEqual(told, [])
})

test('who is named for RED finds all of it in the same lists', async () => {
  const { world, node } = await scene('red lists for one', HIDDEN)
  await using _ = world
  const headers = await signedIn(node, { name: 'named', role: 'viewer', red: true })
  const found = async (path: string): Promise<number> => new Set((await walk(node, headers, path)).pages.flat()).size
  assert.equal(await found('/search?q=whisper'), 31)
  assert.equal(await found('/search?q=hit.example'), 4)
  assert.equal(await found('/search?tlp=RED'), HIDDEN.length)
  assert.equal(await found(`/records/${CENTRE}/related?`), 27)
})

test('counts of what a search finds are of what may be seen alone, and whole where that is', async () => {
  const { world, node } = await scene('red counts', HIDDEN)
  await using _ = world
  for (const [who, headers] of await others(world, node))
    for (const [path, count] of [
      ['q=whisper', 1],
      ['q=hit.example', 1],
      ['tlp=RED', 0],
      ['type=malware', 4],
    ] as const) {
      const { body } = await node.app.inject({ url: `/api/search/facets?${path}`, headers })
      const counted = JSON.parse(body) as { count: number; whole: boolean }
      assert.deepEqual([counted.count, counted.whole], [count, true], `${path} for ${who}`)
    }
})

test('words of a RED context neither find its record nor tell by a next page that they stand there', async () => {
  const { world, node } = await oneWith('red contexts', [malware(1, 'Kellerassel')])
  await using _ = world
  await world.api(node, 'PATCH', '/collections/c', { contextMarking: { ...MARKING, tlp: 'RED' } })
  const context = Buffer.from(JSON.stringify({ [id('malware', 2)]: { source: 'Kellerassel' } }))
  const { body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${'f'.repeat(64)}&contextBytes=${context.length}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: Buffer.concat([context, Buffer.from(JSON.stringify(malware(2, 'rumour')))]),
  })
  assert.match(body, /"added":1/)
  const pages = async (headers: Record<string, string>) => (await walk(node, headers, '/search?q=kellerassel')).pages
  assert.deepEqual(await pages({ authorization: `Bearer ${node.token}` }), [[id('malware', 2)], [id('malware', 1)]])
  for (const [who, headers] of await others(world, node))
    assert.deepEqual(await pages(headers), [[id('malware', 1)]], who)
})
