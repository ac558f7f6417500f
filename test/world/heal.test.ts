// A member that lost its disk gets its own history back from its peers and goes on in it.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { HELD_BYTES, heldHash, heldKey } from '#kernel/log/erase.ts'
import { Fault } from '#kernel/fault.ts'
import type { KeptPage, KeptView } from '#kernel/http/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import type { HealedView } from '#federation/heal/wire.ts'
import { Check } from './check.ts'
import { finds } from './stage.ts'
import { tamper, World, type WorldMember } from './world.ts'

type Scene = { readonly world: World; readonly a: WorldMember; readonly b: WorldMember; readonly c: WorldMember }

async function scene(folder: string): Promise<Scene> {
  const world = new World('heal', folder)
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(a, c)
  for (const [alias, tlp, named] of [
    ['open', 'GREEN', []],
    ['for-b', 'AMBER', ['b.example']],
    ['own', 'RED', []],
  ] as const)
    await world.api(a, 'POST', '/collections', {
      title: alias,
      alias,
      share: alias === 'own' ? 'none' : 'peers',
      named,
      marking: { tlp, audience: { named: false, communities: [] }, personal: 'none' },
    })
  await world.quiesce()
  return { world, a, b, c }
}

let said = 0

async function say(
  world: World,
  member: WorldMember,
  collection: string,
  name: string,
  outcome = 'added',
): Promise<string> {
  world.clock.advance(1000)
  said += 1
  const id = `identity--00000000-0000-4000-8000-${said.toString(16).padStart(12, '0')}`
  const time = '2026-01-01T00:00:00.000Z'
  const response = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${said.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({ type: 'identity', spec_version: '2.1', id, created: time, modified: time, name }),
  })
  assert.match(response.body, new RegExp(`"${outcome}":1`), response.body)
  return id
}

test('what was said after the backup comes back as far as it was shared, and the log goes on as one', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b, c } = await scene(folder.path)
  await using _ = world
  await say(world, a, 'open', 'before')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'shared')
  await say(world, a, 'for-b', 'forbonly')
  await say(world, a, 'own', 'secret')
  const taken = await say(world, a, 'open', 'mistaken')
  await world.api(a, 'POST', '/withdrawals', { id: taken, reason: 'false-positive' })
  await world.quiesce()
  const restored = await world.restore('a.example', backup)
  assert.equal(await finds(world, restored, 'shared'), 0)
  const healed = await world.api<HealedView>(restored, 'POST', '/log/resume')
  assert.deepEqual(healed.confirmedBy, ['b.example', 'c.example'])
  assert.deepEqual(
    { grown: healed.size - healed.sizeBefore, returned: healed.returned, lost: healed.lost },
    // Beside the one that nobody had: the heads of streams that were logged in between.
    { grown: 9, returned: 4, lost: 5 },
  )
  for (const [word, n] of [
    ['before', 1],
    ['shared', 1],
    ['forbonly', 1],
    ['secret', 0],
    ['mistaken', 0],
  ] as const)
    assert.equal(await finds(world, restored, word), n, word)
  await say(world, restored, 'open', 'after')
  await world.quiesce()
  for (const peer of [b, c]) {
    assert.equal(await finds(world, peer, 'after'), 1, `${peer.name} hears what is said after`)
    assert.equal(await finds(world, peer, 'shared'), 1)
    const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(peer, 'GET', '/peers')
    assert.equal(items.find(({ member }) => member === 'a.example')?.stopped, undefined)
  }
  await new Check(world).everything()
})

test('a withdrawal of what came back reaches who had it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  const backup = world.backUp('a.example', 'backup')
  const id = await say(world, a, 'open', 'regretted')
  await world.quiesce()
  const restored = await world.restore('a.example', backup)
  await world.api(restored, 'POST', '/log/resume')
  assert.equal(await finds(world, b, 'regretted'), 1)
  await world.api(restored, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'regretted'), 0)
})

test('who was given something after the backup is still told that it is taken back', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'late', alias: 'late', share: 'none', marking })
  const later = await say(world, a, 'late', 'sharedlate')
  const backup = world.backUp('a.example', 'backup')
  await world.api(a, 'PATCH', '/collections/late', { share: 'peers' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'sharedlate'), 1)
  const restored = await world.restore('a.example', backup)
  await world.api(restored, 'POST', '/log/resume')
  await world.api(restored, 'POST', '/withdrawals', { id: later, reason: 'sent-in-error' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'sharedlate'), 0)
})

test('what was committed to and never came is not rewritten by who lost it: it comes as new items', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
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

/** An answer of which only the frame at its end arrived: what the stream was committed to, and none of it. */
function headsAlone(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
    if (bytes[at + 4] === HEAD_FRAME) return bytes.subarray(at)
  return bytes
}

const HEAD_FRAME = 3

test('where both sides lost what one gave the other, people see it, and it is given again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  const backups = [world.backUp('a.example', 'backup'), world.backUp('b.example', 'backup')] as const
  await say(world, a, 'open', 'twicelost')
  await world.quiesce()
  assert.equal(await finds(world, b, 'twicelost'), 1)
  const author = await world.restore('a.example', backups[0])
  await world.api(author, 'POST', '/log/resume')
  const reader = await world.restore('b.example', backups[1])
  await world.api(reader, 'POST', '/log/resume')
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
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const ofReader = world.backUp('b.example', 'backup')
  await say(world, a, 'open', 'beforeit')
  await world.quiesce()
  const ofAuthor = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'twicelost')
  await world.quiesce()
  const author = await world.restore('a.example', ofAuthor)
  await world.api(author, 'POST', '/log/resume')
  await say(world, author, 'open', 'behindit')
  await world.quiesce()
  const reader = await world.restore('b.example', ofReader)
  await world.api(reader, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'beforeit'), await finds(world, reader, 'behindit')], [1, 0])
  const { items } = await world.api<{ items: { stopped?: string }[] }>(reader, 'GET', '/peers')
  assert.match(items[0]?.stopped ?? '', /something is missing/)
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.equal(await finds(world, reader, 'behindit'), 1)
})

test('two that meet anew go on over what one of them lost long ago, as often as that was', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  let author = a
  for (const n of [1, 2]) {
    await say(world, author, 'open', `given${n}`)
    await world.quiesce()
    const backup = world.backUp('a.example', `backup ${n}`)
    await say(world, author, 'open', `rowlost${n}`)
    await world.quiesce()
    author = await world.restore('a.example', backup)
    await world.api(author, 'POST', '/log/resume')
    await say(world, author, 'open', `later${n}`)
    await world.quiesce()
    assert.equal(await finds(world, b, `later${n}`), 1)
  }
  for (const [one, other] of [
    [author, b],
    [b, author],
  ] as const)
    await world.api(one, 'DELETE', `/peers/${other.name}`)
  await world.introduce(author, b)
  await world.quiesce()
  await say(world, author, 'open', 'metanew')
  await world.quiesce()
  assert.equal(await finds(world, b, 'metanew'), 1)
  const deeds = await world.api<{ items: { actor: string }[] }>(b, 'GET', '/audit?action=peer.gap')
  assert.equal(deeds.items.length, 2, 'each is named')
})

test('who has forgotten that they met goes on over what the other lost long ago', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, c } = await scene(folder.path)
  await using _ = world
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
  const author = await world.restore('a.example', backup)
  await world.api(author, 'POST', '/log/resume')
  await say(world, author, 'open', 'later')
  await world.quiesce()
  const reader = await world.restore('d.example', before)
  await world.api(reader, 'POST', '/log/resume')
  await world.api(author, 'DELETE', '/peers/d.example')
  await world.introduce(author, reader)
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'given'), await finds(world, reader, 'later')], [1, 1])
})

test('who claims to hold what it was never given learns nothing of what is taken back', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  const id = await say(world, a, 'own', 'secret')
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  const { secret } = (await a.store.get<{ secret: number }>(
    `SELECT idx AS secret FROM statement WHERE log = 1 AND kind = 'records.put'`,
  )) as { secret: number }
  let asked = 0
  let claim: Uint8Array = new Uint8Array(HELD_BYTES).fill(7)
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/returns/held') || response.status !== 200) return response
    asked += 1
    const { origin } = JSON.parse(Buffer.from(response.body).toString()) as { origin: string }
    const claims = Buffer.from(claim).toString('base64')
    return { ...response, body: Buffer.from(JSON.stringify({ origin, ranges: [[secret, secret]], claims })) }
  }
  const meetAnew = async (): Promise<void> => {
    await world.api(a, 'DELETE', '/peers/b.example')
    await world.api(b, 'DELETE', '/peers/a.example')
    await world.introduce(a, b)
    await world.quiesce()
    const kinds = await b.store.all<{ kind: string }>(
      `SELECT s.kind FROM statement s JOIN log l ON l.id = s.log WHERE l.origin = 'a.example/log'`,
    )
    assert.ok(!kinds.some(({ kind }) => kind === 'records.withdraw'))
  }
  await meetAnew()
  assert.ok(asked > 0)
  // As an erase by an earlier version left it: anybody knows the key that is made of an empty salt.
  await a.store.write(tamper, `UPDATE statement SET entry_salt = x'' WHERE log = 1 AND idx = ${secret}`)
  claim = heldHash(heldKey(new Uint8Array(0)), 'b.example')
  await meetAnew()
})

test('what a peer went without, because it was narrowed after the backup, is offered again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  world.network.cut.add('a.example b.example')
  await say(world, a, 'open', 'offered')
  await world.pass(5000)
  const backup = world.backUp('a.example', 'backup')
  await world.api(a, 'PATCH', '/collections/open', { share: 'none' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 0)
  const author = await world.restore('a.example', backup)
  await world.api(author, 'POST', '/log/resume')
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 1, 'shared again, as it was in the backup')
})

test('what was left out before the backup, and given after it, is known to be there: its withdrawal follows', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  world.network.cut.add('a.example b.example')
  const id = await say(world, a, 'open', 'hesitant')
  await world.pass(5000)
  await world.api(a, 'PATCH', '/collections/open', { share: 'none' })
  world.network.cut.clear()
  await world.quiesce()
  assert.equal(await finds(world, b, 'hesitant'), 0)
  const backup = world.backUp('a.example', 'backup')
  await world.api(a, 'PATCH', '/collections/open', { share: 'peers' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'hesitant'), 1)
  const author = await world.restore('a.example', backup)
  await world.api(author, 'POST', '/log/resume')
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'hesitant'), 0)
})

test('what a peer held before its own backup is followed, though both have lost how it came there', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const first = world.backUp('a.example', 'first')
  const id = await say(world, a, 'open', 'early')
  await world.quiesce()
  const second = world.backUp('b.example', 'second')
  await say(world, a, 'open', 'late')
  await world.quiesce()
  const author = await world.restore('a.example', first)
  await world.api(author, 'POST', '/log/resume')
  await world.api(author, 'PATCH', '/collections/open', { share: 'none' })
  await world.quiesce()
  const reader = await world.network.apart(async () => world.restore('b.example', second))
  await world.api(reader, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'early'), await finds(world, reader, 'late')], [1, 0])
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.equal(await finds(world, reader, 'early'), 0)
})

test('what was offered before the backup, and given after it, is followed though it is left out when they meet anew', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  world.network.cut.add('a.example b.example')
  const id = await say(world, a, 'open', 'offered')
  await world.pass(5000)
  const backup = world.backUp('a.example', 'backup')
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 1)
  const author = await world.restore('a.example', backup)
  await world.api(author, 'POST', '/log/resume')
  await world.api(author, 'DELETE', '/peers/b.example')
  await world.api(b, 'DELETE', '/peers/a.example')
  await world.introduce(author, b)
  const { greet } = world.network
  world.network.greet = (from) => {
    if (from === 'b.example') throw new Fault('peer.unreachable', 'b cannot ask')
  }
  await world.pass(10_000)
  await world.api(author, 'PATCH', '/collections/open', { share: 'none' })
  world.network.greet = greet
  await world.quiesce()
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 0)
})

test('who has forgotten a peer tells it, when they meet again, what was taken back meanwhile', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const d = await world.add('d.example')
  const backup = world.backUp('a.example', 'before')
  await world.introduce(a, d)
  const id = await say(world, a, 'open', 'regretted')
  const intimate = await say(world, a, 'open', 'personal')
  await world.quiesce()
  assert.deepEqual([await finds(world, d, 'regretted'), await finds(world, d, 'personal')], [1, 1])
  const author = await world.restore('a.example', backup)
  await world.api(author, 'POST', '/log/resume')
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.api(author, 'POST', '/erasures', { id: intimate, reason: 'personal-data' })
  await world.quiesce()
  assert.deepEqual(
    [await finds(world, d, 'regretted'), await finds(world, d, 'personal')],
    [1, 1],
    'nobody could tell it',
  )
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.introduce(author, d)
  await world.quiesce()
  assert.equal(await finds(world, d, 'regretted'), 0)
  const left = await d.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
  assert.ok(left.every(({ bytes }) => !Buffer.from(bytes).includes('personal"')))
})

test('a stream that its author began anew, while this node was put back to before, goes on once a person lets it', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, c } = await scene(folder.path)
  await using _ = world
  const d = await world.add('d.example')
  await world.introduce(c, d)
  const forgetful = world.backUp('a.example', 'before')
  await world.introduce(a, d)
  for (const name of ['first', 'second']) await say(world, a, 'open', name)
  await world.quiesce()
  const old = world.backUp('d.example', 'old')
  const author = await world.restore('a.example', forgetful)
  await world.api(author, 'POST', '/log/resume')
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.introduce(author, d)
  for (const name of ['third', 'fourth', 'fifth']) await say(world, author, 'open', name)
  await world.quiesce()
  const reader = await world.restore('d.example', old)
  await world.api(reader, 'POST', '/log/resume')
  await world.quiesce()
  const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(reader, 'GET', '/peers')
  assert.match(items.find(({ member }) => member === 'a.example')?.stopped ?? '', /rewr/)
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  for (const name of ['first', 'second', 'third', 'fourth', 'fifth'])
    assert.equal(await finds(world, reader, name), 1, name)
})

test('where both sides lost it and nothing came since, it goes on behind what is missing once people have spoken', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const backups = [world.backUp('a.example', 'backup'), world.backUp('b.example', 'backup')] as const
  await say(world, a, 'open', 'twicelost')
  await world.quiesce()
  const author = await world.restore('a.example', backups[0])
  await world.api(author, 'POST', '/log/resume')
  const reader = await world.restore('b.example', backups[1])
  await world.api(reader, 'POST', '/log/resume')
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
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const c = await world.add('d.example')
  const backup = world.backUp('a.example', 'backup')
  await world.introduce(a, c)
  for (const name of ['one', 'two', 'three']) await say(world, a, 'open', name)
  await world.quiesce()
  assert.equal(await finds(world, c, 'three'), 1)
  const restored = await world.restore('a.example', backup)
  await world.api(restored, 'POST', '/log/resume')
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

test('without a peer that answers nothing is resumed', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'one')
  await world.quiesce()
  const restored = await world.restore('a.example', backup)
  world.network.cut.add('a.example b.example').add('a.example c.example')
  await assert.rejects(world.api(restored, 'POST', '/log/resume'), /no peer answered/)
  assert.match(restored.store.status().frozen ?? '', /restored/)
  world.network.cut.delete('a.example c.example')
  const healed = await world.api<HealedView>(restored, 'POST', '/log/resume')
  assert.deepEqual(healed.confirmedBy, ['c.example'], 'one confirmation is enough')
})

test('what is written while nothing may be signed is kept, over a restart as well, and said once the log is resumed', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b } = await scene(folder.path)
  await using _ = world
  const [taken, erased] = [await say(world, a, 'open', 'doubtful'), await say(world, a, 'open', 'personal')]
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'after')
  await world.quiesce()
  world.network.cut.add('a.example b.example').add('a.example c.example')
  let restored = await world.restore('a.example', backup)
  await say(world, restored, 'open', 'meanwhile', 'kept')
  await say(world, restored, 'open', 'regretted', 'kept')
  assert.deepEqual(await world.api(restored, 'POST', '/withdrawals', { id: taken, reason: 'false-positive' }), {
    withdrawn: 0,
    kept: true,
  })
  const erasure = await world.api<{ kept: boolean }>(restored, 'POST', '/erasures', { id: erased, reason: 'legal' })
  assert.equal(erasure.kept, true)
  await assert.rejects(world.api(restored, 'POST', '/withdrawals', { id: taken.replace('0', '9'), reason: 'expired' }))
  restored = await world.move('a.example', 'a.example')
  const kept = async (): Promise<KeptView[]> => (await world.api<{ items: KeptView[] }>(restored, 'GET', '/kept')).items
  const waiting = await kept()
  assert.deepEqual(
    waiting.map(({ what, records }) => [what, records]),
    [
      ['sharing.put', 1],
      ['sharing.put', 1],
      ['sharing.withdraw', 1],
      ['sharing.erase', 1],
    ],
  )
  const pages: KeptView[] = []
  for (let next: string | undefined = '1'; next !== undefined;) {
    const page: KeptPage = await world.api(restored, 'GET', `/kept?limit=3&cursor=${next}`)
    pages.push(...page.items)
    next = page.next
  }
  assert.deepEqual(pages, waiting, 'page by page it is the same')
  const { needs } = await world.api<{ needs: { kind: string; count: number }[] }>(restored, 'GET', '/home')
  assert.equal(needs.find(({ kind }) => kind === 'kept')?.count, 4)
  assert.deepEqual([await finds(world, restored, 'meanwhile'), await finds(world, restored, 'doubtful')], [0, 1])
  const { waiting: about } = await world.api<RecordDetail>(restored, 'GET', `/records/${taken}`)
  assert.deepEqual(
    about?.map(({ what, number }) => [what, number]),
    [['sharing.withdraw', waiting[2]?.number]],
    'what will become of a record is told with it',
  )
  await world.api(restored, 'DELETE', `/kept/${waiting[1]?.number}`)
  await assert.rejects(world.api(restored, 'DELETE', `/kept/${waiting[1]?.number}`), /nothing is kept/)
  world.network.cut.clear()
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual(await kept(), [])
  for (const member of [restored, b])
    assert.deepEqual(
      await Promise.all(
        ['meanwhile', 'regretted', 'doubtful', 'personal', 'after'].map((w) => finds(world, member, w)),
      ),
      [1, 0, 0, 0, 1],
      member.name,
    )
  const { items } = await world.api<{ items: { action: string }[] }>(restored, 'GET', '/audit?limit=200')
  assert.deepEqual(
    ['write.kept', 'write.said', 'write.dropped'].map(
      (action) => items.filter((each) => each.action === action).length,
    ),
    [4, 3, 1],
  )
})

test('a person who goes on alone says what was kept, and what cannot be said any more is let go of by name', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a } = await scene(folder.path)
  await using _ = world
  const id = await say(world, a, 'open', 'one')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  const restored = await world.restore('a.example', backup)
  for (let i = 0; i < 2; i += 1) await world.api(restored, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await say(world, restored, 'open', 'meanwhile', 'kept')
  await restored.store.write(tamper, 'UPDATE meta SET restored_ms = NULL')
  const alone = await world.revive('a.example', backup)
  await world.quiesce()
  assert.deepEqual([await finds(world, alone, 'one'), await finds(world, alone, 'meanwhile')], [0, 1])
  const dropped = await alone.store.all<{ detail: string }>(`SELECT detail FROM audit WHERE action = 'write.dropped'`)
  assert.equal(dropped.length, 1)
  assert.match(dropped[0]?.detail ?? '', /no record .* that could be withdrawn/)
})

test('where peers hold two histories nothing is resumed, and the log is as it was', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, c } = await scene(folder.path)
  await using _ = world
  const backup = world.backUp('a.example', 'backup')
  const twin = await world.twin('a.example', 'twin.example')
  world.network.reroute = (from, host) => (from === 'c.example' && host === 'a.example' ? 'twin.example' : host)
  await say(world, a, 'open', 'one')
  for (let n = 0; n < 4; n += 1) await say(world, twin, 'open', 'another')
  await world.pass(4000)
  await c.federation.pullPeer('a.example')
  await world.members.get('b.example')?.federation.pullPeer('a.example')
  world.network.reroute = (_from, host) => host
  const restored = await world.restore('a.example', backup)
  const log = () => restored.store.get('SELECT size, root, checkpoint FROM log WHERE id = 1')
  const before = await log()
  await assert.rejects(world.api(restored, 'POST', '/log/resume'), /another history/)
  assert.deepEqual(await log(), before)
  assert.match(restored.store.status().frozen ?? '', /restored/)
})

test('a peer gives back a member’s own words to that member alone', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, b, c } = await scene(folder.path)
  await using _ = world
  await world.introduce(b, c)
  await say(world, a, 'for-b', 'forbonly')
  await world.quiesce()
  const document = JSON.parse((await b.app.inject({ url: '/.well-known/comity' })).body)
  for (const path of ['/peer/returns?after=-1', '/peer/mirror/tile/entries/000.p/1']) {
    const answer = await c.federation.caller
      .call(document, { method: 'GET', url: `http://b.example${path}` })
      .catch(() => undefined)
    assert.ok(!Buffer.from(answer?.body ?? '').includes('forbonly'), path)
    assert.equal((await b.app.inject({ url: path })).statusCode, 401)
  }
})

test('a peer that could not be asked when a node was put back is asked before it is given anything', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-heal-`)
  const { world, a, c } = await scene(folder.path)
  await using _ = world
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
