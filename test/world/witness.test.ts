// Members watch each other's logs: what is said is witnessed, and who shows two histories is found out, proven, and told
// to those who were not there.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { formatEvidence, judgeEvidence, parseEvidence } from '#kernel/evidence.ts'
import { sha256 } from '#kernel/hash.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from '#kernel/log/checkpoint.ts'
import { logKeys, newSignatureSeeds, witnessKeys } from '#kernel/key-file.ts'
import { LIMITS } from '#kernel/limits.ts'
import { noteVerifier } from '#kernel/note-verifier.ts'
import { formatNote, parseNote, SIGNATURE_TYPE, type NoteSigner } from '#kernel/note.ts'
import { formatAddCheckpoint } from '#kernel/witness.ts'
import { storedConsistencyProof } from '#kernel/log/stored-proof.ts'
import type { GivenPage, NodeDocument, TakenPage } from '#federation/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import type { HomeView } from '#src/home/wire.ts'
import { findPeer } from '#federation/peers.ts'
import { recordFork } from '#federation/witness/fork.ts'
import { headsFor, inOneMessage } from '#federation/witness/gossip.ts'
import type { EvidenceView, TrustView } from '#federation/witness/wire.ts'
import { seededRandom } from '#test/store.ts'
import { CALM, ramble, tamper, World, type WorldMember } from './world.ts'

async function three(folder?: string): Promise<{ world: World; a: WorldMember; b: WorldMember; c: WorldMember }> {
  const world = new World('witness', folder)
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(a, c)
  await world.introduce(b, c)
  await world.quiesce()
  return { world, a, b, c }
}

const say = (member: WorldMember, count = 3): Promise<void> =>
  member.store.write(ramble, { member: 'a.example', count })

const headOf = async (member: WorldMember, origin: string): Promise<{ size: number; checkpoint: Uint8Array }> =>
  (await member.store.get<{ size: number; checkpoint: Uint8Array }>(
    'SELECT size, checkpoint FROM log WHERE origin = ?',
    origin,
  )) as { size: number; checkpoint: Uint8Array }

test('what a member says is witnessed by its peers, k of n, and the lines stand under its head', async () => {
  const { world, a, b } = await three()
  await using _ = world
  await say(a)
  const before = await world.api<TrustView>(a, 'GET', '/trust')
  assert.deepEqual(
    { k: before.k, n: before.n, needed: before.needed, enough: before.enough },
    { k: 0, n: 2, needed: 2, enough: false },
  )
  await world.quiesce()
  const after = await world.api<TrustView>(a, 'GET', '/trust')
  assert.deepEqual({ k: after.k, n: after.n, enough: after.enough }, { k: 2, n: 2, enough: true })
  const mirrored = await headOf(b, 'a.example/log')
  const document = JSON.parse((await b.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  const cosigners = (document.witness?.vkeys ?? []).map((vkey) => noteVerifier(vkey))
  const opened = openCheckpoint(mirrored.checkpoint, logKeys('a.example/log', a.seeds.log).verifiers, { cosigners })
  assert.ok(opened.ok && opened.cosignatures.length === 2, 'both keys of b stand under the head that b got from a')
})

test('add-checkpoint answers as tlog-witness says, and never signs what did not grow', async () => {
  const { world, a, b } = await three()
  await using _ = world
  await say(a, 300)
  const old = (await headOf(b, 'a.example/log')).size
  const head = await headOf(a, 'a.example/log')
  const proof = await storedConsistencyProof(a.store, 1, old, head.size)
  const post = async (body: Uint8Array): Promise<{ status: number; body: string; type: string }> => {
    const answer = await b.app.inject({ method: 'POST', url: '/witness/add-checkpoint', payload: Buffer.from(body) })
    return { status: answer.statusCode, body: answer.body, type: String(answer.headers['content-type']) }
  }
  const request = { old, proof, checkpoint: head.checkpoint }
  const first = formatAddCheckpoint(request)
  assert.equal((await post(Buffer.from('nonsense'))).status, 400)
  const cut = formatAddCheckpoint({ ...request, checkpoint: request.checkpoint.subarray(0, -1) })
  assert.equal((await post(cut)).status, 400, 'a note out of form')
  assert.equal((await post(formatAddCheckpoint({ ...request, old: head.size + 1 }))).status, 400)
  const behind = await post(formatAddCheckpoint({ ...request, old: 0, proof: [] }))
  assert.deepEqual(behind, { status: 409, body: `${old}\n`, type: 'text/x.tlog.size' })
  assert.equal((await post(formatAddCheckpoint({ ...request, proof: proof.slice(1) }))).status, 422)
  assert.equal(
    (
      await post(
        Buffer.from(Buffer.from(first).toString('latin1').replaceAll('a.example/log', 'z.example/log'), 'latin1'),
      )
    ).status,
    404,
  )
  const forged = Buffer.from(first)
  forged[forged.length - 10] = (forged.at(-10) ?? 0) === 65 ? 66 : 65
  assert.equal((await post(forged)).status, 403)
  const accepted = await post(first)
  assert.equal(accepted.status, 200)
  assert.equal(accepted.body.trimEnd().split('\n').length, 2)
  const hash = sha256(Buffer.from('a.example/log')).toHex()
  const shown = await b.app.inject({ url: `/witness/${hash}/checkpoint` })
  assert.equal(parseCheckpoint(parseNote(shown.rawPayload).text).size, head.size)
  assert.equal(
    (await post(formatAddCheckpoint({ ...request, old: head.size, proof: [] }))).status,
    200,
    'again, for the time',
  )
  await world.quiesce()
})

/** The newest head of `a` with these lines of its own keys, by type, as a request that follows `old`. */
async function headWith(a: WorldMember, old: number, types: readonly number[]): Promise<Buffer> {
  const head = await headOf(a, 'a.example/log')
  const { text } = parseNote(head.checkpoint)
  const { signers } = logKeys('a.example/log', a.seeds.log)
  const lines = types.flatMap((type) => signers.filter((each) => each.type === type).map((each) => each.sign(text)))
  const proof = await storedConsistencyProof(a.store, 1, old, head.size)
  return Buffer.from(formatAddCheckpoint({ old, proof, checkpoint: formatNote(text, lines) }))
}

test('of a peer nothing is cosigned that evidence of a fork could not show, and no line of a head is lost again', async () => {
  const { world, a, b } = await three()
  await using _ = world
  await say(a, 3)
  const { size: old } = await headOf(b, 'a.example/log')
  const { size } = await headOf(a, 'a.example/log')
  const { ed25519, mldsa44 } = SIGNATURE_TYPE
  const post = async (payload: Buffer): Promise<[number, string]> => {
    const answer = await b.app.inject({ method: 'POST', url: '/witness/add-checkpoint', payload })
    return [answer.statusCode, String(answer.headers['content-type'])]
  }
  const plain = 'text/plain; charset=utf-8'
  assert.deepEqual(await post(await headWith(a, old, [mldsa44])), [403, plain])
  assert.deepEqual(await post(await headWith(a, old, [ed25519, mldsa44])), [200, plain])
  assert.deepEqual(await post(await headWith(a, size, [ed25519])), [200, plain])
  const shown = await b.app.inject({ url: `/witness/${sha256(Buffer.from('a.example/log')).toHex()}/checkpoint` })
  const { signatures } = parseNote(shown.rawPayload)
  assert.deepEqual(
    signatures.map(({ name }) => name),
    ['a.example/log', 'a.example/log', 'b.example/witness', 'b.example/witness'],
  )
  assert.equal(new Set(signatures.map(({ keyId }) => keyId)).size, 4)
  const often = Array.from({ length: LIMITS.noteSignaturesMax }, () => ed25519)
  assert.deepEqual(await post(await headWith(a, size, often)), [200, plain], 'one line of a key is enough')
})

test('add-checkpoint reads a body of whatever type, and answers in plain text where it is too large, too', async () => {
  const { world, b } = await three()
  await using _ = world
  for (const type of ['', 'nonsense', 'application/json', 'text/plain'])
    for (const [bytes, status] of [
      [10, 400],
      [300_000, 413],
    ] as const) {
      const headers = { 'content-type': type }
      const payload = Buffer.alloc(bytes, 'a')
      const answer = await b.app.inject({ method: 'POST', url: '/witness/add-checkpoint', headers, payload })
      assert.deepEqual([answer.statusCode, answer.headers['content-type']], [status, 'text/plain; charset=utf-8'], type)
      assert.match(answer.body, /^[^{]+\n$/)
    }
})

test('two histories for two peers are found by comparing, proven to anybody, and the log is frozen everywhere', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  await world.pass(120_000)
  const twin = await world.twin('a.example', 'twin.example')
  world.network.reroute = (from, host) => (from === 'c.example' && host === 'a.example' ? 'twin.example' : host)
  await say(a, 4)
  await say(twin, 5)
  await b.federation.pullPeer('a.example')
  await c.federation.pullPeer('a.example')
  assert.equal((await headOf(b, 'a.example/log')).size + 1, (await headOf(c, 'a.example/log')).size)
  await world.pass(120_000)
  await b.federation.pullPeer('c.example').catch(() => {})
  await c.federation.pullPeer('b.example').catch(() => {})
  await world.pass(120_000)
  await b.federation.pullPeer('c.example').catch(() => {})
  await c.federation.pullPeer('b.example').catch(() => {})
  for (const member of [b, c]) {
    const { items } = await world.api<{ items: EvidenceView[] }>(member, 'GET', '/evidence')
    assert.ok(items.length > 0, `${member.name} knows of the fork`)
    const verdict = judgeEvidence(parseEvidence(Buffer.from(items[0]?.file ?? '')))
    assert.ok(verdict.ok && verdict.origin === 'a.example/log')
    const { items: peers } = await world.api<{ items: { member: string; stopped?: string }[] }>(member, 'GET', '/peers')
    assert.match(peers.find((peer) => peer.member === 'a.example')?.stopped ?? '', /cannot both be true/)
    await assert.rejects(member.federation.pullPeer('a.example'), { code: 'log.fork' })
  }
})

test('proof of a fork goes from peer to peer to all who know that log', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  const d = await world.add('d.example')
  for (const other of [a, c]) await world.introduce(d, other)
  await world.quiesce()
  const twin = await world.twin('a.example', 'twin.example')
  await say(a, 2)
  await b.federation.pullPeer('a.example')
  world.network.reroute = (from, host) => (from === 'b.example' && host === 'a.example' ? 'twin.example' : host)
  await say(twin, 300)
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'log.fork' })
  world.network.cut.add('a.example c.example').add('a.example d.example')
  for (let n = 0; n < 3; n += 1) {
    await world.pass(2000)
    for (const member of [c, d]) while ((await member.jobs.tick()) > 0) continue
    await c.federation.pullPeer('b.example')
    await d.federation.pullPeer('c.example')
  }
  await a.federation.pullPeer('b.example').catch(() => {})
  const known = async (member: WorldMember): Promise<unknown[]> => {
    const { items } = await world.api<{ items: EvidenceView[] }>(member, 'GET', '/evidence')
    return items.map(({ member: accused, origin, source }) => [accused, origin, source])
  }
  assert.deepEqual(await known(d), [['a.example', 'a.example/log', 'c.example']])
  assert.deepEqual(await known(a), [['a.example', 'a.example/log', 'b.example']], 'also to whom it accuses')
})

test('who found a fork and lost its disk knows of it again with its own log, before anybody tells it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  const twin = await world.twin('a.example', 'twin.example')
  await say(a, 2)
  await b.federation.pullPeer('a.example')
  const backup = world.backUp('b.example', 'backup')
  world.network.reroute = (from, host) => (from === 'b.example' && host === 'a.example' ? 'twin.example' : host)
  await say(twin, 300)
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'log.fork' })
  await world.pass(2000)
  await c.federation.pullPeer('b.example')
  world.network.reroute = (_from, host) => host
  const restored = await world.restore('b.example', backup)
  world.network.cut.add('a.example b.example')
  await world.api(restored, 'POST', '/log/resume')
  const { items } = await world.api<{ items: EvidenceView[] }>(restored, 'GET', '/evidence')
  assert.deepEqual(
    items.map(({ origin, source }) => ({ origin, source })),
    [{ origin: 'a.example/log', source: 'found here' }],
  )
  await assert.rejects(restored.federation.pullPeer('a.example'), { code: 'log.fork' })
})

test('a witness that signs without looking hides nothing: its line counts once, and the honest compare', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  const d = await world.add('d.example')
  for (const other of [a, b, c]) await world.introduce(d, other)
  await world.quiesce()
  await world.pass(120_000)
  const twin = await world.twin('a.example', 'twin.example')
  world.network.reroute = (from, host) => (from === 'd.example' && host === 'a.example' ? 'twin.example' : host)
  world.network.cut.add('a.example b.example')
  const careless = witnessKeys('b.example/witness', b.seeds.witness)
  world.network.meddle = (path, response) => {
    if (path !== '/log/checkpoint' || response.status !== 200) return response
    const note = parseNote(response.body)
    if (!note.text.startsWith('a.example/log\n')) return response
    const lines = careless.map((each) => each.cosign(note.text, Math.floor(world.clock.nowMs() / 1000)))
    return { ...response, body: Buffer.concat([response.body, ...lines.map((line) => Buffer.from(`${line}\n`))]) }
  }
  await say(a, 4)
  await say(twin, 5)
  await c.federation.pullPeer('a.example')
  await d.federation.pullPeer('a.example')
  for (const holder of [c, d]) {
    const shown = await headOf(holder, 'a.example/log')
    assert.match(
      Buffer.from(shown.checkpoint).toString('utf8'),
      /b\.example\/witness/,
      'both histories carry its lines',
    )
  }
  const trust = await world.api<TrustView>(a, 'GET', '/trust')
  assert.ok(!trust.enough, 'one witness with two keys is one witness')
  for (let n = 0; n < 2; n += 1) {
    await world.pass(120_000)
    await c.federation.pullPeer('d.example').catch(() => {})
    await d.federation.pullPeer('c.example').catch(() => {})
  }
  for (const member of [c, d]) {
    const { items } = await world.api<{ items: EvidenceView[] }>(member, 'GET', '/evidence')
    assert.ok(
      items.some(({ file }) => judgeEvidence(parseEvidence(Buffer.from(file))).ok),
      `${member.name} has proof`,
    )
  }
})

test('evidence that was touched proves nothing', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b } = await three(folder.path)
  await using _ = world
  const twin = await world.twin('a.example', 'twin.example')
  await say(a, 2)
  await b.federation.pullPeer('a.example')
  world.network.reroute = (_from, host) => (host === 'a.example' ? 'twin.example' : host)
  await say(twin, 300)
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'log.fork' })
  const { items } = await world.api<{ items: EvidenceView[] }>(b, 'GET', '/evidence')
  const evidence = parseEvidence(Buffer.from(items[0]?.file ?? ''))
  assert.ok(judgeEvidence(evidence).ok)
  assert.ok(!judgeEvidence({ ...evidence, older: evidence.newer, newer: evidence.older }).ok)
  assert.ok(!judgeEvidence({ ...evidence, older: evidence.newer }).ok)
  assert.ok(!judgeEvidence({ ...evidence, left: evidence.left.slice(1) }).ok)
  assert.ok(!judgeEvidence({ ...evidence, right: [...evidence.right].reverse() }).ok)
  assert.ok(!judgeEvidence({ ...evidence, vkeys: b.identity.vkeys }).ok)
  for (let i = 0; i < 160; i += 3) {
    const newer = Uint8Array.from(evidence.newer)
    newer[i] = (newer[i] ?? 0) ^ 1
    const verdict = judgeEvidence({ ...evidence, newer })
    assert.ok(!verdict.ok, `byte ${i}`)
  }
})

test('a fork that is told again in other words is the same, and stops nobody whom people approved since', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b, c } = await three(folder.path)
  await using _ = world
  const twin = await world.twin('a.example', 'twin.example')
  await say(a, 2)
  await b.federation.pullPeer('a.example')
  world.network.cut.add('b.example c.example')
  world.network.reroute = (from, host) => (from === 'b.example' && host === 'a.example' ? 'twin.example' : host)
  await say(twin, 300)
  await assert.rejects(b.federation.pullPeer('a.example'), { code: 'log.fork' })
  world.network.reroute = (_from, host) => host
  await world.api(b, 'POST', '/peers/a.example/approve', {})
  const evidence = async (): Promise<EvidenceView[]> =>
    (await world.api<{ items: EvidenceView[] }>(b, 'GET', '/evidence')).items
  const bytes = Buffer.from(JSON.stringify(JSON.parse((await evidence())[0]?.file ?? '')))
  assert.equal(await c.store.write(recordFork, { bytes, member: 'a.example', origin: 'a.example/log' }), true)
  world.network.cut.clear()
  await world.pass(2000)
  await b.federation.pullPeer('c.example')
  const told = await b.store.get(`SELECT 1 FROM statement WHERE kind = 'evidence' AND log <> 1`)
  assert.ok(told !== undefined, 'it came')
  assert.deepEqual(
    (await evidence()).map(({ source }) => source),
    ['found here'],
  )
  assert.equal((await findPeer(b.store, 'a.example'))?.stopped, null)
})

test('evidence of a fork of our own log that our keys did not sign alarms nobody', async () => {
  const { world, a, b } = await three()
  await using _ = world
  const { signers, vkeys } = logKeys('a.example/log', b.seeds.log)
  const [older, newer] = [1, 2].map((n) =>
    signCheckpoint({ origin: 'a.example/log', size: 5, root: new Uint8Array(32).fill(n) }, signers),
  )
  assert.ok(older !== undefined && newer !== undefined)
  const bytes = formatEvidence({ vkeys, older, newer, left: [], right: [] })
  assert.ok(judgeEvidence(parseEvidence(bytes)).ok)
  await b.store.write(recordFork, { bytes, member: 'nobody.example', origin: 'a.example/log' })
  await world.pass(2000)
  await a.federation.pullPeer('b.example')
  assert.ok((await a.store.get(`SELECT 1 FROM statement WHERE kind = 'evidence'`)) !== undefined, 'it came')
  assert.deepEqual(await alarmsBy(world, a, 'peer:b.example'), [])
})

test('lines for a head that is not ours are refused, and people are told', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a, b } = await three(folder.path)
  await using _ = world
  const twin = await world.twin('a.example', 'twin.example')
  await say(twin, 7)
  world.network.reroute = (from, host) => (from === 'b.example' && host === 'a.example' ? 'twin.example' : host)
  await b.federation.pullPeer('a.example')
  world.network.reroute = (_from, host) => host
  const document = JSON.parse((await a.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  const note = (await b.store.get<{ note: Uint8Array }>(`SELECT note FROM witnessed WHERE origin = 'a.example/log'`))
    ?.note
  await assert.rejects(
    b.federation.caller.call(document, {
      method: 'POST',
      url: 'http://a.example/peer/cosignature',
      body: note ?? new Uint8Array(0),
      contentType: 'text/plain',
    }),
    /not its own/,
  )
  const deeds = await world.api<{ items: { action: string }[] }>(a, 'GET', '/audit?limit=20')
  assert.ok(deeds.items.some((deed) => deed.action === 'log.alarm'))
})

test('a head of ours that our keys did not sign, and lines that do not hold, are refused and alarm nobody', async () => {
  const { world, a, b } = await three()
  await using _ = world
  const document = JSON.parse((await a.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  const text = formatCheckpoint({ origin: 'a.example/log', size: 900, root: sha256(Buffer.from('made up')) })
  const post = (path: string, contentType: string, body: Uint8Array): Promise<unknown> =>
    b.federation.caller.call(document, { method: 'POST', url: `http://a.example/peer/${path}`, body, contentType })
  const { checkpoint } = await headOf(a, 'a.example/log')
  const [line = ''] = parseNote(checkpoint).signatures.map((each) => each.line)
  const heads = [Buffer.from(formatNote(text, [line])).toString('utf8')]
  await assert.rejects(post('heads', 'application/json', Buffer.from(JSON.stringify({ heads }))), /not signed by it/)
  const other = formatCheckpoint({ origin: 'a.example/log', size: 900, root: sha256(Buffer.from('another')) })
  const [theirs = ''] = witnessKeys('b.example/witness', b.seeds.witness).map((each) => each.cosign(other, 1))
  await assert.rejects(post('cosignature', 'text/plain', formatNote(text, [theirs])), /do not hold/)
  const deeds = await world.api<{ items: { action: string }[] }>(a, 'GET', '/audit?action=log.alarm')
  assert.deepEqual(deeds.items, [])
})

test('whoever sends lines for made-up heads fills no audit log, and is asked what it holds once an hour', async () => {
  const { world, a, b } = await three()
  await using _ = world
  const document = JSON.parse((await a.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  let asked = 0
  world.network.watch = ({ url }) => void (url.startsWith('http://b.example/peer/mirror') && (asked += 1))
  let size = 5000
  /** Twenty times, each for another head; what the audit log says of it. */
  const sendLines = async (signers: readonly NoteSigner[]): Promise<Record<string, number>> => {
    const before = (await a.store.get<{ id: number }>('SELECT max(id) AS id FROM audit'))?.id ?? 0
    for (let n = 0; n < 20; n += 1) {
      size += 1
      const text = formatCheckpoint({ origin: 'a.example/log', size, root: new Uint8Array(32) })
      const lines = witnessKeys('b.example/witness', b.seeds.witness).map((each) => each.cosign(text, 1))
      const body = formatNote(text, [...signers.map((each) => each.sign(text)), ...lines])
      const request = { method: 'POST', url: 'http://a.example/peer/cosignature', body } as const
      await assert.rejects(b.federation.caller.call(document, { ...request, contentType: 'text/plain' }), /not its own/)
    }
    const sql = 'SELECT action, count(*) AS n FROM audit WHERE id > ? GROUP BY action'
    const rows = await a.store.all<{ action: string; n: number }>(sql, before)
    return Object.fromEntries(rows.map(({ action, n }) => [action, n]))
  }
  assert.deepEqual(await sendLines([]), { 'peer.refused': 1 }, 'that our keys did not sign')
  assert.deepEqual(await sendLines(logKeys('a.example/log', a.seeds.log).signers), { 'log.alarm': 1 })
  assert.equal(asked, 1)
})

test('of more heads than one message holds each is told in its turn', async () => {
  const { world, b } = await three()
  await using _ = world
  const origin = `printf('%060d/log', value)`
  const line = `'— ' || ${origin} || ' ${Buffer.alloc(68).toString('base64')}'`
  const note = `${origin} || char(10) || 1 || char(10) || '${Buffer.alloc(32).toString('base64')}' || char(10) || char(10) || ${line} || char(10)`
  const many = `FROM json_each('${JSON.stringify(Array.from({ length: 600 }, (_, n) => n))}')`
  await b.store.write(
    tamper,
    `INSERT INTO log (member, origin, size, root, checkpoint)
     SELECT (SELECT member FROM log WHERE id = 2), ${origin}, 1, zeroblob(32), CAST(${note} AS BLOB) ${many}`,
  )
  await b.store.write(tamper, `INSERT INTO follower (origin, member) SELECT ${origin}, 'c.example' ${many}`)
  const statuses: number[] = []
  world.network.meddle = (path, response, host) => {
    if (path === '/peer/heads' && host === 'c.example') statuses.push(response.status)
    return response
  }
  await world.pass(70_000)
  await b.federation.pullPeer('c.example')
  assert.ok(statuses.length > 0 && statuses.every((status) => status === 204), `answered ${statuses.join(' ')}`)
  const told = new Set<string>()
  let last = ''
  for (let n = 0; n < 2; n += 1) {
    const heads = inOneMessage(await headsFor(b.store, 'c.example', last))
    for (const each of heads) told.add(each.origin)
    last = heads.at(-1)?.origin ?? ''
  }
  assert.ok(told.size > 600, `${told.size} were told in two messages`)
})

test('who has more witnesses than a head has room for shows of each its short line first, and is read as before', async () => {
  const { world, a, b } = await three()
  await using _ = world
  const size = (await a.store.get<{ size: number }>('SELECT size FROM log WHERE id = 1'))?.size ?? 0
  const { checkpoint } = await headOf(a, 'a.example/log')
  const { text } = parseNote(checkpoint)
  const random = seededRandom('many witnesses')
  for (let n = 0; n < 40; n += 1)
    for (const [i, key] of witnessKeys(`far${n}.example/witness`, newSignatureSeeds(random)).entries()) {
      const values = [`'far${n}+${i}'`, `'far${n}.example'`, size, 1, `'${key.cosign(text, 1)}'`]
      await a.store.write(
        tamper,
        `INSERT INTO cosignature (key, witness, size, time_sec, line) VALUES (${values.join()})`,
      )
    }
  await b.federation.pullPeer('a.example')
  const shown = await headOf(b, 'a.example/log')
  const names = new Set(parseNote(shown.checkpoint).signatures.map(({ name }) => name))
  assert.equal(parseNote(shown.checkpoint).signatures.length, LIMITS.noteSignaturesMax)
  for (let n = 0; n < 40; n += 1) assert.ok(names.has(`far${n}.example/witness`), `nothing of witness ${n}`)
})

test('a witness that is no peer is sent each head, learns where it was, and its lines count', async () => {
  const { world, a } = await three()
  await using _ = world
  const far = await world.add('far.example')
  const document = JSON.parse((await far.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  const policyOf = (vkeys: readonly string[], log: readonly string[]): string =>
    [
      ...log.map((vkey) => `log ${vkey}`),
      ...vkeys.map((vkey, i) => `witness far${i} ${vkey} ${document.witness?.submission ?? ''}`),
      ...(vkeys.length === 0 ? [] : [`group far any ${vkeys.map((_, i) => `far${i}`).join(' ')}`]),
      vkeys.length === 0 ? 'quorum none' : 'quorum far',
    ].join('\n')
  await world.api(a, 'PUT', '/trust', { text: policyOf(document.witness?.vkeys ?? [], []) })
  await world.pass(5000)
  const [silent] = (await world.api<TrustView>(a, 'GET', '/trust')).silent
  assert.match(silent?.reason ?? '', /answers 404: .+/, 'whoever gives no line is named, with what it says')
  await world.api(far, 'PUT', '/trust', { text: policyOf([], a.identity.vkeys) })
  await world.pass(60_000)
  const { enough, silent: nobody } = await world.api<TrustView>(a, 'GET', '/trust')
  assert.deepEqual([enough, nobody], [true, []])
  await say(a, 700)
  assert.equal((await world.api<TrustView>(a, 'GET', '/trust')).enough, false)
  await world.pass(5000)
  const trust = await world.api<TrustView>(a, 'GET', '/trust')
  assert.deepEqual({ k: trust.k, n: trust.n, enough: trust.enough }, { k: 2, n: 2, enough: true })
})

test('a witness that does not answer holds up no other', async () => {
  const { world, a } = await three()
  await using _ = world
  const { named: far } = await outsider(world, a)
  const [gone = ''] = witnessKeys('gone.example/witness', a.seeds.witness).map((each) => each.vkey)
  const text = `${far}\nwitness gone ${gone} http://gone.example/witness\nquorum far`
  await world.api(a, 'PUT', '/trust', { text })
  await world.pass(600_000)
  await say(a, 700)
  await world.pass(5000)
  const { enough, silent } = await world.api<TrustView>(a, 'GET', '/trust')
  assert.deepEqual([enough, silent.map(({ url }) => url)], [true, ['http://gone.example/witness']])
})

test('a witness that did not answer is asked again where the clock was set back since', async () => {
  const { world, a } = await three()
  await using _ = world
  const { named } = await outsider(world, a)
  world.network.cut.add('a.example far.example')
  await world.api(a, 'PUT', '/trust', { text: `${named}\nquorum far` })
  await world.pass(600_000)
  world.network.cut.clear()
  world.clock.advance(-30 * 24 * 3_600_000)
  await say(a, 700)
  await world.pass(10_000)
  assert.equal((await world.api<TrustView>(a, 'GET', '/trust')).enough, true)
})

/** A witness of `a` that is no peer, and the line of a trust policy that names it. */
async function outsider(
  world: World,
  a: WorldMember,
): Promise<{ readonly far: WorldMember; readonly named: string; readonly url: string }> {
  const far = await world.add('far.example')
  const logs = a.identity.vkeys.map((vkey) => `log ${vkey}`)
  await world.api(far, 'PUT', '/trust', { text: [...logs, 'quorum none'].join('\n') })
  const document = JSON.parse((await far.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  const { submission: url, vkeys } = document.witness ?? { submission: '', vkeys: [] }
  return { far, named: `witness far ${vkeys[0] ?? ''} ${url}`, url }
}

/** A witness that is no peer, and has cosigned `said` statements that a copy of a.example made behind its back. */
async function misledWitness(world: World, a: WorldMember, said: number): Promise<{ policy: string; url: string }> {
  const { far, named, url } = await outsider(world, a)
  const twin = await world.twin('a.example', 'twin.example')
  await say(twin, said)
  const { checkpoint } = await headOf(twin, 'a.example/log')
  const payload = Buffer.from(formatAddCheckpoint({ old: 0, proof: [], checkpoint }))
  const answer = await far.app.inject({ method: 'POST', url: '/witness/add-checkpoint', payload })
  assert.equal(answer.statusCode, 200)
  return { policy: `${named}\nquorum far`, url }
}

type Alarm = { readonly action: string; readonly actor: string; readonly detail: { readonly reason?: string } }

async function alarmsBy(world: World, member: WorldMember, actor: string): Promise<string[]> {
  const { items } = await world.api<{ items: Alarm[] }>(member, 'GET', '/audit?action=log.alarm')
  return items.filter((each) => each.actor === actor).map(({ detail }) => detail.reason ?? '')
}

test('a witness that is no peer and has seen more of this log than there is raises an alarm, once', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a } = await three(folder.path)
  await using _ = world
  const { policy, url } = await misledWitness(world, a, 20)
  await world.api(a, 'PUT', '/trust', { text: policy })
  await world.pass(5000)
  await say(a, 40)
  await world.pass(120_000)
  const alarms = await alarmsBy(world, a, `witness:${url}`)
  assert.equal(alarms.length, 1, 'asked more often, told of once')
  assert.match(alarms[0] ?? '', /has seen \d+ statements of this log/)
  const { needs } = await world.api<HomeView>(a, 'GET', '/home')
  const waiting = needs.filter(({ kind }) => kind === 'alarm')
  assert.deepEqual(
    waiting.map(({ about, count }) => [about, count]),
    [[url, 1]],
    'and it waits for a person',
  )
  assert.equal((await world.api<TrustView>(a, 'GET', '/trust')).enough, false)
})

test('a witness whose head is shorter than ours and no beginning of it raises the alarm, too', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a } = await three(folder.path)
  await using _ = world
  const { policy, url } = await misledWitness(world, a, 2)
  await say(a, 40)
  await world.api(a, 'PUT', '/trust', { text: policy })
  await world.pass(5000)
  assert.match((await alarmsBy(world, a, `witness:${url}`))[0] ?? '', /has seen another history/)
})

test('a witness that answers as before 2026-07, 409 with the size it was sent, has seen another history, too', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-fork-`)
  const { world, a } = await three(folder.path)
  await using _ = world
  const { policy, url } = await misledWitness(world, a, 40)
  await say(a, 40)
  const { size } = await headOf(a, 'a.example/log')
  const answers: string[] = []
  world.network.meddle = (path, response) => {
    if (path !== '/witness/add-checkpoint') return response
    answers.push(`${response.status} ${Buffer.from(response.body).toString('utf8').trim()}`)
    return response.status === 422 ? { ...response, status: 409, body: Buffer.from(`${size}\n`) } : response
  }
  await world.api(a, 'PUT', '/trust', { text: policy })
  await world.pass(5000)
  assert.deepEqual([answers[0], answers[1]?.slice(0, 3)], [`409 ${size}`, '422'], 'what it says of the same size')
  assert.match((await alarmsBy(world, a, `witness:${url}`))[0] ?? '', /has seen another history/)
})

for (const [how, said] of [
  ['first', ['newest']],
  ['when it is asked again', ['sent', 'newest']],
] as const)
  test(`a witness that somebody else gave a newer head meanwhile, and says so ${how}, raises no alarm`, async () => {
    const { world, a } = await three()
    await using _ = world
    const { named } = await outsider(world, a)
    const { size } = await headOf(a, 'a.example/log')
    let newest = size
    const grow = async (): Promise<void> => {
      await say(a, 2)
      while (newest === size) {
        await setImmediate()
        newest = (await headOf(a, 'a.example/log')).size
      }
    }
    const answers: number[] = []
    world.network.weather = { ...CALM, delayMs: 1000 }
    world.network.meddle = (path, response) => {
      const next = path === '/witness/add-checkpoint' ? said[answers.length] : undefined
      if (next === undefined) return response
      answers.push(next === 'sent' ? size : newest)
      return { ...response, status: 409, body: Buffer.from(`${answers.at(-1)}\n`) }
    }
    world.network.watch = ({ url }) => {
      if (url.endsWith('/witness/add-checkpoint') && newest === size) void grow()
    }
    await world.api(a, 'PUT', '/trust', { text: `${named}\nquorum far` })
    await world.pass(600_000)
    assert.equal(answers.length, said.length)
    assert.ok((answers.at(-1) ?? 0) > size, `${answers.join()} of ${size}`)
    const { items } = await world.api<{ items: Alarm[] }>(a, 'GET', '/audit?action=log.alarm')
    assert.deepEqual(items, [])
    assert.equal((await world.api<TrustView>(a, 'GET', '/trust')).enough, true)
  })

test('who has something is confirmed by asking for what comes behind it, and silent until then', async () => {
  const { world, a, b } = await three()
  await using _ = world
  await world.api(a, 'POST', '/collections', {
    title: 'Open',
    alias: 'open',
    share: 'peers',
    marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
  })
  world.network.cut.add('a.example c.example')
  const id = 'identity--00000000-0000-4000-8000-000000000001'
  const time = '2026-01-01T00:00:00.000Z'
  await a.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${'0'.repeat(64)}`,
    headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({ type: 'identity', spec_version: '2.1', id, created: time, modified: time, name: 'x' }),
  })
  await world.pass(4000)
  await b.federation.pullPeer('a.example')
  const record = await world.api<RecordDetail>(a, 'GET', `/records/${id}`)
  const has = Object.fromEntries(record.versions[0]?.recipients.map((each) => [each.member, each.confirmed]) ?? [])
  assert.deepEqual(has, { 'b.example': true, 'c.example': false })
  const given = await world.api<GivenPage>(a, 'GET', '/peers/c.example/given')
  assert.deepEqual(
    given.items.map(({ seq, reason, confirmed }) => ({ seq, reason, confirmed })),
    [{ seq: 1, reason: 'new', confirmed: false }],
  )
  const taken = await world.api<TakenPage>(b, 'GET', '/peers/a.example/taken')
  assert.deepEqual(
    taken.items.map(({ kind, records }) => ({ kind, records })),
    [{ kind: 'records.put', records: 1 }],
  )
  await world.quiesce()
  assert.equal((await world.api<GivenPage>(a, 'GET', '/peers/c.example/given')).confirmed, 1)
})
