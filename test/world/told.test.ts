// What is given is committed to: a recipient is shown its own head among all, notices what is withheld or rewritten, and can
// show it to others, who need nothing but the file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeDeliveryProof, parseDeliveryProof } from '#kernel/delivery-proof.ts'
import { encodeItem, hashItem } from '#kernel/delivery-item.ts'
import { logKeys } from '#kernel/key-file.ts'
import type { OutboundResponse } from '#kernel/http/outbound.ts'
import { failOnce, finds, publish, pull, say, stage } from './stage.ts'
import { tamper, type World, type WorldMember } from './world.ts'

type PeerView = {
  committed?: number
  received: number
  stopped?: string
  lastError?: string
  doubt?: { kind: string; reason: string; proof: boolean }
}
type Proof = { finding: string; committed?: number; shown?: number; file: string }

const peerOf = (world: World, b: WorldMember): Promise<PeerView> => world.api<PeerView>(b, 'GET', '/peers/a.example')
const proofOf = (world: World, b: WorldMember): Promise<Proof> => world.api<Proof>(b, 'GET', '/peers/a.example/proof')
const judge = (a: WorldMember, { file }: Proof) =>
  judgeDeliveryProof(parseDeliveryProof(Buffer.from(file)), logKeys(a.identity.origin, a.seeds.log).verifiers)
const alarms = async (b: WorldMember): Promise<string[]> =>
  (await b.store.all<{ detail: string }>(`SELECT detail FROM audit WHERE action = 'delivery.alarm' ORDER BY id`)).map(
    ({ detail }) => (JSON.parse(detail) as { kind: string }).kind,
  )
const headsSaid = async (a: WorldMember): Promise<number> =>
  (await a.store.get<{ n: number }>(`SELECT count(*) AS n FROM statement WHERE kind = 'heads'`))?.n ?? 0
const hex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`

/** The frames of an answer, each with its head. */
function framesOf(body: Uint8Array): Buffer[] {
  const bytes = Buffer.from(body)
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    frames.push(bytes.subarray(at, end))
    at = end
  }
  return frames
}
const kindOf = (frame: Buffer): number => frame[4] as number
/** An answer of deliveries with some of its frames changed or left out. */
const meddled = (change: (frame: Buffer) => Buffer | undefined) => (path: string, response: OutboundResponse) =>
  path.startsWith('/peer/deliveries') && response.headers['content-encoding'] === undefined
    ? {
        ...response,
        headers: { ...response.headers, 'comity-page': '' },
        body: Buffer.concat(framesOf(response.body).flatMap((frame) => change(frame) ?? [])),
      }
    : response

test('what was given is committed to within a second, and a still stream is not', async () => {
  const { world, a, b } = await stage('told')
  await using _ = world
  await say(world, a, 'first')
  assert.equal(await pull(b), '')
  assert.deepEqual([(await peerOf(world, b)).committed, (await peerOf(world, b)).received], [1, 1])
  const before = await headsSaid(a)
  await world.pass(120_000)
  assert.equal(await headsSaid(a), before)
  await say(world, a, 'second')
  assert.equal(await headsSaid(a), before + 1)
  assert.equal(await pull(b), '')
  const proof = await proofOf(world, b)
  assert.deepEqual([proof.finding, proof.committed, proof.shown], ['complete', 2, 2])
  assert.ok(judge(a, proof).ok)
  assert.ok(!judge(b, proof).ok, 'under other keys it shows nothing')
  assert.deepEqual(await alarms(b), [])
})

test('heads that could not be logged are logged a little later, and nobody misses them', async () => {
  const { world, a, b } = await stage('no room for heads')
  await using _ = world
  const hasFailed = failOnce(a, 'federation.commit-heads')
  await publish(world, a, 'first')
  for (let round = 0; round < 6; round += 1) {
    await world.pass(20_000)
    assert.equal(await pull(b), '')
  }
  assert.ok(hasFailed())
  assert.equal(await finds(world, b, 'first'), 1)
  const { committed, doubt } = await peerOf(world, b)
  assert.deepEqual([committed, doubt], [1, undefined])
  assert.deepEqual(await alarms(b), [])
})

test('who was removed for a while is shown what was committed to, though nothing new is given', async () => {
  const { world, a, b } = await stage('told', { others: ['b.example', 'c.example'] })
  await using _ = world
  await say(world, a, 'first')
  assert.equal(await pull(b), '')
  await world.api(a, 'DELETE', '/peers/b.example')
  await say(world, a, 'meanwhile')
  await world.api(a, 'PATCH', '/collections/open', { share: 'none' })
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  await world.pass(120_000)
  assert.equal(await pull(b), '')
  const { doubt, committed } = await peerOf(world, b)
  assert.deepEqual([doubt, committed], [undefined, 1])
  assert.deepEqual(await alarms(b), [])
})

test('who was removed for a while before it was given anything misses no proof', async () => {
  const { world, a, b } = await stage('told', { others: ['b.example', 'c.example'] })
  await using _ = world
  const marking = { tlp: 'AMBER', audience: { named: true, communities: [] }, personal: 'none' }
  const forC = { title: 'one', alias: 'one', share: 'named', named: ['c.example'], marking }
  await world.api(a, 'POST', '/collections', forC)
  await say(world, a, 'first', 'one')
  assert.equal(await pull(b), '')
  assert.equal((await peerOf(world, b)).committed, 0)
  await world.api(a, 'DELETE', '/peers/b.example')
  await say(world, a, 'meanwhile', 'one')
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  await world.pass(120_000)
  assert.equal(await pull(b), '')
  assert.deepEqual(await alarms(b), [])
})

test('an item that is committed to and does not come is noticed, proven, and forgiven when it comes', async () => {
  const { world, a, b } = await stage('told')
  await using _ = world
  await say(world, a, 'first')
  await pull(b)
  world.network.meddle = meddled((frame) => (kindOf(frame) === 3 ? frame : undefined))
  await say(world, a, 'withheld')
  assert.equal(await pull(b), '')
  const seen = await peerOf(world, b)
  assert.deepEqual([seen.doubt?.kind, seen.committed, seen.received], ['withheld', 2, 1])
  const proof = await proofOf(world, b)
  const verdict = judge(a, proof)
  assert.ok(verdict.ok && verdict.finding === 'open' && verdict.committed === 2 && verdict.shown === 1)
  await pull(b)
  assert.deepEqual(await alarms(b), ['withheld'], 'it is told once')
  world.network.meddle = (_path, response) => response
  assert.equal(await pull(b), '')
  const after = await peerOf(world, b)
  assert.deepEqual([after.doubt, after.committed, after.received], [undefined, 2, 2])
})

test('a page cut short is no withholding', async () => {
  const { world, a, b } = await stage('told')
  await using _ = world
  await world.network.apart(async () => {
    for (const name of ['one', 'two', 'three']) await say(world, a, name)
  })
  // Each answer ends behind its first item, as where one fills the page, and says what is committed all the same.
  world.network.meddle = (path, response) => {
    let items = 0
    return meddled((frame) => {
      if (kindOf(frame) === 1) items += 1
      return items > 1 && kindOf(frame) !== 3 ? undefined : frame
    })(path, response)
  }
  assert.equal(await pull(b), '')
  assert.deepEqual(await alarms(b), [])
  assert.deepEqual([(await peerOf(world, b)).received, (await peerOf(world, b)).committed], [3, 3])
})

test('a stream that is rewritten behind its recipient’s back is proven to anybody', async () => {
  const { world, a, b } = await stage('told')
  await using _ = world
  await say(world, a, 'first')
  await say(world, a, 'second')
  assert.equal(await pull(b), '')
  // The author puts another second item in the place of the one it gave, and goes on from there.
  const first = (await a.store.get<{ body: Uint8Array }>('SELECT body FROM delivery WHERE seq = 1')) as {
    body: Uint8Array
  }
  const other = encodeItem({ seq: 2, prevHash: hashItem(first.body), indexes: [0], reason: 'new' })
  await a.store.write(tamper, `UPDATE delivery SET body = ${hex(other)} WHERE seq = 2`)
  await a.store.write(tamper, `UPDATE peer SET out_hash = ${hex(hashItem(other))}`)
  await a.store.write(tamper, 'UPDATE heads_state SET due = 1')
  await say(world, a, 'third')
  assert.match(await pull(b), /rewr|stands still/)
  const seen = await peerOf(world, b)
  assert.equal(seen.doubt?.kind, 'rewritten')
  assert.notEqual(seen.stopped, undefined)
  const verdict = judge(a, await proofOf(world, b))
  assert.ok(verdict.ok && verdict.finding === 'rewritten', JSON.stringify(verdict))
  assert.deepEqual(await alarms(b), ['rewritten'])
})

test('a head that goes back is proven too', async () => {
  const { world, a, b } = await stage('told')
  await using _ = world
  await say(world, a, 'first')
  await say(world, a, 'second')
  assert.equal(await pull(b), '')
  const first = (await a.store.get<{ body: Uint8Array }>('SELECT body FROM delivery WHERE seq = 1')) as {
    body: Uint8Array
  }
  await a.store.write(tamper, 'DELETE FROM delivery WHERE seq = 2')
  await a.store.write(tamper, `UPDATE peer SET out_seq = 1, out_hash = ${hex(hashItem(first.body))}`)
  await a.store.write(tamper, 'UPDATE heads_state SET due = 1')
  await a.federation.start()
  await world.pass(3000)
  assert.match(await pull(b), /commits to 1 items|stands still/)
  const verdict = judge(a, await proofOf(world, b))
  assert.ok(verdict.ok && verdict.finding === 'rewritten')
})

test('a proof that is another’s, changed, or left out is not taken', async () => {
  const { world, a, b } = await stage('told', { others: ['b.example', 'c.example'] })
  await using _ = world
  const c = world.members.get('c.example') as WorldMember
  await say(world, a, 'first')
  const heads = new Map<string, Buffer>()
  world.network.arrived = (to, { body, headers }) => {
    if (headers['content-type'] !== 'application/vnd.comity.deliveries') return
    for (const frame of framesOf(body)) if (kindOf(frame) === 3) heads.set(to, frame)
  }
  await pull(b)
  await pull(c)
  const [ofB, ofC] = [heads.get('b.example'), heads.get('c.example')] as [Buffer, Buffer]
  assert.ok(ofB !== undefined && ofC !== undefined && !ofB.equals(ofC))
  const changed = (at: number): Buffer => {
    const frame = Buffer.from(ofB)
    frame[at] = (frame[at] as number) ^ 1
    return frame
  }
  const shorter = Buffer.concat([
    ofB.subarray(0, 5 + 76),
    Buffer.of((ofB[5 + 76] as number) - 1),
    ofB.subarray(5 + 77 + 32),
  ])
  shorter.writeUInt32BE(shorter.length - 4)
  for (const [what, frame] of Object.entries({
    'another recipient’s': ofC,
    'another place': changed(5 + 3),
    'another salt': changed(5 + 4),
    'another count': changed(5 + 43),
    'another item': changed(5 + 44),
    'another path': changed(5 + 77),
    'a shorter path': shorter,
  })) {
    world.network.meddle = meddled((each) => (kindOf(each) === 3 ? frame : each))
    assert.match(await pull(b), /does not hold/, what)
  }
  world.network.meddle = meddled((frame) => (kindOf(frame) === 3 ? undefined : frame))
  assert.equal(await pull(b), '')
  assert.equal((await peerOf(world, b)).doubt, undefined, 'one answer without a proof is no reason')
  await world.pass(61_000)
  assert.equal(await pull(b), '')
  assert.equal((await peerOf(world, b)).doubt?.kind, 'unproven')
  world.network.meddle = (_path, response) => response
  assert.equal(await pull(b), '')
  assert.equal((await peerOf(world, b)).doubt, undefined)
})

test('an older proof in place of the newer one is not taken', async () => {
  const { world, a, b } = await stage('told')
  await using _ = world
  let old: Buffer | undefined
  world.network.arrived = (_to, { body, headers }) => {
    if (headers['content-type'] !== 'application/vnd.comity.deliveries') return
    for (const frame of framesOf(body)) if (kindOf(frame) === 3) old ??= frame
  }
  await say(world, a, 'first')
  await pull(b)
  await say(world, a, 'second')
  await pull(b)
  world.network.meddle = meddled((frame) => (kindOf(frame) === 3 ? old : frame))
  assert.match(await pull(b), /does not hold: it was committed before/)
})

test('nobody learns from it how many others there are, or who', async () => {
  const others = ['b.example', 'c.example', 'd.example', 'e.example', 'f.example']
  const seen = new Map<string, Buffer[]>()
  const { world, a } = await stage('told', { others })
  await using _ = world
  world.network.arrived = (to, { body, headers }) => {
    if (headers['content-type'] !== 'application/vnd.comity.deliveries') return
    for (const frame of framesOf(body)) if (kindOf(frame) === 3) seen.set(to, [...(seen.get(to) ?? []), frame])
  }
  for (const name of ['first', 'second']) {
    await say(world, a, name)
    for (const peer of others) await pull(world.members.get(peer) as WorldMember)
  }
  const lengths = new Set([...seen.values()].flat().map((frame) => frame.length))
  assert.equal(lengths.size, 1, 'every recipient is shown as much as any other')
  const newest = others.map((name) => seen.get(name)?.at(-1) as Buffer)
  const placesOf = (frames: readonly Buffer[]): number[] => frames.map((frame) => frame.readUInt32BE(5))
  assert.equal(new Set(placesOf(newest)).size, others.length, 'each has a place of its own')
  assert.notDeepEqual(placesOf(others.map((name) => seen.get(name)?.[0] as Buffer)), placesOf(newest), 'drawn anew')
  const salts = newest.map((frame) => frame.subarray(9, 41).toString('hex'))
  for (const [n, name] of others.entries()) {
    const shown = (seen.get(name) ?? []).map((frame) => frame.toString('latin1')).join()
    for (const other of others) assert.ok(!shown.includes(other), `${name} is shown the name of ${other}`)
    const hex = Buffer.concat(seen.get(name) ?? []).toString('hex')
    for (const [m, salt] of salts.entries())
      assert.equal(hex.includes(salt), m === n, `${name} has a salt of its own alone`)
  }
  // An outsider who reads the log sees leaves of one size, whatever they say and for whom.
  const bundles = await a.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM log_entries WHERE log = 1')
  for (const { bytes } of bundles) for (let at = 0; at < bytes.length; at += 55) assert.equal(bytes[at + 1], 53)
  const kept = await a.store.get<{ n: number; idx: number }>(
    'SELECT count(*) AS n, count(DISTINCT idx) AS idx FROM head_place',
  )
  assert.deepEqual([kept?.n, kept?.idx], [others.length, 1], 'older salts are gone')
})
