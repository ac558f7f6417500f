// A member that moves is followed, for its log says where it is; nobody else can move it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNodeDocument } from './document.ts'
import { findPeer, type Peer } from './peers.ts'
import { judgeDocument } from './document-proof.ts'
import { World, type WorldMember } from '#test/world/world.ts'

async function two(): Promise<{ world: World; a: WorldMember; b: WorldMember }> {
  const world = new World('moving')
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  return { world, a, b }
}

const known = async (at: WorldMember, name: string): Promise<Peer> => (await findPeer(at.store, name)) as Peer

test('a member that moves tells its peers, and they follow', async () => {
  const { world, b } = await two()
  await using _ = world
  assert.equal((await known(b, 'a.example')).document.endpoint, 'http://a.example')
  await world.move('a.example', 'new.a.example')
  await world.quiesce()
  const peer = await known(b, 'a.example')
  assert.equal(peer.document.endpoint, 'http://new.a.example')
  assert.equal(peer.document.version, 2)
  await b.federation.pullPeer('a.example')
  const deeds = await b.store.all<{ n: number }>(`SELECT id AS n FROM audit WHERE action = 'peer.renew'`)
  assert.equal(deeds.length, 1)
})

test('a member that moved while its peer was away is found again when the peer is back', async () => {
  const { world, b } = await two()
  await using _ = world
  world.network.cut.add('a.example b.example')
  await world.move('a.example', 'new.a.example')
  await b.federation.pullPeer('a.example').catch(() => {})
  assert.equal((await known(b, 'a.example')).document.version, 1)
  await world.quiesce()
  assert.equal((await known(b, 'a.example')).document.version, 2)
})

test('a document without its log’s proof moves nobody, whatever in it or in the proof is changed', async () => {
  const { world, a, b } = await two()
  await using _ = world
  await world.move('a.example', 'new.a.example')
  const fetch = async (path: string): Promise<Buffer> =>
    (await (world.members.get('a.example') ?? a).app.inject({ method: 'GET', url: path })).rawPayload
  const [document, proof] = [await fetch('/.well-known/comity'), await fetch('/.well-known/comity.proof')]
  const peer = await known(b, 'a.example')
  const before = { ...peer.document, version: 1 }
  assert.ok(judgeDocument(before, document, proof).ok)
  for (let i = 0; i < document.length; i += 7) {
    const changed = Buffer.from(document)
    changed[i] = (changed[i] ?? 0) ^ 0x02
    assert.ok(!judgeDocument(before, changed, proof).ok, `document byte ${i}`)
  }
  for (let i = 0; i < proof.length; i += 5) {
    const changed = Buffer.from(proof)
    changed[i] = (changed[i] ?? 0) ^ 0x02
    if (sameMeaning(proof, changed)) continue
    assert.ok(!judgeDocument(before, document, changed).ok, `proof byte ${i}`)
  }
  const own = parseNodeDocument(await (await b.app.inject({ url: '/.well-known/comity' })).rawPayload)
  assert.ok(own.ok)
  const foreign = judgeDocument({ ...before, member: 'c.example' }, document, proof)
  assert.match(foreign.ok ? '' : foreign.reason, /a\.example/)
})

/** Of `a.example`, as it shows them now. */
type Shown = Readonly<Record<string, Buffer>>
const PATHS = ['/.well-known/comity', '/.well-known/comity.proof']

async function shownBy(a: WorldMember): Promise<Shown> {
  const shown = PATHS.map(async (path) => [path, (await a.app.inject({ url: path })).rawPayload] as const)
  return Object.fromEntries(await Promise.all(shown))
}

for (const [claim, early] of [
  ['between the questions for it and for its proof', PATHS.slice(0, 1)],
  ['behind both questions', PATHS],
] as const)
  test(`a member whose document changes ${claim} is not accused, and is followed`, async () => {
    const { world, a, b } = await two()
    await using _ = world
    await world.quiesce()
    const change = (contact: string): Promise<void> =>
      world.network.apart(async () => void (await world.api(a, 'PATCH', '/member', { contact })))
    await change('one@a.example')
    const before = await shownBy(a)
    await change('two@a.example')
    const asked = new Set<string>()
    world.network.meddle = (path, response, host) => {
      const body = before[path]
      if (host !== 'a.example' || body === undefined || !early.includes(path) || asked.has(path)) return response
      asked.add(path)
      return { ...response, body }
    }
    await b.federation.pullPeer('a.example')
    assert.equal(asked.size, early.length)
    assert.equal((await known(b, 'a.example')).document.version, 3)
    const { items } = await world.api<{ items: { subject: string }[] }>(b, 'GET', '/audit?action=peer.refused')
    assert.ok(items.every(({ subject }) => subject !== 'a.example'))
  })

/** Witness lines and names of properties nobody asks for are outside of what is proven. */
function sameMeaning(before: Buffer, after: Buffer): boolean {
  try {
    return JSON.stringify(JSON.parse(before.toString())) === JSON.stringify(JSON.parse(after.toString()))
  } catch {
    return false
  }
}
