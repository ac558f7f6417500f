import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomRules, textOf } from '#test/policy/grammar.ts'
import { decide as expected, decideWith } from '#test/policy/oracle.ts'
import { Chance, COMMUNITIES, MEMBERS, randomPrincipal, randomSubject } from '#test/policy/random.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { testPolicy } from '#test/store.ts'
import { CedarEngine } from './engine.ts'
import { askOf, toDecision } from './judge.ts'
import { readFile } from './read-rules.ts'
import { NO_OWN_RULES, toRules } from './rules.ts'
import { BASE, FLOOR } from './system.ts'

test('without rules of its own a member decides as the floors and its collections say', (t) => {
  const seed = seedOf('policy')
  const chance = new Chance(seed)
  const count = rounds({ test: 2000, ci: 8000, soak: 200_000 })
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

test('whatever a member writes, floors hold, prohibitions win, and permits widen the rest', (t) => {
  const seed = seedOf('own policy')
  const chance = new Chance(seed)
  const sets = rounds({ test: 30, ci: 80, soak: 2000 })
  let [allowed, widened, red] = [0, 0, 0]
  for (let i = 0; i < sets; i += 1) {
    const own = randomRules(chance, 1 + chance.pick(8), { members: MEMBERS, communities: COMMUNITIES })
    const files = [{ name: 'own.cedar', text: textOf(own) }]
    const { findings, rules: infos, names } = testPolicy.checkSync(files)
    const wrong = findings.filter(({ severity }) => severity === 'error')
    assert.deepEqual(wrong, [], `seed ${seed}, set ${i}: ${files[0]?.text}`)
    const rules = toRules(1, files, infos, names)
    const questions = Array.from({ length: 40 }, () => ({
      principal: randomPrincipal(chance),
      subject: randomSubject(chance),
    }))
    const verdicts = testPolicy.decideSync(
      files,
      questions.map((question) => askOf(rules, question)),
    )
    for (const [j, { principal, subject }] of questions.entries()) {
      const verdict = verdicts[j]
      const about = `seed ${seed}, set ${i}: ${JSON.stringify({ principal, subject })}\n${files[0]?.text}`
      assert.ok(verdict?.ok, about)
      const applied = own.filter((rule) => rule.applies(principal, subject))
      const meaning = {
        permit: applied.some(({ effect }) => effect === 'permit'),
        forbid: applied.some(({ effect }) => effect === 'forbid'),
      }
      assert.equal(verdict.allow, decideWith(principal, subject, meaning), about)
      if (!verdict.allow) continue
      allowed += 1
      if (!expected(principal, subject).allow) widened += 1
      if (principal.kind === 'self' || subject.marking.tlp !== 'RED') continue
      red += 1
      assert.ok(subject.named && principal.kind === 'member' && principal.via === 'peer' && subject.own, about)
    }
  }
  t.diagnostic(`${sets} sets of rules, ${allowed} allowed, ${widened} of them by own rules, ${red} of TLP:RED`)
  assert.ok(widened > 0)
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
