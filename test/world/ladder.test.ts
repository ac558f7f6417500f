// The ladder a statement climbs (received, logged, witnessed k of n) is told with each record, wherever it stands.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { RecordDetail } from '#sharing/wire.ts'
import { publish, publishAll, stage } from './stage.ts'
import { tamper, type World, type WorldMember } from './world.ts'

type Ladder = RecordDetail['versions'][number]['proof']['ladder']

async function ladderAt(world: World, member: WorldMember, id: string): Promise<Ladder | undefined> {
  return (await world.api<RecordDetail>(member, 'GET', `/records/${id}`)).versions[0]?.proof.ladder
}

test('own records are logged at once and witnessed when enough have answered, others’ by whom this node knows', async () => {
  await using place = await stage('ladder', { others: ['b.example', 'c.example'] })
  const { world, a, b } = place
  await world.quiesce()
  const id = await world.network.apart(() => publish(world, a, 'climbing'))
  assert.deepEqual(await ladderAt(world, a, id), { step: 'logged', k: 0, n: 2, needed: 2 })
  world.network.cut.add('a.example c.example')
  await world.pass(60_000)
  assert.deepEqual(await ladderAt(world, a, id), { step: 'logged', k: 1, n: 2, needed: 2 }, 'one of two')
  await world.quiesce()
  assert.deepEqual(await ladderAt(world, a, id), { step: 'witnessed', k: 2, n: 2, needed: 2 })
  const there = await ladderAt(world, b, id)
  assert.equal(there?.step, 'witnessed')
  assert.ok(there.k >= 1 && there.k <= there.n, 'this node’s own line at least')
})

test('a record whose proof does not hold here is received and no more', async () => {
  await using place = await stage('ladder broken')
  const { world, a, b } = place
  const id = await publish(world, a, 'climbing')
  await world.quiesce()
  await b.store.write(
    tamper,
    "UPDATE item SET bytes = CAST(replace(CAST(bytes AS TEXT), 'climbing', 'changing') AS BLOB)",
  )
  assert.equal((await ladderAt(world, b, id))?.step, 'received')
  assert.equal((await ladderAt(world, a, id))?.step, 'witnessed')
})

test('alone, a record is logged and witnessed by nobody', async () => {
  await using place = await stage('ladder alone', { others: [] })
  const { world, a } = place
  const id = await publish(world, a, 'alone')
  assert.equal((await ladderAt(world, a, id))?.step, 'logged')
})

test('what waits to be logged is named as received to whoever may decide, and to nobody else', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-ladder-`)
  await using place = await stage('ladder kept', { folder: folder.path })
  const { world } = place
  await world.quiesce()
  const restored = await world.restore('a.example', world.backUp('a.example', 'backup'))
  const [id = ''] = await publishAll(world, restored, ['waiting'])
  const ask = async (secret: string): Promise<{ status: number; detail: string; remedy: string }> => {
    const { statusCode, body } = await restored.app.inject({
      url: `/api/records/${id}`,
      headers: { authorization: `Bearer ${secret}` },
    })
    return { status: statusCode, ...(JSON.parse(body) as { detail: string; remedy: string }) }
  }
  const told = await ask(restored.token)
  assert.equal(told.status, 404)
  assert.match(told.detail, /is received, .*, and waits to be logged/)
  assert.match(told.remedy, /number \d+ of “comity kept list”/)
  const { secret } = await world.api<{ secret: string }>(restored, 'POST', '/tokens', {
    name: 'reader',
    role: 'viewer',
  })
  assert.match((await ask(secret)).detail, /^no record/)
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.equal((await ladderAt(world, restored, id))?.step, 'witnessed')
})
