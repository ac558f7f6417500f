// A node that was put back to a backup asks each peer where it stands, also one that could not be asked then: it may be
// elsewhere since, speak with other keys, come by file first, or not be known any more.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { PeerView } from '#federation/wire.ts'
import { CertificateRefused } from '#kernel/http/outbound.ts'
import { seededRandom } from '#test/store.ts'
import { finds, open, publish, stage, type Stage } from './stage.ts'
import type { WorldMember } from './world.ts'

/** `a.example` is put back to before it said `second`, and goes on without having reached `b.example`. */
async function partedFrom({ world, a, b }: Stage): Promise<() => Promise<WorldMember>> {
  await open(world, b)
  await publish(world, a, 'first')
  await world.quiesce()
  const backup = world.backUp('a.example', 'before')
  await publish(world, a, 'second')
  await world.quiesce()
  return async () => {
    world.network.cut.add('a.example b.example')
    const restored = await world.restore('a.example', backup)
    await world.api(restored, 'POST', '/log/resume')
    return restored
  }
}

const places = { others: ['b.example', 'c.example'] }

test('who was put back to a backup reaches a peer that has moved since', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('moved', { ...places, folder: folder.path })
  const { world } = place
  const putBack = await partedFrom(place)
  const moved = await world.network.apart(async () => world.move('b.example', 'b2.example'))
  const restored = await putBack()
  await publish(world, restored, 'third')
  await publish(world, moved, 'theirs')
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual([await finds(world, moved, 'third'), await finds(world, restored, 'theirs')], [1, 1])
})

test('who was put back to a backup reaches a peer that has another certificate since', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('certificate', { ...places, folder: folder.path })
  const { world, b } = place
  const putBack = await partedFrom(place)
  const restored = await putBack()
  const http = { ed25519: seededRandom('another')(32), generation: 2 }
  const again = await world.rekey('b.example', { ...b.seeds, http })
  let renewed = false
  world.network.greet = (from, { url, anyCertificate = false }) => {
    if (from !== 'a.example' || new URL(url).host !== 'b.example') return
    renewed ||= anyCertificate
    if (!renewed) throw new CertificateRefused('peer.refused', 'another certificate')
  }
  await publish(world, restored, 'third')
  await publish(world, again, 'theirs')
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual([await finds(world, again, 'third'), await finds(world, restored, 'theirs')], [1, 1])
})

test('a peer that was removed when the backup was made, and is approved again, goes on where it stands', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('removed', { ...places, folder: folder.path })
  const { world, a, b } = place
  await publish(world, a, 'one')
  await world.quiesce()
  await world.api(a, 'DELETE', '/peers/b.example')
  const backup = world.backUp('a.example', 'removed')
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  await publish(world, a, 'two')
  await world.quiesce()
  assert.equal(await finds(world, b, 'two'), 1)
  const author = await world.heal('a.example', backup)
  await world.api(author, 'POST', '/peers/b.example/approve', {})
  for (const word of ['three', 'four']) await publish(world, author, word)
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'three'), await finds(world, b, 'four')], [1, 1])
  assert.equal((await world.api<PeerView>(b, 'GET', '/peers/a.example')).stopped, undefined)
})
