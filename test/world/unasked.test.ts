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
import { carry, outcome, write } from './stick.ts'
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

/** A collection of `a.example` for one peer alone. */
async function forOne({ world, a }: Pick<Stage, 'world' | 'a'>, name: string): Promise<void> {
  const marking = { tlp: 'AMBER', audience: { named: true, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'one', alias: 'one', share: 'named', named: [name], marking })
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

test('a peer that is asked later is shown what was committed to, though nothing new is given', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('committed', { ...places, folder: folder.path })
  const { world, b } = place
  const restore = await partedFrom(place)
  await restore()
  await world.pass(10_000)
  world.network.cut.clear()
  await world.pass(180_000)
  assert.deepEqual(await b.store.all('SELECT kind, reason FROM stream_doubt'), [])
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

test('a peer that says by a bundle where it stands is asked what it holds, and for it, as soon as it can be', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('by bundle', { ...places, folder: folder.path })
  const { world, a, b } = place
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'late', alias: 'late', share: 'none', marking })
  await forOne(place, 'b.example')
  const early = await publish(world, a, 'early', 'late')
  await world.quiesce()
  const backup = world.backUp('a.example', 'before')
  await world.api(a, 'PATCH', '/collections/late', { share: 'peers' })
  await publish(world, a, 'later', 'one')
  await world.quiesce()
  assert.equal(await finds(world, b, 'early'), 1)
  assert.equal(await finds(world, b, 'later'), 1)
  world.network.cut.add('a.example b.example')
  const author = await world.restore('a.example', backup)
  await world.api(author, 'POST', '/log/resume')
  world.clock.advance(60_000)
  await carry(b, author)
  assert.equal(await finds(world, author, 'later'), 0)
  await world.quiesce()
  assert.equal(await finds(world, author, 'later'), 1)
  await world.api(author, 'POST', '/withdrawals', { id: early, reason: 'sent-in-error' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'early'), 0)
})

test('who has forgotten a peer, and reads a bundle of it first when they meet again, tells it what was taken back', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('forgotten', { ...places, folder: folder.path })
  const { world, a } = place
  const d = await world.add('d.example')
  await world.quiesce()
  const backup = world.backUp('a.example', 'before')
  await world.introduce(a, d)
  const id = await publish(world, a, 'regretted')
  await world.quiesce()
  assert.equal(await finds(world, d, 'regretted'), 1)
  const author = await world.heal('a.example', backup)
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.network.apart(async () => {
    await world.introduceByFile(author, d)
    world.clock.advance(1000)
    const end = await outcome(author, await write(d, 'a.example', { all: true }))
    assert.ok(typeof end === 'object', String(end))
  })
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.equal(await finds(world, d, 'regretted'), 0)
})

test('what was said to a peer that the backup does not know comes back when they meet again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-unasked-`)
  await using place = await stage('unknown', { ...places, folder: folder.path })
  const { world, a } = place
  const d = await world.add('d.example')
  await forOne(place, 'd.example')
  await world.quiesce()
  const backup = world.backUp('a.example', 'before')
  await world.introduce(a, d)
  const id = await publish(world, a, 'turbine', 'one')
  await world.quiesce()
  assert.equal(await finds(world, d, 'turbine'), 1)
  const author = await world.heal('a.example', backup)
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.introduce(author, d)
  await world.quiesce()
  assert.equal(await finds(world, author, 'turbine'), 1)
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, d, 'turbine'), 0)
})
