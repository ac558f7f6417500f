// What hostile or clumsy rules do to a node: they are refused, with a place, and everything goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chance } from '#test/policy/random.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { testPolicy } from '#test/store.ts'
import { LIMITS } from '../limits.ts'
import { checkBounds, tokensOf } from './bounds.ts'
import { CedarEngine } from './engine.ts'
import { askOf } from './judge.ts'
import { NO_OWN_RULES } from './rules.ts'

const rule = (condition: string): string => `permit (principal, action, resource) when { ${condition} };`
const BAD: Readonly<Record<string, string>> = {
  'ten thousand brackets': rule('('.repeat(10_000) + 'true' + ')'.repeat(10_000)),
  'ten thousand brackets that never close': '('.repeat(10_000),
  'ten thousand sets': rule('['.repeat(10_000)),
  'ten thousand conditions': rule(`${'if true then '.repeat(10_000)}true`),
  'a very long chain': rule(`resource${'.a'.repeat(10_000)}`),
  'ten megabytes': rule(`"${'x'.repeat(10 * 1024 * 1024)}" == ""`),
  'a NUL byte': rule('resource.tlp == "\0"'),
  'not UTF-8': Buffer.from([...Buffer.from(rule('true')), 0xff, 0xfe]).toString('utf8'),
  'no rules at all': 'hello',
  'half a rule': 'permit (principal, action, resource) when {',
  'a string that never ends': 'permit (principal, action, resource) when { "',
  'a template': 'permit (principal == ?principal, action, resource);',
  'a word that is none': 'allow (principal, action, resource);',
}

for (const [name, text] of Object.entries(BAD))
  test(`refused: ${name}`, () => {
    const { findings, rules } = testPolicy.checkSync([{ name: 'bad.cedar', text }])
    const wrong = findings.find(({ severity }) => severity === 'error')
    assert.ok(wrong !== undefined)
    assert.equal(wrong.file, 'bad.cedar')
    assert.ok(wrong.line >= 1 && wrong.column >= 1 && wrong.remedy !== '' && wrong.excerpt.length <= 200)
    assert.deepEqual(rules, [])
  })

test('two files of one name, a name with a path, and too many files are refused', () => {
  const file = (name: string): { name: string; text: string } => ({ name, text: rule('true') })
  assert.equal(checkBounds([file('a.cedar'), file('a.cedar')]).length, 1)
  assert.equal(checkBounds([file('../a.cedar')]).length, 1)
  assert.equal(checkBounds(Array.from({ length: 100 }, (_, i) => file(`${i}.cedar`))).length, 1)
  assert.equal(checkBounds([file('a.cedar'), file('b.cedar')]).length, 0)
})

test('brackets in strings and comments are no brackets', () => {
  const text = `// ${'('.repeat(1000)}\n${rule(`resource.tlp == "${'{'.repeat(1000)}"`)}`
  assert.deepEqual(checkBounds([{ name: 'a.cedar', text }]), [])
})

test('a string that never ends is one token, whatever quotes are escaped in it and however it ends', () => {
  for (const end of ['', '\\', '\\\\', '\n('])
    for (const inside of ['\\"', '\\\\\\"', '// ('])
      for (const count of [1, 1000, Math.floor(LIMITS.policyBytesMax / inside.length) - 2]) {
        const text = `"${inside.repeat(count)}${end}`
        assert.deepEqual([...tokensOf(text)], [{ token: text, index: 0 }])
      }
  assert.deepEqual(checkBounds([{ name: 'a.cedar', text: `"${'\\"'.repeat(LIMITS.policyBytesMax / 2 - 1)}` }]), [])
})

test('an instance that was ended by its parser is made anew, and decides as before', () => {
  const engine = new CedarEngine()
  const ask = askOf(NO_OWN_RULES, {
    principal: { kind: 'self', via: 'person', red: false },
    subject: {
      marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
      named: false,
      own: true,
      share: 'none',
      public: false,
    },
  })
  const before = engine.decide(engine.hold([]), ask)
  const deep = rule('('.repeat(2000) + 'true' + ')'.repeat(2000))
  assert.throws(() => engine.cedar.checkParsePolicySet({ staticPolicies: deep }))
  const broken = engine.decide(engine.hold([]), ask)
  const after = engine.decide(engine.hold([]), ask)
  assert.ok(before.ok && before.allow)
  assert.ok(after.ok && after.allow, JSON.stringify({ broken, after }))
})

test('whatever the text is, reading it ends with findings or rules', () => {
  const seed = seedOf('policy text')
  const chance = new Chance(seed)
  const words = [
    'permit',
    'forbid',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ',',
    ';',
    '==',
    'in',
    'is',
    'has',
    '.',
    '"RED"',
    '&&',
    '||',
    'principal',
    'action',
    'resource',
    'context',
    'when',
    'unless',
    'Member::"b.example"',
    '@id("x")',
    '!',
    '-',
    '9',
    'if',
    'then',
    'else',
    'like',
    '//',
    '\n',
    '"',
    '\\',
    '‮',
    '?principal',
    'resource.tlp',
    'true',
  ]
  for (let i = 0; i < rounds({ test: 300, ci: 3000, soak: 100_000 }); i += 1) {
    const text = Array.from({ length: chance.pick(60) }, () => chance.one(words)).join(' ')
    const { findings, rules } = testPolicy.checkSync([{ name: 'a.cedar', text }])
    assert.ok(findings.length > 0 || rules.length >= 0, `seed ${seed}: ${text}`)
    for (const { line, column } of findings) assert.ok(line >= 1 && column >= 1, `seed ${seed}: ${text}`)
  }
})
