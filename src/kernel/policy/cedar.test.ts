import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide as expected } from '#test/policy/oracle.ts'
import { Chance, randomPrincipal, randomSubject } from '#test/policy/random.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { testPolicy } from '#test/store.ts'
import { CedarEngine } from './engine.ts'
import { askOf, toDecision } from './judge.ts'
import { readFile } from './read-rules.ts'
import { NO_OWN_RULES } from './rules.ts'
import { BASE, FLOOR } from './system.ts'

test('without rules of its own a member decides as the floors and its collections say', (t) => {
  const seed = seedOf('policy')
  const chance = new Chance(seed)
  const count = rounds({ test: 2000, ci: 20_000, soak: 200_000 })
  const questions = Array.from({ length: count }, () => ({
    principal: randomPrincipal(chance),
    subject: randomSubject(chance),
  }))
  const verdicts = testPolicy.decideSync(
    [],
    questions.map((question) => askOf(NO_OWN_RULES, question)),
  )
  let allowed = 0
  for (const [i, question] of questions.entries()) {
    const verdict = verdicts[i]
    const about = `seed ${seed}, case ${i}: ${JSON.stringify(question)}`
    assert.ok(verdict?.ok, about)
    const { allow, rule } = toDecision(NO_OWN_RULES, question, verdict)
    assert.deepEqual({ allow, rule }, expected(question.principal, question.subject), about)
    if (allow) allowed += 1
  }
  t.diagnostic(`${count} cases, ${allowed} of them allowed`)
  assert.ok(allowed > count / 20)
})

test('floors only forbid, and every rule of the program has a name and a sentence', () => {
  const engine = new CedarEngine()
  const cedar = engine.cedar
  for (const file of [FLOOR, BASE]) {
    const { rules, findings } = readFile(cedar, file)
    assert.deepEqual(findings, [])
    for (const { id, effect, reason } of rules) {
      assert.ok(NO_OWN_RULES.reasons.has(id), id)
      assert.equal(reason, NO_OWN_RULES.reasons.get(id))
      if (file === FLOOR) assert.equal(effect, 'forbid')
    }
  }
})
