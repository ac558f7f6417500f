import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeEgress } from '#kernel/egress.ts'
import { LOCAL_CALLER } from '#kernel/http/access.ts'
import { pino } from 'pino'
import { addCollection, requireCollection } from '#sharing/collection.ts'
import { putObjects } from '#sharing/put.ts'
import { withdrawRecords } from '#sharing/withdraw-command.ts'
import { openTestStore, testClock } from '#test/store.ts'
import { addWatches, answerWarning, removeWatch } from './commands.ts'
import { makeWarning } from './warning.ts'
import { parseWatch } from './watch.ts'
import { Fault } from '#kernel/fault.ts'

const ID = 'indicator--00000000-0000-4000-8000-000000000001'

async function begin() {
  const clock = testClock()
  const store = openTestStore({ clock })
  const warning = makeWarning({ store, egress: makeEgress(store), clock, logger: pino({ level: 'silent' }) })
  await store.write(addCollection, { actor: 'test', change: { title: 'Main', alias: 'main' } })
  const watch = async (value: string, asset: string) => {
    const parsed = parseWatch(value)
    if (parsed instanceof Fault) throw parsed
    await store.write(addWatches, { actor: 'test', watches: [{ ...parsed, asset, note: '' }] })
  }
  const say = async (pattern: string, extra: object = {}) => {
    clock.advance(1000)
    const modified = new Date(clock.nowMs()).toISOString()
    const object = {
      type: 'indicator',
      spec_version: '2.1',
      id: ID,
      created: '2026-01-01T00:00:00.000Z',
      modified,
      name: 'Bad',
      pattern,
      pattern_type: 'stix',
      valid_from: '2026-01-01T00:00:00Z',
      ...extra,
    }
    const [result] = await putObjects(
      { store, now: clock.nowMs },
      {
        collection: await requireCollection(store, 'main'),
        pieces: [{ bytes: Buffer.from(JSON.stringify(object)), index: 0 }],
      },
    )
    assert.equal(result?.outcome, 'added', JSON.stringify(result))
    await warning.settle()
  }
  const states = async () =>
    (await warning.list({ limit: 50 }, LOCAL_CALLER.principal)).items
      .map((each) => `${each.asset}: ${each.state}${each.reason === '' ? '' : ` (${each.reason})`}`)
      .toSorted()
  return {
    clock,
    store,
    warning,
    watch,
    say,
    states,
    [Symbol.asyncDispose]: async () => {
      await warning[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

test('one indicator that touches two assets makes one warning for each, with all that matched', async () => {
  await using member = await begin()
  await member.watch('example.org', 'Web')
  await member.watch('198.51.100.0/24', 'Network')
  await member.say(
    "[domain-name:value = 'www.example.org' OR domain-name:value = 'ftp.example.org' OR ipv4-addr:value = '198.51.100.7']",
  )
  assert.deepEqual(await member.states(), ['Network: new', 'Web: new'])
  const web = (await member.warning.list({ limit: 10, asset: 'Web' }, LOCAL_CALLER.principal)).items[0]
  assert.deepEqual(web?.matches.map((each) => each.value).toSorted(), ['ftp.example.org', 'www.example.org'])
  assert.equal(web?.proof?.origin, 'a.example/log')
})

test('what was known before is found when it comes to be watched', async () => {
  await using member = await begin()
  await member.say("[domain-name:value = 'www.example.org']")
  assert.deepEqual(await member.states(), [])
  await member.watch('example.org', 'Web')
  await member.warning.settle()
  assert.deepEqual(await member.states(), ['Web: new'])
})

test('a withdrawn, revoked, changed or expired indicator takes its warning back and says why', async () => {
  for (const [end, expected] of [
    [
      async (member: Awaited<ReturnType<typeof begin>>) =>
        void (await member.store.write(withdrawRecords, { actor: 'test', id: ID, reason: 'false-positive' })),
      /withdrawn by its author: false-positive/,
    ],
    [
      async (member: Awaited<ReturnType<typeof begin>>) =>
        member.say("[domain-name:value = 'www.example.org']", { revoked: true }),
      /revoked by its author/,
    ],
    [
      async (member: Awaited<ReturnType<typeof begin>>) => member.say("[domain-name:value = 'www.example.com']"),
      /no longer says so/,
    ],
    [async (member: Awaited<ReturnType<typeof begin>>) => member.clock.advance(3 * 3600_000), /expired/],
  ] as const) {
    await using member = await begin()
    await member.watch('example.org', 'Web')
    await member.say("[domain-name:value = 'www.example.org']", { valid_until: '2026-01-15T09:00:00Z' })
    assert.deepEqual(await member.states(), ['Web: new'])
    await end(member)
    await member.warning.settle()
    const [state = ''] = await member.states()
    assert.match(state, /retracted/)
    assert.match(state, expected)
  }
})

test('a closed warning stays closed until a new version says it again', async () => {
  await using member = await begin()
  await member.watch('example.org', 'Web')
  await member.say("[domain-name:value = 'www.example.org']")
  const [warning] = (await member.warning.list({ limit: 1 }, LOCAL_CALLER.principal)).items
  await member.store.write(answerWarning, { actor: 'test', id: warning?.id ?? 0, state: 'closed', note: 'blocked' })
  await member.warning.settle()
  assert.deepEqual(await member.states(), ['Web: closed (blocked)'])
  await member.say("[domain-name:value = 'www.example.org']")
  assert.deepEqual(await member.states(), ['Web: new'])
})

test('what is watched no longer warns no longer', async () => {
  await using member = await begin()
  await member.watch('example.org', 'Web')
  await member.say("[domain-name:value = 'www.example.org']")
  await member.store.write(removeWatch, { actor: 'test', id: 1 })
  await member.warning.settle()
  assert.match((await member.states())[0] ?? '', /retracted \(no longer watched\)/)
})
