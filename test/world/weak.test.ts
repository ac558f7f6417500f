// Over 64 kbit/s, with a second and a half of round trip and every fifth answer lost, a round still comes to its end:
// what was fetched stays, pages fit the line, and what is small does not wait for what is large.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { uuidv4 } from '#kernel/id.ts'
import { readStream } from '#federation/heads/serve.ts'
import { readDeliveries } from '#federation/serve.ts'
import type { PeerView } from '#federation/wire.ts'
import { nextPageBytes } from '#federation/pace.ts'
import { requirePeer } from '#federation/peers.ts'
import { LIMITS } from '#kernel/limits.ts'
import { Check } from './check.ts'
import { failOnce, open, publish, pull } from './stage.ts'
import { CALM, ramble, tamper, World, type Weather, type WorldMember } from './world.ts'

const WEAK: Weather = {
  ...CALM,
  dropped: 0.1,
  answerLost: 0.1,
  thin: { members: new Set(['weak.example']), bitsPerSec: 64_000, roundTripMs: 1500 },
}

/** Indicators as a feed has them: `statements` of `records` each. */
async function feed(
  world: World,
  at: WorldMember,
  { statements, records }: { readonly statements: number; readonly records: number },
): Promise<void> {
  await publish(world, at, 'first')
  for (let s = 0; s < statements; s += 1) {
    const time = new Date(world.clock.nowMs()).toISOString()
    const objects = Array.from({ length: records }, (_, i) => ({
      type: 'indicator',
      spec_version: '2.1',
      id: `indicator--${uuidv4(world.random(16))}`,
      created: time,
      modified: time,
      name: `Sample ${s} ${i} ${Buffer.from(world.random(6)).toString('hex')}`,
      pattern: `[file:hashes.'SHA-256' = '${Buffer.from(world.random(32)).toString('hex')}']`,
      pattern_type: 'stix',
      valid_from: time,
    }))
    const body = objects.map((object) => JSON.stringify(object)).join('\n')
    await at.app.inject({
      method: 'POST',
      url: `/api/import?collection=open&digest=${Buffer.from(world.random(32)).toString('hex')}`,
      headers: { authorization: `Bearer ${at.token}`, 'content-type': 'application/octet-stream' },
      payload: body,
    })
  }
}

async function line(): Promise<{ world: World; far: WorldMember; weak: WorldMember }> {
  const world = new World('weak')
  const [far, weak] = [await world.add('far.example'), await world.add('weak.example')]
  await world.introduce(far, weak)
  await open(world, far)
  await world.quiesce()
  return { world, far, weak }
}

/** Lets time pass until something holds; answers how many minutes that took. */
async function until(world: World, holds: () => Promise<boolean>, minutesMax: number): Promise<number> {
  for (let minutes = 0; minutes < minutesMax; minutes += 1) {
    if (await holds()) return minutes
    await world.pass(60_000)
  }
  assert.fail(`not within ${minutesMax} minutes`)
}

const count = async (at: WorldMember): Promise<number> =>
  (await at.store.get<{ n: number }>(`SELECT count(*) AS n FROM statement WHERE log <> 1 AND kind = 'records.put'`))
    ?.n ?? 0

test('a round over a weak line converges, and what it fetched before a loss is not fetched again', async (t) => {
  const { world, far, weak } = await line()
  await using _ = world
  await world.network.apart(() => feed(world, far, { statements: 60, records: 100 }))
  world.network.weather = WEAK
  const asked: { length: number; offset: number }[] = []
  world.network.watch = ({ url }) => {
    const { pathname, searchParams } = new URL(url)
    if (pathname === '/peer/deliveries')
      asked.push({ length: Number(searchParams.get('length')), offset: Number(searchParams.get('offset')) })
  }
  const minutes = await until(world, async () => (await count(weak)) === 61, 240)
  t.diagnostic(
    `${minutes} minutes, ${asked.length} pieces of ${Math.min(...asked.map((each) => each.length))} to ${Math.max(...asked.map((each) => each.length))} bytes`,
  )
  assert.ok(
    asked.some(({ offset }) => offset > 0),
    'an item larger than a piece came in several',
  )
  assert.ok(Math.max(...asked.map(({ length }) => length)) <= 1 << 20, 'pages stay as small as the line')
  world.network.weather = CALM
  await world.quiesce()
  await new Check(world).everything()
})

test('while one peer’s line is thin and silent, others are heard as ever', async () => {
  const { world, far, weak } = await line()
  await using _ = world
  const near = await world.add('near.example')
  await world.introduce(near, far)
  await world.quiesce()
  world.network.weather = { ...WEAK, dropped: 1 }
  await open(world, near)
  await publish(world, near, 'quick')
  await world.pass(5000)
  assert.ok((await world.api<{ items: unknown[] }>(far, 'GET', '/search?q=quick')).items.length > 0)
  assert.equal((await world.api<{ items: unknown[] }>(weak, 'GET', '/search?q=quick')).items.length, 0)
})

test('a budget of bytes a day holds back what is large, not what is small, until midnight, and outlives a restart', async () => {
  const { world, far } = await line()
  await using _ = world
  const member = (): WorldMember => world.members.get('weak.example') as WorldMember
  const view = async (): Promise<PeerView> => world.api<PeerView>(member(), 'GET', '/peers/far.example')
  const finds = async (word: string): Promise<number> =>
    (await world.api<{ items: unknown[] }>(member(), 'GET', `/search?q=${word}`)).items.length
  await world.api(member(), 'PATCH', '/peers/far.example', { budgetBytes: 1 })
  await publish(world, far, 'small')
  await world.quiesce()
  assert.equal(await finds('small'), 1, 'what is small goes though the budget is spent')
  assert.equal((await view()).budget?.spent, true)
  await world.network.apart(() => feed(world, far, { statements: 1, records: 200 }))
  const held = await count(member())
  await world.quiesce()
  assert.equal(await count(member()), held + 1, 'the first of the two is small, the second is not')
  await world.pass(10_000)
  await world.move('weak.example', 'weak.example')
  await world.quiesce()
  assert.equal((await view()).budget?.spent, true, 'after a restart')
  assert.equal(await count(member()), held + 1)
  assert.equal((await view()).stopped, undefined)
  await world.api(member(), 'PATCH', '/peers/far.example', { budgetBytes: 1_000_000 })
  world.clock.advance(24 * 3600 * 1000)
  assert.equal((await view()).budget?.spent, false)
  await world.quiesce()
  assert.equal(await count(member()), held + 2)
})

test('a budget of a day that is used up within a round cuts it short, and the next day goes on where it stood', async () => {
  const { world, far, weak } = await line()
  await using _ = world
  await weak.store.write(tamper, "UPDATE peer SET budget_bytes = 60000 WHERE name = 'far.example'")
  await world.network.apart(() => far.store.write(ramble, { member: 'far.example', count: 9000 }))
  await publish(world, far, 'behind')
  const mirror = async (): Promise<{ size: number; staged: number } | undefined> =>
    weak.store.get("SELECT size, staged FROM log WHERE origin = 'far.example/log'")
  const before = await mirror()
  const days = []
  for (let day = 0; day < 3; day += 1) {
    assert.equal(await pull(weak, 'far.example'), '')
    assert.equal(await pull(weak, 'far.example'), '', 'nor with the next round')
    days.push({
      ...(await mirror()),
      used: ((await weak.federation.traffic.budgetOf('far.example'))?.used ?? 0) < 300_000,
    })
    world.clock.advance(24 * 3600 * 1000)
  }
  const staged = [4096, 8192].map((leaves) => ({ size: before?.size, staged: leaves, used: true }))
  assert.deepEqual(days.slice(0, 2), staged)
  assert.ok((days[2]?.size ?? 0) > 9000)
  assert.equal(await count(weak), 1)
})

test('who serves over its budget gives what is small and says until when the rest waits', async () => {
  const { world, far, weak } = await line()
  await using _ = world
  await world.api(far, 'PATCH', '/peers/weak.example', { budgetBytes: 1 })
  await publish(world, far, 'little')
  await world.quiesce()
  await world.network.apart(() => feed(world, far, { statements: 1, records: 200 }))
  const held = await count(weak)
  await assert.rejects(weak.federation.pullPeer('far.example'), /used up/)
  assert.ok((await count(weak)) <= held + 1)
  await world.api(far, 'PATCH', '/peers/weak.example', { budgetBytes: null })
  await weak.federation.pullPeer('far.example')
  assert.equal(await count(weak), 3)
})

for (const records of [1, 20, 100])
  test(`what travels beside ${records} records of a statement is 400 bytes and little more`, async (t) => {
    const { world, far } = await line()
    await using _ = world
    const statements = 40
    await world.network.apart(() => feed(world, far, { statements, records }))
    const peer = await requirePeer(far.store, 'weak.example')
    const page = await readStream(far.federation.deps, peer, { after: 0, maxBytes: LIMITS.deliveryPageBytesMax })
    const items = await far.store.all<{ bytes: Uint8Array }>(
      `SELECT i.bytes FROM statement s JOIN item i ON i.seq >= s.seq AND i.seq < s.seq + s.count
       WHERE s.log = 1 AND s.kind = 'records.put' ORDER BY i.seq`,
    )
    const content = zstdCompressSync(Buffer.concat(items.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]))).length
    const leaves = (statements + 1) * LEAF_BYTES
    const beside = (zstdCompressSync(page).length + leaves - content) / (statements + 1)
    t.diagnostic(`${Math.round(beside)} bytes beside ${Math.round(content / (statements + 1))} of content`)
    assert.ok(beside <= 400 + 10 * records, `${beside} bytes`)
  })

test('a page is no larger than was asked for, unless its first item is, and pages leave nothing out', async () => {
  const { world, far } = await line()
  await using _ = world
  await world.network.apart(() => feed(world, far, { statements: 12, records: 20 }))
  const peer = await requirePeer(far.store, 'weak.example')
  const whole = await readDeliveries(far.federation.deps, peer, { after: 0, maxBytes: LIMITS.deliveryPageBytesMax })
  const pieces: Uint8Array[] = []
  const maxBytes = 20_000
  for (let after = 0; after < whole.last;) {
    const page = await readDeliveries(far.federation.deps, peer, { after, maxBytes })
    assert.ok(page.last > after)
    if (page.last > after + 1) assert.ok(page.bytes.length <= maxBytes, `${page.bytes.length} bytes`)
    pieces.push(page.bytes)
    after = page.last
  }
  assert.ok(pieces.length > 1)
  assert.ok(pieces.some(({ length }) => length <= maxBytes))
  assert.deepEqual(Buffer.concat(pieces), Buffer.from(whole.bytes))
})

test('what is read of the log with a token counts as what a signed request reads', async () => {
  const { world, far, weak } = await line()
  await using _ = world
  await far.store.write(ramble, { member: 'far.example', count: 300 })
  await world.api(far, 'PATCH', '/peers/weak.example', { budgetBytes: 1_000_000 })
  const { document } = await requirePeer(weak.store, 'far.example')
  const asking = { method: 'POST', url: 'http://far.example/peer/token' } as const
  const { body } = await weak.federation.caller.call(document, asking)
  const { token } = JSON.parse(Buffer.from(body).toString()) as { token: string }
  const used = async (): Promise<number> => (await far.federation.traffic.budgetOf('weak.example'))?.used ?? 0
  const before = await used()
  const headers = { authorization: `Bearer ${token}` }
  const { statusCode, rawPayload } = await far.app.inject({ url: '/log/tile/entries/000', headers })
  assert.equal(statusCode, 200)
  assert.equal((await used()) - before, rawPayload.length)
})

test('bytes whose count could not be written down once are counted', async () => {
  const { world, far } = await line()
  await using _ = world
  await world.pass(6000)
  const { traffic } = far.federation
  const written = async (): Promise<number> =>
    (await far.store.get<{ n: number }>('SELECT coalesce(sum(bytes), 0) AS n FROM peer_traffic'))?.n ?? 0
  const before = await written()
  const hasFailed = failOnce(far, 'federation.note-traffic')
  traffic.add('weak.example', 1000)
  await world.pass(6000)
  assert.deepEqual([hasFailed(), await written()], [true, before])
  traffic.add('weak.example', 500)
  await world.pass(6000)
  assert.equal(await written(), before + 1500)
})

/** An entry with its length, as it stands in a bundle of the log. */
const LEAF_BYTES = 55

test('the size of a page follows what the last one took', () => {
  assert.equal(nextPageBytes(256 * 1024, 100), 1 << 20)
  assert.equal(nextPageBytes(4 << 20, 100), 4 << 20)
  assert.equal(nextPageBytes(256 * 1024, 20_000), 128 * 1024)
  assert.equal(nextPageBytes(256 * 1024, 10_000_000), 64 * 1024)
  assert.equal(nextPageBytes(16 * 1024, 10_000_000), 16 * 1024)
})
