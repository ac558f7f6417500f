import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { openTestStore, seededRandom, testClock, testPolicy } from '#test/store.ts'
import { writerProgram } from '#src/writer.ts'
import { newSeeds } from '../key-file.ts'
import { openInlineStore, type Place } from '../store/open.ts'
import type { Store } from '../store/types.ts'
import { PolicyCaller } from './caller.ts'
import type { Verdict } from './engine.ts'
import { askOf, decideForReader, ReaderJudge, UNDECIDED } from './judge.ts'
import { setRules } from './own-rules.ts'
import type { Ask } from './request.ts'
import { NO_OWN_RULES } from './rules.ts'
import { RULE_FAILED } from './system.ts'
import type { Decision, Principal, Question } from './types.ts'

const STUCK = new URL('../../../test/policy/stuck-thread.ts', import.meta.url)
const peer = (part: object = {}): Principal => ({
  kind: 'member',
  member: 'b.example',
  approved: true,
  communities: [],
  via: 'peer',
  ...part,
})
const question = (principal: Principal = peer(), part: object = {}): Question => ({
  principal,
  subject: {
    marking: {
      tlp: 'GREEN',
      audience: {
        named: false,
        communities: [],
      },
      personal: 'none',
    },
    named: false,
    own: true,
    share: 'peers',
    public: false,
    ...part,
  },
})
const decide = async (store: Store, ...questions: Question[]): Promise<readonly Decision[]> =>
  (await store.write(decideForReader, { questions })).decisions
type Deed = { readonly actor: string; readonly subject: string; readonly detail: string }
const kept = async (store: Store): Promise<number> =>
  (await store.get<{ n: number }>('SELECT count(*) AS n FROM decision'))?.n ?? 0

test('a decision is found again where it was made for the same, and never for anything else', async () => {
  await using store = openTestStore()
  const both = [question(), question(peer({ member: 'c.example' }))]
  const decisions = await decide(store, ...both, ...both)
  assert.deepEqual(
    decisions.map(({ allow, rule }) => [allow, rule]),
    [0, 1, 2, 3].map(() => [true, 'allow.peer']),
  )
  assert.equal(await kept(store), 1, 'members that are alike share a decision')
  const [stranger, narrow] = await decide(
    store,
    question(peer({ approved: false })),
    question(peer(), { share: 'named' }),
  )
  assert.deepEqual([stranger?.rule, narrow?.rule], ['floor.green', 'share.named'])
  assert.equal(await kept(store), 3)
})

test('a rule that names a member parts it from those that are alike', async () => {
  await using store = openTestStore()
  const both = [question(), question(peer({ member: 'c.example' }))]
  await decide(store, ...both)
  const text = '@id("not.c")\nforbid (principal == Member::"c.example", action, resource);'
  await store.write(setRules, { actor: 'test', files: [{ name: 'own.cedar', text }] })
  assert.equal(await kept(store), 0, 'what was decided before is void at once')
  const [b, c] = await decide(store, ...both)
  assert.deepEqual([b?.allow, c?.allow, c?.rule], [true, false, 'not.c'])
})

test('classes that differ only in communities of which no rule speaks are one question', async () => {
  await using store = openTestStore()
  const meant = (...communities: string[]): Question['subject']['marking'] => ({
    tlp: 'AMBER',
    audience: { named: false, communities },
    personal: 'none',
  })
  const about = (joined: string[], ...communities: string[]): Question =>
    question(peer({ communities: joined }), { marking: meant(...communities) })
  const outside = ['x', 'y', 'z'].map((name) => about(['grid.example'], `${name}.example`))
  const inside = ['grid', 'rail'].map((name) => about([`${name}.example`, 'x.example'], `${name}.example`, 'a.example'))
  const rules = async (): Promise<string[]> => (await decide(store, ...outside, ...inside)).map(({ rule }) => rule)
  assert.deepEqual(await rules(), ['floor.amber', 'floor.amber', 'floor.amber', 'allow.community', 'allow.community'])
  assert.equal(await kept(store), 2)
  const text =
    '@id("not.y")\nforbid (principal, action, resource) when { resource.communities.contains(Community::"y.example") };'
  await store.write(setRules, { actor: 'test', files: [{ name: 'own.cedar', text }] })
  assert.deepEqual(await rules(), ['floor.amber', 'floor.amber', 'floor.amber', 'allow.community', 'allow.community'])
  assert.equal(await kept(store), 3, 'what a rule speaks of keeps its name')
  const both = await decide(store, outside[1] as Question, about(['y.example'], 'y.example'), about([], 'a.example'))
  assert.deepEqual(
    both.map(({ rules: all }) => all.includes('not.y')),
    [true, true, false],
  )
})

test('a change and a question in one transaction: the answer is by the rules as they are then', async () => {
  await using store = openTestStore()
  const files = [{ name: 'own.cedar', text: '@id("none")\nforbid (principal, action, resource);' }]
  const [before, , after] = await Promise.all([
    decide(store, question()),
    store.write(setRules, { actor: 'test', files }),
    decide(store, question()),
  ])
  assert.deepEqual([before[0]?.allow, after[0]?.allow], [true, false])
})

test('a rule that fails when it is asked is named in the audit log, once an hour', async () => {
  const clock = testClock()
  await using store = openTestStore({ clock })
  const text = '@id("sum")\nforbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };'
  await store.write(setRules, { actor: 'test', files: [{ name: 'own.cedar', text }] })
  const said = []
  for (const [share, passMs] of [
    ['peers', 0],
    ['community', 60_000],
    ['named', 3_600_000],
  ] as const) {
    clock.advance(passMs)
    const [decision] = await decide(store, question(peer(), { share }))
    assert.deepEqual([decision?.allow, decision?.rules], [false, [RULE_FAILED, 'sum']])
    said.push(await store.all<Deed>("SELECT actor, subject, detail FROM audit WHERE action = 'policy.failed'"))
  }
  assert.deepEqual(
    said.map(({ length }) => length),
    [1, 1, 2],
  )
  assert.deepEqual([said[0]?.[0]?.actor, said[0]?.[0]?.subject], ['node', 'sum'])
})

test('readers and the writer say the same, and readers look before they ask', async () => {
  await using store = openTestStore()
  const reader = new ReaderJudge(store)
  assert.deepEqual(await reader.known([question()]), [undefined])
  const [asked] = await reader.decide([question()])
  assert.deepEqual(await reader.known([question()]), [asked])
  assert.deepEqual([asked], await decide(store, question()))
})

test('rules that are set are parsed before anybody asks, and setting them waits for nothing', async () => {
  const files = [{ name: 'own.cedar', text: '@id("none")\nforbid (principal, action, resource);' }]
  using caller = new PolicyCaller()
  caller.prepare(files)
  const [verdict] = caller.decideSync(files, [askOf(NO_OWN_RULES, question())])
  assert.deepEqual(verdict, { ok: true, allow: false, rules: ['none'] })
  using silent = new PolicyCaller({ thread: STUCK, deadlineMs: 300 })
  silent.prepare(files)
  caller.prepare([{ name: 'bad.cedar', text: 'permit (' }])
  const [after] = caller.decideSync(files, [askOf(NO_OWN_RULES, question(peer({ approved: false })))])
  assert.equal(after?.ok, true, 'what cannot be parsed disturbs nobody')
})

function open(place: Place, policy: PolicyCaller): Store {
  return openInlineStore({
    place,
    identity: { member: 'a.example', origin: 'a.example/log', seeds: newSeeds(seededRandom('judge')).log },
    program: writerProgram,
    clock: testClock(),
    random: seededRandom('judge'),
    policy,
  })
}

test('after a restart what was decided is known without Cedar', async () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/comity-judge-`)
  const first = open({ kind: 'folder', path: folder.path }, testPolicy)
  const [before] = await decide(first, question())
  await first[Symbol.asyncDispose]()
  using silent = new PolicyCaller({ thread: STUCK, deadlineMs: 300 })
  await using second = open({ kind: 'folder', path: folder.path }, silent)
  assert.deepEqual(await decide(second, question()), [before])
  const [fresh] = await decide(second, question(peer({ approved: false })))
  assert.deepEqual([fresh?.allow, fresh?.rule], [false, UNDECIDED])
})

test('an answer that does not come is a no, is kept nowhere, and holds nobody up again and again', async () => {
  using silent = new PolicyCaller({ thread: STUCK, deadlineMs: 300 })
  await using store = open({ kind: 'memory' }, silent)
  const [first] = await decide(store, question())
  assert.deepEqual([first?.allow, first?.rule], [false, UNDECIDED])
  assert.match(first?.reason ?? '', /no answer in 300 ms/)
  const [second] = await decide(store, question())
  assert.match(second?.reason ?? '', /a moment ago/)
  assert.equal(await kept(store), 0)
})

test('a thread that is stuck, gone or long idle is replaced by the next question', async () => {
  using caller = new PolicyCaller({ idleMs: 50 })
  const ask = askOf(NO_OWN_RULES, question())
  assert.equal(caller.decideSync([], [ask])[0]?.ok, true)
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal((await caller.decide([], [ask]))[0]?.ok, true)
  using stuck = new PolicyCaller({ thread: STUCK, deadlineMs: 200 })
  assert.equal((await stuck.decide([], [ask]))[0]?.ok, false)
  using missing = new PolicyCaller({ thread: new URL('file:///nowhere/thread.ts'), deadlineMs: 5000 })
  assert.equal((await missing.decide([], [ask]))[0]?.ok, false)
})

test('a question that the thread cannot answer is not asked again at once, and others are', async () => {
  const asked: number[] = []
  class OddCaller extends PolicyCaller {
    override decideSync(_files: unknown, asks: readonly Ask[]): Verdict[] {
      asked.push(asks.length)
      return asks.map(({ principal }) =>
        principal.includes('false')
          ? { ok: false, reason: 'Cedar stopped' }
          : { ok: true, allow: true, rules: ['allow.peer'] },
      )
    }
  }
  using caller = new OddCaller()
  await using store = open({ kind: 'memory' }, caller)
  const odd = question(peer({ approved: false }))
  const [first] = await decide(store, odd)
  const [again, other] = await decide(store, odd, question())
  assert.deepEqual(
    [first?.reason, again?.rule, other?.allow],
    ['the rules gave no clean answer: Cedar stopped', UNDECIDED, true],
  )
  assert.deepEqual(asked, [1, 1])
})
