// What became forbidden before it was fetched is not given any more, by whatever it became so; what is allowed again comes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { giveOnceMore } from '#federation/forward/again.ts'
import { findPeer } from '#federation/peers.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { energy, ENERGY, finds, publishAll, pull, say, stage, type Stage } from './stage.ts'
import { tamper } from './world.ts'

type Detail = {
  versions: { recipients: { member: string; ended?: string }[]; refused: { member: string; rule: string }[] }[]
}

const share = ({ world, a }: Stage, how: string): Promise<unknown> =>
  world.api(a, 'PATCH', '/collections/open', { share: how })
const reasons = async ({ a }: Stage): Promise<string[]> =>
  (await a.store.all<{ body: Uint8Array }>('SELECT body FROM delivery ORDER BY seq')).map(
    ({ body }) => (JSON.parse(Buffer.from(body).toString()) as { reason: string }).reason,
  )

test('what is narrowed before it is fetched does not go out; wider again, it comes anew, once', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await say(world, a, 'early')
  assert.equal(await finds(world, b, 'early'), 1)
  const id = await world.network.apart(async () => {
    const said = await say(world, a, 'tardy')
    await share(scene, 'none')
    return said
  })
  assert.equal(await pull(b), '')
  assert.equal(await finds(world, b, 'tardy'), 0)
  const [hidden] = (await world.api<Detail>(a, 'GET', `/records/${id}`)).versions
  assert.deepEqual([hidden?.recipients, hidden?.refused.map(({ member }) => member)], [[], ['b.example']])
  await share(scene, 'peers')
  await world.quiesce()
  assert.equal(await finds(world, b, 'tardy'), 1)
  assert.deepEqual(await reasons(scene), ['new', 'new', 'widened'])
  assert.equal(await pull(b), '')
  const [shown] = (await world.api<Detail>(a, 'GET', `/records/${id}`)).versions
  assert.deepEqual(
    shown?.recipients.map(({ member, ended }) => ({ member, ended })),
    [{ member: 'b.example', ended: undefined }],
  )
})

test('narrowed and widened again before anybody asked is given as it was', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await world.network.apart(async () => {
    await say(world, a, 'swinging')
    await share(scene, 'none')
    await share(scene, 'peers')
  })
  await world.quiesce()
  assert.equal(await finds(world, b, 'swinging'), 1)
  assert.deepEqual(await reasons(scene), ['new'])
})

test('a copy that was given stays, and people are told', async () => {
  const scene = await stage('narrow')
  const { world, a } = scene
  await using _ = world
  const id = await say(world, a, 'given')
  await share(scene, 'none')
  const [version] = (await world.api<Detail>(a, 'GET', `/records/${id}`)).versions
  assert.equal(version?.recipients[0]?.member, 'b.example')
  assert.match(version?.recipients[0]?.ended ?? '', /not shared/)
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
  await world.quiesce()
  assert.deepEqual(await reasons(scene), ['new', 'withdrawn'], 'a withdrawal follows what was given all the same')
})

test('the withdrawal of what was never given says nothing to whom it was not given', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await world.network.apart(async () => {
    const id = await say(world, a, 'hidden')
    await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
    await share(scene, 'none')
  })
  await world.quiesce()
  const held = await b.store.all<{ kind: string }>(
    `SELECT kind FROM statement WHERE log <> 1 AND kind LIKE 'records.%'`,
  )
  assert.deepEqual(held, [])
})

test('who asks once more for what was only offered is given what policy allows by then, and nothing of the rest', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await world.network.apart(async () => {
    const id = await say(world, a, 'hidden')
    const offered = await a.store.all<{ peer: number; idx: number }>('SELECT peer, idx FROM delivery_index')
    assert.equal(offered.length, 1)
    for (const { peer, idx } of offered)
      await a.store.write(giveOnceMore, { peer, origin: 'a.example/log', indexes: [idx] })
    await world.pass(3000)
    await share(scene, 'none')
    await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
    await world.pass(3000)
  })
  await world.quiesce()
  const held = await b.store.all(`SELECT kind FROM statement WHERE log <> 1 AND kind LIKE 'records.%'`)
  assert.deepEqual(held, [])
})

test('what goes out by an item before the one that offers it was given, and its withdrawal follows', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  const document = (await findPeer(b.store, 'a.example'))?.document ?? assert.fail()
  const ask = async (query: string): Promise<Buffer> => {
    const url = `http://a.example/peer/deliveries?${query}`
    return Buffer.from((await b.federation.caller.call(document, { method: 'GET', url })).body)
  }
  const alone = (act: () => Promise<unknown>): Promise<void> =>
    world.network.apart(async () => {
      await act()
      await world.pass(3000)
      while ((await a.jobs.tick()) > 0) continue
    })
  let id = ''
  await alone(async () => (id = await say(world, a, 'drift')))
  await alone(() => share(scene, 'none'))
  assert.ok(!(await ask('after=0')).includes('drift'), 'left out of the first item')
  await alone(() => share(scene, 'peers'))
  assert.ok((await ask('after=0&maxBytes=1')).includes('drift'), 'given by the first item')
  await alone(() => share(scene, 'none'))
  assert.ok(!(await ask('after=1')).includes('drift'), 'left out of the second')
  const { versions } = await world.api<Detail>(a, 'GET', `/records/${id}`)
  assert.deepEqual(
    versions[0]?.recipients.map(({ member }) => member),
    ['b.example'],
  )
  await alone(() => world.api(a, 'POST', '/withdrawals', { id, reason: 'sent-in-error' }))
  assert.ok((await ask('after=2')).includes(id))
})

test('who asks for the same again and again is given it a few times, until people approve it anew', async () => {
  const { world, a, b } = await stage('narrow again')
  await using _ = world
  await say(world, a, 'steady')
  await world.quiesce()
  const row = await a.store.get<{ peer: number; idx: number }>('SELECT peer, idx FROM delivery_index')
  const { peer, idx } = row as { peer: number; idx: number }
  const given = async (): Promise<number> =>
    (await a.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery'))?.n ?? 0
  const askAgain = async (): Promise<void> => {
    await a.store.write(giveOnceMore, { peer, origin: 'a.example/log', indexes: [idx] })
    while ((await a.jobs.tick()) > 0) continue
    await pull(b)
  }
  const before = await given()
  await askAgain()
  await a.store.write(tamper, `UPDATE delivery_index SET again = ${LIMITS.onceMoreMax - 1}`)
  for (let n = 0; n < 3; n += 1) await askAgain()
  assert.equal(await given(), before + 2)
  await world.api(a, 'POST', '/peers/b.example/approve', {})
  await world.quiesce()
  const approved = await given()
  await askAgain()
  assert.equal(await given(), approved + 1)
})

test('what was withdrawn goes to nobody who did not have it: the rest of its statement comes without it', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await share(scene, 'none')
  const [id] = await publishAll(world, a, ['taken', 'standing'])
  await world.pass(3000)
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'sent-in-error' })
  await share(scene, 'peers')
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'standing'), await finds(world, b, 'taken')], [1, 0])
  const items = await b.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
  assert.ok(items.every(({ bytes }) => !Buffer.from(bytes).includes('taken')))
})

test('where one record was erased and the other withdrawn, nothing of them is given, and what comes behind them is', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await share(scene, 'none')
  const [erased, withdrawn] = await publishAll(world, a, ['erased', 'withdrawn'])
  await world.api(a, 'POST', '/erasures', { id: erased, reason: 'personal-data' })
  await world.api(a, 'POST', '/withdrawals', { id: withdrawn, reason: 'expired' })
  await world.pass(3000)
  await share(scene, 'peers')
  await say(world, a, 'standing')
  assert.equal(await pull(b), '')
  assert.equal(await finds(world, b, 'standing'), 1)
  const held = await b.store.all(`SELECT kind FROM statement WHERE log <> 1 AND kind LIKE 'records.%'`)
  assert.equal(held.length, 1, 'the one that stands')
  const offered = await a.store.all(`SELECT seq FROM delivery`)
  assert.equal(offered.length, 1, 'and the others are not offered again and again, to be left out')
})

test('what is said and withdrawn before anybody asks goes to nobody, nor does its withdrawal', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  await world.network.apart(async () => {
    const id = await say(world, a, 'rash')
    await world.api(a, 'POST', '/withdrawals', { id, reason: 'sent-in-error' })
  })
  await world.quiesce()
  const held = await b.store.all(`SELECT kind FROM statement WHERE log <> 1 AND kind LIKE 'records.%'`)
  assert.deepEqual(held, [])
  await say(world, a, 'considered')
  await world.quiesce()
  assert.equal(await finds(world, b, 'considered'), 1)
})

test('what was withdrawn while it was held back is withdrawn when it comes', async () => {
  const scene = await stage('narrow')
  const { world, a, b } = scene
  await using _ = world
  // Both records stand in one statement, which is perhaps given: its answer is lost.
  const { meddle } = world.network
  world.network.meddle = (path, response) => {
    if (path.startsWith('/peer/deliveries')) throw new Fault('peer.unreachable', 'the line broke')
    return response
  }
  const [id] = await publishAll(world, a, ['taken', 'standing'])
  await world.pass(3000)
  await share(scene, 'none')
  world.network.meddle = meddle
  assert.equal(await pull(b), '')
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
  await world.quiesce()
  assert.deepEqual(await reasons(scene), ['new', 'withdrawn'])
  await share(scene, 'peers')
  await world.quiesce()
  assert.deepEqual(await reasons(scene), ['new', 'withdrawn', 'widened'])
  assert.deepEqual([await finds(world, b, 'taken'), await finds(world, b, 'standing')], [0, 1])
})

test('a peer that is removed or leaves a community gets no more of what was meant for it', async () => {
  const scene = await stage('narrow', { others: ['b.example', 'c.example'] })
  const { world, a, b } = scene
  await using _ = world
  const c = world.members.get('c.example') as typeof b
  for (const name of ['b.example', 'c.example'])
    await world.api(a, 'POST', `/peers/${name}/approve`, { communities: [ENERGY] })
  await energy(world, a)
  await world.network.apart(async () => {
    await say(world, a, 'turbine', 'energy')
    await world.api(a, 'POST', '/peers/b.example/approve', { communities: [] })
    await world.api(a, 'DELETE', '/peers/c.example')
  })
  assert.equal(await pull(b), '')
  assert.match(await pull(c), /refused/)
  assert.deepEqual([await finds(world, b, 'turbine'), await finds(world, c, 'turbine')], [0, 0])
  await world.api(a, 'POST', '/peers/b.example/approve', { communities: [ENERGY] })
  await world.quiesce()
  assert.equal(await finds(world, b, 'turbine'), 1)
})
