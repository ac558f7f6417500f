// Clocks are wrong now and then: nothing is ordered by them alone, and a peer learns which of the two is off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { Check } from '#test/world/check.ts'
import { envelope, listenTaxii } from '#test/taxii.ts'
import { World, type WorldMember } from '#test/world/world.ts'

const identity = (n: number) => ({
  type: 'identity',
  spec_version: '2.1',
  id: `identity--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  name: `name ${n}`,
})

async function say(node: WorldMember, n: number): Promise<void> {
  const response = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${n.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(identity(n)),
  })
  assert.match(response.body, /"added":1/)
}

const open = {
  title: 'Open',
  alias: 'open',
  share: 'peers',
  marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
}

test('a clock that goes back or leaps ahead leaves the order of things as it was', async () => {
  const world = new World('clock')
  await using _ = world
  const node = await world.add('a.example')
  await world.api(node, 'POST', '/collections', open)
  const HOUR = 3_600_000
  for (const [n, leap] of [0, -HOUR, -HOUR, 365 * 24 * HOUR, -365 * 24 * HOUR, 0].entries()) {
    world.clock.advance(leap)
    await say(node, n)
  }
  const rows = await node.store.all<{ seq: number; text: string }>(
    `SELECT seq, json_extract(CAST(bytes AS TEXT), '$.name') AS text FROM item WHERE CAST(bytes AS TEXT) LIKE '%identity--%' ORDER BY seq`,
  )
  assert.deepEqual(
    rows.map((row) => row.text),
    [0, 1, 2, 3, 4, 5].map((n) => `name ${n}`),
  )
  assert.equal(new Set(rows.map((row) => row.seq)).size, rows.length)
  await new Check(world).everything()
})

test('added_after misses nothing and repeats nothing, whatever the clock did between', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const HOUR = 3_600_000
  const dates: string[] = []
  for (const [n, leap] of [0, -HOUR, 365 * 24 * HOUR, -365 * 24 * HOUR, 1].entries()) {
    taxii.clock.advance(leap)
    await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, [identity(n)]))
    const after = dates.at(-1) ?? '2020-01-01T00:00:00Z'
    const answer = await taxii.send('GET', `${taxii.base}objects/?added_after=${after}`, { headers: { authorization } })
    const { objects } = JSON.parse(answer.text) as { objects: { name: string }[] }
    assert.deepEqual(
      objects.map(({ name }) => name),
      [`name ${n}`],
    )
    dates.push(String(answer.headers['x-taxii-date-added-last']))
  }
  assert.deepEqual(dates, [...new Set(dates)].toSorted())
})

test('a node whose clock was set back, even behind its start, is still reached by its peers', async () => {
  const HOUR = 3_600_000
  for (const leap of [-HOUR, -400 * 24 * HOUR]) {
    const world = new World('set back')
    await using _ = world
    const [a, b] = [await world.add('a.example'), await world.add('b.example')]
    await world.introduce(a, b)
    world.clock.advance(leap)
    for (let round = 0; round < 3; round += 1) {
      await b.federation.pullPeer('a.example')
      world.clock.advance(200_000)
    }
  }
})

test('a clock that is set back holds up neither the hints nor the heads of what is said then', async () => {
  const world = new World('held up')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  await world.api(a, 'POST', '/collections', open)
  await say(a, 1)
  await world.quiesce()
  world.clock.advance(-3_600_000)
  let hints = 0
  world.network.watch = ({ url }) => void (url.startsWith('http://b.example/peer/hint') && (hints += 1))
  await say(a, 2)
  await world.pass(3000)
  assert.ok(hints > 0, 'b is not told')
  assert.equal((await a.store.get<{ due: number }>('SELECT due FROM heads_state'))?.due, 0, 'heads are still due')
})

/** A request for deliveries that a.example has answered. */
async function asked({ network }: World, by: WorldMember): Promise<{ url: string; headers: Record<string, string> }> {
  const seen: { url: string; headers: Record<string, string> }[] = []
  network.watch = (request) => void seen.push(request)
  await by.federation.pullPeer('a.example')
  network.watch = () => {}
  return seen.find(({ url }) => url.includes('/peer/deliveries')) ?? assert.fail()
}

test('an older request is not accepted because the clock was set back', async () => {
  const world = new World('replay')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const old = await asked(world, b)
  // It starts again and has forgotten what was used; then its clock is set back to when that was signed.
  world.clock.advance(60_000)
  const again = await world.move('a.example', 'a.example')
  world.clock.advance(-60_000)
  const { statusCode } = await again.app.inject({ url: old.url.slice('http://a.example'.length), headers: old.headers })
  assert.equal(statusCode, 401)
})

test('a request is not accepted twice because the clock was ahead for a while, and exchange goes on when it is right', async () => {
  const world = new World('ahead')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const used = await asked(world, b)
  const again = async (): Promise<number> => {
    const url = used.url.slice('http://a.example'.length)
    return (await a.app.inject({ url, headers: used.headers })).statusCode
  }
  assert.equal(await again(), 403)
  world.clock.advance(10 * 60_000)
  await b.federation.pullPeer('a.example')
  world.clock.advance(-10 * 60_000)
  assert.equal(await again(), 401)
  await b.federation.pullPeer('a.example')
})

test('clocks too far apart are named, with how far, where telling the time does not help', async () => {
  for (const [off, words] of [
    [10 * 60_000, /your clock is 600 seconds ahead of this node’s, at most 120/],
    [-10 * 60_000, /your clock is 600 seconds behind this node’s, at most 240/],
  ] as const) {
    const world = new World('told')
    await using _ = world
    const [a, b] = [await world.add('a.example'), await world.add('b.example', { clockOffMs: off })]
    await world.introduce(a, b)
    world.network.meddle = (_path, response) => {
      const { 'x-comity-time': _time, ...headers } = response.headers
      return { ...response, headers }
    }
    // A node that starts again has not learned yet how far it is off.
    const again = await world.move('b.example', 'b.example')
    await assert.rejects(again.federation.pullPeer('a.example'), words)
    const { items } = await world.api<{ items: { lastError?: string }[] }>(again, 'GET', '/peers')
    assert.match(items[0]?.lastError ?? '', words)
    assert.ok(a.logLines.some((line) => line.includes('auth.clock')))
  }
})

test('a peer whose clock is off is told the time, and both go on', async () => {
  const world = new World('skew')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example', { clockOffMs: 10 * 60_000 })]
  const answers: { status: number; time: string | undefined }[] = []
  world.network.arrived = (_to, { status, headers }) => void answers.push({ status, time: headers['x-comity-time'] })
  await world.introduce(a, b)
  await world.api(a, 'POST', '/collections', open)
  await say(a, 1)
  await world.quiesce()
  const found = await world.api<{ items: unknown[] }>(b, 'GET', '/search?q=name')
  assert.equal(found.items.length, 1)
  const refusal = answers.find((each) => each.status === 401)
  assert.ok(LIMITS.clockSkewSecMax * 1000 < 10 * 60_000)
  assert.ok(Number.isFinite(Date.parse(refusal?.time ?? '')), 'nobody was told the time')
})
