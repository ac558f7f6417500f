import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { bindingOf, readFilters, type MatchField } from './filters.ts'

const EVERY: readonly MatchField[] = ['id', 'type', 'version', 'spec_version']
const refused = { code: 'input.invalid' }

test('without a query the last version of everything is meant', () => {
  assert.deepEqual(readFilters({}, EVERY), {
    addedAfter: 0,
    limit: LIMITS.taxiiPageDefault,
    next: undefined,
    ids: undefined,
    types: undefined,
    specVersions: undefined,
    version: { kind: 'some', first: false, last: true, exact: [] },
  })
})

test('a limit is capped however large, and must be a number of at least 1', () => {
  for (const limit of ['1000', '1001', '9'.repeat(20), '9'.repeat(400)])
    assert.equal(readFilters({ limit }, EVERY).limit, LIMITS.taxiiPageMax)
  for (const limit of ['0', '-1', '1.5', '1e3', 'x', ' ', '０'])
    assert.throws(() => readFilters({ limit }, EVERY), refused, limit)
})

test('values by comma and by repetition are the same, and empty parameters are absent', () => {
  const { types } = readFilters({ 'match[type]': ['indicator, tool', 'malware,'] }, EVERY)
  assert.deepEqual(types, ['indicator', 'tool', 'malware'])
  const { next, addedAfter } = readFilters({ next: '', added_after: '', limit: '', 'match[id]': '' }, EVERY)
  assert.deepEqual([next, addedAfter], [undefined, 0])
})

test('match[version] takes first, last and times together, and all only alone', () => {
  const version = (text: string) => readFilters({ 'match[version]': text }, EVERY).version
  assert.deepEqual(version('all'), { kind: 'all' })
  assert.deepEqual(version('first,2016-11-03T12:30:59Z'), {
    kind: 'some',
    first: true,
    last: false,
    exact: [Date.UTC(2016, 10, 3, 12, 30, 59) * 1000],
  })
  for (const text of ['all,first', 'newest', '2026-02-30T00:00:00Z']) assert.throws(() => version(text), refused, text)
})

test('a field an endpoint does not know is refused by name', () => {
  assert.throws(() => readFilters({ 'match[type]': 'tool' }, ['version']), { ...refused, place: 'match[type]' })
})

test('a cursor is bound to every filter but the page size', () => {
  const bound = (query: Record<string, string>) => bindingOf('c/objects', readFilters(query, EVERY))
  assert.equal(bound({ limit: '5' }), bound({ limit: '7', next: 'x' }))
  const queries: Record<string, string>[] = [
    {},
    { added_after: '2026-01-01T00:00:00Z' },
    { 'match[id]': 'tool--1' },
    { 'match[type]': 'tool' },
    { 'match[spec_version]': '2.1' },
    { 'match[version]': 'all' },
  ]
  assert.equal(new Set(queries.map(bound)).size, queries.length)
})

test('any query gives bounded filters or a refusal that callers understand, never another error', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'limit',
      'next',
      'added_after',
      'match[id]',
      'match[type]',
      'match[version]',
      'match[',
      '__proto__',
    ),
    fc.string(),
  )
  const text = fc.oneof(
    fc.constantFrom('all', 'first', 'last', '', ',', '2026-01-01T00:00:00Z', '2.1', '7'),
    fc.string(),
  )
  const value = fc.oneof(text, fc.array(text, { maxLength: 4 }), fc.constant(undefined), fc.object())
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), fc.subarray([...EVERY]), (pairs, allowed) => {
      try {
        const filters = readFilters(Object.fromEntries(pairs), allowed)
        assert.ok(filters.limit >= 1 && filters.limit <= LIMITS.taxiiPageMax)
        assert.ok(Number.isSafeInteger(filters.addedAfter))
        assert.ok((filters.ids?.length ?? 0) <= LIMITS.taxiiMatchValuesMax)
      } catch (error) {
        assert.ok(error instanceof Fault && error.code === 'input.invalid', String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
