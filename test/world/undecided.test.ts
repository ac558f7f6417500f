// What cannot be decided now is not passed over as if it were not there: who takes it back is told to come again, what
// waits to be said goes on waiting, and what is urgent is told all the same.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { AskedPage } from '#federation/erasure/wire.ts'
import type { KeptPage } from '#kernel/http/wire.ts'
import { freezeLog } from '#kernel/log/freeze.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Verdict } from '#kernel/policy/engine.ts'
import type { Ask } from '#kernel/policy/request.ts'
import type { HomeView } from '#src/home/wire.ts'
import { testPolicy } from '#test/store.ts'
import { base, id, oneWith, put, type Fields } from './objects.ts'
import { tamper, World, type WorldMember } from './world.ts'

const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'
const LATER = '2026-01-10T00:00:00.000000Z'
const malware = (n: number, more: Fields = {}): Fields =>
  base('malware', n, { name: 'whisper', is_family: true, ...more })

/** Rules that change nothing but that all is asked anew. */
const IDLE = {
  files: [
    { name: 'own.cedar', text: '@id("idle")\nforbid (principal, action, resource) when { resource.tlp == "RED" };' },
  ],
}

/** The policy thread answers nothing new until it is back; what is done then is asked for after the pause that follows. */
function losePolicy(context: TestContext): { readonly back: () => void } {
  const gone = (_files: unknown, asks: readonly Ask[]): Verdict[] =>
    asks.map(() => ({ ok: false, reason: 'the policy thread is gone', unheard: true }))
  const { mock } = context.mock.method(testPolicy, 'decideSync', gone)
  const now = performance.now.bind(performance)
  return {
    back: () => {
      mock.restore()
      context.mock.method(performance, 'now', () => now() + LIMITS.policyPauseMs)
    },
  }
}

async function post(node: WorldMember, path: string, body: object): Promise<[status: number, answer: string]> {
  const response = await node.app.inject({
    method: 'POST',
    url: `/api${path}`,
    headers: { authorization: `Bearer ${node.token}` },
    payload: body,
  })
  return [response.statusCode, response.body]
}

const drop = async (node: WorldMember, number: number | undefined): Promise<number> => {
  const headers = { authorization: `Bearer ${node.token}` }
  return (await node.app.inject({ method: 'DELETE', url: `/api/kept/${number}`, headers })).statusCode
}

for (const [what, path, reason] of [
  ['taken back', '/withdrawals', 'expired'],
  ['erased', '/erasures', 'legal'],
] as const)
  test(`a record of which one version cannot be decided is not ${what} in part`, async (context) => {
    const { world, node } = await oneWith(`undecided ${what}`, [malware(1)])
    await using _ = world
    await world.api(node, 'GET', `/records/${id('malware', 1)}`)
    await put(node, [malware(1, { modified: LATER, object_marking_refs: [AMBER] })])
    const policy = losePolicy(context)
    const [status, answer] = await post(node, path, { id: id('malware', 1), reason })
    assert.equal(status, 503, answer)
    assert.match(answer, /"code":"busy"/)
    policy.back()
    assert.match((await post(node, path, { id: id('malware', 1), reason }))[1], /"(withdrawn|erased)":2/)
  })

/** A member put back from a backup, that keeps a withdrawal, and asks policy anew about all it has. */
async function keepsWithdrawal(seed: string, folder: string): Promise<{ world: World; node: WorldMember }> {
  const world = new World(seed, folder)
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', share: 'peers', marking })
  await put(a, [malware(1)])
  await world.quiesce()
  const node = await world.restore('a.example', world.backUp('a.example', 'before'))
  assert.match((await post(node, '/withdrawals', { id: id('malware', 1), reason: 'expired' }))[1], /"kept":true/)
  await world.api(node, 'PUT', '/policy', IDLE)
  return { world, node }
}

test('a kept withdrawal that cannot be decided when the log is resumed stays kept, and is said once it can', async (context) => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-undecided-'))
  const { world, node } = await keepsWithdrawal('undecided kept', folder.path)
  await using _ = world
  const policy = losePolicy(context)
  const waits = async (): Promise<number> => (await world.api<KeptPage>(node, 'GET', '/kept')).items.length
  const dropped = (): Promise<unknown[]> => node.store.all("SELECT 1 FROM audit WHERE action = 'write.dropped'")
  await world.api(node, 'POST', '/log/resume')
  await world.pass(5000)
  const kept = await node.store.all('SELECT seq FROM kept_write')
  assert.deepEqual([kept.length, await dropped()], [1, []])
  policy.back()
  assert.equal(await waits(), 1)
  await world.pass(60_000)
  assert.deepEqual([await waits(), await dropped()], [0, []])
  const { withdrawn } = (await node.store.get<{ withdrawn: number }>(
    "SELECT count(*) AS withdrawn FROM statement WHERE kind = 'records.withdraw'",
  )) as { withdrawn: number }
  assert.equal(withdrawn, 1)
})

test('a kept record that cannot be decided is not let go of, and not said to be none', async (context) => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-undecided-'))
  const { world, node } = await keepsWithdrawal('undecided drop', folder.path)
  await using _ = world
  const response = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=c&digest=${'d'.repeat(64)}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/octet-stream' },
    payload: JSON.stringify(malware(2, { object_marking_refs: [AMBER] })),
  })
  assert.match(response.body, /"kept":1/)
  const number = (await node.store.get<{ seq: number }>('SELECT max(seq) AS seq FROM kept_write'))?.seq
  await world.api(node, 'PUT', '/policy', { files: [] })
  const policy = losePolicy(context)
  assert.equal(await drop(node, number), 503)
  policy.back()
  assert.equal(await drop(node, number), 204)
  assert.equal(await drop(node, number), 404)
})

test('an erase that waits for a person, about what cannot be decided, is not answered, and not said to be none', async (context) => {
  const world = new World('undecided asked')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example', { erasure: 'ask' })]
  await world.introduce(a, b)
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'c', alias: 'c', share: 'peers', marking })
  await put(a, [malware(1)])
  await world.quiesce()
  await world.api(a, 'POST', '/erasures', { id: id('malware', 1), reason: 'personal-data' })
  await world.quiesce()
  const [asked] = (await world.api<AskedPage>(b, 'GET', '/erasures/asked')).items
  await world.api(b, 'PUT', '/policy', IDLE)
  const policy = losePolicy(context)
  const path = `/erasures/asked/${asked?.number}`
  const [status, answer] = await post(b, path, { answer: 'honour' })
  assert.equal(status, 503, answer)
  policy.back()
  assert.equal((await post(b, path, { answer: 'honour' }))[0], 204)
})

test('what is urgent is told also while nothing can be decided, and that is told beside it', async (context) => {
  const { world, node } = await oneWith('undecided home', [malware(1)])
  await using _ = world
  await put(node, [malware(2, { object_marking_refs: [AMBER] })])
  await node.store.write(
    tamper,
    `INSERT INTO audit (time_ms, actor, action, subject, detail)
     VALUES (${world.clock.nowMs()}, 'peer:b.example', 'log.alarm', '', '{"reason":"another head"}')`,
  )
  await node.store.write(freezeLog, { peer: 'b.example', reason: 'b.example knows more of this log' })
  const policy = losePolicy(context)
  const needs = async (): Promise<string[]> =>
    (await world.api<HomeView>(node, 'GET', '/home')).needs.map(({ kind }) => kind)
  assert.deepEqual(await needs(), ['frozen', 'alarm', 'rules'])
  policy.back()
  assert.deepEqual(await needs(), ['frozen', 'alarm'])
})
