import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { isWhole } from '#kernel/list-part.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { verifyStatement } from '#kernel/statement.ts'
import { holdsHead } from '#kernel/stream-heads.ts'
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

type Sent = { why: string; sha256: string; payload: string }

const VECTOR = JSON.parse(readFileSync(new URL('../../../test/vectors/frames.json', import.meta.url), 'utf8')) as {
  recipient: string
  frames: readonly { kind: number; payload: string }[]
  head: {
    place: number
    salt: string
    seq: number
    hash: string
    path: readonly string[]
    index: number
    content: string
    entry: string
    leafHash: string
  }
  headRefused: readonly Sent[]
  headWrong: readonly Sent[]
}

function payloadOf({ why, sha256: hash, payload }: Sent): Buffer {
  const bytes = Buffer.from(payload, 'hex')
  assert.equal(sha256(bytes).toHex(), hash, why)
  return bytes
}

/** Whether it shows the recipient of the vector its place: a heads statement that its leaf commits to, and a head in it. */
function holds(payload: Buffer): boolean {
  const { statement, ...proof } = decodeHeadProof(payload)
  if (!isWhole(statement.content)) return false
  const [content] = statement.content.items
  const verdict = verifyStatement({ ...statement, entry: Uint8Array.fromHex(VECTOR.head.entry) })
  if (!verdict.ok || verdict.header.kind !== 'heads' || content === undefined) return false
  return holdsHead(content, { ...proof, recipient: VECTOR.recipient }, proof)
}

test('the vector of a proof of the stream is met, written and read', () => {
  const payload = Buffer.from(VECTOR.frames.find(({ kind }) => kind === 3)?.payload ?? '', 'hex')
  const { statement, place, salt, seq, hash, path } = decodeHeadProof(payload)
  assert.ok(isWhole(statement.content))
  assert.deepEqual(
    {
      place,
      salt: salt.toHex(),
      seq,
      hash: hash.toHex(),
      path: path.map((step) => step.toHex()),
      index: statement.index,
      content: statement.content.items[0]?.toHex(),
      entry: VECTOR.head.entry,
      leafHash: hashLeaf(Uint8Array.fromHex(VECTOR.head.entry)).toHex(),
    },
    VECTOR.head,
  )
  assert.ok(holds(payload))
  const again = encodeHeadProof({ statement, place, salt, seq, hash, path })
  assert.equal(Buffer.concat(again).toString('hex'), payload.toString('hex'))
})

test('a proof of the stream that the vector calls out of form is refused, and one that it calls wrong proves nothing', () => {
  for (const each of VECTOR.headRefused)
    assert.throws(() => decodeHeadProof(payloadOf(each)), { code: 'peer.invalid' }, each.why)
  for (const each of VECTOR.headWrong) assert.ok(!holds(payloadOf(each)), each.why)
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
