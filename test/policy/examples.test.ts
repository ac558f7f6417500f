// The rules that docs/operating/policy.md shows are rules that work, and do what the page says of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { askOf, toDecision } from '#kernel/policy/judge.ts'
import { toRules } from '#kernel/policy/rules.ts'
import type { Decision, Principal, Subject } from '#kernel/policy/types.ts'
import { testPolicy } from '#test/store.ts'

const page = readFileSync(new URL('../../docs/operating/policy.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```cedar\n([\s\S]*?)```/g)].map(([, text = '']) => text)

const member = (part: object): Principal => ({
  kind: 'member',
  member: 'b.example',
  approved: true,
  communities: [],
  via: 'peer',
  memberKind: 'government',
  ...part,
})
const about = (marking: object, part: object = {}): Subject => ({
  marking: {
    tlp: 'GREEN',
    audience: {
      named: false,
      communities: [],
    },
    personal: 'none',
    ...marking,
  },
  named: false,
  own: true,
  share: 'named',
  public: false,
  ...part,
})

function decide(text: string, principal: Principal, subject: Subject): Decision {
  const files = [{ name: 'example.cedar', text }]
  const { findings, rules: infos, names } = testPolicy.checkSync(files)
  assert.deepEqual(findings, [])
  const rules = toRules(1, files, infos, names)
  const question = { principal, subject }
  const [verdict] = testPolicy.decideSync(files, [askOf(rules, question)])
  assert.ok(verdict?.ok)
  return toDecision(rules, question, verdict)
}

const energy = { audience: { named: false, communities: ['energy.example'] } }
const CASES: Readonly<Record<string, readonly [Principal, Subject, string][]>> = {
  'partner.green': [
    [member({ member: 'grid.example' }), about({}), 'partner.green'],
    [member({}), about({}), 'share.named'],
    [member({ member: 'grid.example' }), about({ tlp: 'AMBER' }), 'floor.amber'],
    [member({ member: 'grid.example' }), about({}, { share: 'none' }), 'share.none'],
  ],
  'energy.amber': [
    [member({ communities: ['energy.example'] }), about({ ...energy, tlp: 'AMBER' }), 'energy.amber'],
    [member({}), about({ ...energy, tlp: 'AMBER' }), 'floor.amber'],
    [member({ communities: ['energy.example'] }), about({ tlp: 'GREEN' }), 'share.named'],
  ],
  'no.personal.to.companies': [
    [member({ memberKind: 'private' }), about({ personal: 'present' }, { share: 'peers' }), 'no.personal.to.companies'],
    [member({}), about({ personal: 'present' }, { share: 'peers' }), 'allow.peer'],
    [member({ memberKind: 'private' }), about({}, { share: 'peers' }), 'allow.peer'],
  ],
  'machines.clear': [
    [member({ via: 'machine' }), about({}, { share: 'peers' }), 'machines.clear'],
    [member({ via: 'machine' }), about({ tlp: 'CLEAR' }, { share: 'peers' }), 'allow.peer'],
    [member({}), about({}, { share: 'peers' }), 'allow.peer'],
  ],
  'no.relay': [
    [member({ communities: ['energy.example'] }), about(energy, { own: false, share: 'community' }), 'no.relay'],
    [member({ communities: ['energy.example'] }), about(energy, { share: 'community' }), 'allow.community'],
  ],
}

for (const [id, cases] of Object.entries(CASES))
  test(`the example ${id} does what the page says`, () => {
    const text = examples.find((each) => each.includes(`@id("${id}")`))
    assert.ok(text !== undefined, `the page has no rule ${id}`)
    for (const [principal, subject, rule] of cases) assert.equal(decide(text, principal, subject).rule, rule)
  })

test('every rule on the page is tried here', () => {
  assert.equal(examples.length, Object.keys(CASES).length)
})
