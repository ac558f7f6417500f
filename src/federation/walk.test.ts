// A walk for one peer over a log of many classes that rules can tell apart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom, testClock, testPolicy } from '#test/store.ts'
import { writerProgram } from '#src/writer.ts'
import { decodeItem } from '#kernel/delivery-item.ts'
import { newSeeds } from '#kernel/key-file.ts'
import { enqueueJob } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import { appendOwn } from '#kernel/log/say.ts'
import type { Marking } from '#kernel/marking.ts'
import { setRules } from '#kernel/policy/own-rules.ts'
import { internLabel, internMember, setCollectionShare, setStanding } from '#kernel/standing.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { command, type AnyCommand, type Store } from '#kernel/store/types.ts'
import { memberId } from '#kernel/id.ts'
import { noteHeld } from './heal/held.ts'
import type { Peer } from './streams.ts'
import { Asking, widen, widenAhead, WIDEN_JOB, type WidenStep } from './walk.ts'

const PEER = 'b.example'
const COLLECTION = 7

/** As many markings as there are numbers, no two of them alike to a rule. */
function markingOf(n: number): Marking {
  const letters = String.fromCharCode(65 + Math.floor(n / 26), 65 + (n % 26))
  return { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none', jurisdiction: letters }
}

/** A peer, and statements of so many classes in turn. */
const begin = command('test.begin', (tx, { statements, classes }: { statements: number; classes: number }): void => {
  setCollectionShare(tx, COLLECTION, { own: true, share: 'named', public: false })
  const id = internMember(tx, PEER)
  tx.run(
    `INSERT INTO peer (id, name, state, document, words, log, stream_hash, out_hash) VALUES (?, ?, 'approved', x'', '[]', 9, ?, ?)`,
    id,
    PEER,
    new Uint8Array(32),
    new Uint8Array(32),
  )
  setStanding(tx, memberId(PEER), { approved: true, communities: [] })
  for (let n = 0; n < statements; n += 1) {
    const marking = markingOf(n % classes)
    const [labelClass, items] = [internLabel(tx, marking), [Buffer.from(`{"n":${n}}`)]]
    const mediaType = 'application/stix+json'
    appendOwn(tx, { kind: 'records.put', marking, labelClass, named: [], collection: COLLECTION, mediaType, items })
  }
})

function open(): Store {
  const random = seededRandom('walk')
  return openInlineStore({
    place: { kind: 'memory' },
    identity: { member: 'a.example', origin: 'a.example/log', seeds: newSeeds(random).log },
    program: { ...writerProgram, commands: [...writerProgram.commands, begin as unknown as AnyCommand] },
    clock: testClock(),
    random,
    policy: testPolicy,
  })
}

/** One marking in twenty-six is for the peer. */
const RULES = [
  {
    name: 'own.cedar',
    text: `@id("some") permit (principal is Member, action == Action::"deliver", resource)
      when { resource has jurisdiction && resource.jurisdiction like "*A" };`,
  },
]

async function firstStep(store: Store): Promise<WidenStep> {
  const { epoch } = (await store.get<{ epoch: number }>('SELECT policy_epoch AS epoch FROM meta')) ?? { epoch: 0 }
  return { after: -1, epoch }
}

async function given(store: Store): Promise<number[]> {
  const rows = await store.all<{ body: Uint8Array }>('SELECT body FROM delivery ORDER BY seq')
  return rows.flatMap(({ body }) => [...decodeItem(body).indexes])
}

const decided = async (store: Store): Promise<number> =>
  (await store.get<{ n: number }>('SELECT count(*) AS n FROM decision'))?.n ?? 0

test('a walk decides what it comes to first, gives it, and goes on; at the end nothing is left out', async () => {
  await using store = open()
  const [statements, classes] = [600, 400]
  await store.write(begin, { statements, classes })
  assert.deepEqual(await given(store), [], 'what names nobody stays in a collection for named members')
  await store.write(setRules, { actor: 'test', files: RULES })
  const expected = Array.from({ length: statements }, (_, n) => n).filter((n) => (n % classes) % 26 === 0)
  let step: WidenStep | undefined = await firstStep(store)
  let before: number[] = []
  for (let n = 1; step !== undefined; n += 1) {
    step = await store.write(widen, { ...step, peer: PEER })
    const now = await given(store)
    assert.deepEqual(now, expected.slice(0, now.length), 'in the order of the log')
    assert.ok(now.length - before.length <= LIMITS.walkStatementsMax)
    assert.equal(await decided(store), Math.min(classes, n * LIMITS.walkAsksMax), 'so many at most in one step')
    if (n === 1)
      assert.deepEqual(
        now,
        expected.filter((index) => index < LIMITS.walkAsksMax),
        'the first step gives',
      )
    before = now
  }
  assert.deepEqual(before, expected)
})

test('what is doubted behind a walk that runs is looked at once more', async () => {
  await using store = open()
  await store.write(begin, { statements: 600, classes: 400 })
  await store.write(setRules, { actor: 'test', files: RULES })
  let step = await store.write(widen, { ...(await firstStep(store)), peer: PEER })
  const before = await given(store)
  assert.ok(before.length > 0)
  const { id: peer } = (await store.get<Peer>('SELECT id, name FROM peer')) ?? { id: 0 }
  await store.write(noteHeld, { peer, log: 1, streamSeq: before.length, ranges: [], after: -1, until: 600 })
  while (step !== undefined) step = await store.write(widen, { ...step, peer: PEER })
  const after = (await given(store)).slice(before.length)
  assert.deepEqual(
    before.filter((index) => !after.includes(index)),
    [],
  )
})

test('for a peer that asks a few decisions are enough, and none where something lies ready for it', async () => {
  await using store = open()
  const [statements, classes] = [600, 400]
  await store.write(begin, { statements, classes })
  await store.write(setRules, { actor: 'test', files: RULES })
  await store.write(enqueueJob, { kind: WIDEN_JOB, key: PEER, payload: await firstStep(store) })
  const peer = await store.get<Peer>('SELECT id, name FROM peer')
  assert.ok(peer !== undefined)
  await widenAhead(store, peer, 0)
  assert.deepEqual(await given(store), [0], 'the first leaf is for it')
  assert.equal(await decided(store), LIMITS.walkAsksMin)
  await widenAhead(store, peer, 0)
  assert.equal(await decided(store), LIMITS.walkAsksMin, 'it has not taken what is there')
  await widenAhead(store, peer, 1)
  assert.deepEqual((await given(store)).slice(0, 2), [0, 26])
})

test('a walk for the others waits for whoever is being answered, also where that fails', async () => {
  const asking = new Asking()
  const answer = Promise.withResolvers<string>()
  const order: string[] = []
  const asked = asking.first(() => answer.promise).then(() => order.push('answered'))
  const walked = asking.answered().then(() => order.push('walked'))
  answer.resolve('page')
  await Promise.all([asked, walked])
  assert.deepEqual(order, ['answered', 'walked'])
  await assert.rejects(asking.first(() => Promise.reject(new Error('gone'))))
  await asking.answered()
})
