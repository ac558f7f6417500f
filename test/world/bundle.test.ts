// A member without a network is a full member: what its peers write into files and carry to it is verified as over the
// network, and what it writes back counts.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { GivenPage, PeerView } from '#federation/wire.ts'
import type { TrustView } from '#federation/witness/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { seededRandom } from '#test/store.ts'
import { Check } from './check.ts'
import { finds, open, publish } from './stage.ts'
import { carry, outcome, read, write } from './stick.ts'
import { ramble, tamper, World, type WorldMember } from './world.ts'

const SEED = seededRandom('bundles')(32)

type Three = { world: World; a: WorldMember; b: WorldMember; c: WorldMember }

/** Two members that reach each other, and a third that reaches nobody. */
async function three(folder?: string): Promise<Three> {
  const world = new World('bundles', folder)
  const [a, b] = [await world.add('a.example', { recoverySeed: SEED }), await world.add('b.example')]
  const c = await world.add('c.example', { network: false })
  await world.introduce(a, b)
  await world.introduceByFile(a, c)
  await world.introduceByFile(c, b)
  await open(world, a)
  await world.quiesce()
  return { world, a, b, c }
}

const peerOf = (world: World, at: WorldMember, name: string): Promise<PeerView> =>
  world.api<PeerView>(at, 'GET', `/peers/${name}`)

test('members meet by files: the invitation with a document, the answer to it, the same words, once', async () => {
  const world = new World('meeting')
  await using _ = world
  const [a, c] = [await world.add('a.example'), await world.add('c.example', { network: false })]
  const { file } = await world.api<{ file: string }>(c, 'POST', '/peers/invitations')
  const met = await world.api<{ answer: string; words: string[] }>(a, 'POST', '/peers/accept', { invitation: file })
  const back = await world.api<{ member: string; words: string[] }>(c, 'POST', '/peers/accept', {
    invitation: met.answer,
  })
  assert.equal(back.member, 'a.example')
  assert.deepEqual(back.words, met.words)
  await assert.rejects(world.api(c, 'POST', '/peers/accept', { invitation: met.answer }), /used already/)
  const other = await world.api<{ file: string }>(c, 'POST', '/peers/invitations')
  const changed = met.answer.replace(JSON.parse(met.answer).invitation as string, invitationId(other.file))
  await assert.rejects(world.api(c, 'POST', '/peers/accept', { invitation: changed }), /not ours/)
  await assert.rejects(world.api(c, 'POST', '/peers/accept', { invitation: '{"a":1}' }), /neither an invitation/)
})

const invitationId = (file: string): string => {
  const line = (JSON.parse(file) as { invitation: string }).invitation
  const body = line.slice('comity-invite:'.length).split('.')[0] ?? ''
  return (JSON.parse(Buffer.from(body, 'base64url').toString()) as string[])[1] ?? ''
}

test('content, withdrawals and witnessing go by files alone, and what was carried counts when it is answered', async () => {
  const { world, a, b, c } = await three()
  await using _ = world
  const id = await publish(world, a, 'carried')
  assert.equal(await finds(world, c, 'carried'), 0)
  const file = await write(a, 'c.example')
  const given = await world.api<GivenPage>(a, 'GET', '/peers/c.example/given')
  assert.deepEqual(
    given.items.map(({ confirmed, bundled }) => [confirmed, bundled !== undefined]),
    [[false, true]],
  )
  assert.equal(typeof (await outcome(c, file)), 'object')
  assert.equal(await finds(world, c, 'carried'), 1)
  assert.equal((await world.api<TrustView>(a, 'GET', '/trust')).by.filter((name) => name.startsWith('c.')).length, 0)
  await carry(c, a)
  const after = await world.api<GivenPage>(a, 'GET', '/peers/c.example/given')
  assert.deepEqual(
    after.items.map(({ confirmed, bundled }) => [confirmed, bundled]),
    [[true, undefined]],
  )
  const trust = await world.api<TrustView>(a, 'GET', '/trust')
  assert.ok(trust.by.some((name) => name.startsWith('c.example')))
  const detail = await world.api<RecordDetail>(a, 'GET', `/records/${id}`)
  assert.equal(detail.versions[0]?.proof.witnessed?.k, 2, 'b over the network and c by file stand behind it')
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await carry(a, c)
  assert.equal(await finds(world, c, 'carried'), 0)
  assert.equal((await peerOf(world, c, 'a.example')).network, true)
  assert.equal((await peerOf(world, b, 'c.example')).network, false)
  await new Check(world).everything()
})

test('who was put back to a backup hears by a bundle what a station has, before it gives it anything', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-bundle-`)
  const { world, a, c } = await three(folder.path)
  await using _ = world
  await publish(world, a, 'one')
  await carry(a, c)
  const backup = world.backUp('a.example', 'backup')
  await publish(world, a, 'two')
  await world.quiesce()
  await carry(a, c)
  const old = await write(c, 'a.example')
  world.clock.advance(60_000)
  const author = await world.heal('a.example', backup)
  assert.match(String(await outcome(author, old)), /wrote this before this node was put back/)
  assert.deepEqual(await givenBy(c, await write(author, 'c.example')), [0, 0])
  world.clock.advance(60_000)
  await carry(c, author)
  await open(world, c)
  await publish(world, c, 'news')
  const again = await outcome(author, await write(c, 'a.example'))
  assert.ok(typeof again === 'object', `the last it was given was lost here with the disk: ${String(again)}`)
  await publish(world, author, 'three')
  const news = await write(c, 'a.example')
  await carry(author, c)
  assert.equal(typeof (await outcome(author, news)), 'object', 'also where something was given since')
  assert.equal(await finds(world, author, 'news'), 1)
  for (const name of ['one', 'two', 'three']) assert.equal(await finds(world, c, name), 1, name)
  const { stopped, doubt } = await peerOf(world, c, 'a.example')
  assert.deepEqual([stopped, doubt], [undefined, undefined])
})

test('two that were both put back to a backup, and have files alone, tell each other where they stand', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-bundle-`)
  const { world, a, c } = await three(folder.path)
  await using _ = world
  await publish(world, a, 'one')
  await carry(a, c)
  await carry(c, a)
  const backups = [world.backUp('a.example', 'backup'), world.backUp('c.example', 'backup')] as const
  await publish(world, a, 'two')
  await world.pass(10_000)
  const author = await world.heal('a.example', backups[0])
  for (const name of ['a.example', 'b.example']) world.network.cut.add(`${name} c.example`)
  const restored = await world.restore('c.example', backups[1])
  // As a person decides who has nobody to ask.
  await restored.store.write(tamper, 'UPDATE meta SET restored_ms = NULL')
  await restored.store.write(tamper, `UPDATE peer SET unasked_ms = ${world.clock.nowMs()}`)
  await world.revive('c.example', backups[1])
  const station = await world.move('c.example', 'c.example.invalid')
  await open(world, station)
  await publish(world, station, 'news')
  world.clock.advance(60_000)
  assert.deepEqual(await givenBy(station, await write(author, 'c.example')), [0, 0])
  await publish(world, author, 'three')
  for (let n = 0; n < 2; n += 1) await carry(station, author).then(() => world.clock.advance(60_000))
  assert.deepEqual([await finds(world, station, 'three'), await finds(world, author, 'news')], [1, 1])
  for (const [at, name] of [
    [author, 'c.example'],
    [station, 'a.example'],
  ] as const) {
    const { stopped, doubt } = await peerOf(world, at, name)
    assert.deepEqual([stopped, doubt], [undefined, undefined])
  }
})

test('what a station was given after the backup is taken back there, too', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-bundle-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  await publish(world, a, 'one')
  await carry(a, c)
  await carry(c, a)
  const backup = world.backUp('a.example', 'backup')
  const id = await publish(world, a, 'two')
  await world.pass(10_000)
  await carry(a, c)
  await carry(c, a)
  const author = await world.heal('a.example', backup)
  world.clock.advance(60_000)
  await carry(c, author)
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.pass(10_000)
  await carry(author, c)
  assert.deepEqual([await finds(world, b, 'two'), await finds(world, c, 'two')], [0, 0])
  await carry(c, author)
  const out = async (): Promise<unknown> => author.store.all('SELECT name, out_seq FROM peer')
  const before = await out()
  for (let n = 0; n < 2; n += 1) await carry(author, c).then(() => carry(c, author))
  assert.deepEqual(await out(), before, 'and nothing is given again and again')
})

test('what was written before its author was put back, and is read after what came since, stops nothing', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-bundle-`)
  const { world, a, c } = await three(folder.path)
  await using _ = world
  await publish(world, a, 'one')
  await carry(a, c)
  await carry(c, a)
  const backup = world.backUp('a.example', 'backup')
  for (const word of ['two', 'three']) await publish(world, a, word)
  await world.pass(10_000)
  const old = await write(a, 'c.example')
  const author = await world.heal('a.example', backup)
  world.clock.advance(60_000)
  await carry(c, author)
  await publish(world, author, 'four')
  await carry(author, c)
  assert.match(String(await outcome(c, old)), /wrote this before what came since/)
  const { stopped, doubt } = await peerOf(world, c, 'a.example')
  assert.deepEqual([stopped, doubt], [undefined, undefined])
  await publish(world, author, 'five')
  await carry(author, c)
  for (const name of ['one', 'four', 'five']) assert.equal(await finds(world, c, name), 1, name)
})

/** What a bundle gives to who reads it: the last item it tells of, and how many statements were taken. */
async function givenBy(at: WorldMember, file: Uint8Array): Promise<number[]> {
  const [start, end] = await read(at, file)
  assert.ok(start?.kind === 'manifest' && end?.kind === 'done')
  return [start.manifest.deliveries.until, end.statements]
}

test('what a station wrote before it read of a recovery is read, and what it has is not offered again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-bundle-`)
  const { world, a, c } = await three(folder.path)
  await using _ = world
  await publish(world, a, 'one')
  await carry(a, c)
  await open(world, c)
  await publish(world, c, 'from-station')
  const old = await write(c, 'a.example')
  const author = await world.recover('a.example', SEED)
  assert.equal(typeof (await outcome(author, old)), 'object')
  assert.equal(await finds(world, author, 'from-station'), 1)
  await publish(world, author, 'two')
  await carry(author, c)
  await carry(c, author)
  for (const name of ['one', 'two']) assert.equal(await finds(world, c, name), 1, name)
  const { stopped, doubt } = await peerOf(world, c, 'a.example')
  assert.deepEqual([stopped, doubt], [undefined, undefined])
})

test('after a recovery no bundle is written before the node has said its new keys', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-bundle-`)
  const { world } = await three(folder.path)
  await using _ = world
  const author = await world.recover('a.example', SEED)
  // As a command finds it that writes a bundle before the node was started.
  await author.store.write(tamper, `DELETE FROM node_document WHERE version = (SELECT max(version) FROM node_document)`)
  const size = async (): Promise<unknown> => author.store.get('SELECT size FROM log WHERE id = 1')
  const before = await size()
  await assert.rejects(write(author, 'c.example'), /has not said its keys/)
  assert.deepEqual(await size(), before)
})

test('nobody calls a member without a network, and it calls nobody', async () => {
  const { world, a } = await three()
  await using _ = world
  const hosts: string[] = []
  const callers = new Set<string>()
  world.network.watch = ({ url }) => hosts.push(new URL(url).host)
  world.network.greet = (from) => void callers.add(from)
  await publish(world, a, 'quiet')
  await world.pass(120_000)
  await world.quiesce()
  assert.ok(hosts.length > 0)
  assert.deepEqual([...callers].toSorted(), ['a.example', 'b.example'])
  assert.deepEqual(
    hosts.filter((host) => host.endsWith('.invalid')),
    [],
  )
})

test('a fork is found by a member that only ever gets files', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-stick-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  await publish(world, a, 'common')
  await world.quiesce()
  for (const [from, to] of [
    [a, c],
    [c, b],
    [b, c],
    [c, a],
  ] as const)
    assert.equal(typeof (await outcome(to, await write(from, to.name))), 'object')
  const twin = await world.twin('a.example', 'twin.example')
  await a.store.write(ramble, { member: 'a.example', count: 4 })
  await twin.store.write(ramble, { member: 'a.example', count: 5 })
  await b.federation.pullPeer('a.example')
  assert.equal(typeof (await outcome(c, await write(twin, 'c.example'))), 'object', 'the other history for c')
  await outcome(c, await write(b, 'c.example'))
  assert.match((await peerOf(world, c, 'a.example')).stopped ?? '', /cannot both be true/)
  const evidence = await world.api<{ items: { member: string }[] }>(c, 'GET', '/evidence')
  assert.equal(evidence.items[0]?.member, 'a.example')
})

test('a bundle in parts is read in order, says what is missing out of order, and goes on where it was cut', async () => {
  const { world, a, c } = await three()
  await using _ = world
  await a.store.write(ramble, { member: 'a.example', count: 24_000 })
  for (let i = 0; i < 3; i += 1) await publish(world, a, `part${i}`)
  const first = await write(a, 'c.example', { maxBytes: 524_288 })
  assert.ok(first.length <= 524_288)
  const [start] = await read(c, first)
  assert.ok(start?.kind === 'manifest')
  const goOn = start.manifest.id
  const parts = [first]
  for (;;) {
    const { items } = await world.api<{ items: { last: boolean }[] }>(a, 'GET', '/peers/c.example/bundles')
    if (items[0]?.last === true) break
    parts.push(await write(a, 'c.example', { maxBytes: 524_288, goOn }))
    await a.store.write(ramble, { member: 'a.example', count: 1 })
  }
  assert.ok(parts.length >= 3, `${parts.length} parts`)
  assert.match(String(await outcome(c, parts[2] as Buffer)), /missing before this bundle.*begin at/)
  const cut = (parts[1] as Buffer).subarray(0, Math.floor((parts[1] as Buffer).length / 2))
  assert.match(String(await outcome(c, cut)), /cut off or damaged/)
  for (const part of parts.slice(1)) assert.equal(typeof (await outcome(c, part)), 'object')
  assert.equal(await finds(world, c, 'part2'), 1)
  const again = await outcome(c, parts[1] as Buffer)
  assert.ok(typeof again === 'object' && again.leaves === 0 && again.statements === 0)
  await new Check(world).everything()
})

test('what went by network meanwhile is skipped, and what a bundle began goes on over the network', async () => {
  const world = new World('both ways')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  await open(world, a)
  await world.quiesce()
  const publishApart = (word: string): Promise<unknown> => world.network.apart(() => publish(world, a, word))
  await publishApart('one')
  await a.store.write(ramble, { member: 'a.example', count: 600 })
  const old = await write(a, 'b.example')
  await publishApart('two')
  await b.federation.pullPeer('a.example')
  const end = await outcome(b, old)
  assert.ok(typeof end === 'object' && end.leaves === 0 && end.statements === 0)
  await publishApart('three')
  assert.equal(typeof (await outcome(b, await write(a, 'b.example'))), 'object')
  await publishApart('four')
  await b.federation.pullPeer('a.example')
  for (const word of ['one', 'two', 'three', 'four']) assert.equal(await finds(world, b, word), 1, word)
  await new Check(world).everything()
})
