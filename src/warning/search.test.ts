import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeEgress } from '#kernel/egress.ts'
import { LOCAL_CALLER } from '#kernel/http/access.ts'
import { pino } from 'pino'
import { Fault } from '#kernel/fault.ts'
import type { Clock } from '#kernel/clock.ts'
import { DEFAULT_MARKING } from '#kernel/marking.ts'
import type { Store } from '#kernel/store/types.ts'
import { addCollection, requireCollection } from '#sharing/collection.ts'
import { putObjects } from '#sharing/put.ts'
import { withdrawRecords } from '#sharing/withdraw-command.ts'
import { openTestStore, seededRandom, testClock } from '#test/store.ts'
import { addWatches, answerWarning, recordMatches, removeWatch } from './commands.ts'
import { makeWarning, type Warning } from './warning.ts'
import { parseWatch } from './watch.ts'

const ID = 'indicator--00000000-0000-4000-8000-000000000001'
const BAD = "[domain-name:value = 'www.example.org']"
const logger = pino({ level: 'silent' })

const COLLECTIONS = [
  ['main', {}],
  ['other', {}],
  ['drill', { marking: { ...DEFAULT_MARKING, exercise: '00000000-0000-4000-8000-00000000000e' } }],
  ['secret', { marking: { ...DEFAULT_MARKING, tlp: 'RED' } }],
] as const

function search(store: Store, clock: Clock): Warning {
  return makeWarning({ store, egress: makeEgress(store), clock, logger })
}

async function begin() {
  const clock = testClock()
  const store = openTestStore({ clock })
  for (const [alias, change] of COLLECTIONS)
    await store.write(addCollection, { actor: 'test', change: { title: alias, alias, ...change } })
  const watch = async (value: string, asset: string): Promise<void> => {
    const parsed = parseWatch(value)
    if (parsed instanceof Fault) throw parsed
    await store.write(addWatches, { actor: 'test', watches: [{ ...parsed, asset, note: '' }] })
  }
  /** Puts a version of the indicator; the time moves on by a second and is its version. */
  const say = async (change: object = {}, alias = 'main'): Promise<string> => {
    clock.advance(1000)
    const modified = new Date(clock.nowMs()).toISOString()
    const object = {
      type: 'indicator',
      spec_version: '2.1',
      id: ID,
      created: '2026-01-01T00:00:00.000Z',
      modified,
      name: 'Bad',
      pattern: BAD,
      pattern_type: 'stix',
      valid_from: '2026-01-01T00:00:00Z',
      ...change,
    }
    const [result] = await putObjects(
      { store, now: clock.nowMs },
      {
        collection: await requireCollection(store, alias),
        pieces: [{ bytes: Buffer.from(JSON.stringify(object)), index: 0 }],
      },
    )
    assert.equal(result?.outcome, 'added', JSON.stringify(result))
    return modified
  }
  return {
    clock,
    store,
    watch,
    say,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

async function states(warning: Warning): Promise<string[]> {
  await warning.settle()
  const { items } = await warning.list({ limit: 50 }, LOCAL_CALLER.principal)
  return items.map(({ asset, state, reason }) => `${asset}: ${state}${reason === '' ? '' : ` (${reason})`}`).toSorted()
}

test('a newer version that names nothing comparable takes its warning back', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  await member.say()
  assert.deepEqual(await states(warning), ['Web: new'])
  await member.say({ pattern: 'alert tcp any any -> any any', pattern_type: 'snort' })
  assert.match((await states(warning))[0] ?? '', /retracted \(a newer version no longer says so\)/)
})

test('where the newest version is taken back, the one before it stands again', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  await member.say()
  assert.deepEqual(await states(warning), ['Web: new'])
  const second = await member.say({ pattern: "[domain-name:value = 'www.example.com']" })
  assert.match((await states(warning))[0] ?? '', /retracted/)
  await member.store.write(withdrawRecords, {
    actor: 'test',
    id: ID,
    versions: [Date.parse(second) * 1000],
    reason: 'sent-in-error',
  })
  assert.deepEqual(await states(warning), ['Web: new'])
})

test('taken out of one collection, it stands in the other', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  const modified = await member.say()
  await member.say({ modified }, 'other')
  assert.deepEqual(await states(warning), ['Web: new'])
  for (const [alias, expected] of [
    ['other', /new$/],
    ['main', /retracted/],
  ] as const) {
    await member.store.write(withdrawRecords, {
      actor: 'test',
      id: ID,
      collection: (await requireCollection(member.store, alias)).id,
      reason: 'sent-in-error',
    })
    assert.match((await states(warning))[0] ?? '', expected)
  }
})

test('what was found for an entry that was removed meanwhile makes no warning', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  await member.store.write(removeWatch, { actor: 'test', id: 1 })
  await member.store.write(recordMatches, {
    judged: [],
    hits: [
      {
        record: 5,
        author: 'a.example',
        object: ID,
        watch: 1,
        asset: 'Web',
        kind: 'domain',
        value: 'www.example.org',
        expiresMs: null,
      },
    ],
  })
  assert.deepEqual(await states(warning), [])
})

test('what belongs to an exercise never warns, however late it is watched', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  await member.say({}, 'drill')
  assert.deepEqual(await states(warning), [])
  await member.watch('www.example.org', 'Late')
  assert.deepEqual(await states(warning), [])
})

test('RED warns its people and names its marking', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  await member.say({}, 'secret')
  await warning.settle()
  assert.equal((await warning.find(1, LOCAL_CALLER.principal))?.tlp, 'RED')
})

test('another entry for the same asset does not open again what people closed', async () => {
  await using member = await begin()
  await using warning = search(member.store, member.clock)
  await member.watch('example.org', 'Web')
  await member.say()
  await warning.settle()
  await member.store.write(answerWarning, { actor: 'test', id: 1, state: 'closed', note: 'blocked' })
  await member.watch('www.example.org', 'Web')
  assert.deepEqual(await states(warning), ['Web: closed (blocked)'])
  assert.equal((await warning.find(1, LOCAL_CALLER.principal))?.matches.length, 2)
})

test('a search that begins again tells nothing twice and misses nothing', async () => {
  await using member = await begin()
  await member.watch('example.org', 'Web')
  await member.say()
  {
    await using warning = search(member.store, member.clock)
    assert.deepEqual(await states(warning), ['Web: new'])
    await member.store.write(answerWarning, { actor: 'test', id: 1, state: 'closed', note: 'blocked' })
  }
  {
    await using warning = search(member.store, member.clock)
    assert.deepEqual(await states(warning), ['Web: closed (blocked)'])
  }
  await member.say()
  await using warning = search(member.store, member.clock)
  assert.deepEqual(await states(warning), ['Web: new'])
})

test('of 10,000 records exactly those warn that a plain comparison finds', async (t) => {
  const seed = 'ten thousand'
  t.diagnostic(`seed: ${seed}`)
  const random = seededRandom(seed)
  const pick = (count: number): number => Buffer.from(random(4)).readUInt32BE() % count
  const name = (): string => `h${pick(40)}.d${pick(400)}.example`
  const address = (): string => `198.18.${pick(256)}.${pick(256)}`
  await using member = await begin()
  const said = Array.from({ length: 10_000 }, () => (pick(2) === 0 ? name() : address()))
  const watched = Array.from({ length: 60 }, () => (pick(2) === 0 ? name() : `198.18.${pick(256)}.0/24`)).concat(
    'd7.example',
    'd70.example',
  )
  const collection = await requireCollection(member.store, 'main')
  const put = (from: number, until: number) =>
    putObjects(
      { store: member.store, now: member.clock.nowMs },
      {
        collection,
        pieces: said.slice(from, until).map((value, i) => ({ bytes: indicatorOf(value, from + i), index: i })),
      },
    )
  // Half of the list is there before, half after the records.
  for (const [i, value] of watched.entries()) if (i % 2 === 0) await member.watch(value, `asset ${i}`)
  await using warning = search(member.store, member.clock)
  await put(0, 5000)
  await put(5000, 10_000)
  for (const [i, value] of watched.entries()) if (i % 2 === 1) await member.watch(value, `asset ${i}`)
  await warning.settle()
  const found = await member.store.all<{ pair: string }>('SELECT object || asset AS pair FROM warning')
  const expected = said.flatMap((value, i) =>
    [...watched.entries()].filter(([, watch]) => touches(value, watch)).map(([at]) => `${idOf(i)}asset ${at}`),
  )
  assert.ok(expected.length > 100, `only ${expected.length} to find`)
  assert.deepEqual(found.map(({ pair }) => pair).toSorted(), expected.toSorted())
})

function touches(value: string, watch: string): boolean {
  return watch.endsWith('/24')
    ? value.startsWith(watch.slice(0, -'0/24'.length))
    : value === watch || value.endsWith(`.${watch}`)
}

function idOf(i: number): string {
  return `indicator--00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
}

function indicatorOf(value: string, i: number): Buffer {
  const kind = value.endsWith('.example') ? 'domain-name' : 'ipv4-addr'
  return Buffer.from(
    JSON.stringify({
      type: 'indicator',
      spec_version: '2.1',
      id: idOf(i),
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      pattern: `[${kind}:value = '${value}']`,
      pattern_type: 'stix',
      valid_from: '2026-01-01T00:00:00Z',
    }),
  )
}
