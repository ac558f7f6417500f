import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HELD_BYTES } from '#kernel/log/erase.ts'
import { Fault } from '#kernel/fault.ts'
import { rounds } from '#test/rounds.ts'
import { parseHeld } from './held.ts'

const answer = (value: object): Buffer => Buffer.from(JSON.stringify({ origin: 'a.example/log', ...value }))
const claims = (count: number): string => Buffer.alloc(count * HELD_BYTES, 1).toString('base64')

test('each index in the runs has its claim, in order', () => {
  const bytes = Buffer.alloc(3 * HELD_BYTES)
  for (const n of [0, 1, 2]) bytes[n * HELD_BYTES] = n
  const held = parseHeld(
    answer({
      ranges: [
        [4, 5],
        [9, 9],
      ],
      claims: bytes.toString('base64'),
    }),
    3,
  )
  assert.deepEqual(
    [...held.claims].map(([index, claim]) => [index, claim[0], claim.length]),
    [
      [4, 0, HELD_BYTES],
      [5, 1, HELD_BYTES],
      [9, 2, HELD_BYTES],
    ],
  )
  assert.deepEqual([held.origin, held.next], ['a.example/log', undefined])
})

test('only a full answer goes on, from where it ended', () => {
  const full = { ranges: [[4, 10_003]], claims: claims(10_000) }
  assert.equal(parseHeld(answer({ ...full, next: 10_003 }), 3).next, 10_003)
  for (const each of [
    { ...full, next: 10_004 },
    { ranges: [[4, 4]], claims: claims(1), next: 4 },
    { ranges: [], claims: '', next: 4 },
  ])
    assert.throws(() => parseHeld(answer(each), 3), { code: 'peer.invalid' })
})

test('runs that overlap, go back, are endless or too many, and claims that do not fit them, are refused', () => {
  const refused: readonly object[] = [
    { ranges: [[3, 3]], claims: claims(1) },
    { ranges: [[5, 4]], claims: claims(0) },
    {
      ranges: [
        [4, 6],
        [6, 7],
      ],
      claims: claims(5),
    },
    { ranges: [[4, Number.MAX_SAFE_INTEGER]], claims: claims(1) },
    { ranges: [[4, 10_004]], claims: claims(10_001) },
    { ranges: [[4, 5]], claims: claims(1) },
    { ranges: [[4, 4]], claims: claims(2) },
    { ranges: [[4, 4]], claims: '*' },
    { ranges: [[4, 4]], claims: claims(1), next: 3 },
    { ranges: [[4, 4]] },
  ]
  for (const each of refused) assert.throws(() => parseHeld(answer(each), 3), { code: 'peer.invalid' })
})

test('whatever a peer answers is read or refused', () => {
  const values = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .record({
        origin: fc.string(),
        ranges: fc.array(fc.tuple(fc.integer(), fc.integer()), { maxLength: 5 }),
        claims: fc.base64String({ maxLength: 100 }),
        next: fc.option(fc.integer(), { nil: undefined }),
      })
      .map((value) => Buffer.from(JSON.stringify(value))),
  )
  fc.assert(
    fc.property(values, fc.integer({ min: -1, max: 100 }), (bytes, after) => {
      try {
        for (const [index, claim] of parseHeld(bytes, after).claims)
          assert.ok(index > after && claim.length === HELD_BYTES)
      } catch (error) {
        assert.ok(error instanceof Fault, String(error))
      }
    }),
    { numRuns: rounds({ test: 500, soak: 20_000 }) },
  )
})
