import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { rounds } from '#test/rounds.ts'
import { parseAgain } from './again.ts'

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

test('what is asked for again is of one log, and not too much at once', () => {
  const indexes = Array.from({ length: 1000 }, (_, n) => n)
  assert.deepEqual(parseAgain(bytes({ origin: 'a.example/log', indexes })), { origin: 'a.example/log', indexes })
  for (const refused of [
    { origin: 'a.example/log', indexes: [...indexes, 1000] },
    { origin: '', indexes: [1] },
    { origin: 'a'.repeat(301), indexes: [1] },
    { origin: 'a.example/log', indexes: [-1] },
    { origin: 'a.example/log', indexes: [1.5] },
    { origin: 'a.example/log', indexes: ['1'] },
    { origin: 'a.example/log', indexes: [1], more: true },
    { origin: 'a.example/log' },
    [],
    null,
  ])
    assert.throws(() => parseAgain(bytes(refused)), { code: 'input.invalid' })
})

test('whatever is asked is read or refused', () => {
  const asked = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
    fc.json().map((text) => Buffer.from(text)),
    fc.record({ origin: fc.string(), indexes: fc.array(fc.integer(), { maxLength: 5 }) }).map(bytes),
  )
  fc.assert(
    fc.property(asked, (each) => {
      try {
        parseAgain(each)
      } catch (error) {
        assert.ok(error instanceof Fault, String(error))
      }
    }),
    { numRuns: rounds({ test: 1000, soak: 100_000 }) },
  )
})
