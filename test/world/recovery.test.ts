// A member whose keys are lost or stolen goes on in another log: its peers follow by the recovery key alone, keep what they
// have, and refuse what the old keys sign from then on.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { CertificateRefused } from '#kernel/http/outbound.ts'
import { sha256 } from '#kernel/hash.ts'
import { logKeys } from '#kernel/key-file.ts'
import { signCheckpoint } from '#kernel/log/checkpoint.ts'
import { signRecovery } from '#kernel/recovery-note.ts'
import { parseNodeDocument } from '#federation/document.ts'
import { judgeDocument } from '#federation/document-proof.ts'
import { findPeer, type Peer } from '#federation/peers.ts'
import type { ErasuresPage } from '#federation/erasure/wire.ts'
import type { TrustView } from '#federation/witness/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { seededRandom } from '#test/store.ts'
import { finds, open, publish, stage } from './stage.ts'
import { World, type WorldMember } from './world.ts'

const SEED = seededRandom('recovery')(32)
const OTHER = seededRandom('another recovery')(32)

const known = async (at: WorldMember): Promise<Peer> => (await findPeer(at.store, 'a.example')) as Peer
const shownBy = async (at: WorldMember): Promise<{ document: Buffer; proof: Buffer }> => ({
  document: (await at.app.inject({ url: '/.well-known/comity' })).rawPayload,
  proof: (await at.app.inject({ url: '/.well-known/comity.proof' })).rawPayload,
})

test('peers follow to the new log, keep what they have, and take back what is withdrawn there', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  const id = await publish(world, a, 'before')
  await world.quiesce()
  const old = await known(b)
  const again = await world.recover('a.example', SEED)
  await publish(world, again, 'after')
  await world.quiesce()
  const peer = await known(b)
  assert.equal(peer.document.log.origin, 'a.example/log/2')
  assert.deepEqual(
    peer.document.log.earlier.map(({ origin }) => origin),
    ['a.example/log'],
  )
  assert.notEqual(peer.log, old.log)
  for (const word of ['before', 'after']) assert.equal(await finds(world, b, word), 1, word)
  // What was given under the old log is followed by its withdrawal in the new one.
  await world.api(again, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'before'), 0)
  assert.equal(await finds(world, b, 'after'), 1)
})

test('what was said in the log that ended is erased by the one that follows, there and nowhere else', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  const [doomed, taken] = [await publish(world, a, 'doomed'), await publish(world, a, 'taken')]
  await world.quiesce()
  const again = await world.recover('a.example', SEED)
  for (const name of ['one', 'two', 'three', 'four', 'five']) await publish(world, again, name)
  await world.quiesce()
  await world.api(again, 'POST', '/erasures', { id: doomed, reason: 'legal' })
  await world.api(again, 'POST', '/withdrawals', { id: taken, reason: 'expired' })
  await world.quiesce()
  for (const member of [again, b]) {
    for (const word of ['doomed', 'taken']) assert.equal(await finds(world, member, word), 0, word)
    for (const word of ['one', 'two', 'three', 'four', 'five']) assert.equal(await finds(world, member, word), 1, word)
    const left = await member.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
    assert.ok(left.every(({ bytes }) => !Buffer.from(bytes).includes('doomed')))
  }
  const [erasure] = (await world.api<ErasuresPage>(again, 'GET', '/erasures')).items
  assert.deepEqual(
    erasure?.recipients.map(({ member, answer }) => [member, answer]),
    [['b.example', 'erased']],
  )
  const answers = await again.store.all<{ outcome: string }>('SELECT outcome FROM receipt ORDER BY outcome')
  assert.deepEqual(
    answers.map(({ outcome }) => outcome),
    ['erased', 'withdrawn'],
  )
  // What was asked before the end is still told of after it.
  await world.recover('a.example', SEED)
  const still = (await world.api<ErasuresPage>(world.members.get('a.example') as WorldMember, 'GET', '/erasures')).items
  assert.deepEqual(still[0]?.recipients, erasure?.recipients)
})

test('witnesses of the log that ended count for that one, and new witness keys cosign what stood still meanwhile', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  const id = await publish(world, a, 'before')
  await world.quiesce()
  const enough = async (member: WorldMember): Promise<boolean> =>
    (await world.api<TrustView>(member, 'GET', '/trust')).enough
  assert.deepEqual([await enough(a), await enough(b)], [true, true])
  const again = await world.network.apart(async () => {
    const begun = await world.recover('a.example', SEED)
    assert.equal(await enough(begun), false, 'nobody has seen the log that follows')
    const ladder = await world.api<RecordDetail>(begun, 'GET', `/records/${id}`)
    assert.equal(ladder.versions[0]?.proof.ladder.step, 'witnessed', 'what was witnessed stays so')
    return begun
  })
  await world.quiesce()
  await again.federation.pullPeer('b.example')
  assert.deepEqual(
    [await enough(again), await enough(b)],
    [true, true],
    'b said nothing since, and is witnessed by the new keys',
  )
})

test('who lost keys and disk ends its log at the head a witness has: what peers hold stands, and can be taken back', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await publish(world, a, 'before')
  await world.quiesce()
  const backup = world.backUp('a.example', 'old')
  const [dusk, dawn] = [indicatorOf('dusk', 1), indicatorOf('dawn', 2)]
  await put(a, dusk)
  await put(a, dawn)
  await world.quiesce()
  const path = `/witness/${sha256(Buffer.from('a.example/log')).toHex()}/checkpoint`
  const head = (await b.app.inject({ url: path })).rawPayload
  const again = await world.recover('a.example', SEED, { backup, head })
  await world.quiesce()
  assert.equal((await known(b)).document.log.origin, 'a.example/log/2')
  assert.deepEqual([await finds(world, again, 'dusk'), await finds(world, b, 'dusk')], [0, 1])
  const { versions } = await world.api<RecordDetail>(b, 'GET', `/records/${dusk.id}`)
  assert.deepEqual([versions[0]?.proof.verified, versions[0]?.proof.disputed], [true, undefined])
  // Its author does not have them any more. Said again, they are the same ones.
  for (const each of [dusk, dawn]) await put(again, each)
  await world.quiesce()
  await world.api(again, 'POST', '/withdrawals', { id: dusk.id, reason: 'sent-in-error' })
  await world.api(again, 'POST', '/erasures', { id: dawn.id, reason: 'personal-data' })
  await world.quiesce()
  for (const word of ['dusk', 'dawn']) assert.equal(await finds(world, b, word), 0, word)
  for (const member of [again, b]) assert.deepEqual(await holding(member, 'dawn.example'), [], member.name)
  assert.equal((await holding(b, 'dusk.example')).length, 2, 'a withdrawal keeps the bytes, for the proof')
})

test('who lost its disk goes on though it had said more of itself since the backup than it remembers', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await world.quiesce()
  const backup = world.backUp('a.example', 'old')
  for (const country of ['FR', 'AT']) await world.api(a, 'PATCH', '/member', { country })
  await world.quiesce()
  const { version } = (await known(b)).document
  const path = `/witness/${sha256(Buffer.from('a.example/log')).toHex()}/checkpoint`
  const head = (await b.app.inject({ url: path })).rawPayload
  await world.recover('a.example', SEED, { backup, head })
  await world.quiesce()
  const { document, stopped } = await known(b)
  assert.deepEqual([document.log.origin, stopped], ['a.example/log/2', null])
  assert.ok(document.version > version)
})

type Indicator = { readonly id: string }

function indicatorOf(name: string, n: number): Indicator {
  const time = '2026-01-01T00:00:00.000Z'
  const pattern = `[domain-name:value = '${name}.example']`
  const id = `indicator--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
  const times = { created: time, modified: time, valid_from: time }
  return { type: 'indicator', spec_version: '2.1', id, name, pattern, pattern_type: 'stix', ...times } as Indicator
}

async function put(member: WorldMember, object: Indicator): Promise<void> {
  const payload = JSON.stringify(object)
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${sha256(Buffer.from(payload)).toHex()}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload,
  })
  assert.match(body, /"added":1/)
}

/** Items that hold these bytes, shown or not. */
const holding = (member: WorldMember, text: string): Promise<unknown[]> =>
  member.store.all('SELECT seq FROM item WHERE instr(bytes, CAST(? AS BLOB)) > 0', text)

test('a peer that was away for two recoveries follows both', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await publish(world, a, 'first')
  await world.quiesce()
  world.network.cut.add('a.example b.example')
  await publish(world, await world.recover('a.example', SEED), 'second')
  await publish(world, await world.recover('a.example', SEED), 'third')
  world.network.cut.clear()
  await b.federation.pullPeer('a.example')
  assert.equal((await known(b)).document.log.origin, 'a.example/log/3')
  assert.equal(await finds(world, b, 'first'), 1)
  assert.equal(await finds(world, b, 'third'), 1)
})

test('a peer that is met anew after a recovery begins anew: what it committed to in the log before binds it no more', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  for (const word of ['one', 'two', 'three']) await publish(world, a, word)
  await world.quiesce()
  await world.api(b, 'DELETE', '/peers/a.example')
  const again = await world.recover('a.example', SEED)
  await world.api(again, 'DELETE', '/peers/b.example')
  await world.introduce(again, b)
  await publish(world, again, 'four')
  await world.quiesce()
  for (const word of ['one', 'two', 'three', 'four']) assert.equal(await finds(world, b, word), 1, word)
  const { stopped, streamSeq } = await known(b)
  assert.deepEqual([stopped, streamSeq], [null, 4], 'what it may have lost, and what is new')
  assert.deepEqual(await b.store.all('SELECT kind FROM stream_doubt'), [])
})

test('what had not arrived when the log ended is offered again: records, and what withdraws them', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  const [early, taken] = [await publish(world, a, 'early'), await publish(world, a, 'taken')]
  await world.quiesce()
  world.network.cut.add('a.example b.example')
  await publish(world, a, 'late')
  await world.api(a, 'POST', '/withdrawals', { id: taken, reason: 'expired' })
  const again = await world.recover('a.example', SEED)
  await publish(world, again, 'after')
  await world.quiesce()
  const shown = async (at: WorldMember): Promise<number[]> =>
    Promise.all(['early', 'taken', 'late', 'after'].map((word) => finds(world, at, word)))
  assert.deepEqual(await shown(b), [1, 0, 1, 1])
  // So it is for whoever is met only now, and for what the log that ended says of named recipients.
  const c = await world.add('c.example')
  await world.introduce(again, c)
  await world.quiesce()
  assert.deepEqual(await shown(c), [1, 0, 1, 1])
  const detail = await world.api<RecordDetail>(c, 'GET', `/records/${early}`)
  assert.equal(detail.versions[0]?.author, 'a.example')
  for (const member of [b, c]) {
    assert.deepEqual(await member.store.all('SELECT * FROM stream_doubt'), [])
    const { items } = await world.api<{ items: unknown[] }>(member, 'GET', '/quarantine')
    assert.deepEqual(items, [])
  }
  // It is given once.
  const { n } = (await again.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery')) as { n: number }
  await world.api(again, 'PATCH', '/collections/open', { share: 'named' })
  await world.api(again, 'PATCH', '/collections/open', { share: 'peers' })
  await world.quiesce()
  assert.equal((await again.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery'))?.n, n)
})

test('a member that lost the key of its certificate with all others is followed: its document proves the new one', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await publish(world, a, 'before')
  await world.quiesce()
  const heard: string[] = []
  let followed = false
  world.network.greet = (from, { url, anyCertificate, headers }) => {
    if (from !== 'b.example' || followed) return
    if (anyCertificate !== true) throw new CertificateRefused('peer.refused', 'another certificate')
    assert.equal(headers?.['signature'], undefined, 'what is told to a stranger is nothing')
    heard.push(new URL(url).pathname)
    followed = heard.length === 2
  }
  const again = await world.recover('a.example', SEED)
  await publish(world, again, 'after')
  await world.quiesce()
  assert.deepEqual(heard, ['/.well-known/comity', '/.well-known/comity.proof'])
  assert.equal((await known(b)).document.log.origin, 'a.example/log/2')
  assert.equal(await finds(world, b, 'after'), 1)
})

test('two who both lost their keys since they last spoke find each other again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  const world = new World('recovery of two', folder.path)
  await using _ = world
  const [a, b] = [
    await world.add('a.example', { recoverySeed: SEED }),
    await world.add('b.example', { recoverySeed: OTHER }),
  ]
  await world.introduce(a, b)
  for (const member of [a, b]) await open(world, member)
  world.network.cut.add('a.example b.example')
  const [after, other] = [await world.recover('a.example', SEED), await world.recover('b.example', OTHER)]
  await publish(world, after, 'ours')
  await publish(world, other, 'theirs')
  await world.quiesce()
  assert.equal(await finds(world, other, 'ours'), 1)
  assert.equal(await finds(world, after, 'theirs'), 1)
})

test('a thief with the old keys is refused everywhere', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await publish(world, a, 'before')
  await world.quiesce()
  const stolen = logKeys('a.example/log', a.seeds.log)
  const before = await shownBy(a)
  await world.recover('a.example', SEED)
  await world.quiesce()
  const forged = signCheckpoint(
    { origin: 'a.example/log', size: 500, root: new Uint8Array(32).fill(7) },
    stolen.signers,
  )
  world.network.meddle = (path, response) =>
    path === '/log/checkpoint' ? { ...response, status: 200, body: forged } : response
  await assert.rejects(b.federation.pullPeer('a.example'), /not signed by its log/)
  world.network.meddle = (_path, response) => response
  const asked = await b.app.inject({
    method: 'POST',
    url: '/witness/add-checkpoint',
    headers: { 'content-type': 'text/plain' },
    payload: Buffer.concat([Buffer.from('old 0\n\n'), forged]),
  })
  assert.equal(asked.statusCode, 404)
  const peer = await known(b)
  assert.ok(!judgeDocument(peer.document, before.document, before.proof).ok, 'the old document does not come back')
  assert.equal(peer.document.log.origin, 'a.example/log/2')
})

test('a recovery by another key, a replayed one, or one changed in any byte leads nowhere', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await world.quiesce()
  const first = (await known(b)).document
  const second = await world.recover('a.example', SEED)
  const shown = await shownBy(second)
  assert.ok(judgeDocument(first, shown.document, shown.proof).ok)
  const { recovery, ...rest } = JSON.parse(shown.proof.toString())
  const withRecovery = (changed: unknown): Buffer => Buffer.from(JSON.stringify({ ...rest, recovery: changed }))
  assert.ok(!judgeDocument(first, shown.document, withRecovery(undefined)).ok)
  const { vkeys } = logKeys('a.example/log/2', second.seeds.log)
  const row = await second.store.get<{ size: number; root: Uint8Array }>('SELECT size, root FROM log_end')
  const said = {
    member: 'a.example',
    ends: { origin: 'a.example/log', size: row?.size ?? 0, root: row?.root ?? new Uint8Array(32) },
    follows: { origin: 'a.example/log/2', vkeys },
    recovery: second.identity.recoveryHash ?? '',
  }
  assert.ok(judgeDocument(first, shown.document, withRecovery(signRecovery(said, SEED))).ok)
  assert.ok(!judgeDocument(first, shown.document, withRecovery(signRecovery(said, OTHER))).ok, 'another key')
  assert.ok(
    !judgeDocument(first, shown.document, withRecovery(signRecovery(said, a.seeds.log.ed25519))).ok,
    'the log key',
  )
  for (let i = 0; i < recovery.note.length; i += 3) {
    const note = `${recovery.note.slice(0, i)}${recovery.note[i] === 'A' ? 'B' : 'A'}${recovery.note.slice(i + 1)}`
    assert.ok(!judgeDocument(first, shown.document, withRecovery({ ...recovery, note })).ok, `byte ${i}`)
  }
  const third = await world.recover('a.example', SEED)
  const last = await shownBy(third)
  const parsed = parseNodeDocument(last.document)
  assert.ok(parsed.ok)
  const replayed = { ...JSON.parse(last.proof.toString()), recovery, steps: undefined }
  assert.ok(!judgeDocument(parsed.document, shown.document, shown.proof).ok, 'an older recovery is no newer document')
  assert.ok(
    !judgeDocument(first, last.document, Buffer.from(JSON.stringify(replayed))).ok,
    'a note leads to its log only',
  )
})

test('what the old keys signed beyond the end is disputed, and another end than the mirrored history stops', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-recovery-`)
  await using place = await stage('recovery', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  const honest = await publish(world, a, 'honest')
  await world.quiesce()
  const twin = await world.twin('a.example', 'thief.example')
  world.network.reroute = (_from, host) => (host === 'a.example' ? 'thief.example' : host)
  const forged = await publish(world, twin, 'forged')
  await b.federation.pullPeer('a.example')
  assert.equal(await finds(world, b, 'forged'), 1)
  world.network.reroute = (_from, host) => host
  await world.recover('a.example', SEED)
  await world.quiesce()
  assert.equal((await known(b)).document.log.origin, 'a.example/log/2')
  const disputed = async (id: string): Promise<unknown> =>
    (await world.api<RecordDetail>(b, 'GET', `/records/${id}`)).versions[0]?.proof.disputed
  const { size } = (await b.store.get<{ size: number }>('SELECT size FROM log_end')) as { size: number }
  assert.deepEqual(await disputed(forged), { size, follows: 'a.example/log/2' })
  assert.equal(await disputed(honest), undefined)
})
