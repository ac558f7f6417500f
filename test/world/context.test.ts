// What belongs to a record goes its own way: an indicator is shared, the victim is not, until somebody decides so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordDetail } from '#sharing/wire.ts'
import { Check } from './check.ts'
import { World, type WorldMember } from './world.ts'

const DAY_MS = 24 * 3600 * 1000
const VICTIM = 'Kraftwerk-Ottensheim'
const SOURCE = 'Kellerassel-Informant'
const [HIT, OTHER, BARE] = [1, 2, 3].map((n) => `indicator--00000000-0000-4000-8000-00000000000${n}`) as [
  string,
  string,
  string,
]

type Scene = { readonly world: World; readonly a: WorldMember; readonly b: WorldMember; readonly c: WorldMember }

/** Records go to all peers, their context to the community that only b is in; the source goes to nobody. */
async function scene(seed: string): Promise<Scene> {
  const world = new World(seed)
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  await world.introduce(a, b, ['energy.example'])
  await world.introduce(a, c)
  const marking = (tlp: string, communities: string[]): object => ({
    tlp,
    audience: { named: false, communities },
    personal: 'none',
  })
  const open = { share: 'peers', marking: marking('GREEN', []) }
  await world.api(a, 'POST', '/collections', {
    ...open,
    title: 'open',
    alias: 'open',
    contextMarking: { ...marking('AMBER', ['energy.example']), personal: 'present' },
  })
  await world.api(a, 'POST', '/collections', { ...open, title: 'alone', alias: 'alone' })
  assert.match(
    await put(a, { collection: 'open', ids: [HIT, BARE], contexts: { [HIT]: { victim: VICTIM } } }),
    /"added":2/,
  )
  assert.match(
    await put(a, { collection: 'alone', ids: [OTHER], contexts: { [OTHER]: { source: SOURCE } } }),
    /"added":1/,
  )
  await world.quiesce()
  return { world, a, b, c }
}

type Put = { readonly collection: string; readonly ids: readonly string[]; readonly contexts: object }
let sources = 0

async function put(member: WorldMember, { collection, ids, contexts }: Put): Promise<string> {
  const context = Buffer.from(JSON.stringify(contexts))
  const time = '2026-01-01T00:00:00.000Z'
  const records = ids.map((id) => ({
    type: 'indicator',
    spec_version: '2.1',
    id,
    created: time,
    modified: time,
    pattern: `[domain-name:value = 'bad-${id.at(-1)}.example']`,
    pattern_type: 'stix',
    valid_from: time,
  }))
  sources += 1
  const { body } = await member.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${sources.toString(16).padStart(64, '0')}&contextBytes=${context.length}`,
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/octet-stream' },
    payload: Buffer.concat([context, Buffer.from(records.map((each) => `${JSON.stringify(each)}\n`).join(''))]),
  })
  return body
}

async function contextAt({ world }: Scene, member: WorldMember, id: string): Promise<unknown> {
  const { versions } = await world.api<RecordDetail>(member, 'GET', `/records/${id}`)
  assert.ok(versions.every(({ proof }) => proof.verified))
  return versions[0]?.context?.object
}

async function finds({ world }: Scene, member: WorldMember, word: string): Promise<number> {
  return (await world.api<{ items: unknown[] }>(member, 'GET', `/search?q=${word}`)).items.length
}

/** Whether a word stands anywhere in what a member's store holds. */
async function holds({ store }: WorldMember, word: string): Promise<boolean> {
  for (const sql of [
    'SELECT bytes FROM item',
    'SELECT bytes FROM item_context',
    'SELECT header AS bytes FROM statement',
  ])
    for (const { bytes } of await store.all<{ bytes: Uint8Array }>(sql))
      if (Buffer.from(bytes).includes(word)) return true
  return false
}

test('the context of a record goes to whom its own marking allows, and its record to all', async () => {
  const here = await scene('context')
  const { world, a, b, c } = here
  await using _ = world
  assert.deepEqual(await contextAt(here, b, HIT), { victim: VICTIM })
  assert.equal(await contextAt(here, c, HIT), undefined)
  for (const member of [b, c]) {
    assert.equal(await contextAt(here, member, OTHER), undefined)
    assert.equal(await contextAt(here, member, BARE), undefined)
    assert.equal(await holds(member, SOURCE), false, 'without a marking it is the author’s alone')
  }
  assert.equal(await holds(c, VICTIM), false)
  assert.deepEqual(await contextAt(here, a, OTHER), { source: SOURCE })
  assert.deepEqual(
    [await finds(here, a, VICTIM), await finds(here, b, VICTIM), await finds(here, c, VICTIM)],
    [1, 1, 0],
  )
  assert.deepEqual([await finds(here, a, SOURCE), await finds(here, b, SOURCE)], [1, 0])
  const { versions } = await world.api<RecordDetail>(a, 'GET', `/records/${HIT}`)
  assert.deepEqual(
    versions[0]?.recipients.map(({ member, context }) => [member, context === true]),
    [
      ['b.example', true],
      ['c.example', false],
    ],
  )
  await new Check(world).everything()
})

test('context that comes to be allowed later follows what was given before', async () => {
  const here = await scene('context widened')
  const { world, a, c } = here
  await using _ = world
  await world.api(a, 'POST', `/peers/c.example/approve`, { communities: ['energy.example'] })
  await world.quiesce()
  assert.deepEqual(await contextAt(here, c, HIT), { victim: VICTIM })
  assert.equal(await finds(here, c, VICTIM), 1)
  assert.equal(await finds(here, c, 'bad-1.example'), 1, 'the record itself is there once')
  assert.equal(await holds(c, SOURCE), false)
  await new Check(world).everything()
})

test('context that was forbidden when its record was fetched comes once it is allowed again', async () => {
  const here = await scene('context narrowed')
  const { world, a, b } = here
  await using _ = world
  const id = 'indicator--00000000-0000-4000-8000-000000000004'
  const communities = (names: string[]): Promise<unknown> =>
    world.api(a, 'POST', '/peers/b.example/approve', { communities: names })
  await world.network.apart(async () => {
    await put(a, { collection: 'open', ids: [id], contexts: { [id]: { victim: 'Umspannwerk-Sued' } } })
    await communities([])
  })
  await world.quiesce()
  assert.equal(await finds(here, b, 'bad-4.example'), 1, 'the record is for every peer')
  assert.equal(await contextAt(here, b, id), undefined)
  await communities(['energy.example'])
  await world.quiesce()
  assert.deepEqual(await contextAt(here, b, id), { victim: 'Umspannwerk-Sued' })
  await new Check(world).everything()
})

test('the context of a record that waited for its date is found with it', async () => {
  const here = await scene('context ahead')
  const { world, a, b } = here
  await using _ = world
  const id = 'indicator--00000000-0000-4000-8000-000000000005'
  await world.network.apart(async () => {
    world.clock.advance(2 * DAY_MS)
    await put(a, { collection: 'open', ids: [id], contexts: { [id]: { victim: 'Umspannwerk-Nord' } } })
    world.clock.advance(-2 * DAY_MS)
  })
  await world.quiesce()
  assert.deepEqual([await finds(here, b, 'bad-5.example'), await finds(here, b, 'Umspannwerk-Nord')], [0, 0])
  world.clock.advance(2 * DAY_MS)
  await world.quiesce()
  assert.deepEqual([await finds(here, b, 'bad-5.example'), await finds(here, b, 'Umspannwerk-Nord')], [1, 1])
})

test('context that arrives later than its record is passed on as it comes, and once', async () => {
  const world = new World('context later')
  await using _ = world
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  const [base, energy] = ['base.example', 'energy.example']
  await world.introduce(a, b, [base])
  await world.introduce(b, c, [base, energy])
  await world.introduce(a, c)
  const marking = (communities: string[]): object => ({
    tlp: 'AMBER',
    audience: { named: false, communities },
    personal: 'none',
  })
  await world.api(a, 'POST', '/collections', {
    title: 'open',
    alias: 'open',
    share: 'community',
    marking: marking([base]),
    contextMarking: marking([energy]),
  })
  await put(a, { collection: 'open', ids: [HIT], contexts: { [HIT]: { victim: VICTIM } } })
  await world.quiesce()
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  const here = { world, a, b, c }
  assert.deepEqual([await finds(here, c, 'bad-1.example'), await contextAt(here, c, HIT)], [1, undefined])
  await world.api(a, 'POST', '/peers/b.example/approve', { communities: [base, energy] })
  await world.quiesce()
  assert.deepEqual(await contextAt(here, b, HIT), { victim: VICTIM })
  assert.deepEqual(await contextAt(here, c, HIT), { victim: VICTIM })
  assert.equal(await finds(here, c, 'bad-1.example'), 1, 'the record itself is there once')
  const items = async (): Promise<number> =>
    (await b.store.get<{ n: number }>('SELECT count(*) AS n FROM delivery'))?.n ?? 0
  const before = await items()
  await world.api(b, 'POST', '/peers/a.example/approve', {})
  await world.quiesce()
  assert.equal(await items(), before, 'a walk that comes after it gives nothing twice')
  await new Check(world).everything()
})

test('context that its author gave later is passed on to who had brought the record without it', async () => {
  const world = new World('context brought')
  await using _ = world
  const [a, b, c] = [await world.add('a.example'), await world.add('b.example'), await world.add('c.example')]
  const [base, energy] = ['base.example', 'energy.example']
  await world.introduce(a, b, [base, energy])
  await world.introduce(a, c, [base])
  await world.introduce(b, c, [base, energy])
  const marking = (communities: string[]): object => ({
    tlp: 'AMBER',
    audience: { named: false, communities },
    personal: 'none',
  })
  await world.api(a, 'POST', '/collections', {
    title: 'open',
    alias: 'open',
    share: 'community',
    marking: marking([base]),
    contextMarking: marking([energy]),
  })
  await put(a, { collection: 'open', ids: [BARE], contexts: {} })
  await world.quiesce()
  await world.api(c, 'PATCH', '/collections/from-a.example', { share: 'community' })
  world.network.cut.add('a.example b.example')
  await put(a, { collection: 'open', ids: [HIT], contexts: { [HIT]: { victim: VICTIM } } })
  await world.pass(10_000)
  const here = { world, a, b, c }
  assert.deepEqual([await finds(here, b, 'bad-1.example'), await finds(here, b, VICTIM)], [1, 0], 'by way of c')
  await world.quiesce()
  assert.deepEqual([await finds(here, b, VICTIM), await finds(here, c, VICTIM)], [1, 0])
  await world.api(b, 'PATCH', '/collections/from-a.example', { share: 'community' })
  await world.quiesce()
  assert.equal(await finds(here, c, VICTIM), 1)
})

test('neither TAXII nor an export ever gives context, not even to this member’s own programs', async () => {
  const { world, a, b } = await scene('context egress')
  await using _ = world
  for (const [member, collection] of [
    [a, 'open'],
    [a, 'alone'],
    [b, 'from-a.example'],
  ] as const) {
    const { secret } = await world.api<{ secret: string }>(member, 'POST', '/clients', {
      name: `reader-${collection.replaceAll('.', '-')}`,
      actsFor: 'self',
      grants: [{ collection, read: true, write: false }],
    })
    const texts = []
    for (const url of ['objects/', 'objects/?match[version]=all', 'manifest/', `objects/${HIT}/`])
      texts.push(
        (
          await member.app.inject({
            url: `/taxii2/api/collections/${collection}/${url}`,
            headers: { accept: 'application/taxii+json;version=2.1', authorization: `Bearer ${secret}` },
          })
        ).body,
      )
    for (const query of ['', '&for=b.example', '&for=public', '&versions=all']) {
      const headers = { authorization: `Bearer ${member.token}` }
      texts.push((await member.app.inject({ url: `/api/export?collection=${collection}${query}`, headers })).body)
    }
    assert.ok(texts.some((text) => text.includes('bad-')))
    for (const text of texts) for (const word of [VICTIM, SOURCE]) assert.ok(!text.includes(word))
  }
})

test('context that cannot be taken is refused or told of, by its place', async () => {
  const { world, a } = await scene('context refused')
  await using _ = world
  const put1 = (contexts: object): Promise<string> => put(a, { collection: 'open', ids: [HIT], contexts })
  assert.match(await put1({ 'not-an-id': {} }), /not-an-id/)
  assert.match(await put1({ [HIT]: 'text' }), /is a JSON object/)
  assert.match(await put1({ [HIT]: { long: 'x'.repeat(70_000) } }), /at most 65536 bytes/)
  assert.match(await put1([]), /not an object from STIX ids/)
  const late = await put1({ [HIT]: { victim: 'somebody else' }, [OTHER]: {} })
  assert.match(late, /"kind":"context","id":"indicator--00000000-0000-4000-8000-000000000001"/)
  assert.match(late, /"known":1/)
  const headers = { authorization: `Bearer ${a.token}`, 'content-type': 'application/octet-stream' }
  const url = `/api/import?collection=open&digest=${'f'.repeat(64)}&contextBytes=999`
  const short = await a.app.inject({ method: 'POST', url, headers, payload: '{}' })
  assert.match(short.body, /the body ends before its context does/)
})
