// What a member said before it lost its keys, and had not given yet, is given from the log that ended, to whom it may be
// given; nobody gets it twice, and nobody is believed about that log beyond the end that was named.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { tellHeld, type Held } from '#federation/heal/held.ts'
import { requirePeer } from '#federation/peers.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { seededRandom } from '#test/store.ts'
import { energy, ENERGY, finds, open, publish, publishAll, pull, stage, type Stage } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const SEED = seededRandom('recovery rest')(32)

const scene = (folder: string): Promise<Stage> =>
  stage('recovery rest', { folder, recoverySeed: SEED, others: ['b.example', 'c.example'] })
const refusals = async (member: WorldMember): Promise<string[]> =>
  (await member.store.all<{ reason: string }>('SELECT reason FROM quarantine ORDER BY seq')).map(({ reason }) => reason)
const versionOf = async (world: World, at: WorldMember, id: string): Promise<RecordDetail['versions'][number]> => {
  const [version] = (await world.api<RecordDetail>(at, 'GET', `/records/${id}`)).versions
  assert.ok(version !== undefined)
  return version
}
/** How often an item of somebody's stream named an index of the log that ended. */
const offered = async (at: WorldMember): Promise<number> =>
  (await at.store.get<{ n: number }>(`SELECT count(*) AS n FROM delivery WHERE seq > 0 AND body LIKE '%"origin"%'`))
    ?.n ?? 0

test('what was not given yet comes from the log that ended, as its author’s, and its withdrawal follows it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const given = await publish(world, a, 'given')
  await world.quiesce()
  world.network.cut.add('a.example b.example')
  const late = await publish(world, a, 'late')
  await world.pass(5000)
  const again = await world.recover('a.example', SEED)
  await publish(world, again, 'after')
  await world.quiesce()
  for (const word of ['given', 'late', 'after']) assert.equal(await finds(world, b, word), 1, word)
  assert.deepEqual(await refusals(b), [])
  assert.equal(await offered(again), 1, 'only the one, to the peer that did not have it')
  const { author, proof, via } = await versionOf(world, b, late)
  assert.deepEqual([author, proof.origin, proof.verified, via], ['a.example', 'a.example/log', true, undefined])
  assert.deepEqual(
    (await versionOf(world, again, late)).recipients.map(({ member, confirmed }) => [member, confirmed]),
    [
      ['b.example', true],
      ['c.example', true],
    ],
  )
  for (const id of [given, late]) await world.api(again, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  for (const word of ['given', 'late']) assert.equal(await finds(world, b, word), 0, word)
})

test('what is for named members alone goes to them and nobody else, and what was taken back meanwhile to nobody', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const c = world.members.get('c.example') as WorldMember
  await world.api(a, 'POST', '/collections', { title: 'Mine', alias: 'mine', share: 'none' })
  await publish(world, a, 'first', 'mine')
  await world.api(a, 'POST', '/collections', {
    title: 'Named',
    alias: 'named',
    share: 'named',
    named: ['b.example'],
    marking: { tlp: 'RED', audience: { named: true, communities: [] }, personal: 'none' },
  })
  await world.quiesce()
  world.network.cut.add('a.example b.example').add('a.example c.example')
  await publish(world, a, 'secret', 'named')
  const regretted = await publish(world, a, 'regretted')
  const again = await world.recover('a.example', SEED)
  await world.api(again, 'POST', '/withdrawals', { id: regretted, reason: 'sent-in-error' })
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'secret'), await finds(world, c, 'secret')], [1, 0])
  for (const member of [b, c])
    for (const word of ['regretted', 'first']) {
      assert.equal(await finds(world, member, word), 0, word)
      const items = await member.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
      assert.ok(items.every(({ bytes }) => !Buffer.from(bytes).includes(word)))
    }
})

test('an answer that was lost on the way is given again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  await world.quiesce()
  world.network.meddle = (path, response) =>
    path.startsWith('/peer/deliveries') ? { ...response, status: 503 } : response
  await publish(world, a, 'halfway')
  await world.pass(5000)
  await world.recover('a.example', SEED)
  world.network.meddle = (_path, response) => response
  await world.quiesce()
  assert.equal(await finds(world, b, 'halfway'), 1)
})

/** `b.example` passes on to `c.example` what `a.example` says for a community; the two cannot reach each other now. */
async function between(folder: string): Promise<Stage & { readonly c: WorldMember }> {
  const place = await stage('recovery forward', { folder, recoverySeed: SEED })
  const { world, a, b } = place
  const c = await world.add('c.example')
  await world.introduce(b, c, [ENERGY])
  await world.introduce(a, c)
  await world.api(a, 'POST', '/peers/b.example/approve', { communities: [ENERGY] })
  await energy(world, a)
  await publish(world, a, 'before', 'energy')
  await world.quiesce()
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  assert.equal(await finds(world, c, 'before'), 1)
  world.network.cut.add('b.example c.example')
  return { ...place, c }
}

test('a withdrawal that is here before its record, of a log that ended before they met, holds for it when it comes', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a } = place
  const id = await publish(world, a, 'regretted')
  await world.quiesce()
  const again = await world.recover('a.example', SEED)
  const d = await world.add('d.example')
  world.network.meddle = (path, response) =>
    path.startsWith('/peer/deliveries') ? { ...response, status: 503 } : response
  await world.introduce(again, d)
  await world.pass(10_000)
  await pull(d)
  await world.api(again, 'PATCH', '/collections/open', { share: 'none' })
  world.network.meddle = (_path, response) => response
  await world.quiesce()
  await world.api(again, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  const came = await d.store.all(`SELECT 1 FROM statement WHERE kind = 'records.withdraw'`)
  assert.equal(came.length, 1, 'it was perhaps given, so it is withdrawn')
  await world.api(again, 'PATCH', '/collections/open', { share: 'peers' })
  await world.meetAnew(again, d)
  await world.quiesce()
  assert.equal(await finds(world, d, 'regretted'), 0)
})

test('what comes to be shared of a log that ended comes with what was taken back of it since', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  await world.api(a, 'PATCH', '/collections/open', { share: 'none' })
  const [taken] = await publishAll(world, a, ['taken', 'standing'])
  const again = await world.recover('a.example', SEED)
  await world.api(again, 'POST', '/withdrawals', { id: taken, reason: 'false-positive' })
  await world.quiesce()
  await world.api(again, 'PATCH', '/collections/open', { share: 'peers' })
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'standing'), await finds(world, b, 'taken')], [1, 0])
})

for (const chosen of ['before it came', 'when it was here'])
  test(`what is passed on, as was chosen ${chosen}, takes along what was taken back of it before`, async () => {
    using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
    const world = new World('recovery onward', folder.path)
    await using _ = world
    const [a, c] = [await world.add('a.example', { recoverySeed: SEED }), await world.add('c.example')]
    await world.introduce(a, c)
    await energy(world, a)
    const [taken] = await publishAll(world, a, ['taken', 'standing'], 'energy')
    await world.quiesce()
    const again = await world.recover('a.example', SEED)
    const b = await world.add('b.example')
    await world.introduce(b, c, [ENERGY])
    world.network.meddle = (path, response) =>
      path.startsWith('/peer/deliveries') ? { ...response, status: 503 } : response
    await world.introduce(again, b, [ENERGY])
    await world.pass(10_000)
    await pull(b)
    await world.api(again, 'PATCH', '/collections/energy', { share: 'none' })
    world.network.meddle = (_path, response) => response
    await world.quiesce()
    await world.api(again, 'POST', '/withdrawals', { id: taken, reason: 'false-positive' })
    await world.quiesce()
    const came = await b.store.all(`SELECT 1 FROM statement WHERE kind = 'records.withdraw'`)
    assert.equal(came.length, 1, 'it was perhaps given, so it is withdrawn')
    const passOn = async (): Promise<void> => {
      await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
      await world.quiesce()
    }
    if (chosen === 'before it came') await passOn()
    await world.api(again, 'PATCH', '/collections/energy', { share: 'community' })
    await world.quiesce()
    assert.deepEqual([await finds(world, b, 'standing'), await finds(world, b, 'taken')], [1, 0])
    if (chosen !== 'before it came') await passOn()
    assert.deepEqual([await finds(world, c, 'standing'), await finds(world, c, 'taken')], [1, 0])
  })

test('who goes back to a backup while they are parted is given anew, when they meet, what the ended log gave', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const c = world.members.get('c.example') as WorldMember
  await world.introduce(b, c)
  await world.quiesce()
  const backup = world.backUp('b.example', 'before')
  await publish(world, a, 'lost')
  await world.quiesce()
  assert.equal(await finds(world, b, 'lost'), 1)
  const again = await world.recover('a.example', SEED)
  await world.quiesce()
  await world.api(again, 'DELETE', '/peers/b.example')
  const reader = await world.heal('b.example', backup)
  await world.api(reader, 'DELETE', '/peers/a.example')
  await world.introduce(again, reader)
  await world.quiesce()
  assert.equal(await finds(world, reader, 'lost'), 1)
})

test('what is offered once more, and narrowed before it is asked for, is followed all the same: it may be there', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const kept = await publish(world, a, 'kept')
  await world.quiesce()
  const again = await world.recover('a.example', SEED)
  await world.quiesce()
  await world.meetAnew(again, b)
  await world.network.unasking('b.example', async () => {
    await world.pass(10_000)
    assert.equal(await offered(again), 1, 'nothing tells the author what it still has')
    await world.api(again, 'PATCH', '/collections/open', { share: 'none' })
  })
  await world.quiesce()
  await world.api(again, 'POST', '/withdrawals', { id: kept, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'kept'), 0)
})

test('what was passed on to who goes back to a backup is offered again, though whoever passed it on lost its keys since', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  const world = new World('passed on', folder.path)
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example', { recoverySeed: SEED })]
  const c = await world.add('c.example')
  await world.introduce(a, b, [ENERGY])
  await world.introduce(b, c, [ENERGY])
  await world.introduce(a, c)
  await energy(world, a)
  await publish(world, a, 'first', 'energy')
  await world.quiesce()
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  const backup = world.backUp('c.example', 'before')
  await publish(world, a, 'lost', 'energy')
  await world.quiesce()
  assert.equal(await finds(world, c, 'lost'), 1)
  const restored = await world.network.apart(async () => world.restore('c.example', backup))
  await world.api(restored, 'POST', '/log/resume')
  assert.equal(await finds(world, restored, 'lost'), 0)
  await world.recover('b.example', SEED)
  await world.quiesce()
  assert.equal(await finds(world, restored, 'lost'), 1)
})

test('who goes back to a backup is given again, by whom it had brought that to, what it had brought', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  const world = new World('brought', folder.path)
  await using _ = world
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b, [ENERGY])
  await world.introduce(b, c, [ENERGY])
  await world.introduce(a, c)
  await energy(world, a)
  await publish(world, a, 'first', 'energy')
  await world.quiesce()
  for (const member of [b, c]) {
    await world.api(member, 'PATCH', '/collections/from-a.example', { share: 'community' }).catch(() => {})
    await world.quiesce()
  }
  const backup = world.backUp('b.example', 'before')
  await publish(world, a, 'brought', 'energy')
  await world.quiesce()
  assert.equal(await finds(world, c, 'brought'), 1)
  const restored = await world.network.apart(async () => world.restore('b.example', backup))
  world.network.cut.add('a.example b.example')
  await world.api(restored, 'POST', '/log/resume')
  assert.equal(await finds(world, restored, 'brought'), 0)
  await world.pass(60_000)
  assert.equal(await finds(world, restored, 'brought'), 1)
})

test('what a peer was known to hold by its own claim alone is offered again once it may have lost it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a } = place
  const d = await world.add('d.example')
  await world.introduce(world.members.get('c.example') as WorldMember, d)
  await publish(world, a, 'kept')
  await world.quiesce()
  const [forgetful, empty] = [world.backUp('a.example', 'forgetful'), world.backUp('d.example', 'empty')]
  await world.introduce(a, d)
  await world.quiesce()
  assert.equal(await finds(world, d, 'kept'), 1)
  const author = await world.heal('a.example', forgetful)
  await world.api(author, 'PATCH', '/collections/open', { share: 'none' })
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.introduce(author, d)
  await world.quiesce()
  const again = await world.recover('a.example', SEED)
  const reader = await world.network.apart(async () => world.restore('d.example', empty))
  await world.api(reader, 'POST', '/log/resume')
  await world.api(again, 'DELETE', '/peers/d.example')
  await world.introduce(again, reader)
  await world.quiesce()
  await world.api(again, 'PATCH', '/collections/open', { share: 'peers' })
  await world.quiesce()
  assert.equal(await finds(world, reader, 'kept'), 1)
})

test('who loses keys and disk, and does not know a log of ours that ended, is given again what that gave', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  const world = new World('keys and disk', folder.path)
  await using _ = world
  const [a, b] = [
    await world.add('a.example', { recoverySeed: SEED }),
    await world.add('b.example', { recoverySeed: SEED }),
  ]
  await world.introduce(a, b)
  await open(world, a)
  await publish(world, a, 'first')
  await world.quiesce()
  const backup = world.backUp('b.example', 'before')
  const second = await world.recover('a.example', SEED)
  await publish(world, second, 'given')
  await world.quiesce()
  assert.equal(await finds(world, b, 'given'), 1)
  await world.recover('a.example', SEED)
  await world.quiesce()
  const reader = await world.network.apart(async () => {
    await world.restore('b.example', backup)
    return world.recover('b.example', SEED)
  })
  assert.equal(await finds(world, reader, 'given'), 0)
  await world.quiesce()
  assert.equal(await finds(world, reader, 'given'), 1)
})

test('who goes back to a backup from before hears again what was taken back since', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const taken = await publish(world, a, 'taken')
  await world.quiesce()
  const backup = world.backUp('b.example', 'backup')
  await world.api(a, 'POST', '/withdrawals', { id: taken, reason: 'expired' })
  await publish(world, a, 'since')
  await world.quiesce()
  await world.recover('a.example', SEED)
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'taken'), await finds(world, b, 'since')], [0, 1])
  const restored = await world.network.apart(async () => world.restore('b.example', backup))
  assert.equal(await finds(world, restored, 'taken'), 1)
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual([await finds(world, restored, 'taken'), await finds(world, restored, 'since')], [0, 1])
})

test('what its author gives of a log that ended is told to it as held, also where another brought it first', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  const world = new World('direct', folder.path)
  await using _ = world
  const [a, b, c] = [
    await world.add('a.example', { recoverySeed: SEED }),
    await world.add('b.example'),
    await world.add('c.example'),
  ]
  await world.introduce(a, c, [ENERGY])
  await world.introduce(c, b, [ENERGY])
  await world.introduce(a, b)
  await energy(world, a)
  await publish(world, a, 'turbine', 'energy')
  await world.quiesce()
  await world.api(c, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'turbine'), 1)
  const again = await world.recover('a.example', SEED)
  await world.quiesce()
  const told = async (): Promise<Held['ranges']> => {
    const { id: member } = await requirePeer(b.store, 'a.example')
    return (await tellHeld(b.store, 'b.example', { member, origin: 'a.example/log', after: -1 })).ranges
  }
  const [before] = await told()
  await world.api(again, 'POST', '/peers/b.example/approve', { communities: [ENERGY] })
  await world.quiesce()
  assert.deepEqual([before?.length, (await told()).length], [undefined, 1])
})

test('what others pass on of a log that ended is believed below its end', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await between(folder.path)
  const { world, a, b, c } = place
  const id = await publish(world, a, 'honest', 'energy')
  await world.pass(5000)
  assert.equal(await finds(world, b, 'honest'), 1)
  await world.recover('a.example', SEED)
  await pull(c)
  world.network.cut.clear()
  await pull(c, 'b.example')
  assert.equal(await finds(world, c, 'honest'), 1)
  const { via, proof } = await versionOf(world, c, id)
  assert.deepEqual([via?.member, proof.verified], ['b.example', true])
  assert.deepEqual(await refusals(c), [])
})

test('so is what its author lost, of a log that a longer head ended', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await between(folder.path)
  const { world, a, b, c } = place
  const backup = world.backUp('a.example', 'backup')
  await publish(world, a, 'honest', 'energy')
  await world.pass(5000)
  await pull(c)
  const mirrored = await b.store.get<{ checkpoint: Uint8Array }>(
    `SELECT checkpoint FROM log WHERE origin = 'a.example/log'`,
  )
  assert.ok(mirrored !== undefined)
  await world.recover('a.example', SEED, { backup, head: mirrored.checkpoint })
  await pull(c)
  world.network.cut.clear()
  await pull(c, 'b.example')
  assert.deepEqual(await refusals(c), [])
  assert.equal(await finds(world, c, 'honest'), 1)
})

test('what a thief says with the old keys is believed from nobody, and its author is not to blame', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await between(folder.path)
  const { world, a, b, c } = place
  const twin = await world.twin('a.example', 'twin.example')
  world.network.cut.add('a.example b.example')
  world.network.reroute = (from, host) => (from === 'b.example' && host === 'a.example' ? 'twin.example' : host)
  for (const word of ['one', 'two', 'three']) await publish(world, a, word)
  await pull(c)
  await publish(world, twin, 'forged', 'energy')
  await pull(b)
  await world.recover('a.example', SEED)
  await pull(c)
  world.network.cut.delete('b.example c.example')
  await pull(c, 'b.example')
  assert.deepEqual([await finds(world, b, 'forged'), await finds(world, c, 'forged')], [1, 0])
  assert.match((await refusals(c)).join(), /neither the one its log ended with nor mirrored here|beyond the end/)
  const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(c, 'GET', '/peers')
  assert.equal(items.find(({ member }) => member === 'a.example')?.stopped, undefined)
})
