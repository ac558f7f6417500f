import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import fc from 'fast-check'

import { LIMITS } from '#kernel/limits.ts'
import { dataFile, NO_DATA } from '#test/data.ts'

import { parsePattern } from './parse.ts'
import { testsOf, type Pattern } from './tree.ts'

function parsed(text: string): Pattern {
  const answer = parsePattern(text)
  assert.ok(answer.ok, `${text}: ${answer.ok ? '' : `${answer.reason} at ${answer.offset}`}`)
  return answer.pattern
}

function refused(text: string): { reason: string; offset: number } {
  const answer = parsePattern(text)
  assert.ok(!answer.ok, `accepted ${text}`)
  return answer
}

test('operators bind as section 9 says: AND, then OR, then FOLLOWEDBY', () => {
  const { root } = parsed('[a:b=1] FOLLOWEDBY [a:b=2] OR [a:b=3] AND [a:b=4] REPEATS 2 TIMES WITHIN 1.5 SECONDS')
  assert.equal(root.kind, 'followed-by')
  const second = root.kind === 'followed-by' ? root.parts[1] : undefined
  assert.equal(second?.kind, 'or')
  const third = second?.kind === 'or' ? second.parts[1] : undefined
  assert.equal(third?.kind, 'and')
  const qualified = third?.kind === 'and' ? third.parts[1] : undefined
  assert.deepEqual(qualified?.kind === 'qualified' ? qualified.qualifiers : undefined, [
    { kind: 'repeats', times: 2 },
    { kind: 'within', seconds: 1.5 },
  ])
})

test('paths, literals and comments become typed nodes', () => {
  const [first, second, third] = testsOf(
    parsed(`[ /* a
      comment */ file:extensions.'windows-pebinary-ext'.sections[*].name[-1] NOT IN ('it\\'s', 'a\\\\b') // end
      AND NOT EXISTS file:name OR x-y:z >= -1.5]`),
  )
  assert.deepEqual(first, {
    kind: 'compare',
    path: {
      type: 'file',
      steps: [
        { kind: 'property', name: 'extensions' },
        { kind: 'property', name: 'windows-pebinary-ext' },
        { kind: 'property', name: 'sections' },
        { kind: 'index', at: '*' },
        { kind: 'property', name: 'name' },
        { kind: 'index', at: -1 },
      ],
    },
    operator: 'IN',
    negated: true,
    literals: [
      { kind: 'string', value: "it's" },
      { kind: 'string', value: 'a\\b' },
    ],
  })
  assert.deepEqual(second, {
    kind: 'exists',
    negated: true,
    path: { type: 'file', steps: [{ kind: 'property', name: 'name' }] },
  })
  assert.deepEqual(third?.kind === 'compare' ? [third.operator, third.literals] : [], [
    '>=',
    [{ kind: 'float', value: -1.5 }],
  ])
})

test('a refusal says where', () => {
  assert.deepEqual(refused('[file:size = ]'), { ok: false, reason: 'expected a value, found symbol "]"', offset: 13 })
  assert.equal(refused('[file:size = 1').offset, 14)
  assert.equal(refused("[a:b = 'x").offset, 7)
  assert.equal(refused("[a:b = t'2026-13-01T00:00:00Z']").offset, 7)
})

test('what has no meaning is refused', () => {
  for (const text of [
    '',
    ' ',
    '[]',
    '()',
    '[a:b=1] WITHIN 0 SECONDS',
    '[a:b=1] REPEATS 0 TIMES',
    '[a:b=1] REPEATS 1.5 TIMES',
    "[a:b=1] START t'2026-01-01T00:00:00Z'",
    '[a:b IN (1, true)]',
    '[a:b IN 1]',
    '[a:b > true]',
    '[a:b LIKE 1]',
    '[a-b:c-d = 1]',
    "['a':b = 1]",
    '[AND:b = 1]',
    '[a:b = 01]',
    '[a:b = null]',
    "[a:b = h'abc']",
    "[a:b = '\\n']",
    '[NOT a:b = 1]',
    '[a:b NOT NOT = 1]',
    '[a:b[1 = 2]',
    "[file:hashes.MD5 IN ('cead3f77f6cda6ec00f57d76c9a6879f', 'f00')]",
  ])
    refused(text)
})

test('length, depth and size are bounded', () => {
  assert.match(refused(' '.repeat(LIMITS.patternCharsMax + 1)).reason, /longer/)
  assert.match(refused(`${'('.repeat(50_000)}`).reason, /deeper/)
  assert.match(refused(`[${'('.repeat(50_000)}`).reason, /deeper/)
  assert.match(refused(`[a:b IN (${'1,'.repeat(LIMITS.patternNodesMax)}1)]`).reason, /parts/)
  const depth = LIMITS.patternDepthMax - 1
  parsed(`${'('.repeat(depth)}[a:b=1]${')'.repeat(depth)}`)
})

test('foreign text never throws and never hangs', () => {
  const word = fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    'a:b',
    "'x'",
    '=',
    'AND',
    'OR',
    'NOT',
    'IN',
    ' ',
    '1',
    '-1',
    '.5',
    "t'",
    '/*',
    '//',
    ',',
    'WITHIN',
    'SECONDS',
    '\\',
    'file:hashes.MD5',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
      ),
      (text) => {
        const answer = parsePattern(text)
        if (!answer.ok) assert.ok(answer.offset >= 0 && answer.offset <= text.length)
      },
    ),
    { numRuns: 1000 },
  )
})

type ValidatorCases = {
  readonly v21: {
    readonly FAIL_CASES: readonly [string, string][]
    readonly TIMESTAMP_FAIL_CASES: readonly [string, string][]
    readonly PASS_CASES: readonly string[]
    readonly TIMESTAMP_PASS_CASES: readonly string[]
    readonly SPEC_EXAMPLES: readonly string[]
  }
}

test('every 2.1 case of the OASIS validator is judged as it judges', (t) => {
  const file = dataFile('stix/patterns/validator-cases.json')
  if (file === undefined) return t.skip(NO_DATA)
  const { v21 } = JSON.parse(readFileSync(file, 'utf8')) as ValidatorCases
  for (const text of [...v21.PASS_CASES, ...v21.TIMESTAMP_PASS_CASES, ...v21.SPEC_EXAMPLES]) parsed(text)
  for (const [text] of [...v21.FAIL_CASES, ...v21.TIMESTAMP_FAIL_CASES]) refused(text)
})

type MatcherCases = Record<string, { tests: Record<string, { expect: string; patterns: readonly string[] }> }>

test('the patterns of the OASIS matcher cases parse, and those it cannot read are refused', (t) => {
  const file = dataFile('stix/patterns/matcher-cases.json')
  if (file === undefined) return t.skip(NO_DATA)
  const groups = JSON.parse(readFileSync(file, 'utf8')) as MatcherCases
  let count = 0
  for (const [group, { tests }] of Object.entries(groups)) {
    if (!group.startsWith('v21/')) continue
    for (const [name, { expect, patterns }] of Object.entries(tests)) {
      for (const text of patterns) {
        count++
        // Wrong only beside the data: the comparison of a time with what is not one.
        if (name === 'test_basic_ops_string_err') parsed(text)
        // The validator, whose word counts, refuses what the matcher forgives: one qualifier twice.
        else if (/(REPEATS \d+ TIMES) REPEATS/.test(text)) assert.match(refused(text).reason, /twice/)
        // STIX 2.0 wrote these times as plain strings; 2.1 does not.
        else if (text.includes("START '")) assert.match(refused(text).reason, /timestamp/)
        else if (expect === 'error') refused(text)
        else parsed(text)
      }
    }
  }
  assert.ok(count > 300, `${count} patterns`)
})
