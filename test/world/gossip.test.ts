// Nobody learns by the answers to heads that it passes on (docs/protocol.md, "Witnessing") whose peers there are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logKeys } from '#kernel/key-file.ts'
import { formatCheckpoint, signCheckpoint } from '#kernel/log/checkpoint.ts'
import { formatNote, parseNote } from '#kernel/note.ts'
import { findPeer } from '#federation/peers.ts'
import { World, type WorldMember } from './world.ts'

/** `a.example` with two peers that do not know each other. */
async function three(seed: string): Promise<{ world: World; a: WorldMember; b: WorldMember; c: WorldMember }> {
  const world = new World(seed)
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b)
  await world.introduce(a, c)
  await world.quiesce()
  return { world, a, b, c }
}

/** Tells `a.example` of a head, with its Ed25519 line alone. Returns the status of the answer. */
async function tell(from: WorldMember, note: Uint8Array): Promise<number> {
  const document = (await findPeer(from.store, 'a.example'))?.document ?? assert.fail()
  const { text, signatures } = parseNote(note)
  const heads = [Buffer.from(formatNote(text, [signatures[0]?.line ?? ''])).toString()]
  const { status } = await from.federation.caller.call(document, {
    method: 'POST',
    url: 'http://a.example/peer/heads',
    body: Buffer.from(JSON.stringify({ heads })),
    contentType: 'application/json',
  })
  return status
}

test('a head that its log did not sign is answered alike, whether that log is a peer’s or nobody’s, and noted', async () => {
  const { world, a, c } = await three('who is a peer')
  await using _ = world
  const forged = (origin: string): Uint8Array =>
    signCheckpoint({ origin, size: 1, root: new Uint8Array(32) }, logKeys(origin, c.seeds.log).signers)
  assert.equal(await tell(c, forged('nobody.example/log')), 204)
  assert.equal(await tell(c, forged('b.example/log')), 204)
  const unsigned = formatNote(formatCheckpoint({ origin: 'b.example/log', size: 1, root: new Uint8Array(32) }), [
    parseNote(forged('z.example/log')).signatures[0]?.line ?? '',
  ])
  assert.equal(await tell(c, unsigned), 204)
  await world.pass(10)
  const { items } = await world.api<{ items: { subject: string; detail: { reason: string } }[] }>(
    a,
    'GET',
    '/audit?action=peer.refused',
  )
  assert.deepEqual(
    items.map(({ subject }) => subject),
    ['c.example'],
  )
  assert.match(items[0]?.detail.reason ?? '', /not signed by its log/)
})
