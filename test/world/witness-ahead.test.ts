// A witness that cosigned more of a log than the log shows it (docs/protocol.md, "Witnessing"): somebody else has the log's
// keys, or the log lost what was said. The witness cosigns nothing more, and the log's own people hear why.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { storedConsistencyProof } from '#kernel/log/stored-proof.ts'
import { formatAddCheckpoint } from '#kernel/witness.ts'
import { seenOf } from '#federation/witness/store.ts'
import { publish, stage } from './stage.ts'
import { outcome, write } from './stick.ts'
import { ramble, type World, type WorldMember } from './world.ts'

const ORIGIN = 'a.example/log'

/** Has `from`'s head of the log cosigned by a witness, as anybody may. */
async function submit(from: WorldMember, witness: WorldMember): Promise<void> {
  const old = (await seenOf(witness.store, ORIGIN)).size
  const head = await from.store.get<{ size: number; checkpoint: Uint8Array }>(
    'SELECT size, checkpoint FROM log WHERE id = ?',
    OWN_LOG,
  )
  assert.ok(head !== undefined)
  const proof = await storedConsistencyProof(from.store, OWN_LOG, old, head.size)
  const payload = Buffer.from(formatAddCheckpoint({ old, proof, checkpoint: head.checkpoint }))
  const { statusCode } = await witness.app.inject({ method: 'POST', url: '/witness/add-checkpoint', payload })
  assert.equal(statusCode, 200)
}

/** Somebody with the keys of `a.example` goes on from its log alone, and lets a witness cosign that. */
async function stealAhead(world: World, witness: WorldMember): Promise<void> {
  const thief = await world.twin('a.example', 'thief.example')
  await thief.store.write(ramble, { member: 'a.example', count: 5 })
  await submit(thief, witness)
  world.members.delete('thief.example')
  await thief[Symbol.asyncDispose]()
}

async function alarms(world: World, member: WorldMember): Promise<string[]> {
  const { items } = await world.api<{ items: { actor: string }[] }>(member, 'GET', '/audit?action=log.alarm')
  return items.map(({ actor }) => actor)
}

test('who has more of a log cosigned than it shows tells its author, who then knows of the stolen keys', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-ahead-`)
  const { world, a, b } = await stage('ahead', { folder: folder.path })
  await using _ = world
  await publish(world, a, 'before')
  await world.quiesce()
  await stealAhead(world, b)
  let told = 0
  world.network.watch = ({ url }) => void (url === 'http://a.example/peer/cosignature' && (told += 1))
  await publish(world, a, 'after')
  await world.quiesce()
  assert.deepEqual(await alarms(world, a), ['peer:b.example'])
  for (let n = 0; n < 3; n += 1) await b.federation.pullPeer('a.example')
  assert.equal(told, 1)
  world.clock.advance(3600_000)
  await b.federation.pullPeer('a.example')
  assert.equal(told, 2, 'and once more every hour')
})

test('who has no network tells it with the next bundle', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-ahead-`)
  const { world, a, b } = await stage('ahead by file', { folder: folder.path })
  await using _ = world
  await world.quiesce()
  await stealAhead(world, b)
  world.network.cut.add('a.example b.example')
  await outcome(a, await write(b, 'a.example'))
  assert.deepEqual(await alarms(world, a), ['peer:b.example'])
})

test('a head that the author itself handed over is no alarm, though the mirror is behind it', async () => {
  const { world, a, b } = await stage('handed over')
  await using _ = world
  await world.quiesce()
  const mirrored = await b.store.get<{ checkpoint: Uint8Array }>('SELECT checkpoint FROM log WHERE origin = ?', ORIGIN)
  await a.store.write(ramble, { member: 'a.example', count: 2 })
  await submit(a, b)
  const statuses: number[] = []
  world.network.meddle = (path, response) => {
    if (path === '/peer/cosignature') statuses.push(response.status)
    if (path !== '/log/checkpoint') return response
    return { status: 200, headers: { etag: '"earlier"' }, body: mirrored?.checkpoint ?? new Uint8Array(0) }
  }
  await b.federation.pullPeer('a.example')
  assert.deepEqual(statuses, [204])
  assert.deepEqual(await alarms(world, a), [])
})
