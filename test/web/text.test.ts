// The texts of the console: every language has every message, with the same arguments, and every message can be read.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { REASONS } from '#kernel/policy/system.ts'
import { fillMessage, namesIn, parseMessage, type Grammar } from '#web/text/format.ts'

const ROOT = fileURLToPath(new URL('../../src/web/', import.meta.url))
const catalogue = (path: string): Record<string, string> =>
  JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, string>
const english = catalogue('text/en.json')

const GRAMMAR: Grammar = { plural: (count) => (count === 1 ? 'one' : 'other'), number: String }
const say = (message: string, args: Record<string, string | number>): string =>
  fillMessage<string>(parseMessage(message), args, GRAMMAR, (name, inside) => `[${name} ${inside.join('')}]`).join('')

test('messages choose plural forms, nest, and mark words', () => {
  const message = '{n, plural, =0 {Nothing} one {<b># thing</b>} other {# things from {who}}}.'
  assert.equal(say(message, { n: 0, who: 'x' }), 'Nothing.')
  assert.equal(say(message, { n: 1, who: 'x' }), '[b 1 thing].')
  assert.equal(say(message, { n: 7, who: 'x' }), '7 things from x.')
  assert.equal(say('{kind, select, file {a file} other {it}}', { kind: 'file' }), 'a file')
})

test('an argument is never read as a message', () => {
  assert.equal(say('{name}', { name: '{n, plural, other {#}}<b>' }), '{n, plural, other {#}}<b>')
})

test('a message that does not fit together is refused', () => {
  for (const broken of ['{', '{n', '<b>x', '{n, plural, one {x}}', '{n, plural, other {x}', 'x</b>'])
    assert.throws(() => parseMessage(broken), broken)
})

test('every language has every message, with the arguments of the English one', () => {
  for (const path of globSync('text/*.json', { cwd: ROOT })) {
    const translated = catalogue(path)
    assert.deepEqual(Object.keys(translated).toSorted(), Object.keys(english).toSorted(), path)
    for (const [key, message] of Object.entries(translated))
      assert.deepEqual(namesIn(parseMessage(message)), namesIn(parseMessage(english[key] ?? '')), `${path}: ${key}`)
  }
})

test('why a built-in rule decides is said in every language, in English as the node says it', () => {
  for (const [rule, reason] of REASONS) assert.equal(english[`rule.${rule}`], reason)
})

test('no message is there that nothing says', () => {
  const code = globSync('**/*.{ts,tsx}', { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n')
  // Families whose last word comes from the interface: `fault.not-found`, `type.indicator`.
  const families = new Set([...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, family = '']) => family))
  const unused = Object.keys(english).filter(
    (key) =>
      !code.includes(`'${key}'`) && !code.includes(`"${key}"`) && ![...families].some((each) => key.startsWith(each)),
  )
  assert.deepEqual(unused, [])
})
