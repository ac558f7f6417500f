import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sameJson } from './equal.ts'

test('the order of properties and the spelling of numbers do not matter', () => {
  assert.ok(sameJson(JSON.parse('{"a":1.0,"b":[{}]}'), JSON.parse('{"b":[{}],"a":1}')))
})

test('lists, nulls, missing properties and types of values do matter', () => {
  const pairs = [
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [{ a: null }, {}],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: '1' }],
    [null, {}],
    [[1], [1, 2]],
    [JSON.parse('{"__proto__":1}'), { a: 1 }],
  ]
  for (const [a, b] of pairs) {
    assert.equal(sameJson(a, b), false, JSON.stringify([a, b]))
    assert.equal(sameJson(b, a), false, JSON.stringify([b, a]))
  }
})

test('it agrees with deep equality of what the parser gives', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [left, right] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))] as unknown[]
      assert.ok(sameJson(left, JSON.parse(JSON.stringify(a))))
      let equal = true
      try {
        assert.deepEqual(left, right)
      } catch {
        equal = false
      }
      assert.equal(sameJson(left, right), equal)
    }),
  )
})

test('depth does not overflow it', () => {
  const deep = () => Array.from({ length: 200_000 }).reduce<unknown>((inner) => [inner], 1)
  assert.ok(sameJson(deep(), deep()))
})
