import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '#kernel/limits.ts'
import { checkObject } from './check.ts'
import { explain } from './explain.ts'
import { FINDINGS_MAX } from './finding.ts'
import { checkerOf, DEFINITIONS } from './model/registry.ts'

const UUID = '6ba7b812-9dad-41d1-80b4-00c04fd430c8'
const types = DEFINITIONS.map(({ type }) => type)
const names = [
  ...new Set(
    DEFINITIONS.flatMap(({ schema }) => Object.keys((schema as unknown as { properties: object }).properties)),
  ),
]

const someText = fc.oneof(
  fc.string(),
  fc.constantFrom(
    ...types,
    ...names,
    '2.1',
    'stix',
    '2026-01-01T00:00:00.000Z',
    `tool--${UUID}`,
    '__proto__',
    'constructor',
    "[url:value = 'x']",
  ),
)
const someValue = fc.oneof(
  someText,
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(someText, { maxLength: 3 }),
  fc.dictionary(someText, fc.jsonValue(), { maxKeys: 3 }),
)
const someObject = fc
  .tuple(
    fc.constantFrom(...types, 'x-other'),
    fc.dictionary(fc.constantFrom(...names, 'x_more', 'X', '__proto__'), someValue, { maxKeys: 12 }),
  )
  .map(([type, properties]) => ({
    spec_version: '2.1',
    id: `${type}--${UUID}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    ...properties,
    type,
  }))

test('no value makes the check throw, and what it accepts can be stored', () => {
  fc.assert(
    fc.property(fc.oneof(someObject, someValue), (value) => {
      const before = JSON.stringify(value)
      for (const strictness of ['strict', 'lenient'] as const) {
        const answer = checkObject(value, { strictness })
        if (!answer.ok) {
          assert.ok(answer.errors.length > 0 && answer.errors.length <= FINDINGS_MAX)
          continue
        }
        assert.ok(answer.object.id.startsWith(`${answer.object.type}--`))
        assert.ok(answer.object.versionMicros === undefined || Number.isFinite(answer.object.versionMicros))
      }
      assert.equal(JSON.stringify(value), before)
    }),
    { numRuns: 2000 },
  )
})

test('what strict accepts, lenient accepts', () => {
  fc.assert(
    fc.property(someObject, (value) => {
      if (checkObject(value, { strictness: 'strict' }).ok) assert.ok(checkObject(value, { strictness: 'lenient' }).ok)
    }),
    { numRuns: 1000 },
  )
})

test('the compiled check and the walk that explains it agree', () => {
  fc.assert(
    fc.property(someObject, fc.integer({ min: 0, max: DEFINITIONS.length - 1 }), (value, at) => {
      const definition = DEFINITIONS[at]
      assert.ok(definition)
      const object = { ...value, type: definition.type, id: `${definition.type}--${UUID}` }
      const findings = explain(definition.schema, object)
      assert.equal(findings.length === 0, checkerOf(definition)(object), JSON.stringify({ object, findings }))
    }),
    { numRuns: 2000 },
  )
})

test('nesting deeper than the limit is refused before anything walks it', () => {
  const nest = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as unknown
  for (const depth of [LIMITS.jsonDepthMax, 100_000]) {
    const answer = checkObject(
      { type: 'x-deep', x_a: depth > 1000 ? listOf(depth) : nest(depth) },
      { strictness: 'lenient' },
    )
    assert.ok(!answer.ok)
    assert.equal(answer.errors[0]?.code, 'limit.depth')
  }
})

/** Built by hand: a parser may have its own limit. */
function listOf(depth: number): unknown {
  let value: unknown = 1
  for (let at = 0; at < depth; at++) value = [value]
  return value
}

test('long texts cost no more than their length', () => {
  const long = 1_000_000
  const texts = [
    'a'.repeat(long),
    'a.'.repeat(long / 2),
    '-'.repeat(long),
    'A'.repeat(long),
    '0'.repeat(long),
    `cpe:2.3:a${':-'.repeat(12)}${'?'.repeat(long)}`,
    'https://' + '%20'.repeat(long / 3),
    '@'.repeat(long),
    'a-'.repeat(long / 2),
    '[a.'.repeat(long / 3),
  ]
  const fields: readonly (readonly [type: string, property: string])[] = [
    ['domain-name', 'value'],
    ['email-addr', 'value'],
    ['url', 'value'],
    ['ipv6-addr', 'value'],
    ['artifact', 'payload_bin'],
    ['software', 'cpe'],
    ['indicator', 'valid_from'],
    ['indicator', 'lang'],
    ['relationship', 'source_ref'],
    ['x-other', 'x_some_hex'],
    ['x-other', 'x_some_bin'],
  ]
  const startedMs = performance.now()
  for (const text of texts) {
    for (const [type, property] of fields) {
      for (const strictness of ['strict', 'lenient'] as const)
        checkObject({ type, id: text, [property]: text }, { strictness })
    }
    checkObject({ type: text, id: text }, { strictness: 'strict' })
  }
  const perCheckMs = (performance.now() - startedMs) / (texts.length * (fields.length * 2 + 1))
  assert.ok(perCheckMs < 60, `${perCheckMs} ms for a check of a text of ${long} characters`)
})

test('a report stays bounded however much is wrong', () => {
  const object = {
    type: 'tool',
    id: 'tool--1',
    labels: Array.from({ length: 100_000 }, () => 1),
    granular_markings: Array.from({ length: 10_000 }, () => ({ selectors: ['zzz'] })),
  }
  const answer = checkObject(object, { strictness: 'strict' })
  assert.ok(!answer.ok && answer.errors.length <= FINDINGS_MAX)
})
