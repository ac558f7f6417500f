// What a hostile or broken peer sends is refused by name, stored by nobody, and stops nothing but that peer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeItem, hashItem } from '#kernel/delivery-item.ts'
import { sha256 } from '#kernel/hash.ts'
import { logKeys } from '#kernel/key-file.ts'
import { formatCheckpoint, signCheckpoint } from '#kernel/log/checkpoint.ts'
import { formatNote } from '#kernel/note.ts'
import type { OutboundResponse } from '#kernel/http/outbound.ts'
import { LIMITS } from '#kernel/limits.ts'
import { mirrorLeaves, stageLeaves } from '#federation/mirror-store.ts'
import { encodeDelivery } from '#federation/frames.ts'
import { findPeer } from '#federation/peers.ts'
import { base, RED } from './objects.ts'
import { saying } from './saying.ts'
import { chain, ENERGY, finds, open, publish, pull, say, stage } from './stage.ts'
import { CALM, ramble, tamper, World, type WorldMember } from './world.ts'

type Peers = { items: { member: string; stopped?: string; lastError?: string; received: number; logSize: number }[] }

type Deed = { action: string; subject: string; detail: { reason?: string } }

/** What was refused, by whose it was. */
const refusals = async (world: World, member: WorldMember): Promise<Record<string, string>> => {
  const { items } = await world.api<{ items: Deed[] }>(member, 'GET', '/audit?limit=200')
  const refused = items.filter(({ action }) => action === 'peer.refused')
  return Object.fromEntries(refused.map(({ subject, detail }) => [subject, detail.reason ?? '']))
}

const peerOf = async (world: World, b: WorldMember) => (await world.api<Peers>(b, 'GET', '/peers')).items[0]

test('an honest peer’s words arrive once, however often they are fetched', async () => {
  const { world, a, b } = await stage('hostile')
  await using _ = world
  await publish(world, a, 'honest')
  assert.equal(await pull(b), '')
  assert.equal(await pull(b), '')
  assert.equal(await finds(world, b, 'honest'), 1)
})

test('whoever answers an acceptance with anything but its proof is not met, whatever the bytes', async () => {
  const world = new World('hostile pairing')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  const { invitation } = await world.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
  const bodies = [
    '',
    'no JSON',
    '{"mac":',
    '[]',
    'null',
    '{"mac":5,"document":""}',
    '{"mac":"00","document":"","mac":"00"}',
  ]
  for (const body of [...bodies, `{"document":"","mac":"${'0'.repeat(64)}"}`, '['.repeat(50_000)]) {
    world.network.meddle = (path, response) =>
      path === '/peer/pair' ? { ...response, status: 200, body: Buffer.from(body) } : response
    const answer = await b.app.inject({
      method: 'POST',
      url: '/api/peers/accept',
      headers: { authorization: `Bearer ${b.token}` },
      payload: { invitation },
    })
    assert.equal(answer.json<{ code: string }>().code, 'peer.invalid', body.slice(0, 40))
    assert.match(answer.body, /does not know the invitation’s secret/)
  }
  assert.deepEqual((await world.api<Peers>(b, 'GET', '/peers')).items, [])
})

test('bytes changed on the way are refused, and the true ones accepted later', async () => {
  const { world, a, b } = await stage('hostile')
  await using _ = world
  await publish(world, a, 'original')
  world.network.meddle = (path, response) =>
    path.startsWith('/peer/deliveries') ? replaced(response, 'original', 'imposter') : response
  assert.match(await pull(b), /not what its leaf commits to/)
  assert.equal(await finds(world, b, 'imposter'), 0)
  assert.match((await refusals(world, b))['a.example'] ?? '', /not what its leaf commits to/, 'it is in the audit log')
  world.network.meddle = (_path, response) => response
  assert.equal(await pull(b), '')
  assert.equal(await finds(world, b, 'original'), 1)
})

test('a statement copied into another’s log is nobody’s there, is named, and stops nothing', async () => {
  const { world, a, b } = await stage('hostile copy', { others: ['b.example', 'c.example'] })
  await using _ = world
  const c = world.members.get('c.example') as WorldMember
  await world.introduce(b, c)
  await open(world, c)
  await publish(world, a, 'original')
  await world.quiesce()
  await c.store.write(saying.copy, { member: 'a.example' })
  await publish(world, c, 'honest')
  await world.quiesce()
  const reason = /says it is a\.example's, in the log of c\.example/
  assert.match((await refusals(world, b))['c.example'] ?? '', reason, 'it is in the audit log')
  const { items } = await world.api<{ items: { author: string }[] }>(b, 'GET', '/search?q=original')
  assert.deepEqual(
    items.map(({ author }) => author),
    ['a.example'],
  )
  assert.equal(await finds(world, b, 'honest'), 1)
})

test('a correct leaf with another’s salt is refused by name, and taken with its own', async () => {
  const { world, a, b } = await stage('hostile salt')
  await using _ = world
  world.network.meddle = (path, response) => (path.startsWith('/peer/deliveries') ? saltsSwapped(response) : response)
  await publish(world, a, 'first')
  await publish(world, a, 'second')
  assert.match(await pull(b), /not what its leaf commits to/)
  assert.match((await refusals(world, b))['a.example'] ?? '', /not what its leaf commits to/)
  assert.deepEqual([await finds(world, b, 'first'), await finds(world, b, 'second')], [0, 0])
  world.network.meddle = (_path, response) => response
  assert.equal(await pull(b), '')
  assert.deepEqual([await finds(world, b, 'first'), await finds(world, b, 'second')], [1, 1])
})

/** The salts of the entries of the first two statements of a page change places; the page says that it is this one. */
function saltsSwapped(response: OutboundResponse): OutboundResponse {
  const page = Buffer.from(response.body)
  const salts: Buffer[] = []
  for (let at = 0; at + 5 <= page.length; at += 4 + page.readUInt32BE(at))
    if (page[at + 4] === 2) salts.push(page.subarray(at + 13, at + 45))
  const [one, two] = salts
  if (one === undefined || two === undefined)
    return { ...response, body: page.subarray(0, 0), headers: { 'comity-page': EMPTY_PAGE } }
  const kept = Buffer.from(one)
  one.set(two)
  two.set(kept)
  return { ...response, body: page, headers: { 'comity-page': `${sha256(page).toHex()} ${page.length}` } }
}

const EMPTY_PAGE = `${sha256(new Uint8Array(0)).toHex()} 0`

test('a wrong leaf, an unsigned head, an endless or broken page: each is named and changes nothing', async () => {
  const { world, a, b } = await stage('hostile')
  await using _ = world
  const meddlers: readonly (readonly [RegExp, (path: string, response: OutboundResponse) => OutboundResponse])[] = [
    [
      /leaves|history|contain/,
      (path, response) => (path.includes('/tile/entries/') ? flipped(response, response.body.length - 10) : response),
    ],
    [
      /not signed by its log/,
      (path, response) => (path.startsWith('/log/checkpoint') ? flipped(response, 20) : response),
    ],
    [
      /do not belong together/,
      (path, response) =>
        path.startsWith('/peer/deliveries') ? { ...response, body: response.body.subarray(0, -3) } : response,
    ],
    [
      /out of form/,
      (path, response) =>
        path.startsWith('/peer/deliveries')
          ? { ...response, headers: {}, body: new Uint8Array(4096).fill(255) }
          : response,
    ],
    [
      /do not belong together/,
      (path, response) =>
        path.startsWith('/peer/deliveries') ? { ...response, body: new Uint8Array(4096).fill(255) } : response,
    ],
    [
      /do not belong together/,
      (path, response) =>
        path.startsWith('/peer/deliveries')
          ? { ...response, headers: { 'comity-page': `${'0'.repeat(64)} 9999` }, body: new Uint8Array(0) }
          : response,
    ],
    [
      /page of deliveries is larger/,
      (path, response) =>
        path.startsWith('/peer/deliveries')
          ? { ...response, headers: { 'comity-page': `${'0'.repeat(64)} 99999999` } }
          : response,
    ],
  ]
  // News is pulled by itself as soon as it is there, so the first enemy must be in place before.
  world.network.meddle = meddlers[0]?.[1] ?? world.network.meddle
  await publish(world, a, 'steady')
  for (const [expected, meddle] of meddlers) {
    world.network.meddle = meddle
    assert.match(await pull(b), expected)
    assert.equal(await finds(world, b, 'steady'), 0)
    await world.api(b, 'POST', '/peers/a.example/approve', {})
  }
  world.network.meddle = (_path, response) => response
  assert.equal(await pull(b), '')
  assert.equal(await finds(world, b, 'steady'), 1)
})

test('a page that comes byte by byte is given up at its first short piece', async () => {
  const { world, a, b } = await stage('hostile bytes')
  await using _ = world
  await world.quiesce()
  await world.network.apart(() => publish(world, a, 'steady'))
  let pieces = 0
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/deliveries')) return response
    pieces += 1
    if (pieces > 50) return { ...response, status: 500, body: Buffer.from('{}') }
    const headers = { 'comity-page': `${'0'.repeat(64)} ${LIMITS.peerBodyBytesMax}` }
    return { status: 200, headers, body: new Uint8Array(1) }
  }
  assert.match(await pull(b), /do not belong together/)
  assert.equal(pieces, 1)
})

test('a node that stops waits for no answer, and blames nobody for it', { timeout: 20_000 }, async () => {
  const { world, a, b } = await stage('hostile stop')
  await using _ = world
  await world.quiesce()
  const error = async (): Promise<string | null | undefined> =>
    (await b.store.get<{ last_error: string | null }>("SELECT last_error FROM peer WHERE name = 'a.example'"))
      ?.last_error
  assert.equal(await error(), null)
  await world.network.apart(() => publish(world, a, 'steady'))
  world.network.weather = { ...CALM, delayMs: 60_000 }
  const round = pull(b)
  // No time passes: whoever waits for the answer waits for ever.
  await b.federation[Symbol.asyncDispose]()
  assert.match(await round, /being stopped/)
  assert.equal(await error(), null)
})

test('nothing more is taken of a peer that is removed while a round with it runs', async () => {
  const { world, a, b } = await stage('hostile removed')
  await using _ = world
  await publish(world, a, 'steady')
  await world.quiesce()
  const stand = await b.store.get<{ seq: number; hash: Uint8Array }>(
    "SELECT stream_seq AS seq, stream_hash AS hash FROM peer WHERE name = 'a.example'",
  )
  let { seq, hash } = stand as { seq: number; hash: Uint8Array }
  let pages = 0
  let removal: Promise<unknown> | undefined
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/deliveries')) return response
    if ((pages += 1) > 20) return { ...response, status: 500, body: Buffer.from('{}') }
    removal ??= world.api(b, 'DELETE', '/peers/a.example')
    const item = encodeItem({ seq: (seq += 1), prevHash: hash, indexes: [0], reason: 'new' })
    hash = hashItem(item)
    return pageOf(Buffer.concat([...encodeDelivery(item, [{ index: 0, gone: 'erased' }])]))
  }
  assert.match(await pull(b), /was removed or stopped here while a round with it ran/)
  await removal
  assert.ok(pages < 5, `${pages} pages`)
  world.network.meddle = (_path, response) => response
  await world.network.apart(() => world.api(a, 'DELETE', '/peers/b.example'))
  await world.introduce(a, b)
  await publish(world, a, 'again')
  await world.quiesce()
  assert.equal(await finds(world, b, 'again'), 1)
})

const pageOf = (body: Uint8Array): OutboundResponse => ({
  status: 200,
  headers: { 'comity-page': `${sha256(body).toHex()} ${body.length}` },
  body,
})

test('a page of what nobody can believe is one deed, and fills no table beyond its bound', async () => {
  const { world, a, b } = await stage('hostile many')
  await using _ = world
  await publish(world, a, 'steady')
  await world.quiesce()
  const stand = await b.store.get<{ id: number; seq: number; hash: Uint8Array }>(
    "SELECT id, stream_seq AS seq, stream_hash AS hash FROM peer WHERE name = 'a.example'",
  )
  let { seq, hash } = stand as { seq: number; hash: Uint8Array }
  await b.store.write(
    tamper,
    `INSERT INTO forward_refused (peer, origin, idx, member) WITH RECURSIVE n (i) AS
       (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LIMITS.forwardRefusedMax - 30})
     SELECT ${stand?.id}, 'before.example/log', i, 'before.example' FROM n`,
  )
  await b.store.write(
    tamper,
    `INSERT INTO quarantine (seq, member, time_ms, reason) WITH RECURSIVE n (i) AS
       (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LIMITS.quarantineMax - 30})
     SELECT i, ${stand?.id}, 0, 'before' FROM n`,
  )
  const salt = new Uint8Array(32)
  const empty = { salt, bytes: new Uint8Array(0) }
  const content = { seed: salt, items: [new Uint8Array(0)] }
  let pages = 0
  world.network.meddle = (path, response) => {
    if (!path.startsWith('/peer/deliveries') || (pages += 1) > 2) return response
    const chunks: Uint8Array[] = []
    for (let n = 0; n < 20; n += 1) {
      const origin = `nobody${pages}-${n}.example/log`
      const item = encodeItem({ seq: (seq += 1), prevHash: hash, origin, indexes: [n], reason: 'new' })
      hash = hashItem(item)
      const shown = { index: n, entrySalt: salt, partCommits: [salt, salt, salt, salt], header: empty, content }
      chunks.push(...encodeDelivery(item, [shown]))
    }
    return pageOf(Buffer.concat(chunks))
  }
  await pull(b)
  const { items: deeds } = await world.api<{ items: Deed[] }>(b, 'GET', '/audit?action=forward.refused')
  assert.deepEqual(
    deeds.map(({ subject, detail }) => ({ subject, ...detail, reason: undefined })),
    [
      { subject: 'nobody2-0.example/log', reason: undefined, statements: 20, notAskedAgain: 10 },
      { subject: 'nobody1-0.example/log', reason: undefined, statements: 20 },
    ],
  )
  const held = await b.store.get(
    'SELECT (SELECT count(*) FROM quarantine) AS aside, (SELECT count(*) FROM forward_refused) AS due',
  )
  assert.deepEqual({ ...held }, { aside: LIMITS.quarantineMax, due: LIMITS.forwardRefusedMax })
})

test('leaves of a peer that was removed are neither staged nor believed', async () => {
  const { world, b } = await stage('hostile removed leaves')
  await using _ = world
  await world.quiesce()
  const mirror = await b.store.get<{ log: number; size: number; root: Uint8Array; checkpoint: Uint8Array }>(
    "SELECT id AS log, size, root, checkpoint FROM log WHERE origin = 'a.example/log'",
  )
  assert.ok(mirror)
  const stretch = { ...mirror, from: mirror.size, to: mirror.size, tiles: [], entries: [] }
  await b.store.write(mirrorLeaves, stretch)
  await world.api(b, 'DELETE', '/peers/a.example')
  await assert.rejects(b.store.write(stageLeaves, stretch), /was removed or stopped/)
  await assert.rejects(b.store.write(mirrorLeaves, stretch), /was removed or stopped/)
})

test('a log that shows another history stops replication until a person looks', async () => {
  const { world, a, b } = await stage('hostile')
  await using _ = world
  await publish(world, a, 'first')
  await pull(b)
  // An honest node would find out by what its peers mirror, and stop itself; this one does not want to know.
  world.network.meddle = (path, response) =>
    path === '/peer/mirror/checkpoint' ? { ...response, status: 404, body: new Uint8Array(0) } : response
  // The author's own database is put back behind its back: the next leaf takes a place that was taken.
  await a.store.write(tamper, `UPDATE log_entries SET bytes = zeroblob(length(bytes)) WHERE log = 1`)
  await a.store.write(tamper, `UPDATE log_tile SET bytes = zeroblob(length(bytes)) WHERE log = 1 AND level = 0`)
  await publish(world, a, 'second')
  assert.match(await pull(b), /history|contain|leaves/)
  assert.notEqual((await peerOf(world, b))?.stopped, undefined)
  assert.match(await pull(b), /stands still/)
  assert.equal(await finds(world, b, 'first'), 1)
})

test('an older head of the same log changes nothing, is named once an hour, and is followed again when it is newer', async () => {
  const { world, a } = await stage('hostile')
  await using _ = world
  await publish(world, a, 'early')
  let old: OutboundResponse | undefined
  world.network.meddle = (path, response) => {
    if (path === '/log/checkpoint' && response.status === 200) old ??= response
    return response
  }
  const again = await world.move('b.example', 'b.example')
  assert.equal(await pull(again), '')
  const size = (await peerOf(world, again))?.logSize
  await publish(world, a, 'late')
  assert.equal(await pull(again), '')
  const grown = (await peerOf(world, again))?.logSize ?? 0
  assert.ok(old !== undefined && grown > (size ?? 0))
  world.network.meddle = (path, response) => (path === '/log/checkpoint' ? (old ?? response) : response)
  assert.equal(await pull(again), '')
  assert.equal(await pull(again), '')
  const shown = await peerOf(world, again)
  assert.deepEqual([shown?.logSize, shown?.stopped], [grown, undefined])
  const { items } = await world.api<{ items: Deed[] }>(again, 'GET', '/audit?action=peer.shorter')
  assert.deepEqual(
    items.map(({ subject, detail }) => [subject, detail]),
    [['a.example', { shown: size, known: grown }]],
  )
  world.network.meddle = (_path, response) => response
  await publish(world, a, 'last')
  assert.equal(await pull(again), '')
  assert.equal(await finds(world, again, 'last'), 1)
})

test('a kind of statement nobody knows is kept, shown to nobody, and stops nothing', async () => {
  const { world, a, b } = await stage('hostile')
  await using _ = world
  await a.store.write(ramble, { member: 'a.example', count: 1 })
  const told = (await a.store.get<{ seq: number; hash: Uint8Array; index: number }>(
    `SELECT p.out_seq AS seq, p.out_hash AS hash, (SELECT max(idx) FROM statement WHERE kind = 'test.ramble') AS "index"
     FROM peer p WHERE p.name = 'b.example'`,
  )) as { seq: number; hash: Uint8Array; index: number }
  const body = encodeItem({ seq: told.seq + 1, prevHash: told.hash, indexes: [told.index], reason: 'new' })
  const hex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`
  const peer = `(SELECT id FROM peer WHERE name = 'b.example')`
  await a.store.write(tamper, `INSERT INTO delivery SELECT ${peer}, ${told.seq + 1}, 0, ${hex(body)}`)
  await a.store.write(
    tamper,
    `INSERT INTO delivery_index (peer, log, idx, seq, rule) SELECT ${peer}, 1, ${told.index}, ${told.seq + 1}, 'test'`,
  )
  await a.store.write(
    tamper,
    `UPDATE peer SET out_seq = ${told.seq + 1}, out_hash = ${hex(hashItem(body))} WHERE name = 'b.example'`,
  )
  await publish(world, a, 'behind it')
  assert.equal(await pull(b), '')
  const kept = await b.store.get<{ n: number }>(`SELECT count(*) AS n FROM statement WHERE kind = 'test.ramble'`)
  assert.equal(kept?.n, 1)
  const records = await b.store.get<{ n: number }>(
    `SELECT count(*) AS n FROM record r JOIN statement s ON r.seq >= s.seq AND r.seq < s.seq + s.count WHERE s.kind = 'test.ramble'`,
  )
  assert.equal(records?.n, 0)
  assert.equal(await finds(world, b, 'behind'), 1)
})

test('an object that says it is stricter than its author’s statement is no record, is named, and stops nothing', async () => {
  const { world, a, b } = await stage('hostile label')
  await using _ = world
  const content = JSON.stringify(base('malware', 1, { name: 'whisper', is_family: true, object_marking_refs: [RED] }))
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' } as const
  await a.store.write(saying.put, { collection: 'open', content, to: 'b.example', marking })
  await say(world, a, 'behind')
  assert.deepEqual([await finds(world, b, 'whisper'), await finds(world, b, 'behind')], [0, 1])
  const { items } = await world.api<{ items: { reason: string }[] }>(b, 'GET', '/quarantine')
  assert.deepEqual(
    items.map(({ reason }) => reason),
    ['its object says TLP:RED where its statement says TLP:GREEN'],
  )
})

test('nor is it passed on by who follows its author', async () => {
  const { world, a, b, c } = await chain('hostile label passed on', { tlp: 'GREEN' })
  await using _ = world
  await say(world, a, 'before', 'energy')
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  assert.equal(await finds(world, c, 'before'), 1)
  const content = JSON.stringify(base('malware', 1, { name: 'whisper', is_family: true, object_marking_refs: [RED] }))
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [ENERGY] }, personal: 'none' } as const
  await a.store.write(saying.put, { collection: 'energy', content, to: 'b.example', marking })
  await say(world, a, 'behind', 'energy')
  assert.equal(await finds(world, c, 'behind'), 1)
  for (const [member, n] of [
    [b, 1],
    [c, 0],
  ] as const) {
    const held = await member.store.all(`SELECT 1 FROM item WHERE instr(bytes, 'whisper') > 0`)
    assert.equal(held.length, n, member.name)
  }
})

test('strangers, replays and other addresses are turned away', async () => {
  const { world, a, b } = await stage('hostile')
  await using _ = world
  const seen: { url: string; headers: Record<string, string> }[] = []
  world.network.watch = (request) => void seen.push(request)
  await pull(b)
  const { url, headers } = seen.find((each) => each.url.includes('/peer/deliveries')) ??
    seen[0] ?? { url: '', headers: {} }
  const path = url.slice('http://a.example'.length)
  const status = async (target: string, sent: Record<string, string>): Promise<number> =>
    (await a.app.inject({ method: 'GET', url: target, headers: sent })).statusCode
  assert.equal(await status(path, {}), 401)
  assert.notEqual(await status(path, headers), 200, 'a request is used once')
  assert.notEqual(await status(`${path}&x=1`, headers), 200, 'a signature covers the whole target')
  assert.equal(await status('/log/checkpoint', { authorization: `Bearer ${'A'.repeat(43)}` }), 401)
  for (let n = 0; n < 50; n += 1) await status(path, headers)
  const named = await world.api<{ items: Deed[] }>(a, 'GET', '/audit?limit=200')
  const strange = named.items.filter(({ action }) => action === 'peer.refused')
  assert.ok(strange.length > 0 && strange.length < 5, 'they are named, and cannot fill the audit log')
})

test('who reads an invitation on its way and comes first is found out by the words, and invites nobody', async () => {
  const { world, a } = await stage('hostile')
  await using _ = world
  const [thief, guest] = [await world.add('thief.example'), await world.add('guest.example')]
  const { invitation } = await world.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
  await world.api(thief, 'POST', '/peers/accept', { invitation })
  await assert.rejects(world.api(guest, 'POST', '/peers/accept', { invitation }), /used already/)
  const { items } = await world.api<{ items: { member: string; state: string; words: string[] }[] }>(a, 'GET', '/peers')
  const stranger = items.find(({ member }) => member === 'thief.example')
  assert.equal(stranger?.state, 'pending', 'nothing is exchanged before people have compared the words')
  assert.ok(!items.some(({ member }) => member === 'guest.example'))
  assert.match((await refusals(world, a))['a stranger'] ?? '', /used already/, 'the second use is in the audit log')
  await world.api(thief, 'POST', '/peers/a.example/approve', {})
  await assert.rejects(thief.federation.pullPeer('a.example'), /not approved you/)
})

test('an invitation works once and not after its time', async () => {
  const { world, a } = await stage('hostile')
  await using _ = world
  const [c, d] = [await world.add('c.example'), await world.add('d.example')]
  const { invitation } = await world.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
  await world.api(c, 'POST', '/peers/accept', { invitation })
  await assert.rejects(world.api(d, 'POST', '/peers/accept', { invitation }), /used already/)
  const late = await world.api<{ invitation: string }>(a, 'POST', '/peers/invitations')
  world.clock.advance(8 * 24 * 3600 * 1000)
  await assert.rejects(world.api(d, 'POST', '/peers/accept', { invitation: late.invitation }), /expired/)
  await assert.rejects(
    world.api(d, 'POST', '/peers/accept', { invitation: `${late.invitation}x` }),
    /not a whole invitation/,
  )
})

test('a head that nobody signed, or one that is told again and again, makes nobody hammer its log', async () => {
  const { world, a, b } = await stage('hostile heads', { others: ['b.example', 'c.example'] })
  await using _ = world
  const c = world.members.get('c.example') as WorldMember
  await world.introduce(b, c)
  await publish(world, a, 'word')
  await world.quiesce()
  const document = (await findPeer(c.store, 'b.example'))?.document ?? assert.fail()
  let asked = 0
  world.network.watch = ({ url }) => void (url.startsWith('http://a.example/') && (asked += 1))
  const tell = async (head: Uint8Array): Promise<number> => {
    asked = 0
    const body = Buffer.from(JSON.stringify({ heads: [Buffer.from(head).toString('utf8')] }))
    const request = {
      method: 'POST',
      url: 'http://b.example/peer/heads',
      body,
      contentType: 'application/json',
    } as const
    for (let n = 0; n < 10; n += 1) await c.federation.caller.call(document, request)
    return asked
  }
  const next = { origin: 'a.example/log', size: 1_000_000, root: new Uint8Array(32) }
  const unsigned = formatNote(formatCheckpoint(next), [`— nobody ${Buffer.alloc(70).toString('base64')}`])
  assert.equal(await tell(unsigned), 0)
  // Its log signed it, and shows it to nobody.
  const shown = await tell(signCheckpoint(next, logKeys('a.example/log', a.seeds.log).signers.slice(0, 1)))
  assert.ok(shown < 10, `a was asked ${shown} times while no time passed`)
})

function replaced(response: OutboundResponse, from: string, to: string): OutboundResponse {
  return {
    ...response,
    body: Buffer.from(Buffer.from(response.body).toString('latin1').replaceAll(from, to), 'latin1'),
  }
}

function flipped(response: OutboundResponse, at: number): OutboundResponse {
  const body = Uint8Array.from(response.body)
  body[at] = (body[at] ?? 0) ^ 0x01
  return { ...response, body }
}
