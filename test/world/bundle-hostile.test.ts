// A bundle that is cut, altered, misordered, for somebody else, from somebody removed, or made to do harm: each is named,
// nothing untrue is applied, and the true one goes on where it stood.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { httpSigningKey } from '#federation/own-document.ts'
import { signManifest } from '#federation/bundle/signature.ts'
import { headName } from '#federation/bundle/stream.ts'
import type { Manifest } from '#federation/bundle/wire.ts'
import { sha256 } from '#kernel/hash.ts'
import { noteSigner, signingKey } from '#kernel/key.ts'
import { LIMITS } from '#kernel/limits.ts'
import { signCheckpoint } from '#kernel/log/checkpoint.ts'
import { bech32Identity, bech32Recipient } from '#kernel/recipient.ts'
import { openFile, sealFile } from '#kernel/sealed-file.ts'
import { encodeMember, readTar, TAR_END, type TarMember } from '#kernel/tar.ts'
import { rounds } from '#test/rounds.ts'
import { Check } from './check.ts'
import { open, publish } from './stage.ts'
import { carry, outcome, read, write } from './stick.ts'
import { ramble, World, type WorldMember } from './world.ts'

async function two(): Promise<{ world: World; a: WorldMember; c: WorldMember }> {
  const world = new World('hostile bundles')
  const [a, c] = [await world.add('a.example'), await world.add('c.example', { network: false })]
  await world.introduceByFile(c, a)
  await open(world, a)
  await world.quiesce()
  return { world, a, c }
}

/** The files in a bundle for a member. */
async function opened(reader: WorldMember, file: Uint8Array): Promise<TarMember[]> {
  const members = []
  for await (const member of readTar(openFile([bech32Identity(reader.seeds.recipient)], atOnce(file)), {
    memberBytesMax: LIMITS.bundleMemberBytesMax,
    membersMax: LIMITS.bundleMembersMax,
  }))
    members.push({ name: member.name, bytes: Uint8Array.from(member.bytes) })
  return members
}

async function* atOnce(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file
}

const recipient = (member: WorldMember): string => bech32Recipient(member.seeds.recipient)

async function sealed(to: string, frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const source = (async function* () {
    yield* frames
  })()
  return Buffer.concat(await Array.fromAsync(sealFile([to], source)))
}

const packed = (to: string, members: readonly TarMember[]): Promise<Buffer> =>
  sealed(to, [zstdCompressSync(Buffer.concat([...members.map(encodeMember), TAR_END]))])

const stateOf = async (at: WorldMember): Promise<unknown> => ({
  log: await at.store.all('SELECT size, hex(root) AS root FROM log ORDER BY id'),
  statements: await at.store.all('SELECT count(*) AS n FROM statement'),
  peers: await at.store.all('SELECT stream_seq, stopped, confirmed_seq FROM peer ORDER BY id'),
})

test('cut at every byte it says so, applies nothing that is not true, and the whole one goes on', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await carry(c, a)
  await publish(world, a, 'whole')
  const file = await write(a, 'c.example')
  let partly = 0
  const step = rounds({ test: 11, ci: 4, soak: 1 })
  for (let length = 0; length < file.length; length += step) {
    const message = String(await outcome(c, file.subarray(0, length)))
    assert.match(
      message,
      /cut off or damaged|no encrypted file|ends in the middle/,
      `${length} of ${file.length} bytes`,
    )
    partly += Number((await c.store.get<{ n: number }>('SELECT count(*) AS n FROM statement WHERE log <> 1'))?.n ?? 0)
  }
  assert.equal(partly, 0, 'what is in one chunk of age is given out when the chunk is whole')
  assert.equal(typeof (await outcome(c, file)), 'object')
  await new Check(world).everything()
})

test('with any byte changed nothing untrue is applied', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'true')
  const file = await write(a, 'c.example')
  const before = await stateOf(c)
  for (let at = 0; at < file.length; at += 53) {
    const changed = Buffer.from(file)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(typeof (await outcome(c, changed)), 'string', `byte ${at}`)
  }
  assert.deepEqual(await stateOf(c), before)
  assert.equal(typeof (await outcome(c, file)), 'object')
})

test('the wrong key, another member, a stranger, one who is pending or removed: each is refused by name', async () => {
  const { world, a, c } = await two()
  await using _ = world
  const d = await world.add('d.example')
  await world.introduce(a, d)
  await world.quiesce()
  const forC = await write(a, 'c.example')
  assert.match(String(await outcome(d, forC)), /not encrypted to a key of this member/)
  const members = await opened(c, forC)
  assert.match(String(await outcome(d, await packed(recipient(d), members))), /is for c\.example/)
  const forD = await write(a, 'd.example')
  const asIfForC = (await opened(d, forD)).map((member) =>
    member.name === 'manifest.json' ? changed(member, { to: 'c.example' }) : member,
  )
  assert.match(String(await outcome(c, await packed(recipient(c), asIfForC))), /no key of a\.example signed/)
  const fromNobody = members.map((member) =>
    member.name === 'manifest.json' ? changed(member, { from: 'z.example' }) : member,
  )
  assert.match(String(await outcome(c, await packed(recipient(c), fromNobody))), /z\.example, which is no peer/)
  await world.api(c, 'DELETE', '/peers/a.example')
  assert.match(String(await outcome(c, forC)), /which is removed here/)
  await assert.rejects(write(c, 'a.example'), /is removed here/)
})

/** A manifest that says something else. */
function changed(member: TarMember, change: Partial<Manifest>): TarMember {
  const value = { ...(JSON.parse(Buffer.from(member.bytes).toString()) as Manifest), ...change }
  return { name: member.name, bytes: Buffer.from(JSON.stringify(value)) }
}

test('a position is believed from its signer alone, and only where it names what was given', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'position')
  await carry(a, c)
  const members = await opened(a, await write(c, 'a.example'))
  const key = httpSigningKey('c.example', c.seeds.http)
  const claiming = async (received: Manifest['received'], sign: boolean): Promise<string | object> => {
    const [first, ...rest] = members as [TarMember, ...TarMember[]]
    const manifest = changed(first, { received })
    const files = rest.map((member) =>
      sign && member.name === 'manifest.sig' ? { ...member, bytes: signManifest(manifest.bytes, key) } : member,
    )
    return outcome(a, await packed(recipient(a), [manifest, ...files]))
  }
  const zeros = '0'.repeat(64)
  assert.match(String(await claiming({ seq: 0, hash: zeros }, false)), /no key of c\.example signed/)
  assert.equal(typeof (await claiming({ seq: 0, hash: zeros }, true)), 'object')
  assert.match(String(await claiming({ seq: 1, hash: zeros }, true)), /this node did not give/)
  assert.match(String(await claiming({ seq: 9, hash: zeros }, true)), /this node did not give/)
})

test('files out of order, twice, unknown or missing end the reading', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await a.store.write(ramble, { member: 'a.example', count: 600 })
  await publish(world, a, 'ordered')
  const members = await opened(c, await write(a, 'c.example'))
  const before = await stateOf(c)
  const names = members.map(({ name }) => name)
  assert.ok(names.length > 9, names.join(' '))
  for (let i = 0; i + 1 < members.length; i += 1) {
    const swapped = members.with(i, members[i + 1] as TarMember).with(i + 1, members[i] as TarMember)
    assert.equal(typeof (await outcome(c, await packed(recipient(c), swapped))), 'string', `${names[i]} swapped`)
    const doubled = members.toSpliced(i, 0, members[i] as TarMember)
    assert.equal(typeof (await outcome(c, await packed(recipient(c), doubled))), 'string', `${names[i]} twice`)
  }
  for (const name of ['tile/0/999', 'deliveries/7-3', 'heads/abc', 'x', 'a'.repeat(100)]) {
    const strange = members.toSpliced(5, 0, { name, bytes: Buffer.from('x') })
    assert.equal(typeof (await outcome(c, await packed(recipient(c), strange))), 'string', name)
  }
  for (const name of names.filter((each) => !/^(deliveries|answers|tile)/.test(each))) {
    const without = members.filter((member) => member.name !== name)
    const end = await outcome(c, await packed(recipient(c), without))
    assert.equal(typeof end, 'string', `without ${name}`)
  }
  assert.notDeepEqual(await stateOf(c), before, 'what proves itself is taken, whatever stands behind it')
  assert.equal(typeof (await outcome(c, await packed(recipient(c), members))), 'object')
  await new Check(world).everything()
})

test('bombs, floods and streams without an end are stopped early', async () => {
  const { world, a, c } = await two()
  await using _ = world
  const members = await opened(c, await write(a, 'c.example'))
  const to = recipient(c)
  const head = Buffer.concat(members.slice(0, 5).map(encodeMember))
  const zeros = zstdCompressSync(Buffer.alloc(64 << 20))
  const bomb = await sealed(to, [zstdCompressSync(head), ...Array.from({ length: 40 }, () => zeros)])
  assert.ok(bomb.length < 200_000)
  assert.equal(typeof (await outcome(c, bomb)), 'string')
  const large = Buffer.from(encodeMember({ name: 'deliveries/1-1', bytes: Buffer.alloc(1024) }))
  const flood = await sealed(to, [
    zstdCompressSync(Buffer.concat([head, ...Array.from({ length: 20_000 }, () => large)])),
  ])
  assert.equal(typeof (await outcome(c, flood)), 'string')
  let given = 0
  async function* endless(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += piece.length
      yield piece
    }
  }
  const message = async (source: AsyncIterable<Uint8Array>): Promise<string> =>
    Array.fromAsync(c.federation.bundles.read('test', source)).then(
      () => '',
      (error: Error) => error.message,
    )
  for (const byte of [0, 10, 97]) assert.match(await message(endless(Buffer.alloc(4096, byte))), /no encrypted file/)
  assert.ok(given < 100_000)
  const header = Buffer.from('age-encryption.org/v1\n-> X25519 ')
  assert.match(
    await message(
      (async function* () {
        yield header
        yield* endless(Buffer.alloc(4096, 97))
      })(),
    ),
    /no encrypted file/,
  )
  assert.ok(given < 300_000)
})

test('of tiles only those at the edge of the log are taken, and no larger than a tile', async () => {
  const { world, a, c } = await two()
  await using _ = world
  for (const word of ['first', 'second']) {
    await publish(world, a, word)
    if (word === 'first') for (let n = 0; n < 2; n += 1) await carry(a, c)
  }
  const members = await opened(c, await write(a, 'c.example'))
  const at = members.findIndex(({ name }) => name.startsWith('tile/'))
  const tile = members[at] as TarMember
  const other = { name: 'tile/0/999', bytes: tile.bytes }
  const large = { ...tile, bytes: Buffer.alloc(1 << 20) }
  for (const changed of [members.toSpliced(at + 1, 0, other), members.with(at, large)])
    assert.match(String(await outcome(c, await packed(recipient(c), changed))), /no such tile is at the edge/)
  assert.equal(typeof (await outcome(c, await packed(recipient(c), members))), 'object')
})

test('a bundle holds no more heads than a message has', async () => {
  const { world, a, c } = await two()
  await using _ = world
  const members = await opened(c, await write(a, 'c.example'))
  const heads = Array.from({ length: LIMITS.gossipHeadsMax + 1 }, (_each, n) => headOfNobody(n))
  const end = members.findIndex(({ name }) => name.startsWith('answers/'))
  const holding = (count: number): TarMember[] =>
    members.toSpliced(end, 0, ...heads.slice(0, count).toSorted((x, y) => (x.name < y.name ? -1 : 1)))
  assert.match(String(await outcome(c, await packed(recipient(c), holding(heads.length)))), /holds more than 500 heads/)
  const full = await outcome(c, await packed(recipient(c), holding(LIMITS.gossipHeadsMax)))
  assert.ok(typeof full === 'object' && full.heads === LIMITS.gossipHeadsMax)
})

/** The head of a log that nobody follows. */
function headOfNobody(n: number): TarMember {
  const origin = `z${n}.example/log`
  const signer = noteSigner(origin, signingKey('ed25519', Buffer.alloc(32, 7)))
  const note = signCheckpoint({ origin, size: 1, root: new Uint8Array(32) }, [signer])
  return { name: headName(sha256(Buffer.from(origin))), bytes: Buffer.from(note) }
}

test('a bundle that is refused or broken off is in the audit log, with whose it says it is and why', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'named')
  const file = await write(a, 'c.example')
  const members = await opened(c, file)
  const [first, ...rest] = members as [TarMember, ...TarMember[]]
  const forged = await packed(recipient(c), [changed(first, { from: 'z.example' }), ...rest])
  for (const bad of [file.subarray(0, -40), forged, forged, file.subarray(0, 10)])
    assert.equal(typeof (await outcome(c, bad)), 'string')
  const events = c.federation.bundles.read('test', atOnce(file))
  await events.next()
  await events.return(undefined)
  assert.equal(typeof (await outcome(c, file)), 'object')
  const { items } = await world.api<{ items: { actor: string; subject: string; detail: { reason: string } }[] }>(
    c,
    'GET',
    '/audit?action=bundle.refused',
  )
  const told = items.map(({ actor, subject, detail }) => `${actor} ${subject}: ${detail.reason}`)
  assert.deepEqual(told.toReversed(), [
    'test a stranger: the file is cut off or damaged',
    'test z.example: the bundle says it is from z.example, which is no peer of this node',
    'test a stranger: the file is no encrypted file for a member',
    'test a.example: the reading was broken off',
  ])
})

test('ten million tiny files are not read to their end', async () => {
  const { world, a, c } = await two()
  await using _ = world
  const members = await opened(c, await write(a, 'c.example'))
  const head = zstdCompressSync(Buffer.concat(members.slice(0, 5).map(encodeMember)))
  let made = 0
  async function* tiny(): AsyncGenerator<Uint8Array> {
    yield head
    for (let n = 0; n < 10_000_000 / 500; n += 1) {
      const files = Array.from({ length: 500 }, (_, i) =>
        encodeMember({ name: `heads/${(n * 500 + i).toString(16).padStart(64, '0')}`, bytes: Buffer.from('x') }),
      )
      made += 500
      yield zstdCompressSync(Buffer.concat(files))
    }
  }
  const end = await Array.fromAsync(c.federation.bundles.read('test', sealFile([recipient(c)], tiny()))).catch(
    (error: Error) => error.message,
  )
  assert.equal(typeof end, 'string')
  assert.ok(made < 1_000_000, `${made} files`)
})

test('read again, or an older one after a newer: nothing changes', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'first')
  const older = await write(a, 'c.example')
  await publish(world, a, 'second')
  const newer = await write(a, 'c.example')
  assert.equal(typeof (await outcome(c, newer)), 'object')
  const state = await stateOf(c)
  for (const file of [newer, older, newer]) {
    const end = await outcome(c, file)
    assert.ok(typeof end === 'object' && end.leaves === 0 && end.statements === 0)
  }
  assert.deepEqual(await stateOf(c), state)
})

test('of two bundles the second says that the first is missing', async () => {
  const { world, a, c } = await two()
  await using _ = world
  await publish(world, a, 'one')
  await carry(a, c)
  await publish(world, a, 'two')
  const late = await world.add('d.example', { network: false })
  await world.introduceByFile(a, late)
  const start = (await read(late, await write(a, 'd.example')))[0]
  assert.ok(start?.kind === 'manifest' && start.manifest.log.from === 0)
  const members = await opened(c, await write(a, 'c.example'))
  const [first, ...rest] = members as [TarMember, ...TarMember[]]
  const manifest = changed(first, { log: { origin: 'a.example/log', from: 500, size: 900 } })
  const key = httpSigningKey('a.example', a.seeds.http)
  const files = rest.map((member) =>
    member.name === 'manifest.sig' ? { ...member, bytes: signManifest(manifest.bytes, key) } : member,
  )
  assert.match(
    String(await outcome(c, await packed(recipient(c), [manifest, ...files]))),
    /missing before this bundle: its leaves begin at 500/,
  )
})
