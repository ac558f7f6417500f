// A log that is far ahead is mirrored stretch by stretch: flat in memory, going on where the line broke, believed only
// as a whole.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Check } from './check.ts'
import { ramble, tamper, World, type WorldMember } from './world.ts'

const LEAVES = 20_000

type LogRow = { size: number; staged: number; entries: number }

async function farApart(): Promise<{ world: World; a: WorldMember; b: WorldMember }> {
  const world = new World('stretches')
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  await b.federation.pullPeer('a.example')
  await world.network.apart(async () => a.store.write(ramble, { member: 'a.example', count: LEAVES }))
  return { world, a, b }
}

const mirrorAt = async (b: WorldMember): Promise<LogRow> => ({
  ...((await b.store.get<LogRow>(
    `SELECT size, staged, (SELECT max(n) FROM log_entries WHERE log = l.id) AS entries FROM log l WHERE origin = 'a.example/log'`,
  )) as LogRow),
})

test('a broken line goes on where it broke', async () => {
  const { world, b } = await farApart()
  await using _ = world
  let requests = 0
  world.network.watch = ({ url }) => {
    if (!url.includes('/tile/entries/')) return
    requests += 1
    if (requests === 70) world.network.cut.add('a.example b.example')
  }
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'peer.unreachable' })
  const half = await mirrorAt(b)
  assert.ok(half.size < 100 && half.staged === 16_384)
  world.network.cut.clear()
  requests = 0
  await b.federation.pullPeer('a.example')
  assert.ok(requests < 20, `${requests} bundles were fetched again`)
  assert.ok((await mirrorAt(b)).size > LEAVES)
  await new Check(world).everything()
})

test('leaves that were never believed go with the peer that is removed', async () => {
  const { world, b } = await farApart()
  await using _ = world
  const before = await mirrorAt(b)
  world.network.watch = ({ url }) => {
    if (url.endsWith('/tile/entries/040')) world.network.cut.add('a.example b.example')
  }
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'peer.unreachable' })
  assert.ok((await mirrorAt(b)).staged > 0)
  await world.api(b, 'DELETE', '/peers/a.example')
  assert.deepEqual(await mirrorAt(b), { ...before, staged: 0 })
  world.network.watch = () => {}
  world.network.cut.clear()
  await world.api(b, 'POST', '/peers/a.example/approve', {})
  await b.federation.pullPeer('a.example')
  assert.ok((await mirrorAt(b)).size > LEAVES)
  await new Check(world).everything()
})

test('a lie in a stretch is found at the end, nothing of it stays, and the truth is fetched again', async () => {
  const { world, b } = await farApart()
  await using _ = world
  const before = await mirrorAt(b)
  world.network.meddle = (path, response) => {
    if (path !== '/log/tile/entries/010') return response
    const body = Uint8Array.from(response.body)
    body[40] = (body[40] ?? 0) ^ 1
    return { ...response, body }
  }
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'peer.invalid' })
  assert.deepEqual(await mirrorAt(b), { ...before, staged: 0 })
  world.network.meddle = (_path, response) => response
  await b.federation.pullPeer('a.example')
  assert.ok((await mirrorAt(b)).size > LEAVES)
  await new Check(world).everything()
})

test('what was staged in an earlier round is doubted before a fork is spoken of', async () => {
  const { world, b } = await farApart()
  await using _ = world
  world.network.watch = ({ url }) => {
    if (url.endsWith('/tile/entries/070')) world.network.cut.add('a.example b.example')
  }
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'peer.unreachable' })
  world.network.watch = () => {}
  world.network.cut.clear()
  await b.store.write(
    tamper,
    `UPDATE log_tile SET bytes = zeroblob(length(bytes)) WHERE log = 2 AND level = 1 AND n = 0`,
  )
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'peer.invalid' })
  await b.federation.pullPeer('a.example')
  assert.ok((await mirrorAt(b)).size > LEAVES)
})
