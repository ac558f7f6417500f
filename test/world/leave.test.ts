// A member that leaves says so in its log; its peers keep what they have and give it nothing more.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { findPeer } from '#federation/peers.ts'
import { seededRandom } from '#test/store.ts'
import { finds, open, publish, stage } from './stage.ts'
import { ramble, tamper, World, type WorldMember } from './world.ts'

async function two(): Promise<{ world: World; a: WorldMember; b: WorldMember }> {
  const world = new World('leaving')
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  for (const member of [a, b]) await open(world, member)
  return { world, a, b }
}

test('peers are told, keep what they have, and neither side goes on', async () => {
  const { world, a, b } = await two()
  await using _ = world
  await publish(world, a, 'kept')
  await world.quiesce()
  await assert.rejects(world.api(a, 'POST', '/leave', { confirm: 'b.example' }), /nothing was done/)
  const { index } = await world.api<{ index: number }>(a, 'POST', '/leave', { confirm: 'a.example' })
  await world.quiesce()
  await world.pass(6000)
  await world.quiesce()
  const peer = await findPeer(b.store, 'a.example')
  assert.deepEqual([peer?.state, peer?.stopped], ['removed', 'it has left: its log has ended'])
  const end = await b.store.get<{ size: number }>('SELECT size FROM log_end')
  assert.ok((end?.size ?? 0) > index)
  assert.equal(await finds(world, b, 'kept'), 1)
  assert.match(a.store.status().frozen ?? '', /has left/)
  await assert.rejects(a.store.write(ramble, { member: 'a.example', count: 1 }), /its log has ended/)
  const { n } = (await b.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery')) as { n: number }
  await publish(world, b, 'unsaid')
  await world.quiesce()
  assert.equal((await b.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery'))?.n, n, 'nothing goes there')
})

test('behind its end a log takes heads and nothing else, at once and however the node is opened again', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-leave-`)
  await using place = await stage('behind the end', { folder: folder.path })
  const { world, a } = place
  const behind = (member: WorldMember): Promise<unknown[]> =>
    member.store.all(
      `SELECT kind FROM statement WHERE log = 1 AND kind <> 'heads'
       AND idx > (SELECT idx FROM statement WHERE log = 1 AND kind = 'log-end')`,
    )
  await world.api(a, 'POST', '/leave', { confirm: 'a.example' })
  await assert.rejects(publish(world, a, 'late'), /its log has ended/)
  await world.quiesce()
  assert.deepEqual(await behind(a), [])
  const again = await world.rekey('a.example', a.seeds)
  await assert.rejects(again.store.write(ramble, { member: 'a.example', count: 1 }), /its log has ended/)
  assert.deepEqual(await behind(again), [])
})

test('a peer whose log has ended is not approved again, and what it says behind the end is not taken in', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-leave-`)
  await using place = await stage('said behind the end', { folder: folder.path })
  const { world, a, b } = place
  await publish(world, a, 'kept')
  await world.quiesce()
  world.network.cut.add('a.example b.example')
  await world.api(a, 'POST', '/leave', { confirm: 'a.example' })
  await a.store.write(tamper, `UPDATE statement SET kind = 'forgotten' WHERE kind = 'log-end'`)
  await publish(world, await world.rekey('a.example', a.seeds), 'behind')
  world.network.cut.clear()
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'kept'), await finds(world, b, 'behind')], [1, 0])
  const reasons = await b.store.all<{ reason: string }>('SELECT reason FROM quarantine')
  assert.deepEqual(
    reasons.map(({ reason }) => reason),
    ['it lies behind the end of its log'],
  )
  await assert.rejects(world.api(b, 'POST', '/peers/a.example/approve', {}), /has left: its log has ended/)
  assert.equal((await findPeer(b.store, 'a.example'))?.stopped, 'it has left: its log has ended')
})

test('a peer that is removed gets nothing more, its tokens are void, and approving it again resumes', async () => {
  const { world, a, b } = await two()
  await using _ = world
  await publish(world, a, 'early')
  await world.quiesce()
  const document = (await findPeer(b.store, 'a.example'))?.document
  assert.ok(document)
  const asked = await b.federation.caller.call(document, {
    method: 'POST',
    url: 'http://a.example/peer/token',
    body: Buffer.alloc(0),
    contentType: 'application/json',
  })
  const { token } = JSON.parse(Buffer.from(asked.body).toString()) as { token: string }
  const read = async (): Promise<number> =>
    (await a.app.inject({ url: '/log/checkpoint', headers: { authorization: `Bearer ${token}` } })).statusCode
  assert.equal(await read(), 200)
  await world.api(a, 'DELETE', '/peers/b.example')
  assert.equal(await read(), 401, 'tokens are void')
  await publish(world, a, 'unheard')
  await assert.rejects(b.federation.pullPeer('a.example'), /not approved/)
  assert.equal(await finds(world, b, 'early'), 1, 'what was given stays')
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  await world.quiesce()
  assert.equal(await finds(world, b, 'unheard'), 1)
})

test('a member whose keys were stolen stays a peer by its recovery, though the thief ended the log before', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-leave-`)
  const recoverySeed = seededRandom('leaving')(32)
  await using place = await stage('stolen', { folder: folder.path, recoverySeed })
  const { world, a, b } = place
  await publish(world, a, 'before')
  await world.quiesce()
  const again = await world.network.apart(async () => {
    await world.api(a, 'POST', '/leave', { confirm: 'a.example' })
    await world.pass(6000)
    return world.recover('a.example', recoverySeed)
  })
  const met = await world.add('c.example')
  await world.introduce(again, met)
  await publish(world, again, 'after')
  await world.quiesce()
  for (const member of [b, met]) {
    const end = await member.store.get(`SELECT 1 FROM statement WHERE kind = 'log-end'`)
    assert.notEqual(end, undefined, `${member.name} has what the thief said`)
    const peer = await findPeer(member.store, 'a.example')
    assert.deepEqual([peer?.state, peer?.stopped], ['approved', null], member.name)
    for (const word of ['before', 'after']) assert.equal(await finds(world, member, word), 1, `${member.name} ${word}`)
  }
})
