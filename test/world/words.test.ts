// Searching by words: the last one may be a beginning, pages put together are the list however it is narrowed, and no
// frequent word makes a search read all its occurrences.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { LOCAL_CALLER } from '#kernel/http/access.ts'
import { loadSight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { search } from '#sharing/find.ts'
import type { RecordView } from '#sharing/wire.ts'
import { World, type WorldMember } from './world.ts'

const TIME = '2026-01-01T00:00:00.000Z'
const NAMES = [
  'Harbour loader',
  'harbours of the north',
  'Harboured ill will',
  'Hárbour with an accent',
  'the ha',
  'the hat',
  'a quiet port',
  '港口加载器',
]

async function scene(seed: string) {
  const world = new World(seed)
  const node = await world.add('a.example')
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(node, 'POST', '/collections', { title: 'One', alias: 'one', share: 'none', marking })
  await put(
    node,
    NAMES.flatMap((name, n) => [object('malware', n, name), object('tool', n + 100, `the ${name}`)]),
  )
  return { world, node, find: (query: string) => everyPage(node, query) }
}

function object(type: string, n: number, name: string): object {
  const id = `${type}--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  const family = type === 'malware' ? { is_family: false } : {}
  return { type, spec_version: '2.1', id, created: TIME, modified: TIME, name, ...family }
}

async function put(node: WorldMember, objects: readonly object[]): Promise<void> {
  const payload = objects.map((each) => JSON.stringify(each)).join('\n')
  const { body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=one&digest=${hash('sha256', payload)}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload,
  })
  assert.match(body, new RegExp(`"added":${objects.length}`), body)
}

/** The names on all pages of a search, one record a page. */
async function everyPage(node: WorldMember, query: string): Promise<string[]> {
  const names: string[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const url: string = `/api/search?limit=1&${query}${cursor}`
    const { body } = await node.app.inject({ url, headers: { authorization: `Bearer ${node.token}` } })
    const page = JSON.parse(body) as { items: RecordView[]; next?: string }
    names.push(...page.items.map(({ name }) => name ?? ''))
    cursor = page.next === undefined ? undefined : `&cursor=${page.next}`
  }
  return names
}

test('the last word may be a beginning, in whatever case and with accents or without', async () => {
  const { world, find } = await scene('beginnings')
  await using _ = world
  const harbours = ['Hárbour with an accent', 'Harboured ill will', 'harbours of the north', 'Harbour loader']
  for (const q of ['harb', 'HARBOUR', 'hárb', 'harbour'])
    assert.deepEqual(await find(`type=malware&q=${encodeURIComponent(q)}`), harbours, q)
  assert.deepEqual(await find('type=malware&q=harbours'), ['harbours of the north'])
  assert.deepEqual(await find('type=malware&q=harb%20loader'), [], 'only the last')
  assert.deepEqual(await find('type=malware&q=loader%20harb'), ['Harbour loader'])
})

test('one or two letters of an alphabet are a word; in scripts without spaces they begin one', async () => {
  const { world, find } = await scene('short')
  await using _ = world
  assert.deepEqual(await find('type=malware&q=ha'), ['the ha'])
  assert.deepEqual(await find('type=malware&q=the%20hat'), ['the hat'])
  assert.deepEqual(await find(`type=malware&q=${encodeURIComponent('港口')}`), ['港口加载器'])
})

test('pages put together are the list, however few of the matches fit', async () => {
  const { world, find } = await scene('narrow words')
  await using _ = world
  const tools = NAMES.toReversed().map((name) => `the ${name}`)
  assert.deepEqual(await find('type=tool&q=the'), tools)
  const rest = NAMES.filter((name) => name.includes('the')).toReversed()
  assert.deepEqual(await find('type=malware&q=the'), rest)
  assert.equal((await find('q=the')).length, tools.length + rest.length)
  assert.deepEqual(await find('type=campaign&q=the'), [])
})

test('what words find is read newest first as far as a page needs, and every record by its key', async () => {
  const { world, node } = await scene('plans of words')
  await using _ = world
  const asked: [string, readonly (string | number)[]][] = []
  const spy: Reader = {
    ...node.store,
    all: (sql, ...values) => {
      asked.push([sql, values as (string | number)[]])
      return node.store.all(sql, ...values)
    },
  }
  const filter = { type: 1, collections: [1], latestOnly: true }
  const sight = await loadSight(node.federation.deps, LOCAL_CALLER.principal)
  await search(spy, { text: 'the harb', filter, sight, limit: 2 })
  await search(spy, { text: 'harbour.example', filter, sight, limit: 2 })
  for (const [sql, values] of asked) {
    const plan = await node.store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    const steps = plan.map(({ detail }) => detail)
    if (sql.includes('ORDER BY')) assert.ok(!steps.some((step) => /TEMP B-TREE/.test(step)), steps.join('\n'))
    if (/(?:FROM|JOIN) record r\b/.test(sql))
      assert.ok(
        steps.some((step) => /SEARCH r USING INTEGER PRIMARY KEY/.test(step)),
        steps.join('\n'),
      )
  }
  assert.ok(asked.length > 2)
})
