// A node that was put back to a backup learns from its peers what they hold, and tells them what it takes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HELD_BYTES, heldHash, heldKey } from '#kernel/log/erase.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { scene, say } from './healing.ts'
import { finds } from './stage.ts'
import { tamper, type WorldMember } from './world.ts'

test('of what came back it is known who has it, and its withdrawal reaches them', async () => {
  await using place = await scene()
  const { world, a, b } = place
  const backup = world.backUp('a.example', 'backup')
  const id = await say(world, a, 'open', 'regretted')
  await world.quiesce()
  const restored = await world.heal('a.example', backup)
  assert.equal(await finds(world, b, 'regretted'), 1)
  const [version] = (await world.api<RecordDetail>(restored, 'GET', `/records/${id}`)).versions
  assert.deepEqual(
    version?.recipients.map(({ member, confirmed, at }) => [member, confirmed, at]),
    [
      ['b.example', true, undefined],
      ['c.example', true, undefined],
    ],
  )
  await world.api(restored, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'regretted'), 0)
})

test('who was given something after the backup is still told that it is taken back', async () => {
  await using place = await scene()
  const { world, a, b } = place
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }
  await world.api(a, 'POST', '/collections', { title: 'late', alias: 'late', share: 'none', marking })
  const later = await say(world, a, 'late', 'sharedlate')
  const backup = world.backUp('a.example', 'backup')
  await world.api(a, 'PATCH', '/collections/late', { share: 'peers' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'sharedlate'), 1)
  const restored = await world.heal('a.example', backup)
  await world.api(restored, 'POST', '/withdrawals', { id: later, reason: 'sent-in-error' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'sharedlate'), 0)
})

test('what comes back after its own withdrawal or erase is taken back here, and at whoever has it', async () => {
  await using place = await scene()
  const { world, a, b, c } = place
  const backup = world.backUp('a.example', 'backup')
  const [wrong, personal] = [await say(world, a, 'open', 'regretted'), await say(world, a, 'open', 'personal')]
  await world.quiesce()
  await world.api(b, 'POST', '/erasures', { id: wrong, reason: 'legal', onlyHere: true })
  world.network.cut.add('a.example c.example')
  await world.api(a, 'POST', '/withdrawals', { id: wrong, reason: 'false-positive' })
  await world.api(a, 'POST', '/erasures', { id: personal, reason: 'personal-data' })
  await world.pass(20_000)
  const found = async (member: WorldMember): Promise<number[]> => [
    await finds(world, member, 'regretted'),
    await finds(world, member, 'personal'),
  ]
  assert.deepEqual(
    [await found(b), await found(c)],
    [
      [0, 0],
      [1, 1],
    ],
  )
  const restored = await world.restore('a.example', backup)
  await world.api(restored, 'POST', '/log/resume')
  await world.api(restored, 'PATCH', '/collections/returned', { share: 'peers' })
  const d = await world.add('d.example')
  await world.introduce(restored, d)
  for (let n = 0; n < 3; n += 1) await world.quiesce()
  for (const member of [restored, b, c, d]) assert.deepEqual(await found(member), [0, 0], member.name)
  const { header } = (await restored.store.get<{ header: Uint8Array }>(
    `SELECT header FROM statement WHERE seq = (SELECT about FROM statement WHERE kind = 'erase')`,
  )) as { header: Uint8Array }
  assert.equal(header.length, 0, 'of what is erased whole nothing stays')
})

test('who claims to hold what it was never given learns nothing of what is taken back', async () => {
  await using place = await scene()
  const { world, a, b } = place
  const id = await say(world, a, 'own', 'secret')
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  const { secret } = (await a.store.get<{ secret: number }>(
    `SELECT idx AS secret FROM statement WHERE log = 1 AND kind = 'records.put'`,
  )) as { secret: number }
  let asked = 0
  let claim: Uint8Array = new Uint8Array(HELD_BYTES).fill(7)
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/returns/held') || response.status !== 200) return response
    asked += 1
    const { origin } = JSON.parse(Buffer.from(response.body).toString()) as { origin: string }
    const claims = Buffer.from(claim).toString('base64')
    return { ...response, body: Buffer.from(JSON.stringify({ origin, ranges: [[secret, secret]], claims })) }
  }
  const learnsNothing = async (): Promise<void> => {
    await world.meetAnew(a, b)
    await world.quiesce()
    const kinds = await b.store.all<{ kind: string }>(
      `SELECT s.kind FROM statement s JOIN log l ON l.id = s.log WHERE l.origin = 'a.example/log'`,
    )
    assert.ok(!kinds.some(({ kind }) => kind === 'records.withdraw'))
  }
  await learnsNothing()
  assert.ok(asked > 0)
  // As an erase by an earlier version left it: anybody knows the key that is made of an empty salt.
  await a.store.write(tamper, `UPDATE statement SET entry_salt = x'' WHERE log = 1 AND idx = ${secret}`)
  claim = heldHash(heldKey(new Uint8Array(0)), 'b.example')
  await learnsNothing()
})

test('what a peer went without, because it was narrowed after the backup, is offered again', async () => {
  await using place = await scene()
  const { world, a, b } = place
  world.network.cut.add('a.example b.example')
  await say(world, a, 'open', 'offered')
  await world.pass(5000)
  const backup = world.backUp('a.example', 'backup')
  await world.api(a, 'PATCH', '/collections/open', { share: 'none' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 0)
  await world.heal('a.example', backup)
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 1, 'shared again, as it was in the backup')
})

test('what was left out before the backup, and given after it, is known to be there: its withdrawal follows', async () => {
  await using place = await scene()
  const { world, a, b } = place
  world.network.cut.add('a.example b.example')
  const id = await say(world, a, 'open', 'hesitant')
  await world.pass(5000)
  await world.api(a, 'PATCH', '/collections/open', { share: 'none' })
  world.network.cut.clear()
  await world.quiesce()
  assert.equal(await finds(world, b, 'hesitant'), 0)
  const backup = world.backUp('a.example', 'backup')
  await world.api(a, 'PATCH', '/collections/open', { share: 'peers' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'hesitant'), 1)
  const author = await world.heal('a.example', backup)
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'hesitant'), 0)
})

test('what a peer held before its own backup is followed, though both have lost how it came there', async () => {
  await using place = await scene()
  const { world, a } = place
  const first = world.backUp('a.example', 'first')
  const id = await say(world, a, 'open', 'early')
  await world.quiesce()
  const second = world.backUp('b.example', 'second')
  await say(world, a, 'open', 'late')
  await world.quiesce()
  const author = await world.heal('a.example', first)
  await world.api(author, 'PATCH', '/collections/open', { share: 'none' })
  await world.quiesce()
  const reader = await world.network.apart(async () => world.restore('b.example', second))
  await world.api(reader, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual([await finds(world, reader, 'early'), await finds(world, reader, 'late')], [1, 0])
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  await world.api(reader, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.equal(await finds(world, reader, 'early'), 0)
})

test('what was offered before the backup, and given after it, is followed though it is left out when they meet anew', async () => {
  await using place = await scene()
  const { world, a, b } = place
  world.network.cut.add('a.example b.example')
  const id = await say(world, a, 'open', 'offered')
  await world.pass(5000)
  const backup = world.backUp('a.example', 'backup')
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 1)
  const author = await world.heal('a.example', backup)
  await world.meetAnew(author, b)
  await world.network.unasking('b.example', async () => {
    await world.pass(10_000)
    await world.api(author, 'PATCH', '/collections/open', { share: 'none' })
  })
  await world.quiesce()
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'offered'), 0)
})

test('who has forgotten a peer tells it, when they meet again, what was taken back meanwhile', async () => {
  await using place = await scene()
  const { world, a } = place
  const d = await world.add('d.example')
  const backup = world.backUp('a.example', 'before')
  await world.introduce(a, d)
  const id = await say(world, a, 'open', 'regretted')
  const intimate = await say(world, a, 'open', 'personal')
  await world.quiesce()
  assert.deepEqual([await finds(world, d, 'regretted'), await finds(world, d, 'personal')], [1, 1])
  const author = await world.heal('a.example', backup)
  await world.api(author, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.api(author, 'POST', '/erasures', { id: intimate, reason: 'personal-data' })
  await world.quiesce()
  assert.deepEqual(
    [await finds(world, d, 'regretted'), await finds(world, d, 'personal')],
    [1, 1],
    'nobody could tell it',
  )
  await world.api(d, 'DELETE', '/peers/a.example')
  await world.introduce(author, d)
  await world.quiesce()
  assert.equal(await finds(world, d, 'regretted'), 0)
  const left = await d.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
  assert.ok(left.every(({ bytes }) => !Buffer.from(bytes).includes('personal"')))
})
