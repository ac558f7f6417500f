// What one peer says of its keys stops nothing but that peer: keys of types that a later version may know are kept and
// ignored, and a document that cannot be read is that peer's alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeItem, FIRST_HASH } from '#kernel/delivery-item.ts'
import { sha256 } from '#kernel/hash.ts'
import type { OutboundResponse } from '#kernel/http/outbound.ts'
import { formatVkey } from '#kernel/note.ts'
import { formatTrustPolicy, parseTrustPolicy } from '#kernel/trust-policy.ts'
import { parseNodeDocument } from '#federation/document.ts'
import { encodeDelivery } from '#federation/frames.ts'
import { encodeOwnDocument, keepDocumentHead, loadOwnDocument, publishDocument } from '#federation/own-document.ts'
import { listPeers } from '#federation/peers.ts'
import { loadShownHead } from '#federation/serve.ts'
import { followersOf } from '#federation/witness/gossip.ts'
import { currentPolicy } from '#federation/witness/trust.ts'
import type { NodeDocument } from '#federation/wire.ts'
import { finds, publish, pull, stage, type Stage } from './stage.ts'
import { tamper, World, type WorldMember } from './world.ts'

type Mutable = { -readonly [K in keyof NodeDocument]: NodeDocument[K] }

/** A key of a type that nobody knows. */
const strange = (name: string): string =>
  formatVkey({ name, keyId: 0xdeadbeef, type: 0x7f, publicKey: new Uint8Array(8) })

/** `b.example` exchanges with `a.example` and with `c.example`, of which something is to be said. */
async function three(seed: string): Promise<Stage & { readonly c: WorldMember }> {
  const scene = await stage(seed, { others: ['b.example', 'c.example'] })
  const c = scene.world.members.get('c.example') as WorldMember
  await scene.world.introduce(scene.b, c)
  return { ...scene, c }
}

/** A member says something else of itself than its node would. */
async function announce(member: WorldMember, change: (document: Mutable) => void): Promise<void> {
  const parsed = parseNodeDocument((await loadOwnDocument(member.store)) as Uint8Array)
  assert.ok(parsed.ok)
  const document: Mutable = structuredClone(parsed.document)
  document.version += 1
  change(document)
  await member.store.write(publishDocument, { bytes: encodeOwnDocument(document) })
  await member.store.write(keepDocumentHead, null)
}

const withLogKey = (document: Mutable): void => {
  document.log = { ...document.log, vkeys: [...document.log.vkeys, strange('c.example/log')] }
}

test('a log key of an unknown type in one peer’s document stops nobody, not even that peer, and no start', async () => {
  const { world, a, b, c } = await three('strange log key')
  await using _ = world
  await announce(c, withLogKey)
  assert.equal(await pull(b, 'c.example'), '')
  const known = (await listPeers(b.store)).find(({ name }) => name === 'c.example')
  assert.equal(known?.document.log.vkeys.length, 3, 'the key is kept')
  await publish(world, a, 'after')
  const again = await world.move('b.example', 'b.example')
  assert.equal(await pull(again), '')
  assert.equal(await pull(again, 'c.example'), '')
  assert.equal(await finds(world, again, 'after'), 1)
})

test('a stored document that cannot be read is said of that peer, and stops no other and no start', async () => {
  const { world, a, b } = await three('unreadable document')
  await using _ = world
  await b.store.write(tamper, `UPDATE peer SET document = CAST('{}' AS BLOB) WHERE name = 'c.example'`)
  await publish(world, a, 'after')
  const again = await world.move('b.example', 'b.example')
  assert.equal(await pull(again), '')
  assert.equal(await finds(world, again, 'after'), 1)
  assert.match(await pull(again, 'c.example'), /stands still: what is kept here of its node document cannot be read/)
  const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(again, 'GET', '/peers')
  const marked = items.filter(({ stopped }) => stopped !== undefined)
  assert.deepEqual(
    marked.map(({ member }) => member),
    ['c.example'],
  )
})

test('a witness with one key of an unknown type witnesses with the others, and stops no round with whom it witnesses', async () => {
  const { world, a, b, c } = await three('strange witness key')
  await using _ = world
  await announce(c, (document) => {
    const witness = document.witness as NonNullable<NodeDocument['witness']>
    document.witness = { ...witness, vkeys: [strange(witness.name), ...witness.vkeys] }
  })
  assert.equal(await pull(a, 'c.example'), '')
  assert.equal(await pull(b, 'c.example'), '')
  await publish(world, a, 'word')
  await world.quiesce()
  const { note } = (await loadShownHead(a.store)) as { note: Uint8Array }
  assert.match(Buffer.from(note).toString('utf8'), /— c\.example\/witness /, 'its lines are taken')
  assert.equal(await pull(b), '')
  assert.ok((await followersOf(b.store, 'a.example/log')).includes('c.example'))
  const { policy } = await currentPolicy(b.store)
  assert.deepEqual(parseTrustPolicy(formatTrustPolicy(policy)), policy, 'the policy that follows can be set')
})

test('a key of an unknown type of a log that ended stops nothing that others bring of that log', async () => {
  const { world, a, b, c } = await three('strange earlier key')
  await using _ = world
  await announce(a, (document) => {
    const vkeys = [strange('a.example/log/7')]
    const earlier = [{ origin: 'a.example/log/7', vkeys, size: 1, root: Buffer.alloc(32).toString('base64') }]
    document.log = { ...document.log, earlier }
  })
  await world.quiesce()
  assert.equal((await listPeers(b.store))[0]?.document.log.earlier.length, 1)
  world.network.meddle = (path, response) =>
    path.startsWith('/peer/deliveries?after=0') ? pageOf(passedOn('a.example/log/7'), response) : response
  assert.equal(await pull(b, c.name), '', 'what cannot be believed is left out')
  const deed = await b.store.get<{ subject: string }>(`SELECT subject FROM audit WHERE action = 'forward.refused'`)
  assert.equal(deed?.subject, 'a.example/log/7')
})

/** A delivery with one statement of another's log, by which nothing is proven. */
function passedOn(origin: string): Uint8Array {
  const item = encodeItem({ seq: 1, prevHash: FIRST_HASH, origin, indexes: [0], reason: 'new' })
  const salt = new Uint8Array(32)
  const nothing = new Uint8Array(0)
  const shown = {
    index: 0,
    entrySalt: salt,
    partCommits: [salt, salt, salt, salt],
    header: { salt, bytes: nothing },
    content: { seed: salt, items: [nothing] },
  }
  return Buffer.concat([...encodeDelivery(item, [shown])])
}

function pageOf(body: Uint8Array, response: OutboundResponse): OutboundResponse {
  return { ...response, status: 200, headers: { 'comity-page': `${sha256(body).toHex()} ${body.length}` }, body }
}

test('what is no key at all is refused with its document, wherever it stands there', async () => {
  await using world = new World('no key')
  const a = await world.add('a.example')
  const parsed = parseNodeDocument((await loadOwnDocument(a.store)) as Uint8Array)
  assert.ok(parsed.ok)
  const { log, witness } = parsed.document
  const earlier = [{ origin: 'a.example/log/7', vkeys: ['none'] }]
  for (const change of [
    { log: { ...log, vkeys: [...log.vkeys, 'none'] } },
    { log: { ...log, earlier } },
    { witness: { ...witness, vkeys: ['none'] } },
  ]) {
    const changed = parseNodeDocument(Buffer.from(JSON.stringify({ ...parsed.document, ...change })))
    assert.equal(changed.ok ? '' : changed.reason, 'this is not a verifier key')
  }
})
