import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { Fault } from './fault.ts'
import { explainJson } from './json-explain.ts'
import { newScan, scanValue } from './json-scan.ts'
import { parseJson } from './json.ts'
import { LIMITS } from './limits.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function faultOf(input: Uint8Array | string, place?: string): Fault {
  try {
    parseJson(typeof input === 'string' ? bytes(input) : input, place === undefined ? {} : { place })
  } catch (error) {
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, 'input.malformed')
    return error
  }
  return assert.fail(`accepted ${String(input)}`)
}

test('what is JSON is read, white space and escapes included', () => {
  for (const text of [
    '{}',
    ' [1, 2.5e3, -0] ',
    '"a\\"b\\\\"',
    'true',
    '12',
    '{"a:b":{"c":":"},"d":[{"e":null}]}',
    '{"__proto__":{"toString":1}}',
  ]) {
    assert.deepEqual(parseJson(bytes(text)), JSON.parse(text))
  }
})

test('a key given twice is refused and named', () => {
  const fault = faultOf('{"a":[{"b/c":1,"x":"b/c","b\\u002fc":2}]}', 'objects[3]')
  assert.match(fault.message, /\/a\/0\/b~1c is given twice/)
  assert.equal(fault.place, 'objects[3], byte 25')
})

test('bytes that are not UTF-8 are refused with the first bad byte', () => {
  assert.equal(faultOf(new Uint8Array([0x22, 0xef, 0xbf, 0xbd, 0xc3, 0xa9, 0xff, 0x22])).place, 'byte 6')
  assert.match(faultOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])).message, /byte-order mark/)
  assert.match(faultOf(new Uint8Array([0xff, 0xfe, 0x7b, 0x00])).message, /not UTF-8/)
})

test('cut and broken texts are refused with their place', () => {
  assert.deepEqual(
    [faultOf('{"a":"b').place, faultOf('{"a":"b').message],
    ['byte 7', 'the JSON cannot be read: it ends inside a string'],
  )
  assert.match(faultOf('[[1,2]').message, /inside an object or a list/)
  assert.equal(faultOf('{"é":tru}').place, 'byte 6')
  for (const text of [
    '',
    ' ',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '{"a":1,}',
    '[1 2]',
    '{} {}',
    '01',
    '+1',
    '.5',
    'NaN',
    '"\t"',
    '"\\x"',
    '{]',
    '{"a":[}',
    '// x\n1',
    'tru',
  ])
    faultOf(text)
})

test('nesting is refused before anything is built', () => {
  const deep = LIMITS.jsonDepthMax
  parseJson(bytes('['.repeat(deep) + ']'.repeat(deep)))
  assert.match(faultOf('['.repeat(deep + 1) + ']'.repeat(deep + 1)).message, /nested 65 deep/)
  assert.match(faultOf('['.repeat(2_000_000) + ']'.repeat(2_000_000)).message, /nested/)
})

test('what is refused is what JSON.parse refuses, or has a key twice', () => {
  const token = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\"',
    '"',
    '\\',
    '1',
    '-',
    'true',
    ' ',
    '\n',
    'é',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(token, { maxLength: 25 }).map((list) => list.join('')),
        fc.json(),
      ),
      (text) => {
        let plain: unknown
        try {
          plain = JSON.parse(text)
        } catch {
          faultOf(text)
          assert.notEqual(explainJson(text), undefined)
          return
        }
        if (explainJson(text) === undefined) assert.deepEqual(parseJson(bytes(text)), plain)
        else assert.match(faultOf(text).message, /twice/)
      },
    ),
    { numRuns: 3000 },
  )
})

test('arbitrary bytes never throw anything but a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
      try {
        parseJson(input)
      } catch (error) {
        assert.ok(error instanceof Fault)
      }
    }),
  )
})

test('a scan cut at any byte finds what a whole scan finds', () => {
  const strings = fc.string({ unit: fc.constantFrom('\\', '"', 'a', 'é', '{', ':'), maxLength: 90 })
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), strings, fc.array(fc.nat(60)), (value, text, cuts) => {
      const input = bytes(`${JSON.stringify([value, text, { [text]: text }], null, 1)} `)
      const whole = newScan()
      const end = scanValue(input, 0, whole)
      assert.equal(end, input.length - 1)
      const parts = newScan()
      let from = 0
      let found = -1
      for (const cut of [...cuts, input.length]) {
        const to = Math.min(input.length, from + cut)
        found = scanValue(input.subarray(from, to), 0, parts)
        if (found >= 0) break
        from = to
      }
      assert.equal(from + found, end)
      assert.deepEqual(
        { ...parts, begun: true, inString: false, escaped: false },
        { ...whole, begun: true, inString: false, escaped: false },
      )
    }),
    { numRuns: 500 },
  )
})
