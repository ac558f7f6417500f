// Keys change and nothing else does: peers follow by the log alone, also those that were away, and what an earlier key
// signed stays checkable under that key.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { generateSeed } from '#kernel/key.ts'
import { logKeys, newSignatureSeeds, type Seeds } from '#kernel/key-file.ts'
import { signCheckpoint } from '#kernel/log/checkpoint.ts'
import { loadLogKeys, openHistoric } from '#kernel/log/key-history.ts'
import { parseNote, parseVkey } from '#kernel/note.ts'
import { findPeer, type Peer } from '#federation/peers.ts'
import { seededRandom } from '#test/store.ts'
import { chain, finds, publish, pull, stage, type Stage } from './stage.ts'
import { tamper, type World, type WorldMember } from './world.ts'

const DAY_MS = 24 * 3600 * 1000
const OVERLAP_MS = 7 * DAY_MS
const random = seededRandom('rotation')

/** Days go by at once; what waits for them is done in the seconds after. */
async function later(world: World, ms: number): Promise<void> {
  for (const part of [ms, 3600_000 + 1000]) {
    world.clock.advance(part)
    await world.pass(1000)
  }
}

const known = async (at: WorldMember): Promise<Peer> => (await findPeer(at.store, 'a.example')) as Peer
const headKeys = async (at: WorldMember): Promise<number[]> => {
  const row = await at.store.get<{ checkpoint: Uint8Array }>('SELECT checkpoint FROM log WHERE id = 1')
  return parseNote(row?.checkpoint ?? new Uint8Array(0)).signatures.map(({ keyId }) => keyId)
}
const idsOf = (seeds: Seeds['log']): number[] =>
  logKeys('a.example/log', seeds).vkeys.map((vkey) => parseVkey(vkey).keyId)

const newLog = ({ log }: Seeds): Seeds['log'] => ({
  ...newSignatureSeeds(random),
  outgoing: { ed25519: log.ed25519, mlDsa44: log.mlDsa44, overlapMs: OVERLAP_MS },
})

test('during the overlap both keys sign, a peer that is there follows, and then the old one is gone', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await stage('rotation', { folder: folder.path })
  const { world, a, b } = place
  await publish(world, a, 'before')
  await world.quiesce()
  const seeds = { ...a.seeds, log: newLog(a.seeds) }
  const old = idsOf(a.seeds.log)
  const during = await world.rekey('a.example', seeds)
  await publish(world, during, 'during')
  assert.deepEqual((await headKeys(during)).toSorted(), [...old, ...idsOf(seeds.log)].toSorted())
  await world.quiesce()
  assert.equal((await known(b)).document.log.vkeys.length, 4)
  assert.equal(await finds(world, b, 'during'), 1)
  await later(world, OVERLAP_MS)
  await publish(world, during, 'after')
  assert.deepEqual((await headKeys(during)).toSorted(), idsOf(seeds.log).toSorted())
  await world.quiesce()
  assert.equal((await known(b)).document.log.vkeys.length, 2)
  assert.equal(await finds(world, b, 'after'), 1)
})

/** The two exchanged a word; since then neither reaches the other. */
async function apart(folder: string): Promise<Stage> {
  const place = await stage('rotation', { folder })
  await publish(place.world, place.a, 'before')
  await place.world.quiesce()
  place.world.network.cut.add('a.example b.example')
  return place
}

test('a peer that was away for the whole overlap follows by the steps in the log', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await apart(folder.path)
  const { world, a, b } = place
  let { seeds } = a
  for (let turn = 0; turn < 3; turn += 1) {
    seeds = { ...seeds, log: newLog(seeds) }
    const during = await world.rekey('a.example', seeds)
    await publish(world, during, `turn${turn}`)
    await later(world, OVERLAP_MS)
    seeds = { ...seeds, log: { ed25519: seeds.log.ed25519, mlDsa44: seeds.log.mlDsa44 } }
    await publish(world, await world.rekey('a.example', seeds), `end${turn}`)
  }
  assert.equal((await known(b)).document.version, 1)
  world.network.cut.clear()
  await b.federation.pullPeer('a.example')
  const peer = await known(b)
  assert.deepEqual(peer.document.log.vkeys, logKeys('a.example/log', seeds.log).vkeys)
  assert.equal(peer.stopped, null)
  for (const word of ['before', 'turn0', 'end2']) assert.equal(await finds(world, b, word), 1, word)
})

test('keys announced just before the node ended are a step as any, though the overlap was over when it began again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await apart(folder.path)
  const { world, a, b } = place
  const during = await world.rekey('a.example', { ...a.seeds, log: newLog(a.seeds) })
  // It ended before the head was kept that proves the document.
  await during.store.write(tamper, 'UPDATE node_document SET checkpoint = NULL WHERE version = 2')
  await during.federation[Symbol.asyncDispose]()
  world.clock.advance(OVERLAP_MS + 3600_000)
  const after = await world.move('a.example', 'a.example')
  await publish(world, after, 'after')
  await world.quiesce()
  assert.equal((await known(b)).stopped, null)
  assert.equal(await finds(world, b, 'after'), 1)
})

test('what was passed on under keys that were not known yet is asked for again once they are', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await chain('passed on', { folder: folder.path })
  const { world, a, b, c } = place
  await publish(world, a, 'before', 'energy')
  await world.quiesce()
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  world.network.cut.add('a.example c.example')
  const after = await world.rekey('a.example', { ...a.seeds, log: newLog(a.seeds) })
  await world.pass(1000)
  await later(world, OVERLAP_MS)
  await publish(world, after, 'turbine', 'energy')
  await pull(b)
  await pull(c, 'b.example')
  assert.deepEqual([await finds(world, b, 'turbine'), await finds(world, c, 'turbine')], [1, 0])
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 1)
})

test('a head is good under the keys of its size, and a key that was put away signs nothing more', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await stage('rotation', { folder: folder.path })
  const { world, a, b } = place
  await world.quiesce()
  const first = await b.store.get<{ checkpoint: Uint8Array; log: number }>(
    `SELECT l.checkpoint, l.id AS log FROM log l WHERE l.origin = 'a.example/log'`,
  )
  const seeds = { ...a.seeds, log: newLog(a.seeds) }
  const during = await world.rekey('a.example', seeds)
  await later(world, OVERLAP_MS)
  await publish(world, during, 'after')
  await world.quiesce()
  const keys = await loadLogKeys(b.store, first?.log ?? 0)
  assert.equal(keys.length, 4)
  assert.ok(openHistoric(first?.checkpoint ?? new Uint8Array(0), keys).ok, 'what the old key signed then holds')
  // The thief of the old key shows a longer log under it.
  const { signers } = logKeys('a.example/log', a.seeds.log)
  const forged = signCheckpoint({ origin: 'a.example/log', size: 1000, root: new Uint8Array(32) }, signers)
  assert.ok(!openHistoric(forged, keys).ok)
  world.network.meddle = (path, response) =>
    path.startsWith('/log/checkpoint') ? { ...response, status: 200, body: forged } : response
  await assert.rejects(b.federation.pullPeer('a.example'), /not signed by its log/)
})

test('http and witness keys change without a request or a line that is refused', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await stage('rotation', { folder: folder.path })
  const { world, a, b } = place
  await world.quiesce()
  const { http, witness } = a.seeds
  const seeds: Seeds = {
    ...a.seeds,
    http: { ed25519: generateSeed(random), generation: 2, outgoing: { ...http, overlapMs: OVERLAP_MS } },
    witness: { ...newSignatureSeeds(random), outgoing: { ...witness, overlapMs: OVERLAP_MS } },
  }
  const during = await world.rekey('a.example', seeds)
  const used = new Set<string>()
  world.network.watch = ({ url, headers }) => {
    const key = /keyid="a\.example#([^"]+)"/.exec(headers['signature-input'] ?? '')?.[1]
    if (key !== undefined && url.includes('b.example')) used.add(key)
  }
  await world.quiesce()
  await during.federation.pullPeer('b.example')
  assert.deepEqual([...used], ['http-1'], 'peers learn the new key before it signs')
  assert.equal((await known(b)).document.http.length, 2)
  assert.equal((await known(b)).document.witness?.vkeys.length, 4)
  await later(world, OVERLAP_MS * 0.75)
  used.clear()
  await during.federation.pullPeer('b.example')
  assert.deepEqual([...used], ['http-2'])
  await later(world, OVERLAP_MS)
  await world.quiesce()
  await during.federation.pullPeer('b.example')
  assert.deepEqual(
    (await known(b)).document.http.map(({ kid }) => kid),
    ['http-2'],
  )
  assert.equal((await known(b)).document.witness?.vkeys.length, 2)
  assert.ok(!b.logLines.some((line) => line.includes('witness lines')), 'no line was refused')
})

test('a peer that shows other keys without proof is refused, shown, and stays what it was', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await stage('rotation', { folder: folder.path })
  const { world, a, b } = place
  await publish(world, a, 'before')
  await world.quiesce()
  // Its keys are simply other ones from one day to the next: the machine refuses to start on such a folder, so the enemy
  // answers in its place, with a log and a document of its own.
  const enemy = await world.add('enemy.example')
  const document = JSON.parse((await enemy.app.inject({ url: '/.well-known/comity' })).body)
  const theirs = logKeys('a.example/log', enemy.seeds.log).vkeys
  world.network.meddle = (path, response) => {
    if (path === '/.well-known/comity' && response.status === 200) {
      const shown = JSON.parse(Buffer.from(response.body).toString()) as { log: object; version: number }
      const forged = { ...shown, log: { ...shown.log, vkeys: theirs }, version: shown.version + 1 }
      return { ...response, body: Buffer.from(JSON.stringify(forged)) }
    }
    if (path === '/log/checkpoint') return { ...response, headers: { ...response.headers, 'comity-node': '2' } }
    return response
  }
  assert.equal(document.member, 'enemy.example')
  await assert.rejects(b.federation.pullPeer('a.example'), /not proven/)
  const [peer] = (await world.api<{ items: { member: string; lastError?: string }[] }>(b, 'GET', '/peers')).items
  assert.match(peer?.lastError ?? '', /not proven/)
  assert.deepEqual((await known(b)).document.log.vkeys, logKeys('a.example/log', a.seeds.log).vkeys)
  world.network.meddle = (_path, response) => response
  await b.federation.pullPeer('a.example')
  assert.equal(await finds(world, b, 'before'), 1)
})

test('keys that do not follow on those of the log start nothing', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-rotation-`)
  await using place = await stage('rotation', { folder: folder.path })
  const { world, a } = place
  const other = { ...a.seeds, log: newSignatureSeeds(random) }
  await assert.rejects(world.rekey('a.example', other), { code: 'config.invalid', message: /do not belong/ })
})
