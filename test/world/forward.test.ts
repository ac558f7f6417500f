// A member passes on what another said, where the marking and its own people allow it: the third believes the author’s log and
// nobody else, and whoever passed something on passes on its withdrawal.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { OutboundResponse } from '#kernel/http/outbound.ts'
import type { ErasuresPage } from '#federation/erasure/wire.ts'
import { saying } from './saying.ts'
import { chain, energy, ENERGY, finds, open, publish, pull, say, stage, type Chain } from './stage.ts'
import { tamper, World, type WorldMember } from './world.ts'

type Detail = {
  versions: { author: string; via?: { member: string }; proof: { verified: boolean; reason?: string } }[]
}

const optIn = ({ world, b }: Chain, how = 'community'): Promise<unknown> =>
  world.api(b, 'PATCH', '/collections/from-a.example', { share: how })
const detail = (world: World, member: WorldMember, id: string): Promise<Detail> =>
  world.api<Detail>(member, 'GET', `/records/${id}`)
const quarantined = async (member: WorldMember): Promise<string[]> =>
  (await member.store.all<{ reason: string }>('SELECT reason FROM quarantine ORDER BY seq')).map(({ reason }) => reason)

test('nothing is passed on unless people chose it; then it comes with its author’s proof', async () => {
  await using all = await chain('forward')
  const { world, a, b, c } = all
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'turbine'), await finds(world, c, 'turbine')], [1, 0])
  await optIn(all)
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 1)
  const [there] = (await detail(world, c, id)).versions
  assert.deepEqual([there?.author, there?.via?.member, there?.proof.verified], ['a.example', 'b.example', true])
  await say(world, a, 'rotor', 'energy')
  await world.quiesce()
  assert.equal(await finds(world, c, 'rotor'), 1, 'what is said later is passed on as it comes')
  const [at] = (await detail(world, b, id)).versions
  assert.equal(at?.via, undefined)
  const back = await a.store.get<{ n: number }>(
    'SELECT count(*) AS n FROM statement WHERE log <> 1 AND kind = ?',
    'records.put',
  )
  assert.equal(back?.n, 0, 'the author is not given its own words')
})

test('what was passed on while its author was not believed here comes when it is', async () => {
  await using all = await chain('forward again')
  const { world, a, c } = all
  await say(world, a, 'rotor', 'energy')
  await world.quiesce()
  await optIn(all)
  await world.quiesce()
  await world.api(c, 'DELETE', '/peers/a.example')
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 0)
  assert.match((await quarantined(c)).join(), /whose member is removed here/)
  await world.api(a, 'DELETE', '/peers/c.example')
  await world.introduce(a, c)
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 1)
  const [there] = (await detail(world, c, id)).versions
  assert.equal(there?.via?.member, 'b.example')
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 0)
  assert.deepEqual(await c.store.all('SELECT * FROM forward_refused'), [])
})

test('the author gives the same itself, before or after: it is there once', async () => {
  await using all = await chain('forward')
  const { world, a, c } = all
  const id = await say(world, a, 'turbine', 'energy')
  await optIn(all)
  await world.quiesce()
  await world.api(a, 'POST', '/peers/c.example/approve', { communities: [ENERGY] })
  await world.quiesce()
  await say(world, a, 'rotor', 'energy')
  await world.quiesce()
  assert.deepEqual([await finds(world, c, 'turbine'), await finds(world, c, 'rotor')], [1, 1])
  assert.equal((await detail(world, c, id)).versions.length, 1)
  assert.deepEqual(await quarantined(c), [])
})

test('a withdrawal goes to whom it was passed on, whatever is chosen by then', async () => {
  await using all = await chain('forward')
  const { world, a, b, c } = all
  await say(world, a, 'unseen', 'energy')
  await world.quiesce()
  await optIn(all)
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  await optIn(all, 'none')
  await world.api(b, 'POST', '/peers/c.example/approve', { communities: [] })
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'false-positive' })
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 0)
  assert.equal(await finds(world, c, 'unseen'), 1)
  assert.deepEqual(await quarantined(c), [])
})

test('an erase goes to whom it was passed on, and is honoured there', async () => {
  await using all = await chain('forward')
  const { world, a, b, c } = all
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  await optIn(all)
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 1)
  await optIn(all, 'none')
  await world.api(a, 'POST', '/erasures', { id, reason: 'legal' })
  await world.quiesce()
  assert.deepEqual([await finds(world, b, 'turbine'), await finds(world, c, 'turbine')], [0, 0])
  const left = await c.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
  assert.ok(left.every(({ bytes }) => !Buffer.from(bytes).includes('turbine')))
})

test('who had it from another answers its author, and is believed because it was shown the erase', async () => {
  await using all = await chain('forward')
  const { world, a, c } = all
  const id = await say(world, a, 'turbine', 'energy')
  await optIn(all)
  await world.quiesce()
  await world.api(a, 'POST', '/erasures', { id, reason: 'legal' })
  await world.quiesce()
  const [erasure] = (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items
  assert.deepEqual(
    erasure?.recipients.map(({ member, answer, passedOn }) => [member, answer, passedOn]),
    [
      ['b.example', 'erased', undefined],
      ['c.example', 'erased', true],
    ],
  )
  // The same words without what only they know who were shown it.
  const place = await a.store.get<{ idx: number }>(`SELECT idx FROM statement WHERE log = 1 AND kind = 'erase'`)
  const about = await a.store.write(saying.refer, place?.idx ?? -1)
  const d = await world.add('d.example')
  await world.introduce(a, d)
  for (const told of [undefined, 'f'.repeat(64)])
    await d.store.write(saying.receipt, { to: 'a.example', outcome: 'erased', about, ...(told && { told }) })
  await world.quiesce()
  assert.deepEqual(
    (await quarantined(a)).map((reason) => /nobody showed/.test(reason)),
    [true, true],
  )
  const held = await c.store.get<{ n: number }>(`SELECT count(*) AS n FROM quarantine`)
  assert.equal(held?.n, 0)
})

test('an erase reaches a member that never met its author', async () => {
  await using all = await chain('unmet erase', { met: false })
  const { world, a, c } = all
  const text = `${a.identity.vkeys.map((vkey) => `log ${vkey}`).join('\n')}\nquorum none\n`
  await world.api(c, 'PUT', '/trust', { text })
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  await optIn(all)
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 1)
  await world.api(a, 'POST', '/erasures', { id, reason: 'legal' })
  await world.quiesce()
  assert.deepEqual([await finds(world, c, 'turbine'), await quarantined(c)], [0, []])
  const left = await c.store.all<{ bytes: Uint8Array }>('SELECT bytes FROM item')
  assert.ok(left.every(({ bytes }) => !Buffer.from(bytes).includes('turbine')))
  // Its answer waits in its log until they meet.
  await world.introduce(a, c)
  await world.quiesce()
  const [erasure] = (await world.api<ErasuresPage>(a, 'GET', '/erasures')).items
  assert.equal(erasure?.recipients.find(({ member }) => member === 'c.example')?.answer, 'erased')
})

test('only members of the listed communities, and never RED or AMBER+STRICT', async () => {
  for (const [tlp, communities] of [
    ['AMBER', ['other.example', ENERGY]],
    ['GREEN', []],
    ['AMBER+STRICT', [ENERGY]],
    ['RED', [ENERGY]],
  ] as const) {
    await using all = await chain('forward', { tlp, communities })
    const { world, a, b, c } = all
    if (tlp === 'AMBER') await world.api(b, 'POST', '/peers/c.example/approve', { communities: ['water.example'] })
    if (tlp === 'GREEN') await world.api(a, 'PATCH', '/collections/energy', { share: 'peers' })
    await world.api(a, 'DELETE', '/peers/c.example')
    await say(world, a, 'turbine', 'energy')
    await world.quiesce()
    assert.equal(await finds(world, b, 'turbine'), 1, tlp)
    await optIn(all)
    await world.quiesce()
    assert.equal(await finds(world, c, 'turbine'), 0, tlp)
  }
})

const passedOn = async (member: WorldMember, origin: string): Promise<string[]> => {
  const rows = await member.store.all<{ name: string; kind: string }>(
    `SELECT p.name, s.kind FROM delivery_index d JOIN peer p ON p.id = d.peer JOIN log l ON l.id = d.log
     JOIN statement s ON s.log = d.log AND s.idx = d.idx WHERE l.origin = ? ORDER BY p.name, s.idx`,
    origin,
  )
  return rows.map(({ name, kind }) => `${name} ${kind}`)
}

test('what a peer takes back of another’s words is passed on to nobody', async () => {
  const { world, a, b } = await stage('forward foreign', { others: ['b.example', 'c.example'] })
  await using _ = world
  const c = world.members.get('c.example') as WorldMember
  await world.introduce(b, c)
  await open(world, c)
  await publish(world, a, 'ours')
  await publish(world, c, 'theirs')
  await world.quiesce()
  const row = await a.store.get<{ idx: number }>("SELECT idx FROM statement WHERE log = 1 AND kind = 'records.put'")
  const about = await a.store.write(saying.refer, row?.idx ?? -1)
  for (let n = 0; n < 3; n += 1) await c.store.write(saying.erase, { about, to: 'a.example' })
  await pull(a, 'c.example')
  const erases = await a.store.all("SELECT seq FROM statement WHERE log <> 1 AND kind = 'erase'")
  assert.equal(erases.length, 3, 'they came')
  assert.deepEqual(await passedOn(a, 'c.example/log'), [])
  assert.equal(await finds(world, b, 'ours'), 1)
})

test('what takes back under RED is passed on to nobody, as it comes and when the log is looked at again', async () => {
  await using all = await chain('forward red')
  const { world, a, b, c } = all
  await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  await optIn(all)
  await world.quiesce()
  const row = await a.store.get<{ idx: number }>("SELECT idx FROM statement WHERE log = 1 AND kind = 'records.put'")
  const about = await a.store.write(saying.refer, row?.idx ?? -1)
  await a.store.write(saying.erase, { about, to: 'b.example', content: '{"reason":"legal","items":[1]}' })
  await world.quiesce()
  await world.api(b, 'POST', '/peers/c.example/approve', { communities: [ENERGY] })
  await world.quiesce()
  const [erase] = await b.store.all("SELECT seq FROM statement WHERE log <> 1 AND kind = 'erase'")
  assert.notEqual(erase, undefined, 'it came')
  assert.deepEqual(await passedOn(b, 'a.example/log'), ['c.example records.put'])
  assert.deepEqual([await finds(world, c, 'turbine'), await quarantined(c)], [1, []])
})

test('an author whose keys are not known is not believed; a log that the trust policy names is', async () => {
  await using all = await chain('unmet', { met: false })
  const { world, a, c } = all
  const first = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  await optIn(all)
  await world.quiesce()
  assert.equal(await finds(world, c, 'turbine'), 0)
  assert.match((await quarantined(c)).join(), /keys are not known here: meet its member/)
  const text = `${a.identity.vkeys.map((vkey) => `log ${vkey}`).join('\n')}\nquorum none\n`
  await world.api(c, 'PUT', '/trust', { text })
  const id = await say(world, a, 'rotor', 'energy')
  await world.quiesce()
  assert.deepEqual([await finds(world, c, 'turbine'), await finds(world, c, 'rotor')], [1, 1], 'also what was left out')
  for (const each of [first, id]) {
    const [version] = (await detail(world, c, each)).versions
    assert.deepEqual([version?.author, version?.via?.member, version?.proof.verified], ['a.example', 'b.example', true])
  }
  // When they meet, what was passed on and what comes itself are one.
  await world.introduce(a, c, [ENERGY])
  await world.quiesce()
  assert.deepEqual([await finds(world, c, 'turbine'), await finds(world, c, 'rotor')], [1, 1])
  assert.equal((await detail(world, c, first)).versions.length, 1)
})

test('in a ring of members that all pass on, everybody has it once and it comes to rest', async () => {
  const world = new World('ring')
  await using _ = world
  const names = ['a.example', 'b.example', 'c.example', 'd.example']
  const [a, b, c, d] = (await Promise.all(names.map((name) => world.add(name)))) as WorldMember[] as [
    WorldMember,
    WorldMember,
    WorldMember,
    WorldMember,
  ]
  for (const [left, right] of [
    [a, b],
    [b, c],
    [c, d],
    [d, b],
  ] as const)
    await world.introduce(left, right, [ENERGY])
  await world.introduce(a, c)
  await world.introduce(a, d)
  await energy(world, a)
  const id = await say(world, a, 'turbine', 'energy')
  await world.quiesce()
  for (const member of [b, c, d]) {
    await world.api(member, 'PATCH', '/collections/from-a.example', { share: 'community' }).catch(() => {})
    await world.quiesce()
  }
  for (const member of [b, c, d]) assert.equal(await finds(world, member, 'turbine'), 1, member.name)
  const items = async (): Promise<number> => {
    let n = 0
    for (const member of [a, b, c, d])
      n += (await member.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery'))?.n ?? 0
    return n
  }
  const before = await items()
  await world.quiesce()
  assert.equal(await items(), before)
  await world.api(a, 'POST', '/withdrawals', { id, reason: 'expired' })
  await world.quiesce()
  for (const member of [b, c, d]) assert.equal(await finds(world, member, 'turbine'), 0, member.name)
})

test('what nobody may pass on is refused from whoever does', async () => {
  await using all = await chain('forward', { tlp: 'RED' })
  const { world, a, b, c } = all
  await say(world, a, 'secret', 'energy')
  await world.quiesce()
  // The member in between makes its own policy believe that the record is for the community.
  const open = `{"tlp":"AMBER","audience":{"named":false,"communities":["${ENERGY}"]},"personal":"none"}`
  await b.store.write(tamper, `UPDATE label_class SET marking = '${open}' WHERE json_extract(marking, '$.tlp') = 'RED'`)
  const again = await world.move('b.example', 'b.example')
  await optIn({ ...all, b: again })
  await world.quiesce()
  assert.equal(await finds(world, c, 'secret'), 0)
  assert.match((await quarantined(c)).at(-1) ?? '', /TLP:RED, which nobody may pass on/)
  const deed = await c.store.get<{ actor: string }>(`SELECT actor FROM audit WHERE action = 'forward.refused'`)
  assert.equal(deed?.actor, 'peer:b.example')
})

test('a proof under another history exposes its author', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-forward-`)
  await using all = await chain('forward', { folder: folder.path })
  const { world, a, b, c } = all
  await say(world, a, 'before', 'energy')
  await world.quiesce()
  await optIn(all)
  await world.quiesce()
  const twin = await world.twin('a.example', 'twin.example')
  world.network.cut.add('b.example c.example')
  world.network.reroute = (from, host) => (from === 'b.example' && host === 'a.example' ? 'twin.example' : host)
  for (let n = 0; n < 3; n += 1) await say(world, a, `true${n}`, 'energy')
  await pull(c)
  await say(world, twin, 'forged', 'energy')
  await pull(b)
  assert.equal(await finds(world, b, 'forged'), 1)
  // The one between passes on deliveries alone, and no heads: only the proof can show it.
  world.network.meddle = (path, response) => (path === '/peer/heads' ? { ...response, status: 503 } : response)
  world.network.cut.clear()
  await pull(c, 'b.example')
  assert.equal(await finds(world, c, 'forged'), 0)
  const { items } = await world.api<{ items: { member: string }[] }>(c, 'GET', '/evidence')
  assert.equal(items[0]?.member, 'a.example')
})

test('another log’s proof, another leaf, no proof, and changed bytes are refused, and stop nothing', async () => {
  await using all = await chain('forward')
  const { world, a, c } = all
  await say(world, a, 'first', 'energy')
  await world.quiesce()
  const meddlers: readonly (readonly [RegExp, (frame: Buffer) => Buffer | undefined])[] = [
    [/comes without a proof/, (frame) => (frame[4] === 4 ? undefined : frame)],
    [/does not hold/, (frame) => (frame[4] === 4 ? flip(frame, 5 + 20) : frame)],
    [
      /does not hold|of another log/,
      (frame) => (frame[4] === 4 ? swap(frame, 'a.example/log', 'b.example/log') : frame),
    ],
    [/not what its leaf commits to/, (frame) => (frame[4] === 2 ? swap(frame, 'spoken', 'broken') : frame)],
  ]
  await optIn(all)
  for (const [n, [reason, change]] of meddlers.entries()) {
    world.network.meddle = (path, response) =>
      path.startsWith('/peer/deliveries') ? changed(response, change) : response
    await world.network.apart(() => say(world, a, `spoken${n}`, 'energy'))
    await world.quiesce()
    assert.equal(await pull(c, 'b.example'), '')
    assert.equal(await finds(world, c, `spoken${n}`), 0)
    assert.match((await quarantined(c)).at(-1) ?? '', reason, `meddler ${n}`)
  }
  world.network.meddle = (_path, response) => response
  await say(world, a, 'last', 'energy')
  await world.quiesce()
  assert.equal(await finds(world, c, 'last'), 1)
})

/** An answer whose items of another member's log are changed. */
function changed(response: OutboundResponse, change: (frame: Buffer) => Buffer | undefined): OutboundResponse {
  const bytes = Buffer.from(response.body)
  const frames: Buffer[] = []
  let foreign = false
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    const frame = Buffer.from(bytes.subarray(at, end))
    if (frame[4] === 1) foreign = frame.includes('"origin"')
    const kept = foreign ? change(frame) : frame
    if (kept !== undefined) frames.push(kept)
    at = end
  }
  const { 'comity-page': _, ...headers } = response.headers
  return { ...response, headers, body: Buffer.concat(frames) }
}

function flip(frame: Buffer, at: number): Buffer {
  frame[at] = (frame[at] as number) ^ 1
  return frame
}

function swap(frame: Buffer, from: string, to: string): Buffer {
  return Buffer.from(frame.toString('latin1').replaceAll(from, to), 'latin1')
}
