// A member that lost its disk gets its own history back from its peers and goes on in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeItem, FIRST_HASH } from '#kernel/delivery-item.ts'
import type { OutboundResponse } from '#kernel/http/outbound.ts'
import type { KeptPage, KeptView } from '#kernel/http/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { encodeDelivery } from '#federation/frames.ts'
import type { HealedView } from '#federation/heal/wire.ts'
import { Check } from './check.ts'
import { scene, say } from './healing.ts'
import { finds } from './stage.ts'
import { tamper, type World } from './world.ts'

/** Peers that give back of a log, in one answer, no more than that one statement was erased: its index, where there is one. */
function answerReturns(world: World, erasedBehind: (after: number) => number | undefined): void {
  world.network.meddle = (path, response) => {
    const [, after] = /^\/peer\/returns\?after=(-?\d+)/.exec(path) ?? []
    const index = after === undefined ? undefined : erasedBehind(Number(after))
    if (index === undefined) return response
    const item = encodeItem({ seq: 1, prevHash: FIRST_HASH, indexes: [index], reason: 'new' })
    return { ...response, body: Buffer.concat([...encodeDelivery(item, [{ index, gone: 'erased' }])]) }
  }
}

test('what was said after the backup comes back as far as it was shared, and the log goes on as one', async () => {
  await using place = await scene()
  const { world, a, b, c } = place
  await say(world, a, 'open', 'before')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'shared')
  await say(world, a, 'for-b', 'forbonly')
  await say(world, a, 'own', 'secret')
  const taken = await say(world, a, 'open', 'mistaken')
  await world.quiesce()
  await world.api(a, 'POST', '/withdrawals', { id: taken, reason: 'false-positive' })
  await world.quiesce()
  const restored = await world.restore('a.example', backup)
  assert.equal(await finds(world, restored, 'shared'), 0)
  const healed = await world.api<HealedView>(restored, 'POST', '/log/resume')
  assert.deepEqual(healed.confirmedBy, ['b.example', 'c.example'])
  assert.deepEqual(
    { grown: healed.size - healed.sizeBefore, returned: healed.returned, lost: healed.lost },
    // Beside the one that nobody had: the heads that were logged behind each of the five.
    { grown: 10, returned: 4, lost: 6 },
  )
  for (const [word, n] of [
    ['before', 1],
    ['shared', 1],
    ['forbonly', 1],
    ['secret', 0],
    ['mistaken', 0],
  ] as const)
    assert.equal(await finds(world, restored, word), n, word)
  await say(world, restored, 'open', 'after')
  await world.quiesce()
  for (const peer of [b, c]) {
    assert.equal(await finds(world, peer, 'after'), 1, `${peer.name} hears what is said after`)
    assert.equal(await finds(world, peer, 'shared'), 1)
    const { items } = await world.api<{ items: { member: string; stopped?: string }[] }>(peer, 'GET', '/peers')
    assert.equal(items.find(({ member }) => member === 'a.example')?.stopped, undefined)
  }
  await new Check(world).everything()
})

test('what stands behind a page of statements that were erased since comes back', async () => {
  await using place = await scene()
  const { world, a } = place
  const backup = world.backUp('a.example', 'backup')
  const id = await say(world, a, 'open', 'doomed')
  await world.api(a, 'POST', '/erasures', { id, reason: 'personal-data' })
  await say(world, a, 'open', 'survivor')
  await world.quiesce()
  const [erased] = await a.store.all<{ idx: number }>(
    `SELECT idx FROM statement WHERE log = 1 AND kind = 'records.put'`,
  )
  assert.ok(erased !== undefined)
  answerReturns(world, (after) => (after < erased.idx ? erased.idx : undefined))
  const restored = await world.heal('a.example', backup)
  assert.deepEqual([await finds(world, restored, 'survivor'), await finds(world, restored, 'doomed')], [1, 0])
})

/** What `b.example` answers to a restored member is broken; `c.example` is honest. */
async function resumeBeside(meddle: (path: string, response: OutboundResponse) => OutboundResponse) {
  const place = await scene()
  const { world, a } = place
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'shared')
  await world.quiesce()
  const restored = await world.restore('a.example', backup)
  world.network.meddle = (path, response, host) => (host === 'b.example' ? meddle(path, response) : response)
  const { confirmedBy, unheard } = await world.api<HealedView>(restored, 'POST', '/log/resume')
  assert.deepEqual(confirmedBy, ['b.example', 'c.example'])
  assert.equal(await finds(world, restored, 'shared'), 1)
  return { place, restored, unheard }
}

test('a peer that gives back the same for ever is asked no further, is named, and stops nothing', async () => {
  let page: OutboundResponse | undefined
  let asked = 0
  const { place, restored, unheard } = await resumeBeside((path, response) => {
    if (!path.startsWith('/peer/returns?')) return response
    asked += 1
    return (page ??= response)
  })
  await using _ = place
  assert.ok(asked < 10, `it was asked ${asked} times`)
  assert.deepEqual(unheard, [{ member: 'b.example', reason: 'what came back does not get on' }])
  const told = await restored.store.get<{ detail: string }>(`SELECT detail FROM audit WHERE action = 'log.healed'`)
  assert.match(told?.detail ?? '', /"unheard":\[\{"member":"b\.example"/, 'it is in the audit log')
  const unasked = async () =>
    (await restored.store.all<{ name: string }>(`SELECT name FROM peer WHERE unasked_ms IS NOT NULL`)).map(
      ({ name }) => name,
    )
  assert.deepEqual(await unasked(), ['b.example'], 'it is given nothing before it says where it stands')
  place.world.network.meddle = (_path, response) => response
  await place.world.quiesce()
  assert.deepEqual(await unasked(), [], 'and is asked again')
})

for (const [what, where, answer] of [
  ['statements that are none', '/peer/returns?', { body: Buffer.alloc(50, 255) }],
  ['claims that are none', '/peer/returns/held', { body: Buffer.from('[]') }],
  ['no leaves', '/peer/mirror/tile', { status: 404, body: Buffer.alloc(0) }],
] as const)
  test(`a peer that gives back ${what} keeps nobody from resuming with another`, async () => {
    const { place } = await resumeBeside((path, response) =>
      path.startsWith(where) ? { ...response, ...answer } : response,
    )
    await place[Symbol.asyncDispose]()
  })

test('without a peer that answers nothing is resumed', async () => {
  await using place = await scene()
  const { world, a } = place
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'one')
  await world.quiesce()
  const restored = await world.restore('a.example', backup)
  world.network.cut.add('a.example b.example').add('a.example c.example')
  await assert.rejects(world.api(restored, 'POST', '/log/resume'), /no peer answered/)
  assert.match(restored.store.status().frozen ?? '', /restored/)
  world.network.cut.delete('a.example c.example')
  const healed = await world.api<HealedView>(restored, 'POST', '/log/resume')
  assert.deepEqual(healed.confirmedBy, ['c.example'], 'one confirmation is enough')
})

test('a log whose resumption broke off gets back what was said when it is resumed again', async () => {
  await using place = await scene()
  const { world, a, b } = place
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  const id = await say(world, a, 'open', 'shared')
  await world.quiesce()
  const restored = await world.network.apart(async () => world.restore('a.example', backup))
  world.network.meddle = (path, response) => {
    if (path.startsWith('/peer/returns')) throw new Error('the machine stopped')
    return response
  }
  await assert.rejects(world.api(restored, 'POST', '/log/resume'))
  world.network.meddle = (_path, response) => response
  const healed = await world.api<HealedView>(restored, 'POST', '/log/resume')
  // Beside it came heads of streams, whose content nobody has.
  assert.deepEqual([healed.returned, healed.size - healed.sizeBefore - healed.lost], [1, 1])
  assert.equal(await finds(world, restored, 'shared'), 1)
  await world.api(restored, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, b, 'shared'), 0)
})

test('what is written while nothing may be signed is kept, over a restart as well, and said once the log is resumed', async () => {
  await using place = await scene()
  const { world, a, b } = place
  const [taken, erased] = [await say(world, a, 'open', 'doubtful'), await say(world, a, 'open', 'personal')]
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  await say(world, a, 'open', 'after')
  await world.quiesce()
  world.network.cut.add('a.example b.example').add('a.example c.example')
  let restored = await world.restore('a.example', backup)
  await say(world, restored, 'open', 'meanwhile', 'kept')
  await say(world, restored, 'open', 'regretted', 'kept')
  assert.deepEqual(await world.api(restored, 'POST', '/withdrawals', { id: taken, reason: 'false-positive' }), {
    withdrawn: 0,
    kept: true,
  })
  const erasure = await world.api<{ kept: boolean }>(restored, 'POST', '/erasures', { id: erased, reason: 'legal' })
  assert.equal(erasure.kept, true)
  await assert.rejects(world.api(restored, 'POST', '/withdrawals', { id: taken.replace('0', '9'), reason: 'expired' }))
  restored = await world.move('a.example', 'a.example')
  const kept = async (): Promise<KeptView[]> => (await world.api<{ items: KeptView[] }>(restored, 'GET', '/kept')).items
  const waiting = await kept()
  assert.deepEqual(
    waiting.map(({ what, records }) => [what, records]),
    [
      ['sharing.put', 1],
      ['sharing.put', 1],
      ['sharing.withdraw', 1],
      ['sharing.erase', 1],
    ],
  )
  const pages: KeptView[] = []
  for (let next: string | undefined = '1'; next !== undefined;) {
    const page: KeptPage = await world.api(restored, 'GET', `/kept?limit=3&cursor=${next}`)
    pages.push(...page.items)
    next = page.next
  }
  assert.deepEqual(pages, waiting, 'page by page it is the same')
  const { needs } = await world.api<{ needs: { kind: string; count: number }[] }>(restored, 'GET', '/home')
  assert.equal(needs.find(({ kind }) => kind === 'kept')?.count, 4)
  assert.deepEqual([await finds(world, restored, 'meanwhile'), await finds(world, restored, 'doubtful')], [0, 1])
  const { waiting: about } = await world.api<RecordDetail>(restored, 'GET', `/records/${taken}`)
  assert.deepEqual(
    about?.map(({ what, number }) => [what, number]),
    [['sharing.withdraw', waiting[2]?.number]],
    'what will become of a record is told with it',
  )
  await world.api(restored, 'DELETE', `/kept/${waiting[1]?.number}`)
  await assert.rejects(world.api(restored, 'DELETE', `/kept/${waiting[1]?.number}`), /nothing is kept/)
  world.network.cut.clear()
  await world.api(restored, 'POST', '/log/resume')
  await world.quiesce()
  assert.deepEqual(await kept(), [])
  for (const member of [restored, b])
    assert.deepEqual(
      await Promise.all(
        ['meanwhile', 'regretted', 'doubtful', 'personal', 'after'].map((w) => finds(world, member, w)),
      ),
      [1, 0, 0, 0, 1],
      member.name,
    )
  const { items } = await world.api<{ items: { action: string }[] }>(restored, 'GET', '/audit?limit=200')
  assert.deepEqual(
    ['write.kept', 'write.said', 'write.dropped'].map(
      (action) => items.filter((each) => each.action === action).length,
    ),
    [4, 3, 1],
  )
})

test('a person who goes on alone says what was kept, and what cannot be said any more is let go of by name', async () => {
  await using place = await scene()
  const { world, a } = place
  const id = await say(world, a, 'open', 'one')
  await world.quiesce()
  const backup = world.backUp('a.example', 'backup')
  const restored = await world.restore('a.example', backup)
  for (let i = 0; i < 2; i += 1) await world.api(restored, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await say(world, restored, 'open', 'meanwhile', 'kept')
  await restored.store.write(tamper, 'UPDATE meta SET restored_ms = NULL')
  const alone = await world.revive('a.example', backup)
  await world.quiesce()
  assert.deepEqual([await finds(world, alone, 'one'), await finds(world, alone, 'meanwhile')], [0, 1])
  const dropped = await alone.store.all<{ detail: string }>(`SELECT detail FROM audit WHERE action = 'write.dropped'`)
  assert.equal(dropped.length, 1)
  assert.match(dropped[0]?.detail ?? '', /no record .* that could be withdrawn/)
})

test('where peers hold two histories nothing is resumed, and the log is as it was', async () => {
  await using place = await scene()
  const { world, a, c } = place
  const backup = world.backUp('a.example', 'backup')
  const twin = await world.twin('a.example', 'twin.example')
  world.network.reroute = (from, host) => (from === 'c.example' && host === 'a.example' ? 'twin.example' : host)
  await say(world, a, 'open', 'one')
  for (let n = 0; n < 4; n += 1) await say(world, twin, 'open', 'another')
  await world.pass(4000)
  await c.federation.pullPeer('a.example')
  await world.members.get('b.example')?.federation.pullPeer('a.example')
  world.network.reroute = (_from, host) => host
  const restored = await world.restore('a.example', backup)
  const log = () => restored.store.get('SELECT size, root, checkpoint FROM log WHERE id = 1')
  const before = await log()
  await assert.rejects(world.api(restored, 'POST', '/log/resume'), /another history/)
  assert.deepEqual(await log(), before)
  assert.match(restored.store.status().frozen ?? '', /restored/)
})

test('a peer gives back a member’s own words to that member alone', async () => {
  await using place = await scene()
  const { world, a, b, c } = place
  await world.introduce(b, c)
  await say(world, a, 'for-b', 'forbonly')
  await world.quiesce()
  const document = JSON.parse((await b.app.inject({ url: '/.well-known/comity' })).body)
  for (const path of ['/peer/returns?after=-1', '/peer/mirror/tile/entries/000.p/1']) {
    const answer = await c.federation.caller
      .call(document, { method: 'GET', url: `http://b.example${path}` })
      .catch(() => undefined)
    assert.ok(!Buffer.from(answer?.body ?? '').includes('forbonly'), path)
    assert.equal((await b.app.inject({ url: path })).statusCode, 401)
  }
})
