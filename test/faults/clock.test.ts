// Clocks are wrong now and then: nothing is ordered by them alone, and a peer learns which of the two is off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { Check } from '#test/world/check.ts'
import { World, type WorldMember } from '#test/world/world.ts'

async function say(node: WorldMember, n: number): Promise<void> {
  const object = {
    type: 'identity',
    spec_version: '2.1',
    id: `identity--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: `name ${n}`,
  }
  const response = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${n.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(object),
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
