// What people decided about a peer's handling of personal data lasts as long as the exchange: it ends by a removal and by
// leaving, and is decided anew; other keys and another log of the same member do not touch it.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { PeerView } from '#federation/wire.ts'
import { findPeer } from '#federation/peers.ts'
import { newSignatureSeeds } from '#kernel/key-file.ts'
import { seededRandom } from '#test/store.ts'
import { finds, publish, stage } from './stage.ts'
import type { World, WorldMember } from './world.ts'

const RECOVERY = seededRandom('transfers recovery')(32)
const DECIDED = { adequate: ['CH'], agreements: { DE: 'clauses of 3 March' } }
const NOTHING = { adequate: [], agreements: {} }

/** What `at` decided about a peer. */
async function decided(world: World, at: WorldMember, name: string): Promise<Partial<PeerView>> {
  const { adequate, agreements } = await world.api<PeerView>(at, 'GET', `/peers/${name}`)
  return { adequate, agreements }
}

test('a removal ends it, and who is approved again gets no personal data before it is decided anew', async () => {
  await using place = await stage('transfers removed')
  const { world, a, b } = place
  const marking = {
    tlp: 'GREEN',
    audience: { named: false, communities: [] },
    personal: 'present',
    jurisdiction: 'DE',
  }
  await world.api(a, 'PATCH', '/collections/open', { marking })
  await world.api(a, 'PATCH', '/peers/b.example', DECIDED)
  await publish(world, a, 'allowed')
  await world.quiesce()
  assert.equal(await finds(world, b, 'allowed'), 1)
  await world.api(a, 'DELETE', '/peers/b.example')
  assert.deepEqual(await decided(world, a, 'b.example'), NOTHING)
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  assert.deepEqual(await decided(world, a, 'b.example'), NOTHING)
  await publish(world, a, 'held')
  await world.quiesce()
  assert.equal(await finds(world, b, 'held'), 0)
  await world.api(a, 'PATCH', '/peers/b.example', DECIDED)
  await world.quiesce()
  assert.equal(await finds(world, b, 'held'), 1)
})

test('leaving ends it', async () => {
  await using place = await stage('transfers left')
  const { world, a, b } = place
  await world.api(b, 'PATCH', '/peers/a.example', DECIDED)
  await world.api(a, 'POST', '/leave', { confirm: 'a.example' })
  await world.quiesce()
  assert.equal((await findPeer(b.store, 'a.example'))?.state, 'removed')
  assert.deepEqual(await decided(world, b, 'a.example'), NOTHING)
})

test('new log keys, and another log after a recovery, leave it as it was', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-transfers-`)
  await using place = await stage('transfers kept', { folder: folder.path, recoverySeed: RECOVERY })
  const { world, a, b } = place
  await world.api(b, 'PATCH', '/peers/a.example', DECIDED)
  const { ed25519, mlDsa44 } = a.seeds.log
  const outgoing = { ed25519, mlDsa44, overlapMs: 24 * 3600_000 }
  const log = { ...newSignatureSeeds(seededRandom('transfers')), outgoing }
  await world.rekey('a.example', { ...a.seeds, log })
  await world.quiesce()
  assert.equal((await findPeer(b.store, 'a.example'))?.document.log.vkeys.length, 4)
  assert.deepEqual(await decided(world, b, 'a.example'), DECIDED)
  await world.recover('a.example', RECOVERY)
  await world.quiesce()
  assert.equal((await findPeer(b.store, 'a.example'))?.document.log.origin, 'a.example/log/2')
  assert.deepEqual(await decided(world, b, 'a.example'), DECIDED)
})
