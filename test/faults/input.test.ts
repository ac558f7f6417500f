// Whatever is sent to a node, it answers with where and why, keeps what was good, and goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportEvent } from '#sharing/wire.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { World, type WorldMember } from '#test/world/world.ts'

async function alone(): Promise<{ world: World; node: WorldMember }> {
  const world = new World('input')
  const node = await world.add('a.example')
  await world.api(node, 'POST', '/collections', { title: 'Open', alias: 'open' })
  return { world, node }
}

let sent = 0

async function send(node: WorldMember, body: string | Uint8Array): Promise<{ status: number; events: ImportEvent[] }> {
  sent += 1
  const response = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${sent.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: typeof body === 'string' ? body : Buffer.from(body),
  })
  const lines = response.body.split('\n').filter((line) => line !== '')
  return { status: response.statusCode, events: lines.map((line) => JSON.parse(line) as ImportEvent) }
}

function identity(n: number, extra: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: 'identity',
    spec_version: '2.1',
    id: `identity--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: `name ${n}`,
    ...extra,
  }
}

const text = (...objects: readonly unknown[]): string => objects.map((object) => JSON.stringify(object)).join('\n')

async function stands(node: WorldMember, n: number): Promise<boolean> {
  const { items } = JSON.parse(
    (
      await node.app.inject({
        url: `/api/search?q=${encodeURIComponent(`"name ${n}"`)}`,
        headers: { authorization: `Bearer ${node.token}` },
      })
    ).body,
  ) as { items: unknown[] }
  return items.length > 0
}

test('JSON that is none is refused with its place, and what is good beside it goes in', async () => {
  const { world, node } = await alone()
  await using _ = world
  const good = JSON.stringify(identity(1))
  const bad: Readonly<Record<string, string | Uint8Array>> = {
    'cut off': good.slice(0, -20),
    'no JSON': 'this is no JSON',
    'nested 100,000 deep': `{"type":"identity","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    'a key twice': good.replace('{', '{"name":"another",'),
    'a key twice, spelled differently': good.replace('{', '{"n\\u0061me":"another",'),
    'not UTF-8': Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0xff, 0xfe, 0x7d])]),
    'a number beyond doubles': good.replace('{', '{"confidence":1e999,'),
    empty: '',
    'an object of 5 MiB': JSON.stringify(identity(1, { description: 'x'.repeat(5 << 20) })),
  }
  for (const [what, body] of Object.entries(bad)) {
    const { status, events } = await send(node, body)
    assert.ok(status === 200 || (status >= 400 && status < 500), `${what}: ${status}`)
    const told = events.some((each) => each.kind === 'refused' || each.kind === 'broken' || 'detail' in each)
    assert.ok(told || what === 'empty', `${what}: ${JSON.stringify(events).slice(0, 300)}`)
    assert.equal(await stands(node, 1), false, `${what} went in`)
  }
  await send(node, good)
  assert.ok(await stands(node, 1), 'the node goes on')
})

test('one bad object among 10,000 is reported by its index and id, and the others are in', async () => {
  const { world, node } = await alone()
  await using _ = world
  const objects = Array.from({ length: 10_000 }, (_, n) => (n === 7777 ? identity(n, { name: 7 }) : identity(n)))
  const { events } = await send(node, JSON.stringify({ type: 'bundle', id: `bundle--${crypto.randomUUID()}`, objects }))
  const refusals = events.filter((each) => each.kind === 'refused')
  assert.equal(refusals.length, 1)
  const [refusal] = refusals
  assert.equal(refusal?.index, 7777)
  assert.equal(refusal.id, objects[7777]?.['id'])
  assert.equal(refusal.findings[0]?.path, '/name')
  const done = events.at(-1)
  assert.ok(done?.kind === 'done' && done.added === 9999 && done.refused === 1)
})

test('an object dated ahead is refused by its place, a little ahead is a clock and goes in', async () => {
  const { world, node } = await alone()
  await using _ = world
  const dated = (n: number, time: string): string => text(identity(n, { created: time, modified: time }))
  for (const [n, time] of [
    [1, new Date(world.clock.nowMs() + 48 * 3_600_000).toISOString()],
    [2, '2027-01-01T00:00:00.000Z'],
    [3, '9999-12-31T23:59:59.999Z'],
  ] as const) {
    const { events } = await send(node, dated(n, time))
    const refusal = events.find((each) => each.kind === 'refused')
    assert.equal(refusal?.findings[0]?.path, '/modified')
    assert.equal(await stands(node, n), false)
  }
  await send(node, dated(4, new Date(world.clock.nowMs() + 3_600_000).toISOString()))
  assert.ok(await stands(node, 4))
})

test('no mutation of good input makes a node fail, and what it says is in is in', async () => {
  const { world, node } = await alone()
  await using _ = world
  const seed = seedOf('mutations')
  const chance = new World(seed)
  await using __ = chance
  for (let round = 0; round < rounds({ test: 150, soak: 20_000 }); round += 1) {
    const objects = [0, 1, 2].map((i) => identity(10_000 + round * 3 + i))
    const bytes = Buffer.from(JSON.stringify({ type: 'bundle', id: `bundle--${crypto.randomUUID()}`, objects }))
    for (let change = 0; change <= chance.pick(4); change += 1) bytes[chance.pick(bytes.length)] = chance.pick(256)
    const body = chance.chance(0.2) ? bytes.subarray(0, chance.pick(bytes.length)) : bytes
    const { status, events } = await send(node, body)
    assert.ok(status < 500, `seed ${seed}, round ${round}: ${status}`)
    const added = events.findLast((each) => each.kind === 'done')?.added ?? 0
    const held = await node.store.get<{ n: number }>('SELECT count(*) AS n FROM record')
    const before = counted
    counted = held?.n ?? 0
    if (events.some((each) => each.kind === 'done'))
      assert.equal(counted - before, added, `seed ${seed}, round ${round}: ${body.toString('latin1')}`)
  }
})
let counted = 0

test('forged Host and forwarded headers change no address that a node tells, and reach no one’s limits', async () => {
  const { world, node } = await alone()
  await using _ = world
  const forged = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-for': '203.0.113.9',
    forwarded: 'host=evil.example',
  }
  const own = { authorization: `Bearer ${node.token}` }
  for (const request of [
    { url: '/.well-known/comity', headers: forged },
    { url: '/.well-known/comity.proof', headers: forged },
    { url: '/taxii2/', headers: { ...forged, accept: 'application/taxii+json;version=2.1' } },
    { url: '/api/openapi.json', headers: forged },
    { method: 'POST' as const, url: '/api/peers/invitations', headers: { ...forged, ...own } },
    { url: '/api/peers', headers: { ...forged, ...own } },
    { url: '/nowhere', headers: forged },
  ]) {
    const answer = await node.app.inject(request)
    assert.ok(!(JSON.stringify(answer.headers) + answer.body).includes('evil.example'), request.url)
    const invitation = /"invitation":"([^"]+)"/.exec(answer.body)?.[1]
    if (invitation !== undefined) assert.ok(!Buffer.from(invitation, 'base64url').includes('evil.example'))
  }
})

test('where one of several words is asked for, a wrong one is answered with all of them', async () => {
  const { world, node } = await alone()
  await using _ = world
  const answer = await node.app.inject({
    method: 'POST',
    url: '/api/withdrawals',
    headers: { authorization: `Bearer ${node.token}` },
    payload: { id: 'identity--00000000-0000-4000-8000-000000000001', reason: 'because' },
  })
  assert.equal(answer.statusCode, 400)
  assert.match(answer.body, /must be one of false-positive, expired, revoked, sent-in-error, legal/)
})

test('a request that does not fit names the field, and every word that would', async () => {
  const { world, node } = await alone()
  await using _ = world
  const asked = async (url: string, payload?: object): Promise<string> => {
    const response = await node.app.inject({
      method: payload === undefined ? 'GET' : 'POST',
      url: `/api${url}`,
      headers: { authorization: `Bearer ${node.token}` },
      ...(payload === undefined ? {} : { payload }),
    })
    assert.equal(response.statusCode, 400, response.body)
    return response.json<{ detail: string }>().detail
  }
  assert.match(await asked('/policy?version=x'), /“version” must be integer/)
  assert.match(await asked('/audit?limit=0'), /“limit” must be >= 1/)
  assert.match(
    await asked('/policy/reach', { collection: 'open', tlp: 'PINK' }),
    /“tlp” must be one of CLEAR, GREEN, AMBER, AMBER\+STRICT, RED/,
  )
})
