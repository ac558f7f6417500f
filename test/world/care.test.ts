// What people do about a warning: whose it is, how long it is quiet, and what was done, by whom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AssigneeView, WarningDeedView, WarningView } from '#warning/wire.ts'
import { signedIn } from '../people.ts'
import { World } from './world.ts'

const TIME = '2026-01-01T00:00:00.000Z'
const HOUR_MS = 3600_000

async function scene(seed: string) {
  const world = new World(seed)
  const node = await world.add('a.example')
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(node, 'POST', '/collections', { title: 'c', alias: 'c', share: 'none', marking })
  for (const n of [1, 2, 3]) await world.api(node, 'POST', '/watch', { value: `h${n}.example`, asset: `Asset ${n}` })
  const { body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${'7'.repeat(64)}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: [1, 2, 3]
      .map((n) =>
        JSON.stringify({
          type: 'indicator',
          spec_version: '2.1',
          id: `indicator--00000000-0000-4000-8000-00000000000${n}`,
          created: TIME,
          modified: TIME,
          name: `i${n}`,
          pattern: `[domain-name:value = 'h${n}.example']`,
          pattern_type: 'stix',
          valid_from: TIME,
        }),
      )
      .join('\n'),
  })
  assert.match(body, /"added":3/)
  await world.quiesce()
  const mara = await signedIn(node, { name: 'mara', role: 'analyst', lifeMs: 1000 * HOUR_MS })
  const vera = await signedIn(node, { name: 'vera', role: 'viewer', lifeMs: 1000 * HOUR_MS })
  const post = async (path: string, payload: object, headers = mara) =>
    node.app.inject({ method: 'POST', url: `/api/warnings${path}`, headers, payload })
  const ids = async (query: string): Promise<number[]> =>
    (await world.api<{ items: WarningView[] }>(node, 'GET', `/warnings${query}`)).items.map(({ id }) => id)
  const until = (hours: number): string => new Date(world.clock.nowMs() + hours * HOUR_MS).toISOString()
  return { world, node, mara, vera, post, ids, until }
}

test('a warning is given to somebody who decides, found as theirs, and given back', async () => {
  const { world, node, mara, vera, post, ids } = await scene('assign')
  await using _ = world
  const people = (await node.app.inject({ url: '/api/warnings/assignees', headers: mara })).json<{
    items: AssigneeView[]
  }>()
  assert.deepEqual(people.items, [{ name: 'mara', display: 'mara' }])
  assert.equal((await post('/1/assign', { to: 'vera' })).statusCode, 404, 'a viewer decides nothing')
  assert.equal((await post('/1/assign', { to: 'nobody' })).statusCode, 404)
  assert.equal((await post('/1/assign', { to: 'mara' }, vera)).statusCode, 403)
  assert.equal((await post('/1/assign', { to: 'mara' })).json<WarningView>().assigned, 'mara')
  assert.deepEqual([await ids('?assigned=mara'), await ids('?assigned=')], [[1], [3, 2]])
  assert.equal((await post('/1/assign', { to: '' })).json<WarningView>().assigned, undefined)
  assert.deepEqual(await ids('?assigned=mara'), [])
})

test('a muted warning is quiet until its time, with a reason, and speaks again by itself or when somebody says so', async () => {
  const { world, post, ids, until } = await scene('mute')
  await using _ = world
  assert.equal((await post('/1/mute', { until: until(-1), reason: 'x' })).statusCode, 400, 'the past')
  assert.equal((await post('/1/mute', { until: until(91 * 24), reason: 'x' })).statusCode, 400, 'for ever')
  assert.equal((await post('/1/mute', { until: until(1), reason: '' })).statusCode, 400, 'no reason')
  for (const n of [1, 2]) await post(`/${n}/mute`, { until: until(8), reason: 'known test' })
  assert.deepEqual([await ids('?state=open&muted=false'), await ids('?state=open&muted=true')], [[3], [2, 1]])
  await post('/2/unmute', {})
  assert.deepEqual(await ids('?muted=true'), [1])
  world.clock.advance(8 * HOUR_MS + 60_000)
  await world.quiesce()
  assert.deepEqual(await ids('?muted=true'), [])
})

test('open ones are those that are neither closed nor retracted, and what was done stands with who and when', async () => {
  const { world, node, vera, post, ids, until } = await scene('deeds')
  await using _ = world
  await post('/1/acknowledge', { note: 'on it' })
  await post('/1/assign', { to: 'mara' })
  await post('/1/mute', { until: until(1), reason: 'waiting for the owner' })
  await post('/1/unmute', {})
  for (const body of [{}, { note: '' }, { note: ' \n' }]) {
    const refused = await post('/1/close', body)
    assert.deepEqual(
      [refused.statusCode, refused.json<{ place: string }>().place],
      [400, 'note'],
      'closed with a reason',
    )
    assert.match(refused.json<{ remedy: string }>().remedy, /--note/)
  }
  await post('/1/close', { note: 'a scanner of ours' })
  assert.deepEqual([await ids('?state=open'), await ids('?state=closed')], [[3, 2], [1]])
  const { items } = (await node.app.inject({ url: '/api/warnings/1/deeds', headers: vera })).json<{
    items: WarningDeedView[]
  }>()
  assert.deepEqual(
    items.map(({ actor, what }) => [actor, what]),
    ['acknowledged', 'assign', 'mute', 'unmute', 'closed'].map((what) => ['user:mara', what]),
  )
  assert.deepEqual(items.at(-1)?.detail, { note: 'a scanner of ours' })
  const plan = await node.store.all<{ detail: string }>(
    "EXPLAIN QUERY PLAN SELECT id FROM warning WHERE id < 9 AND state IN ('new', 'acknowledged') ORDER BY id DESC LIMIT 5",
  )
  assert.match(plan.map(({ detail }) => detail).join(), /USING (?:COVERING )?INDEX warning_open/)
})
