// What was erased is gone: from every file, at its author and at everyone who had it, and it does not come back. What
// stood beside it is still there and can still be proven.
import assert from 'node:assert/strict'
import { globSync, mkdtempDisposableSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { AskedPage, ErasuresPage } from '#federation/erasure/wire.ts'
import { loadParts } from '#kernel/log/statement-store.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { Check } from './check.ts'
import { chain, ENERGY, finds, publishAll } from './stage.ts'
import { tamper, World, type WorldMember } from './world.ts'

type Scene = { readonly world: World; readonly folder: string; readonly a: WorldMember; readonly b: WorldMember }

async function scene(folder: string, seed: string): Promise<Scene> {
  const world = new World(seed, folder)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', {
    title: 'open',
    alias: 'open',
    share: 'peers',
    marking,
    contextMarking: marking,
  })
  return { world, folder, a, b }
}

const idOf = (n: number): string => `indicator--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** What stands in a record and its context; sixteen letters that occur nowhere else. */
type Canary = string
const canaryOf = (world: World): Canary => Buffer.from(world.random(8)).toString('hex')

function indicator(n: number, word: string, version = '2026-01-01T00:00:00.000Z'): object {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: idOf(n),
    created: '2026-01-01T00:00:00.000Z',
    modified: version,
    name: `name ${word}`,
    description: `description ${word}`,
    pattern: `[domain-name:value = '${word}.watched.example' OR url:value = 'https://x.example/${word}']`,
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00.000Z',
  }
}

let sources = 0

async function put({ a }: Pick<Scene, 'a'>, records: readonly object[], contexts: object = {}): Promise<void> {
  const context = Buffer.from(JSON.stringify(contexts))
  sources += 1
  const { body } = await a.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${sources.toString(16).padStart(64, '0')}&contextBytes=${context.length}`,
    headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/octet-stream' },
    payload: Buffer.concat([context, ...records.map((each) => Buffer.from(`${JSON.stringify(each)}\n`))]),
  })
  assert.match(body, new RegExp(`"added":${records.length},`), body)
}

async function erase({ world, a }: Scene, n: number): Promise<void> {
  await world.api(a, 'POST', '/erasures', { id: idOf(n), reason: 'personal-data' })
  await world.quiesce()
}

/** The pieces of a word that stand anywhere in a member's files, compressed or not. */
function piecesIn(folder: string, name: string, word: string): string[] {
  const pieces = Array.from({ length: word.length - 7 }, (_, i) => word.slice(i, i + 8))
  return globSync(`${name}*/**`, { cwd: folder, withFileTypes: true })
    .filter((file) => file.isFile())
    .flatMap((file) => {
      const path = join(file.parentPath, file.name)
      const bytes = readFileSync(path)
      const texts = [bytes, ...unpacked(bytes)].map((each) => each.toString('latin1').toLowerCase())
      return pieces.filter((piece) => texts.some((text) => text.includes(piece))).map((piece) => `${path}: ${piece}`)
    })
}

function unpacked(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (const [magic, unpack] of [
    [Buffer.from('1f8b08', 'hex'), gunzipSync],
    [Buffer.from('28b52ffd', 'hex'), zstdDecompressSync],
  ] as const)
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      try {
        found.push(unpack(bytes.subarray(at)))
      } catch {
        // Four bytes that only look like the beginning of something.
      }
    }
  return found
}

test('what was withdrawn and said again is erased from both statements, at its author and at who received it', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'erase again')
  const { world, a, b } = here
  await using _ = world
  const word = canaryOf(world)
  await put(here, [indicator(1, canaryOf(world)), indicator(7, word)])
  await world.quiesce()
  await world.api(a, 'POST', '/withdrawals', { id: idOf(7), reason: 'sent-in-error' })
  await world.quiesce()
  await put(here, [indicator(7, word), indicator(2, canaryOf(world))])
  await world.quiesce()
  for (const member of [a, b]) assert.ok(piecesIn(folder.path, member.name, word).length > 0, member.name)
  await erase(here, 7)
  for (const member of [a, b]) {
    assert.deepEqual(piecesIn(folder.path, member.name, word), [], member.name)
    assert.deepEqual(await found(here, member, word), 0)
    for (const n of [1, 2])
      assert.equal(
        (await world.api<RecordDetail>(member, 'GET', `/records/${idOf(n)}`)).versions[0]?.proof.verified,
        true,
      )
  }
  await new Check(world).everything()
})

test('no byte of what was erased remains in any file, at its author or at who received it', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'erase bytes')
  const { world, a, b } = here
  const [word, hidden, older] = [canaryOf(world), canaryOf(world), canaryOf(world)]
  {
    await using _ = world
    await world.api(b, 'POST', '/watch', { value: 'watched.example', asset: 'web' })
    await put(
      here,
      Array.from({ length: 40 }, (_each, n) => indicator(1000 + n, canaryOf(world))),
    )
    await put(here, [indicator(7, older, '2025-01-01T00:00:00.000Z')], { [idOf(7)]: { victim: older } })
    const batch = Array.from({ length: 400 }, (_each, n) => indicator(n, n === 7 ? word : canaryOf(world)))
    await put(here, batch, {
      [idOf(7)]: { victim: hidden, contact: `${hidden}@victim.example` },
      [idOf(8)]: { a: 'b' },
    })
    await quoteInStatus(here, word)
    await world.quiesce()
    const seq = await seqOf(b, 7)
    await b.store.write(
      tamper,
      `INSERT INTO quarantine (seq, member, time_ms, reason) VALUES (${seq}, 2, 0, '${word}')`,
    )
    const warned = await b.store.get<{ n: number }>('SELECT count(*) AS n FROM evidence WHERE value LIKE ?', `${word}%`)
    assert.ok((warned?.n ?? 0) > 0, 'a warning holds what was matched')
    for (const member of [a, b])
      for (const each of [word, hidden, older]) assert.ok(piecesIn(folder.path, member.name, each).length > 0)

    await erase(here, 7)
    for (const member of [a, b]) {
      for (const each of [word, hidden, older]) assert.deepEqual(piecesIn(folder.path, member.name, each), [])
      for (const line of member.logLines) for (const each of [word, hidden, older]) assert.ok(!line.includes(each))
      assert.equal((await member.app.inject({ url: `/api/records/${idOf(7)}`, headers: auth(member) })).statusCode, 404)
      assert.deepEqual(await found(here, member, word), 0)
      const { versions } = await world.api<RecordDetail>(member, 'GET', `/records/${idOf(8)}`)
      assert.equal(versions[0]?.proof.verified, true, 'a neighbour is still proven')
      assert.deepEqual(versions[0]?.context?.object, { a: 'b' })
    }
    await new Check(world).everything()
    const [mine] = (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items
    assert.deepEqual(
      mine?.recipients.map(({ member, answer }) => [member, answer]),
      [['b.example', 'erased']],
    )
  }
  for (const each of [word, hidden, older])
    for (const name of ['a.example', 'b.example'])
      assert.deepEqual(piecesIn(folder.path, name, each), [], 'nor after the node has closed')
})

const auth = (member: WorldMember): { authorization: string } => ({ authorization: `Bearer ${member.token}` })

async function seqOf({ store }: WorldMember, n: number): Promise<number> {
  const rows = await store.all<{ seq: number }>(
    `SELECT seq FROM item WHERE instr(CAST(bytes AS TEXT), ?) > 0 ORDER BY seq DESC`,
    idOf(n),
  )
  return rows[0]?.seq as number
}

async function found({ world }: Scene, member: WorldMember, word: string): Promise<number> {
  return (await world.api<{ items: unknown[] }>(member, 'GET', `/search?q=${word}`)).items.length
}

/** A TAXII client sends the same version with other words, and its status quotes both. */
async function quoteInStatus({ world, a }: Scene, word: string): Promise<void> {
  const { secret } = await world.api<{ secret: string }>(a, 'POST', '/clients', {
    name: 'feeder',
    actsFor: 'self',
    grants: [{ collection: 'open', read: true, write: true }],
  })
  const media = 'application/taxii+json;version=2.1'
  const { body } = await a.app.inject({
    method: 'POST',
    url: '/taxii2/api/collections/open/objects/',
    headers: { authorization: `Bearer ${secret}`, accept: media, 'content-type': media },
    payload: JSON.stringify({ objects: [{ ...indicator(7, word), name: `other ${word}` }] }),
  })
  assert.match(body, new RegExp(word))
}

test('the last item of a statement takes header, salts and named recipients with it, unless the header is kept', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'erase header')
  const { world, a, b } = here
  await using _ = world
  await put(here, [indicator(1, 'first')])
  await put(here, [indicator(2, 'second')])
  await world.quiesce()
  await erase(here, 1)
  await world.api(a, 'POST', '/erasures', { id: idOf(2), reason: 'legal', keepHeader: true })
  await world.quiesce()
  for (const member of [a, b]) {
    const rows = await member.store.all<{ seq: number; uuid: string; bytes: number }>(
      `SELECT s.seq, s.uuid, length(s.header) + length(s.header_salt) + length(s.entry_salt) + length(s.part_commits) AS bytes
       FROM statement s JOIN log l ON l.id = s.log WHERE l.origin = 'a.example/log' AND s.kind = 'records.put' ORDER BY s.idx`,
    )
    assert.deepEqual([rows[0]?.uuid, rows[0]?.bytes], ['', 0])
    const kept = await loadParts(member.store, rows[1]?.seq ?? 0)
    assert.ok(kept !== undefined && kept.header.bytes.length > 0)
    assert.deepEqual(kept.content.items, [])
  }
  await new Check(world).everything()
})

test('what was erased does not come back: not to a new peer, not by healing, not said again by somebody else', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'erase returns')
  const { world, a, b } = here
  await using _ = world
  await put(here, [indicator(1, 'doomed-one'), indicator(2, 'neighbour')])
  await put(here, [indicator(3, 'doomed-alone')])
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  await erase(here, 1)
  await erase(here, 3)
  const c = await world.add('c.example')
  await world.introduce(a, c)
  await world.quiesce()
  assert.deepEqual([await found(here, c, 'doomed-one'), await found(here, c, 'neighbour')], [0, 1])
  assert.equal(await found(here, c, 'doomed-alone'), 0)
  const restored = await world.restore('a.example', backup)
  const again = { ...here, a: restored }
  assert.equal(await found(again, restored, 'doomed-one'), 1, 'the backup was made before')
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual([await found(again, restored, 'doomed-one'), await found(again, restored, 'neighbour')], [0, 1])
  assert.equal(await found(again, restored, 'doomed-alone'), 0)
  assert.equal(await found(again, b, 'doomed-one'), 0)
  await new Check(world).everything()
})

test('an erase that reaches a peer before what it is about leaves nothing there', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'erase early')
  const { world, b } = here
  await using _ = world
  await world.quiesce()
  world.network.cut.add('a.example b.example')
  world.network.cut.add('b.example a.example')
  await put(here, [indicator(1, 'doomed'), indicator(2, 'neighbour')])
  await world.api(here.a, 'POST', '/erasures', { id: idOf(1), reason: 'sent-in-error' })
  await world.quiesce()
  assert.deepEqual([await found(here, b, 'doomed'), await found(here, b, 'neighbour')], [0, 1])
  const [mine] = (await world.api<ErasuresPage>(here.a, 'GET', '/erasures')).items
  assert.equal(mine?.recipients[0]?.answer, 'erased')
})

test('a reader that holds an old snapshot delays the end, which comes by itself and is shown', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'erase snapshot')
  const { world, a } = here
  await using _ = world
  const word = canaryOf(world)
  await put(here, [indicator(1, word)])
  await world.quiesce()
  const { DatabaseSync } = await import('node:sqlite')
  const reader = new DatabaseSync(join(folder.path, 'a.example', 'comity.db'), { readOnly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM item').get()
  await erase(here, 1)
  assert.equal((await world.api<ErasuresPage>(a, 'GET', '/erasures')).scrubbing, true)
  assert.notDeepEqual(piecesIn(folder.path, 'a.example', word), [])
  reader.close()
  await world.pass(10_000)
  await world.quiesce()
  assert.equal((await world.api<ErasuresPage>(a, 'GET', '/erasures')).scrubbing, false)
  assert.deepEqual(piecesIn(folder.path, 'a.example', word), [])
})

test('a withdrawal is answered too, and whoever is silent is shown as silent', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-erase-'))
  const here = await scene(folder.path, 'receipts')
  const { world, a, b } = here
  await using _ = world
  await put(here, [indicator(1, 'one')])
  await put(here, [indicator(2, 'two')])
  await world.quiesce()
  await world.api(a, 'POST', '/withdrawals', { id: idOf(1), reason: 'expired' })
  await world.quiesce()
  const asked = await world.api<AskedPage>(b, 'GET', '/erasures/asked')
  assert.deepEqual(
    asked.items.map(({ kind, answer, reason, receipt }) => [kind, answer, reason, receipt]),
    [['withdraw', 'withdrawn', 'expired', true]],
  )
  assert.deepEqual(
    asked.items[0]?.records.map((record) => [record.id, record.name]),
    [[idOf(1), 'name one']],
  )
  const answers = async (n: number): Promise<unknown> =>
    (await world.api<RecordDetail>(a, 'GET', `/records/${idOf(n)}`)).versions[0]?.withdrawal?.answers.map(
      ({ member, answer, received }) => [member, answer, received],
    )
  assert.deepEqual(await answers(1), [['b.example', 'withdrawn', true]])
  await b[Symbol.asyncDispose]()
  world.members.delete('b.example')
  await world.api(a, 'POST', '/erasures', { id: idOf(2), reason: 'legal' })
  const [mine] = (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items
  assert.deepEqual(
    mine?.recipients.map(({ answer, received }) => [answer, received]),
    [['none', false]],
  )
  await put(here, [indicator(3, 'three')])
  await world.api(a, 'POST', '/withdrawals', { id: idOf(3), reason: 'revoked' })
  assert.deepEqual(await answers(3), [['b.example', 'none', false]])
})

test('more of a statement that was erased as far as it was here comes with its header and its proof', async () => {
  await using place = await chain('parts')
  const { world, a, b, c } = place
  const [one, two] = await publishAll(world, a, ['turbine', 'rotor'], 'energy')
  await world.quiesce()
  await world.api(b, 'POST', '/erasures', { id: two, reason: 'legal', onlyHere: true })
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  assert.deepEqual([await finds(world, c, 'turbine'), await finds(world, c, 'rotor')], [1, 0], 'b gives what it kept')
  await world.api(a, 'POST', '/erasures', { id: one, reason: 'personal-data' })
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 0)
  await world.api(a, 'POST', '/peers/c.example/approve', { communities: [ENERGY] })
  await world.quiesce()
  const [version] = (await world.api<RecordDetail>(c, 'GET', `/records/${two}`)).versions
  assert.equal(version?.proof.verified, true)
})
