// What was taken back is gone wherever it was passed on, whichever of the two comes first and by whatever way.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { findPeer } from '#federation/peers.ts'
import { seededRandom } from '#test/store.ts'
import { chain, energy, ENERGY, finds, publish, pull, say, type Chain, type Links } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const SEED = seededRandom('taken back')(32)

const WORDS = ['turbine', 'rotor'] as const

/** What each of two words finds. */
const found = async (world: World, member: WorldMember): Promise<number[]> => [
  await finds(world, member, 'turbine'),
  await finds(world, member, 'rotor'),
]

/** The first of two records is withdrawn, the second erased. */
async function takeBack(world: World, author: WorldMember, [id, personal]: readonly string[]): Promise<void> {
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.api(author, 'POST', '/erasures', { id: personal, reason: 'personal-data' })
  await world.pass(10_000)
}

const passOn = async (world: World, member: WorldMember, share = 'community'): Promise<void> => {
  await world.api(member, 'PATCH', '/collections/from-a.example', { share })
  await world.quiesce()
}

/** Why each item of the stream to a peer is there. */
async function saidTo({ store }: WorldMember, peer: string): Promise<string[]> {
  const its = 'SELECT d.body FROM delivery d JOIN peer p ON p.id = d.peer WHERE p.name = ? ORDER BY d.seq'
  const rows = await store.all<{ body: Uint8Array }>(its, peer)
  return rows.map(({ body }) => (JSON.parse(Buffer.from(body).toString()) as { reason: string }).reason)
}

/** A chain whose middle passes on what its author says, and what is said then, of which the end has both. */
async function passedOn(seed: string, links: Links = {}): Promise<Chain & { readonly ids: readonly string[] }> {
  const all = await chain(seed, links)
  const { world, a, b, c } = all
  const ids = []
  for (const word of WORDS) ids.push(await say(world, a, word, 'energy'))
  await world.quiesce()
  await passOn(world, b)
  assert.deepEqual(await found(world, c), [1, 1])
  return { ...all, ids }
}

/** A chain that passes on to its end, and a backup of its middle from before what is said then. */
async function passedOnBehindBackup({ world, a, b, c }: Chain): Promise<{ backup: string; ids: string[] }> {
  await say(world, a, 'first', 'energy')
  await world.quiesce()
  await passOn(world, b)
  await passOn(world, c)
  const backup = world.backUp('b.example', 'before')
  const ids = []
  for (const word of WORDS) ids.push(await publish(world, a, word, 'energy'))
  await world.quiesce()
  return { backup, ids }
}

test('what is taken back is passed on before the record, of a log whose mirror is behind, and holds for it', async () => {
  const world = new World('behind')
  await using _ = world
  const [a, b, c, d] = [
    await world.add('a.example'),
    await world.add('b.example'),
    await world.add('c.example'),
    await world.add('d.example'),
  ]
  for (const forwarder of [b, d]) {
    await world.introduce(a, forwarder, [ENERGY])
    await world.introduce(forwarder, c, [ENERGY])
  }
  await world.introduce(a, c)
  await energy(world, a)
  await publish(world, a, 'first', 'energy')
  await world.quiesce()
  for (const forwarder of [b, d]) await passOn(world, forwarder)
  const { network } = world
  network.cut.add('a.example c.example').add('c.example d.example').add('b.example c.example')
  const ids = []
  for (const word of WORDS) ids.push(await publish(world, a, word, 'energy'))
  await world.pass(10_000)
  for (const forwarder of [b, d]) assert.deepEqual(await found(world, forwarder), [1, 1])
  network.cut.add('a.example d.example')
  // An answer that was lost on its way perhaps gave both.
  network.meddle = (path, response) => (path.startsWith('/peer/deliveries') ? { ...response, status: 503 } : response)
  network.cut.delete('b.example c.example')
  await pull(c, 'b.example')
  network.meddle = (_path, response) => response
  network.cut.add('b.example c.example')
  await takeBack(world, a, ids)
  network.cut.delete('b.example c.example')
  assert.equal(await pull(c, 'b.example'), '')
  network.cut.delete('c.example d.example')
  assert.equal(await pull(c, 'd.example'), '')
  assert.deepEqual(await found(world, d), [1, 1])
  assert.deepEqual(await found(world, c), [0, 0])
  const quarantined = await c.store.all('SELECT reason FROM quarantine')
  assert.deepEqual(quarantined, [])
})

test('whoever brought back what it had been given is told what is taken back of it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-taken-back-`)
  await using all = await chain('brought', { folder: folder.path })
  const { world, a, c } = all
  const { backup, ids } = await passedOnBehindBackup(all)
  assert.deepEqual(await found(world, c), [1, 1])
  const restored = await world.network.apart(async () => world.restore('b.example', backup))
  world.network.cut.add('a.example b.example')
  await world.api(restored, 'POST', '/log/resume')
  await world.pass(60_000)
  assert.deepEqual(await found(world, restored), [1, 1])
  await world.quiesce()
  await takeBack(world, a, ids)
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  for (const member of [restored, c]) assert.deepEqual(await found(world, member), [0, 0], member.name)
})

test('whoever brought what it is not given again is told, once, what is taken back of it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-taken-back-`)
  await using all = await chain('brought and narrowed', { folder: folder.path })
  const { world, a, c } = all
  const { backup, ids } = await passedOnBehindBackup(all)
  const d = await world.add('d.example')
  await world.introduce(a, d, [ENERGY])
  await world.introduce(d, c, [ENERGY])
  await passOn(world, d)
  const restored = await world.network.apart(async () => world.restore('b.example', backup))
  await world.api(restored, 'POST', '/log/resume')
  await world.network.apart(async () => {
    await world.pass(10_000)
    await world.api(c, 'PATCH', '/collections/from-a.example', { share: 'none' })
    await world.pass(10_000)
  })
  world.network.cut.add('a.example b.example').add('b.example c.example')
  await takeBack(world, a, ids)
  await world.pass(60_000)
  assert.deepEqual(await found(world, c), [0, 0], 'another brought what takes it back')
  world.network.cut.delete('b.example c.example')
  for (let n = 0; n < 5; n += 1) await pull(restored, 'c.example')
  await world.api(c, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.api(c, 'PATCH', '/collections/from-a.example', { share: 'none' })
  await world.pass(60_000)
  const told = (await saidTo(c, 'b.example')).filter((reason) => reason !== 'widened')
  assert.deepEqual(told, ['withdrawn', 'erased'])
  const withheld = `SELECT idx FROM delivery_index WHERE rule = 'follows.delivery' AND narrowed <> 0`
  assert.deepEqual(await c.store.all(withheld), [], 'and both went out')
})

test('who ceased to pass on tells, when they meet anew, what was taken back of what it had given', async () => {
  await using all = await passedOn('ceased')
  const { world, a, b, c, ids } = all
  await passOn(world, b, 'none')
  await world.api(b, 'DELETE', '/peers/c.example')
  await takeBack(world, a, ids)
  assert.deepEqual(await found(world, b), [0, 0])
  await publish(world, a, 'later', 'energy')
  await world.api(b, 'POST', '/peers/c.example/approve', { communities: [ENERGY] })
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual(await found(world, c), [0, 0])
  assert.equal(await finds(world, c, 'later'), 0, 'nothing else is passed on')
})

test('so does who ceased to pass on while the author’s new log was not known there', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-taken-back-`)
  await using all = await passedOn('unknown log', { folder: folder.path, recoverySeed: SEED })
  const { world, b, c, ids } = all
  world.network.cut.add('a.example c.example')
  const again = await world.recover('a.example', SEED)
  await takeBack(world, again, ids)
  await pull(b)
  await pull(c, 'b.example')
  assert.deepEqual(
    [await found(world, b), await found(world, c)],
    [
      [0, 0],
      [1, 1],
    ],
  )
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'none' })
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual(await found(world, c), [0, 0])
})

test('what is taken back by who then leaves is taken back where it was passed on', async () => {
  await using all = await passedOn('left')
  const { world, a, b, c, ids } = all
  world.network.cut.add('b.example c.example')
  await takeBack(world, a, ids)
  await world.api(a, 'POST', '/leave', { confirm: 'a.example' })
  await world.pass(20_000)
  assert.equal((await findPeer(c.store, 'a.example'))?.state, 'removed', 'it has heard so')
  assert.deepEqual(
    [await found(world, b), await found(world, c)],
    [
      [0, 0],
      [1, 1],
    ],
  )
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual(await found(world, c), [0, 0])
})
