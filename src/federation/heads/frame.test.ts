import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { rounds } from '#test/rounds.ts'
import { decodeHeadProof, encodeHeadProof, type HeadProof } from './frame.ts'

const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value)
const proof: HeadProof = {
  place: 11,
  salt: bytes(1),
  seq: 2 ** 40,
  hash: bytes(2),
  path: [bytes(3), bytes(4), bytes(5), bytes(6)],
  statement: {
    index: 9,
    entrySalt: bytes(7),
    partCommits: [8, 9, 10, 11].map(bytes),
    header: { salt: bytes(12), bytes: Buffer.from('{}') },
    content: { seed: bytes(13), items: [bytes(14)] },
  },
}
const whole = Buffer.concat(encodeHeadProof(proof))

test('a head comes out as it went in', () => {
  assert.equal(Buffer.concat(encodeHeadProof(decodeHeadProof(whole))).toString('hex'), whole.toString('hex'))
})

test('a cut anywhere, and any other bytes, are refused', () => {
  for (let length = 0; length < whole.length; length += 1)
    assert.throws(() => decodeHeadProof(whole.subarray(0, length)), { code: 'peer.invalid' })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const broken = Buffer.from(whole)
      for (const [at, value] of changes) broken[at] = value
      try {
        decodeHeadProof(broken)
      } catch (error) {
        assert.ok(error instanceof Fault, String(error))
      }
    }),
    { numRuns: rounds({ test: 300, soak: 30_000 }) },
  )
})
