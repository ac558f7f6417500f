// What happens between two bundles, or two parts of one: the members part and meet anew, the writer's log or its keys
// change, a peer is removed. The next file fits to that, or is refused before anything of it is written.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { requirePeer } from '#federation/peers.ts'
import { newSignatureSeeds } from '#kernel/key-file.ts'
import type { PeerView } from '#federation/wire.ts'
import { seededRandom } from '#test/store.ts'
import { finds, open, publish, publishAll } from './stage.ts'
import { carry, outcome, read, write } from './stick.ts'
import { World, type WorldMember } from './world.ts'

const SEED = seededRandom('between bundles')(32)
const OVERLAP_MS = 7 * 24 * 3600 * 1000

/** Two members, one of them without a network. */
async function two(folder?: string): Promise<{ world: World; a: WorldMember; c: WorldMember }> {
  const world = new World('between bundles', folder)
  const a = await world.add('a.example', { recoverySeed: SEED })
  const c = await world.add('c.example', { network: false })
  await world.introduceByFile(a, c)
  await open(world, a)
  return { world, a, c }
}

/** The id of a bundle whose first part was written and read, and that has more. */
async function firstPart(world: World, a: WorldMember, c: WorldMember): Promise<string> {
  const words = Array.from({ length: 8 }, (_, n) => `part${n} ${Buffer.from(world.random(7500)).toString('hex')}`)
  for (const word of words) await publishAll(world, a, [word])
  const [start, end] = await read(c, await write(a, 'c.example', { maxBytes: 60_000 }))
  assert.ok(start?.kind === 'manifest' && end?.kind === 'done' && end.more)
  return start.manifest.id
}

test('two that meet anew by files begin at the first item', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'one')
  for (let n = 0; n < 2; n += 1) await carry(a, c)
  for (const [at, name] of [
    [a, 'c.example'],
    [c, 'a.example'],
  ] as const)
    await world.api(at, 'DELETE', `/peers/${name}`)
  await world.introduceByFile(a, c)
  await publish(world, a, 'two')
  for (let n = 0; n < 2; n += 1) await carry(a, c)
  assert.equal(await finds(world, c, 'two'), 1)
  const { stopped, doubt } = await world.api<PeerView>(c, 'GET', '/peers/a.example')
  assert.deepEqual([stopped, doubt], [undefined, undefined])
})

test('a bundle about a log that ended does not go on', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-between-`)
  const { world, a, c } = await two(folder.path)
  await using _ = world
  const goOn = await firstPart(world, a, c)
  const again = await world.recover('a.example', SEED)
  await assert.rejects(write(again, 'c.example', { goOn }), /no further part/)
  await carry(again, c)
  assert.equal(await finds(world, c, 'part7'), 1)
})

test('a bundle that is being written for a peer gives nothing more once people removed it', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'late')
  const file = a.federation.bundles.write(await requirePeer(a.store, 'c.example'), { actor: 'test' })
  const first = await file.next()
  await world.api(a, 'DELETE', '/peers/c.example')
  await assert.rejects(Array.fromAsync(file), /c\.example is removed here/)
  assert.equal(typeof (await outcome(c, first.value as Uint8Array)), 'string')
  assert.equal(await finds(world, c, 'late'), 0)
})

test('a bundle from before a change of keys, read after a newer one, changes nothing, and one in parts does not go on', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-between-`)
  const { world, a, c } = await two(folder.path)
  await using _ = world
  const goOn = await firstPart(world, a, c)
  const old = await write(a, 'c.example')
  const { ed25519, mlDsa44 } = a.seeds.log
  const fresh = newSignatureSeeds(seededRandom('rotation'))
  const log = { ...fresh, outgoing: { ed25519, mlDsa44, overlapMs: OVERLAP_MS } }
  const during = await world.rekey('a.example', { ...a.seeds, log })
  for (const ms of [OVERLAP_MS, 3_601_000]) {
    world.clock.advance(ms)
    await world.pass(1000)
  }
  await publish(world, during, 'two')
  await assert.rejects(write(during, 'c.example', { goOn }), /no further part/)
  await carry(during, c)
  const late = await outcome(c, old)
  assert.ok(typeof late === 'object' && late.leaves === 0 && late.statements === 0, String(late))
  for (const word of ['part7', 'two']) assert.equal(await finds(world, c, word), 1, word)
  assert.equal((await world.api<PeerView>(c, 'GET', '/peers/a.example')).stopped, undefined)
})
