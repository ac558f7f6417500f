// Two machines with one member's keys: each finds out at its own first contact, and stops before it signs more.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { findPeer } from '#federation/peers.ts'
import { ramble, World, type WorldMember } from './world.ts'

async function scene(folder?: string): Promise<{ world: World; a: WorldMember; b: WorldMember } & AsyncDisposable> {
  const world = new World('clone', folder)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  await world.quiesce()
  return { world, a, b, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

const speak = (at: WorldMember, count = 1): Promise<void> => at.store.write(ramble, { member: 'a.example', count })

test('a copy that is started elsewhere stops at its first contact, where the other has spoken', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-clone-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const twin = await world.twin('a.example', 'twin.example')
  await speak(a, 3)
  await b.federation.pullPeer('a.example')
  assert.equal(twin.store.status().frozen, undefined)
  await twin.federation.pullPeer('b.example').catch(() => {})
  const reason = twin.store.status().frozen ?? ''
  assert.match(reason, /b\.example holds \d+ statements .* a copy of this node runs elsewhere/)
  await assert.rejects(speak(twin), { code: 'node.restored' })
  assert.equal(a.store.status().frozen, undefined, 'the one that was heard first goes on')
  await speak(a)
  await b.federation.pullPeer('a.example')
})

test('where both have spoken, whoever is heard second stops, says so, and does not forget it in a restart', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-clone-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const twin = await world.twin('a.example', 'twin.example')
  await speak(a, 2)
  await speak(twin, 2)
  await b.federation.pullPeer('a.example')
  await twin.federation.pullPeer('b.example').catch(() => {})
  assert.match(twin.store.status().frozen ?? '', /another history/)
  const deeds = await twin.store.all<{ detail: string }>(`SELECT detail FROM audit WHERE action = 'log.frozen'`)
  assert.equal(deeds.length, 1)
  await assert.rejects(world.api(twin, 'POST', '/log/resume'), /another history/)
  const ready = await twin.app.inject({ url: '/readyz' })
  assert.equal(ready.statusCode, 503)
  assert.ok(!twin.logLines.some((line) => line.includes('request failed') && line.includes('node.restored')))
  assert.equal((await findPeer(b.store, 'a.example'))?.stopped, null)
})

test('a node that was put back as a whole is held back by the first peer that answers, and heals', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-clone-`)
  await using place = await scene(folder.path)
  const { world, a, b } = place
  const backup = world.backUp('a.example', 'snapshot')
  await speak(a, 5)
  await b.federation.pullPeer('a.example')
  // A snapshot of the machine, with its head file: nothing in it says that it is old.
  const back = await world.revive('a.example', backup)
  assert.equal(back.store.status().frozen, undefined)
  await back.federation.pullPeer('b.example').catch(() => {})
  assert.match(back.store.status().frozen ?? '', /this one was put back/)
  await world.api(back, 'POST', '/log/resume')
  assert.equal(back.store.status().frozen, undefined)
  await speak(back)
  await b.federation.pullPeer('a.example')
  assert.equal((await findPeer(b.store, 'a.example'))?.stopped, null)
})

test('a node restored to before it moved takes its document’s version back from its peers', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-clone-`)
  await using place = await scene(folder.path)
  const { world, b } = place
  const backup = world.backUp('a.example', 'early')
  for (const host of ['one.a.example', 'two.a.example']) {
    await world.move('a.example', host)
    await world.quiesce()
  }
  assert.equal((await findPeer(b.store, 'a.example'))?.document.version, 3)
  const back = await world.restore('a.example', backup)
  await back.federation.pullPeer('b.example').catch(() => {})
  await world.api(back, 'POST', '/log/resume')
  await world.quiesce()
  const known = await findPeer(b.store, 'a.example')
  assert.deepEqual([known?.document.endpoint, known?.document.version], ['http://a.example', 4])
})

test('what a peer says of our document’s version counts beside a head of ours, once in a run, up to what our log holds', async () => {
  await using place = await scene()
  const { world, a, b } = place
  await speak(a, 8)
  await world.quiesce()
  const versions = async (at: WorldMember): Promise<number[]> =>
    (await at.store.all<{ version: number }>('SELECT version FROM node_document')).map(({ version }) => version)
  /** In a new run, after the one peer was asked. */
  const afterHearing = async (version: number, status = 200): Promise<WorldMember> => {
    world.network.meddle = (path, response) =>
      path === '/peer/mirror/checkpoint'
        ? { ...response, status, headers: { 'comity-node': String(version) } }
        : response
    const run = await world.move('a.example', 'a.example')
    await world.quiesce()
    return run
  }
  assert.deepEqual(await versions(await afterHearing(5, 404)), [1], 'without a head')
  assert.deepEqual(await versions(await afterHearing(1000)), [1], 'more than there are statements')
  assert.deepEqual(await versions(await afterHearing(999_999_999_999_999)), [1])
  const run = await afterHearing(3)
  assert.deepEqual(await versions(run), [1, 4])
  world.network.meddle = (path, response) =>
    path === '/peer/mirror/checkpoint' ? { ...response, headers: { 'comity-node': '7' } } : response
  run.federation.hearing.doubted((await findPeer(run.store, 'b.example')) ?? assert.fail())
  await world.quiesce()
  assert.deepEqual(await versions(run), [1, 4], 'a second time in one run')
  assert.equal((await findPeer(b.store, 'a.example'))?.document.version, 4)
})
