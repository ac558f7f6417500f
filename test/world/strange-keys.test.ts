// What one peer says of its keys stops nothing but that peer: keys of types that a later version may know are kept and
// ignored, and a document that cannot be read is that peer's alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatVkey } from '#kernel/note.ts'
import { parseNodeDocument } from '#federation/document.ts'
import { encodeOwnDocument, keepDocumentHead, loadOwnDocument, publishDocument } from '#federation/own-document.ts'
import { listPeers } from '#federation/peers.ts'
import type { NodeDocument } from '#federation/wire.ts'
import { finds, publish, pull, stage, type Stage } from './stage.ts'
import { tamper, type WorldMember } from './world.ts'

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
