// What a node that was put back to a backup gave its peers since is missing there: their streams go on all the same, and
// nobody is accused of having rewritten or withheld anything that was lost.
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeItem, FIRST_HASH } from '#kernel/delivery-item.ts'
import { sha256 } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { PeerView } from '#federation/wire.ts'
import { encodeDelivery } from '#federation/frames.ts'
import type { HealedView } from '#federation/heal/wire.ts'
import { scene, say } from './healing.ts'
import { energy, ENERGY, finds, open, publish, pull, stage, type Stage } from './stage.ts'
import { carry } from './stick.ts'
import { tamper, World } from './world.ts'

test('what was committed to and never came is not rewritten by who lost it: it comes as new items', async () => {
  await using place = await scene()
  const { world, a, b } = place
  await say(world, a, 'open', 'before')
  await world.quiesce()
  world.network.meddle = (path, response) =>
    path.startsWith('/peer/deliveries')
      ? { ...response, headers: { ...response.headers, 'comity-page': '' }, body: headsAlone(response.body) }
      : response
  await say(world, a, 'open', 'kept')
  await world.pass(10_000)
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'lost')
  await world.pass(10_000)
  const stand = async (): Promise<{ told: number; came: number } | undefined> =>
    b.store.get(
      `SELECT h.seq AS told, p.stream_seq AS came FROM peer p JOIN head_told h ON h.peer = p.id WHERE p.name = 'a.example'`,
    )
  const before = await stand()
  assert.ok((before?.told ?? 0) >= (before?.came ?? 0) + 2, JSON.stringify(before))
  world.network.meddle = (_path, response) => response
  const restored = await world.network.apart(async () => world.restore('a.example', backup))
  await world.api(restored, 'POST', '/log/resume')
  await say(world, restored, 'open', 'after')
  await world.quiesce()
  assert.deepEqual(
    [await finds(world, b, 'kept'), await finds(world, b, 'lost'), await finds(world, b, 'after')],
    [1, 0, 1],
  )
  const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(b, 'GET', '/peers')
  assert.equal(items.find(({ member }) => member === 'a.example')?.stopped, undefined)
  assert.deepEqual(await b.store.all('SELECT kind FROM stream_doubt'), [])
})

test('what was committed to and never came is not rewritten by who heard by a bundle where it stands', async () => {
  await using place = await scene()
  const { world, a, b } = place
  await say(world, a, 'open', 'before')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  world.network.meddle = (path, response) =>
    path.startsWith('/peer/deliveries')
      ? { ...response, headers: { ...response.headers, 'comity-page': '' }, body: headsAlone(response.body) }
      : response
  for (const name of ['lost', 'lost too']) {
    await say(world, a, 'open', name)
    await world.pass(10_000)
  }
  world.network.meddle = (_path, response) => response
  world.network.cut.add('a.example b.example')
  const restored = await world.restore('a.example', backup)
  await world.api(restored, 'POST', '/log/resume')
  world.clock.advance(60_000)
  await carry(b, restored)
  await say(world, restored, 'open', 'after')
  await world.quiesce()
  const { stopped, doubt } = await world.api<PeerView>(b, 'GET', '/peers/a.example')
  assert.match(stopped ?? '', /something is missing/)
  assert.equal(doubt?.kind, 'withheld', 'nobody is accused of having rewritten it')
  await world.api(b, 'POST', '/peers/a.example/approve', {})
  await say(world, restored, 'open', 'later')
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'after'), await finds(world, b, 'later')], [1, 1])
  assert.deepEqual(await b.store.all('SELECT kind FROM stream_doubt'), [])
})

/** `a.example` says what is for all its peers, and passes on to `b.example` what `x.example` says. */
async function passingOn(seed: string, folder: string): Promise<Stage> {
  const world = new World(seed, folder)
  const [x, a, b] = [await world.add('x.example'), await world.add('a.example'), await world.add('b.example')]
  await world.introduce(x, a, [ENERGY])
  await world.introduce(a, b, [ENERGY])
  await world.introduce(x, b)
  await energy(world, x)
  await open(world, a)
  await publish(world, x, 'first', 'energy')
  await publish(world, a, 'own')
  await world.quiesce()
  await world.api(a, 'PATCH', '/collections/from-x.example', { share: 'community' })
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'first'), await finds(world, b, 'own')], [1, 1])
  return { world, a, b, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

test('what was passed on, committed to and never came is given again, though the answer that said so was lost', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  await using place = await passingOn('answer lost', folder.path)
  const { world, a, b } = place
  const x = world.members.get('x.example') as typeof a
  world.network.meddle = (path, response, host) =>
    host === 'a.example' && path.startsWith('/peer/deliveries')
      ? { ...response, headers: { ...response.headers, 'comity-page': '' }, body: headsAlone(response.body) }
      : response
  await publish(world, x, 'passedon', 'energy')
  await world.pass(10_000)
  assert.equal(await finds(world, a, 'passedon'), 1)
  const backup = world.backUp('a.example', 'backup')
  await publish(world, a, 'later')
  await world.pass(10_000)
  assert.equal(await finds(world, b, 'passedon'), 0)
  const restored = await world.network.apart(async () => world.restore('a.example', backup))
  let lost = 0
  world.network.meddle = (path, response, host) => {
    if (host !== 'b.example' || !path.startsWith('/peer/returns?') || (lost += 1) > 1) return response
    return { ...response, status: 500, headers: {}, body: Buffer.from('{}') }
  }
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.ok(lost > 1, 'it was asked again')
  await publish(world, restored, 'after')
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'after'), await finds(world, b, 'passedon')], [1, 1])
})

for (const put of ['back to a backup', 'back as a whole', 'back behind its file “head”'])
  test(`who is put ${put} puts nothing in the place of what it had given, before it is resumed`, async () => {
    using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
    await using place = await passingOn(put, folder.path)
    const { world, a, b } = place
    const x = world.members.get('x.example') as typeof a
    const backup = world.backUp('a.example', 'backup')
    for (const word of ['one', 'two']) await publish(world, a, word)
    await world.quiesce()
    if (put.endsWith('”')) copyFileSync(join(folder.path, 'a.example', 'head'), join(backup, 'head'))
    const restored = put.endsWith('backup')
      ? await world.restore('a.example', backup)
      : await world.revive('a.example', backup)
    await world.pass(60_000)
    assert.notEqual(restored.store.status().frozen, undefined)
    for (const word of ['three', 'four', 'five']) {
      await publish(world, x, word, 'energy')
      await world.pass(10_000)
    }
    await world.pass(60_000)
    const stopped = async (): Promise<string | undefined> =>
      (await world.api<PeerView>(b, 'GET', '/peers/a.example')).stopped
    assert.equal(await stopped(), undefined, 'nobody is accused')
    assert.equal(await finds(world, restored, 'five'), 1)
    await world.api(restored, 'POST', '/log/resume')
    await world.quiesce()
    assert.equal(await stopped(), undefined)
    for (const word of ['one', 'two', 'three', 'four', 'five']) assert.equal(await finds(world, b, word), 1, word)
  })

/** An answer of which only the frame at its end arrived: what the stream was committed to, and none of it. */
function headsAlone(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
    if (bytes[at + 4] === HEAD_FRAME) return bytes.subarray(at)
  return bytes
}

const HEAD_FRAME = 3

test('where both sides lost what one gave the other, people see it, and it is given again', async () => {
  await using place = await scene()
  const { world, a, b } = place
  await say(world, a, 'open', 'before')
  await world.quiesce()
  const backups = [world.backUp('a.example', 'backup'), world.backUp('b.example', 'backup')] as const
  await say(world, a, 'open', 'twicelost')
  await world.quiesce()
  assert.equal(await finds(world, b, 'twicelost'), 1)
  const author = await world.heal('a.example', backups[0])
  const reader = await world.heal('b.example', backups[1])
  assert.equal(await finds(world, reader, 'twicelost'), 0)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(author, 'POST', '/collections', { title: 'later', alias: 'later', share: 'peers', marking })
  await say(world, author, 'later', 'behindit')
  await world.quiesce()
  assert.equal(await finds(world, reader, 'behindit'), 0, 'a hole is not passed over in silence')
  const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(reader, 'GET', '/peers')
  assert.match(items.find(({ member }) => member === 'a.example')?.stopped ?? '', /something is missing/)
  await world.api(author, 'PATCH', '/collections/returned', { share: 'peers' })
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'behindit'), await finds(world, reader, 'twicelost')], [1, 1])
})

test('a hole in the middle of a page: what stands before it is taken, and what comes behind it once people have spoken', async () => {
  await using place = await scene()
  const { world, a } = place
  await say(world, a, 'open', 'first')
  await world.quiesce()
  const ofReader = world.backUp('b.example', 'backup')
  await say(world, a, 'open', 'beforeit')
  await world.quiesce()
  const ofAuthor = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'twicelost')
  await world.quiesce()
  const author = await world.heal('a.example', ofAuthor)
  await say(world, author, 'open', 'behindit')
  await world.quiesce()
  const reader = await world.heal('b.example', ofReader)
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'beforeit'), await finds(world, reader, 'behindit')], [1, 0])
  const { items } = await world.api<{ items: { stopped?: string }[] }>(reader, 'GET', '/peers')
  assert.match(items[0]?.stopped ?? '', /something is missing/)
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.equal(await finds(world, reader, 'behindit'), 1)
})

test('two that meet anew go on over what one of them lost long ago, as often as that was', async () => {
  await using place = await scene()
  const { world, a, b } = place
  let author = a
  for (const n of [1, 2]) {
    await say(world, author, 'open', `given${n}`)
    await world.quiesce()
    const backup = world.backUp('a.example', `backup ${n}`)
    await say(world, author, 'open', `rowlost${n}`)
    await world.quiesce()
    author = await world.heal('a.example', backup)
    await say(world, author, 'open', `later${n}`)
    await world.quiesce()
    assert.equal(await finds(world, b, `later${n}`), 1)
  }
  await world.meetAnew(author, b)
  await world.quiesce()
  await say(world, author, 'open', 'metanew')
  await world.quiesce()
  assert.equal(await finds(world, b, 'metanew'), 1)
  const deeds = await world.api<{ items: { actor: string }[] }>(b, 'GET', '/audit?action=peer.gap')
  assert.equal(deeds.items.length, 2, 'each is named')
})

for (const what of ['the end', 'all'])
  test(`two that meet anew go on where ${what} of a stream is lost, once something comes behind it`, async () => {
    await using place = await scene()
    const { world, a, b } = place
    if (what === 'the end') await say(world, a, 'open', 'given')
    await world.quiesce()
    const backup = world.backUp('a.example', 'backup')
    await say(world, a, 'open', 'rowlost')
    await world.quiesce()
    const author = await world.heal('a.example', backup)
    await world.meetAnew(author, b)
    await world.quiesce()
    for (const word of ['metanew', 'later']) {
      await say(world, author, 'open', word)
      await world.quiesce()
      assert.equal(await finds(world, b, word), 1)
    }
    assert.deepEqual(await b.store.all('SELECT kind FROM stream_doubt'), [])
    assert.equal((await b.store.get<{ open: number }>('SELECT max(accept_gap) AS open FROM peer'))?.open, 0)
  })

test('who has forgotten that they met goes on over what the other lost long ago', async () => {
  await using place = await scene()
  const { world, a, c } = place
  const d = await world.add('d.example')
  await world.introduce(c, d)
  await world.quiesce()
  const before = world.backUp('d.example', 'before')
  await world.introduce(a, d)
  await say(world, a, 'open', 'given')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'rowlost')
  await world.quiesce()
  const author = await world.heal('a.example', backup)
  await say(world, author, 'open', 'later')
  await world.quiesce()
  const reader = await world.heal('d.example', before)
  await world.api(author, 'DELETE', '/peers/d.example')
  await world.introduce(author, reader)
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'given'), await finds(world, reader, 'later')], [1, 1])
})

test('a stream that its author began anew, while this node was put back to before, goes on once a person lets it', async () => {
  await using place = await scene()
  const { world, a, c } = place
  const d = await world.add('d.example')
  await world.introduce(c, d)
  const forgetful = world.backUp('a.example', 'before')
  await world.introduce(a, d)
  for (const name of ['first', 'second']) await say(world, a, 'open', name)
  await world.quiesce()
  const old = world.backUp('d.example', 'old')
  const author = await world.heal('a.example', forgetful)
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.introduce(author, d)
  for (const name of ['third', 'fourth', 'fifth']) await say(world, author, 'open', name)
  await world.quiesce()
  const reader = await world.heal('d.example', old)
  await world.quiesce()
  const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(reader, 'GET', '/peers')
  assert.match(items.find(({ member }) => member === 'a.example')?.stopped ?? '', /rewr/)
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  for (const name of ['first', 'second', 'third', 'fourth', 'fifth'])
    assert.equal(await finds(world, reader, name), 1, name)
})

test('where both sides lost it and nothing came since, it goes on behind what is missing once people have spoken', async () => {
  await using place = await scene()
  const { world, a } = place
  const backups = [world.backUp('a.example', 'backup'), world.backUp('b.example', 'backup')] as const
  await say(world, a, 'open', 'twicelost')
  await world.quiesce()
  const author = await world.heal('a.example', backups[0])
  const reader = await world.heal('b.example', backups[1])
  await world.quiesce()
  const doubts = async (): Promise<string[]> =>
    (await reader.store.all<{ kind: string }>('SELECT kind FROM stream_doubt')).map(({ kind }) => kind)
  assert.deepEqual(await doubts(), ['withheld'])
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.deepEqual(await doubts(), [])
  const deeds = await world.api<{ items: { actor: string }[] }>(reader, 'GET', '/audit?action=peer.gap')
  assert.deepEqual(
    deeds.items.map(({ actor }) => actor),
    ['admin'],
  )
  await say(world, author, 'open', 'behindit')
  await world.quiesce()
  assert.equal(await finds(world, reader, 'behindit'), 1)
})

test('two that meet anew, because one went back to a backup from before they met, exchange as those who met first', async () => {
  await using place = await scene()
  const { world, a } = place
  const c = await world.add('d.example')
  const backup = world.backUp('a.example', 'backup')
  await world.introduce(a, c)
  for (const name of ['one', 'two', 'three']) await say(world, a, 'open', name)
  await world.quiesce()
  assert.equal(await finds(world, c, 'three'), 1)
  const restored = await world.heal('a.example', backup)
  await world.api(c, 'DELETE', '/peers/a.example')
  await world.introduce(restored, c)
  await say(world, restored, 'open', 'afterwards')
  await world.quiesce()
  const { items } = await world.api<{ items: { member: string; stopped?: string; doubt?: object }[] }>(
    c,
    'GET',
    '/peers',
  )
  const known = items.find(({ member }) => member === 'a.example')
  assert.deepEqual([known?.stopped, known?.doubt], [undefined, undefined])
  assert.equal(await finds(world, c, 'afterwards'), 1)
})

test('a peer that could not be asked when a node was put back is asked before it is given anything', async () => {
  await using place = await scene()
  const { world, a, c } = place
  await say(world, a, 'open', 'before')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  for (const name of ['one', 'two']) {
    await say(world, a, 'open', name)
    await world.quiesce()
  }
  world.network.cut.add('a.example c.example')
  const author = await world.restore('a.example', backup)
  const { confirmedBy } = await world.api<HealedView>(author, 'POST', '/log/resume')
  assert.deepEqual(confirmedBy, ['b.example'])
  for (const name of ['three', 'four', 'five']) await say(world, author, 'open', name)
  await world.pass(60_000)
  const waiting = await world.api<{ items: { member: string; lastError?: string }[] }>(author, 'GET', '/peers')
  assert.match(waiting.items.find(({ member }) => member === 'c.example')?.lastError ?? '', /cannot be reached|asked/)
  await world.quiesce()
  const { items } = await world.api<{ items: { member: string; stopped?: string; doubt?: object }[] }>(
    c,
    'GET',
    '/peers',
  )
  assert.deepEqual(
    items.map(({ stopped, doubt }) => [stopped, doubt]),
    [[undefined, undefined]],
    'nobody is accused of having rewritten anything',
  )
  for (const name of ['before', 'one', 'two', 'three', 'four', 'five'])
    assert.equal(await finds(world, c, name), 1, name)
})

/** A stage on which the two met anew, so that whatever is missing in a stream is passed over. */
async function metAnew(seed: string): Promise<Stage> {
  const all = await stage(seed)
  const { world, a, b } = all
  await publish(world, a, 'before')
  await world.quiesce()
  await world.network.apart(() => world.api(b, 'DELETE', '/peers/a.example'))
  await world.api(a, 'DELETE', '/peers/b.example')
  await world.introduce(a, b)
  return all
}

/** How often a deed stands in the audit log of a member. */
const deedsOf = async ({ world, b }: Stage, action: string): Promise<number> =>
  (await world.api<{ items: unknown[] }>(b, 'GET', `/audit?action=${action}&limit=200`)).items.length

/** Answers each question for deliveries with one item; at most so many. */
function answerWith({ world }: Stage, most: number, itemBehind: (after: number) => Uint8Array): void {
  let asked = 0
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/deliveries')) return response
    if ((asked += 1) > most) return { ...response, status: 500, body: Buffer.from('{}') }
    const item = itemBehind(Number(/after=(\d+)/.exec(path)?.[1]))
    const body = Buffer.concat([...encodeDelivery(item, [{ index: 0, gone: 'erased' }])])
    return { status: 200, headers: { 'comity-page': `${sha256(body).toHex()} ${body.length}` }, body }
  }
}

test('a stream that turns round for ever is begun anew once, and then stands still', async () => {
  await using all = await metAnew('turns round')
  answerWith(all, 30, (after) => {
    const prevHash = after === 0 ? FIRST_HASH : new Uint8Array(32).fill(7)
    return encodeItem({ seq: after + 1, prevHash, indexes: [0], reason: 'new' })
  })
  assert.match(await pull(all.b), /does not follow the one it sent before/)
  assert.equal(await deedsOf(all, 'peer.anew'), 1)
})

test('a stream of holes stands still behind the last that is passed over, until people speak again', async () => {
  await using all = await metAnew('holes')
  await all.b.store.write(tamper, `UPDATE peer SET gaps = ${LIMITS.streamGapsMax - 5}`)
  answerWith(all, 15, (after) =>
    encodeItem({ seq: after + 3, prevHash: new Uint8Array(32).fill(7), indexes: [0], reason: 'new' }),
  )
  assert.match(await pull(all.b), /something is missing/)
  assert.equal(await deedsOf(all, 'peer.gap'), 5)
  await all.world.api(all.b, 'POST', '/peers/a.example/approve', {})
  answerWith(all, 5, (after) =>
    encodeItem({ seq: after + 3, prevHash: new Uint8Array(32).fill(7), indexes: [0], reason: 'new' }),
  )
  await pull(all.b)
  assert.ok((await deedsOf(all, 'peer.gap')) > 5)
})
