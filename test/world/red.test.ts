// TLP:RED is for people who are named for it on the node: in records, in what belongs to them, and in warnings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedIn } from '../people.ts'
import { World } from './world.ts'

const SECRET = 'indicator--00000000-0000-4000-8000-0000000000aa'
const OPEN = 'indicator--00000000-0000-4000-8000-0000000000bb'
const RED = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'

async function scene(seed: string) {
  const world = new World(seed)
  const node = await world.add('a.example')
  const marking = (tlp: string): object => ({ tlp, audience: { named: false, communities: [] }, personal: 'none' })
  await world.api(node, 'POST', '/collections', {
    title: 'c',
    alias: 'c',
    marking: marking('AMBER'),
    contextMarking: marking('RED'),
  })
  await world.api(node, 'POST', '/watch', { value: 'hit.example', asset: 'Web' })
  const time = '2026-01-01T00:00:00.000Z'
  const records = [
    { id: SECRET, name: 'whisper', domain: 'hit.example', object_marking_refs: [RED] },
    { id: OPEN, name: 'rumour', domain: 'other.example', object_marking_refs: [] },
  ].map(({ domain, ...rest }) => ({
    type: 'indicator',
    spec_version: '2.1',
    created: time,
    modified: time,
    pattern: `[domain-name:value = '${domain}']`,
    pattern_type: 'stix',
    valid_from: time,
    ...rest,
  }))
  const context = Buffer.from(JSON.stringify({ [OPEN]: { source: 'Kellerassel' } }))
  const { body } = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${'0'.repeat(64)}&contextBytes=${context.length}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: Buffer.concat([context, Buffer.from(records.map((each) => `${JSON.stringify(each)}\n`).join(''))]),
  })
  assert.match(body, /"added":2/)
  await node.warning.settle()
  return { world, node }
}

test('who is not named for RED finds nothing of it by any way, and programs never do', async () => {
  const { world, node } = await scene('red')
  await using _ = world
  const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', {
    name: 'program',
    role: 'administrator',
  })
  const everybody = [
    { sees: true, headers: { authorization: `Bearer ${node.token}` } },
    { sees: true, headers: await signedIn(node, { name: 'named', role: 'viewer', red: true }) },
    { sees: false, headers: await signedIn(node, { name: 'chief', role: 'administrator' }) },
    { sees: false, headers: { authorization: `Bearer ${secret}` } },
  ]
  for (const { sees, headers } of everybody) {
    const get = async (url: string) => {
      const { statusCode, body } = await node.app.inject({ url: `/api${url}`, headers })
      return { statusCode, body, items: (JSON.parse(body) as { items?: unknown[] }).items?.length }
    }
    assert.equal((await get('/search?q=whisper')).items, sees ? 1 : 0)
    assert.equal((await get('/search?q=hit.example')).items, sees ? 1 : 0)
    assert.equal((await get('/search?q=kellerassel')).items, sees ? 1 : 0, 'a word of a RED context')
    assert.equal((await get('/search?q=rumour')).items, 1, 'the record it belongs to is not RED')
    assert.equal((await get(`/records/${SECRET}`)).statusCode, sees ? 200 : 404)
    assert.equal((await get(`/records/${OPEN}`)).body.includes('Kellerassel'), sees)
    assert.equal((await get('/warnings')).items, sees ? 1 : 0)
    assert.equal((await get('/warnings/1')).statusCode, sees ? 200 : 404)
    const close = await node.app.inject({
      method: 'POST',
      url: '/api/warnings/1/close',
      headers,
      payload: { note: 'seen' },
    })
    assert.equal(close.statusCode, sees ? (headers['cookie'] === undefined ? 200 : 403) : 404)
  }
  const answers = await node.store.all<{ principal: string; route: string }>('SELECT principal, route FROM answer')
  assert.ok(answers.some(({ route }) => route === 'search'))
  assert.ok(answers.every(({ principal }) => principal === 'self/machine'))
})

test('a program’s answers are written down, and whoever is named anew sees RED after signing in again', async () => {
  const { world, node } = await scene('named later')
  await using _ = world
  const before = await signedIn(node, { name: 'mara', role: 'viewer' })
  const find = async (headers: Record<string, string>) => node.app.inject({ url: '/api/search?q=whisper', headers })
  assert.equal((await find(before)).json<{ items: unknown[] }>().items.length, 0)
  await world.api(node, 'PATCH', '/users/mara', { red: true })
  assert.equal((await find(before)).statusCode, 401)
  const after = await signedIn(node, { name: 'mara', role: 'viewer' })
  assert.equal((await find(after)).json<{ items: unknown[] }>().items.length, 1)
})
