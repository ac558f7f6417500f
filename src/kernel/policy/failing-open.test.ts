// Cedar skips a rule that fails while it is evaluated, and a prohibition that is skipped permits. Each way to make one
// fail is shown here as Cedar does it by itself, and then closed.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { testPolicy } from '#test/store.ts'
import { CedarEngine, toVerdict } from './engine.ts'
import { askOf } from './judge.ts'
import { readFile, type Cedar } from './read-rules.ts'
import { toCall } from './request.ts'
import { NO_OWN_RULES, toRules } from './rules.ts'
import { RULE_FAILED, SCHEMA } from './system.ts'
import type { Principal, Subject } from './types.ts'

const cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as Cedar

const PEER: Principal = { kind: 'member', member: 'b.example', approved: true, communities: [], via: 'peer' }
const RED: Subject = {
  marking: { tlp: 'RED', audience: { named: false, communities: [] }, personal: 'none' },
  named: false,
  own: true,
  share: 'peers',
  public: false,
}
const CLEAR: Subject = { ...RED, marking: { ...RED.marking, tlp: 'CLEAR' } }
const PERMIT = 'permit (principal, action, resource);'
const FORBID_RED = 'forbid (principal, action, resource) when { resource.tlp == "RED" };'

test('a record class without its marking: Cedar alone permits it, the node does not', () => {
  const call = toCall(askOf(NO_OWN_RULES, { principal: PEER, subject: RED }))
  const bare = call.entities.map((entity) =>
    entity.attrs['tlp'] === undefined ? entity : { ...entity, attrs: { share: 'peers' } },
  )
  const policies = { staticPolicies: `${PERMIT}\n${FORBID_RED}` }
  const open = cedar.isAuthorized({ ...call, entities: bare, policies })
  assert.ok(open.type === 'success' && open.response.decision === 'allow')
  assert.equal(open.response.diagnostics.errors.length, 1)
  assert.deepEqual(toVerdict(open), { ok: true, allow: false, rules: [RULE_FAILED, 'policy1'] })
  const closed = cedar.isAuthorized({ ...call, entities: bare, policies, schema: SCHEMA, validateRequest: true })
  assert.equal(closed.type, 'failure')
  assert.equal(toVerdict(closed).ok, false)
})

test('a rule that fails only when it is evaluated: nobody gets anything by it, and it is named', () => {
  const files = [
    {
      name: 'sum.cedar',
      text: `@id("wide")\n${PERMIT}\n@id("sum")\nforbid (principal, action == Action::"deliver", resource) when { 9223372036854775807 + 1 > 0 };`,
    },
  ]
  const checked = testPolicy.checkSync(files)
  assert.deepEqual(
    checked.findings.filter(({ severity }) => severity === 'error'),
    [],
  )
  const rules = toRules(1, files, checked.rules, checked.names)
  const [verdict] = testPolicy.decideSync(files, [askOf(rules, { principal: PEER, subject: CLEAR })])
  assert.deepEqual(verdict, { ok: true, allow: false, rules: [RULE_FAILED, 'sum'] })
})

test('“in” on strings, a misspelt attribute, an attribute that may be absent: refused before they can be set', () => {
  for (const [condition, remedy] of [
    ['principal in ["b.example"]', /./],
    ['resource.tpl == "RED"', /tlp/],
    ['resource.jurisdiction == "DE"', /has jurisdiction/],
    ['principal == Membr::"b.example"', /Member/],
    ['resource.tlp > 3', /./],
  ] as const) {
    const text = `// a comment that is longer than ASCII: é\nforbid (principal, action, resource) when { ${condition} };`
    const { findings, rules } = testPolicy.checkSync([{ name: 'odd.cedar', text }])
    const wrong = findings.find(({ severity }) => severity === 'error')
    assert.ok(wrong !== undefined, condition)
    assert.equal(wrong.line, 2)
    assert.ok(wrong.column > 40, `${condition}: column ${wrong.column}`)
    assert.match(wrong.remedy, remedy)
    assert.match(wrong.excerpt, /forbid/)
    assert.equal(rules.length <= 1, true)
  }
})

test('rules that do not hold together decide nothing', () => {
  const [verdict] = testPolicy.decideSync(
    [{ name: 'broken.cedar', text: 'permit (' }],
    [askOf(NO_OWN_RULES, { principal: PEER, subject: CLEAR })],
  )
  assert.equal(verdict?.ok, false)
})

test('a permit among the floors is found by reading them', () => {
  const { rules } = readFile(new CedarEngine().cedar, { name: 'floor.cedar', text: `@id("floor.wide")\n${PERMIT}` })
  assert.equal(rules[0]?.effect, 'permit')
  const { findings } = testPolicy.checkSync([{ name: 'mine.cedar', text: `@id("floor.red")\n${PERMIT}` }])
  assert.match(findings[0]?.message ?? '', /node’s own rules/)
})
