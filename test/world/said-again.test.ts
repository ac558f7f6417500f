// One record that its author said in more than one statement: after it was taken back, in another log, in two collections.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { sha256 } from '#kernel/hash.ts'
import { eraseRecords } from '#sharing/erase-command.ts'
import { withdrawRecords } from '#sharing/withdraw-command.ts'
import { seededRandom } from '#test/store.ts'
import { ENERGY, finds, stage } from './stage.ts'
import type { World, WorldMember } from './world.ts'

const SEED = seededRandom('said again')(32)
const ID = 'indicator--00000000-0000-4000-8000-000000000001'
const TIME = '2026-01-01T00:00:00.000Z'
let imports = 0

/** A member says the one record that these stories are about, each time with the same version. */
async function put(world: World, member: WorldMember, collection: string): Promise<void> {
  world.clock.advance(1000)
  imports += 1
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${imports.toString(16).padStart(64, '0')}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify({
      type: 'indicator',
      spec_version: '2.1',
      id: ID,
      created: TIME,
      modified: TIME,
      name: 'turbine',
      pattern: `[domain-name:value = 'turbine.example']`,
      pattern_type: 'stix',
      valid_from: TIME,
    }),
  })
  assert.match(body, /"added":1/, body)
}

const withdraw = (world: World, member: WorldMember): Promise<unknown> =>
  world.api(member, 'POST', '/withdrawals', { id: ID, reason: 'false-positive' })

const found = (world: World, ...members: readonly WorldMember[]): Promise<number[]> =>
  Promise.all(members.map((member) => finds(world, member, 'turbine')))

const marking = (tlp: string, communities: readonly string[] = []): object => ({
  tlp,
  audience: { named: false, communities },
  personal: 'none',
})

test('what was taken back after a recovery and said again stands, also at who meets its author then', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-said-again-`)
  await using place = await stage('again', { folder: folder.path, recoverySeed: SEED })
  const { world, a, b } = place
  await put(world, a, 'open')
  await world.quiesce()
  const again = await world.recover('a.example', SEED)
  await world.quiesce()
  await withdraw(world, again)
  await world.quiesce()
  assert.deepEqual(await found(world, b), [0])
  await put(world, again, 'open')
  const d = await world.add('d.example')
  await world.introduce(again, d)
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual(await found(world, again, b, d), [1, 1, 1])
})

test('what was taken back under a narrow marking and said again under a wider one stands, also once the narrow one may be given', async () => {
  await using place = await stage('marking')
  const { world, a, b } = place
  await world.api(a, 'POST', '/collections', {
    title: 'energy',
    alias: 'energy',
    share: 'peers',
    marking: marking('AMBER', [ENERGY]),
  })
  await put(world, a, 'energy')
  await withdraw(world, a)
  await world.api(a, 'PATCH', '/collections/energy', { marking: marking('GREEN') })
  await put(world, a, 'energy')
  await world.quiesce()
  assert.deepEqual(await found(world, b), [1])
  await world.api(a, 'POST', '/peers/b.example/approve', { communities: [ENERGY] })
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual(await found(world, a, b), [1, 1])
  const held = await b.store.all(`SELECT 1 FROM statement WHERE kind IN ('records.put', 'records.withdraw')`)
  assert.equal(held.length, 1, 'what was taken back is given to nobody who did not have it')
})

test('what stands in two collections, and is withdrawn or erased in one, stands in the other, at who has both', async () => {
  await using place = await stage('two')
  const { world, a, b } = place
  const idOf = async (alias: string): Promise<number> =>
    (await a.store.get<{ id: number }>('SELECT id FROM collection WHERE alias = ?', alias))?.id as number
  for (const alias of ['second', 'third'])
    await world.api(a, 'POST', '/collections', { title: alias, alias, share: 'peers', marking: marking('GREEN') })
  for (const alias of ['open', 'second', 'third']) await put(world, a, alias)
  await world.api(b, 'POST', '/watch', { value: 'turbine.example', asset: 'ours' })
  await world.quiesce()
  // As a TAXII client deletes it from the one collection it may write, and as a whole collection is let go of.
  const collection = await idOf('open')
  await a.store.write(withdrawRecords, { actor: 'client:one', id: ID, collection, reason: 'revoked' })
  await world.quiesce()
  assert.deepEqual(await found(world, a, b), [2, 1])
  const warned = `SELECT w.state FROM warning w JOIN evidence e ON e.warning = w.id JOIN record r ON r.seq = e.record
    WHERE r.withdrawn IS NULL`
  assert.deepEqual(
    (await b.store.all<{ state: string }>(warned)).map(({ state }) => state),
    ['new'],
  )
  const of = { collection: await idOf('second') }
  await a.store.write(eraseRecords, { actor: 'admin', of, reason: 'legal', keepHeader: false })
  await world.quiesce()
  assert.deepEqual(await found(world, a, b), [1, 1])
  await withdraw(world, a)
  await world.quiesce()
  assert.deepEqual(await found(world, a, b), [0, 0])
})

test('what was said in a log that ended, and is erased where it was said again, goes at who met its author anew', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-said-again-`)
  await using place = await stage('anew', {
    folder: folder.path,
    recoverySeed: SEED,
    others: ['b.example', 'c.example'],
  })
  const { world, a, b } = place
  const c = world.members.get('c.example') as WorldMember
  const backup = world.backUp('a.example', 'old')
  await put(world, a, 'open')
  await world.quiesce()
  const path = `/witness/${sha256(Buffer.from('a.example/log')).toHex()}/checkpoint`
  const head = (await c.app.inject({ url: path })).rawPayload
  await world.api(b, 'DELETE', '/peers/a.example')
  const again = await world.recover('a.example', SEED, { backup, head })
  await world.api(again, 'DELETE', '/peers/b.example')
  await world.quiesce()
  await put(world, again, 'open')
  await world.introduce(again, b)
  await world.quiesce()
  assert.deepEqual(await found(world, b, c), [1, 1])
  await world.api(again, 'POST', '/erasures', { id: ID, reason: 'personal-data' })
  for (let n = 0; n < 2; n += 1) await world.quiesce()
  assert.deepEqual(await found(world, again, b, c), [0, 0, 0])
})
