import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatBase64, parseBase64 } from './base64.ts'

test('bytes have one spelling, and no other text is read as them', () => {
  const near = fc
    .tuple(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(60),
      fc.constantFrom('', ' ', '\n', '\t', '=', 'A', '/', '-', 'B=='),
    )
    .map(([bytes, at, piece]) => {
      const text = formatBase64(bytes)
      return text.slice(0, at) + piece + text.slice(piece === 'A' ? at + 1 : at)
    })
  fc.assert(
    fc.property(near, (text) => {
      const bytes = parseBase64(text)
      if (bytes !== undefined) assert.equal(formatBase64(bytes), text)
    }),
    { numRuns: 2000 },
  )
  for (const text of ['', 'AA==', 'AAA=', 'AAAA']) assert.notEqual(parseBase64(text), undefined, text)
  for (const text of ['AB==', 'AAB=', 'A', 'AA', 'AAA', 'AA= =', ' AAAA', 'AAAA\n', 'AA-_', 'AAAA===='])
    assert.equal(parseBase64(text), undefined, JSON.stringify(text))
})
