import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatCursor, parseCursor } from './cursor.ts'

const secret = new Uint8Array(32).fill(1)
const refused = { code: 'input.invalid' }

test('a cursor comes back as it went out, needing nothing but the secret', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.string(), (seq, binding) => {
      assert.equal(parseCursor(secret, formatCursor(secret, seq, binding), binding), seq)
    }),
  )
})

test('a cursor is refused under other filters and under another secret', () => {
  const cursor = formatCursor(secret, 1_768_464_000_000_000, 'here')
  assert.throws(() => parseCursor(secret, cursor, 'there'), refused)
  assert.throws(() => parseCursor(new Uint8Array(32).fill(2), cursor, 'here'), refused)
})

test('no changed character, added character or cut makes another cursor', () => {
  const cursor = formatCursor(secret, 1_768_464_000_000_000, 'here')
  for (let i = 0; i < cursor.length; i += 1) {
    const other = cursor[i] === 'A' ? 'B' : 'A'
    assert.throws(() => parseCursor(secret, cursor.slice(0, i) + other + cursor.slice(i + 1), 'here'), refused)
    assert.throws(() => parseCursor(secret, cursor.slice(0, i), 'here'), refused)
  }
  for (const added of ['=', 'A', '\0', ' ']) assert.throws(() => parseCursor(secret, cursor + added, 'here'), refused)
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.throws(() => parseCursor(secret, text, 'here'), refused)
    }),
  )
})
