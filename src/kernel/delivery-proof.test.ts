import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounds } from '#test/rounds.ts'
import { seededRandom } from '#test/store.ts'
import { bytesOfFile, readVector, type VectorFile } from '#test/vector.ts'
import { encodeItem, FIRST_HASH, hashItem } from './delivery-item.ts'
import {
  formatDeliveryProof,
  judgeDeliveryProof,
  parseDeliveryProof,
  type DeliveryProof,
  type DeliveryVerdict,
} from './delivery-proof.ts'
import { Fault } from './fault.ts'
import { logKeys, newSeeds } from './key-file.ts'
import { signCheckpoint } from './log/checkpoint.ts'
import { hashLeaf } from './log/merkle.ts'
import { formatTlogProof } from './log/tlog-proof.ts'
import { knownVerifiers } from './note-verifier.ts'
import { sealStatement } from './statement.ts'
import { drawHeads, encodeHeads, HEADS_MEDIA_TYPE } from './stream-heads.ts'

const random = seededRandom('proof')
const ORIGIN = 'cert.example/log'
const { signers, verifiers, vkeys } = logKeys(ORIGIN, newSeeds(random).log)
const items = [
  encodeItem({ seq: 1, prevHash: FIRST_HASH, indexes: [4], reason: 'new' }),
  encodeItem({ seq: 2, prevHash: new Uint8Array(32).fill(1), indexes: [5], reason: 'new' }),
]

/** A log of one leaf that commits to one head. */
function proofOf(seq: number, hash: Uint8Array, shown: readonly Uint8Array[], member = 'cert.example'): DeliveryProof {
  const head = { recipient: 'grid.example', seq, hash }
  const { root, places } = drawHeads([head], 4, random)
  const [place] = places as [(typeof places)[number]]
  const content = encodeHeads(4, root)
  const header = Buffer.from(
    JSON.stringify({
      v: 1,
      member,
      origin: `${member}/log`,
      id: '01998d3c-4b9a-7000-8000-000000000001',
      kind: 'heads',
      time: '2026-01-15T08:00:00Z',
      marking: { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' },
      mediaType: HEADS_MEDIA_TYPE,
      count: 1,
    }),
  )
  const { entry, entrySalt, partCommits, headerSalt, contentSeed } = sealStatement({
    header,
    content: [content],
    random,
  })
  const checkpoint = signCheckpoint({ origin: ORIGIN, size: 1, root: hashLeaf(entry) }, signers)
  const proof = formatTlogProof({ index: 0, proof: [], checkpoint })
  const sealed = { entry, entrySalt, partCommits, headerSalt, contentSeed, header, content, proof }
  return { recipient: head.recipient, vkeys, heads: [{ ...place, ...head, ...sealed }], items: shown }
}

const [first] = items as [Uint8Array, Uint8Array]

test('a file says what was committed, and whether all of it is shown', () => {
  const whole = proofOf(1, hashItem(first), [first])
  assert.deepEqual(parseDeliveryProof(formatDeliveryProof(whole)).items.map(String), [String(Buffer.from(first))])
  const read = (proof: DeliveryProof) => judgeDeliveryProof(parseDeliveryProof(formatDeliveryProof(proof)), verifiers)
  const verdict = read(whole)
  assert.ok(verdict.ok && verdict.finding === 'complete' && verdict.member === 'cert.example' && verdict.shown === 1)
  const open = read({ ...whole, items: [] })
  assert.ok(open.ok && open.finding === 'open' && open.committed === 1 && open.shown === 0)
})

test('another recipient, other items, a gap, other keys, and a statement copied into this log show nothing', () => {
  const whole = proofOf(1, hashItem(first), [first])
  const refused = (proof: DeliveryProof, reason: RegExp, keys = verifiers): void => {
    const verdict = judgeDeliveryProof(proof, keys)
    assert.match(verdict.ok ? 'it holds' : verdict.reason, reason)
  }
  refused({ ...whole, recipient: 'lab.example' }, /does not commit to this head of the stream to lab/)
  refused(proofOf(1, hashItem(items[1] as Uint8Array), [first]), /not those committed to/)
  refused({ ...whole, items }, /do not follow each other/)
  refused(whole, /checkpoint/, logKeys(ORIGIN, newSeeds(random).log).verifiers)
  refused(proofOf(1, hashItem(first), [first], 'other.example'), /does not commit to heads of that log/)
  refused({ ...whole, heads: [...whole.heads, ...whole.heads] }, /not in their order/)
})

const VECTOR = readVector<{
  shows: readonly (VectorFile & { readonly says: object })[]
  showNothing: readonly VectorFile[]
  refused: readonly VectorFile[]
}>('delivery-proof')

/** What a file of the vector shows, under the keys that it names. */
function judge(each: VectorFile): DeliveryVerdict {
  const proof = parseDeliveryProof(bytesOfFile(each, VECTOR.shows))
  return judgeDeliveryProof(proof, knownVerifiers(proof.vkeys))
}

test('the files of the vector show what it says, a rewrite above all', () => {
  for (const each of VECTOR.shows) assert.deepEqual(judge(each), { ok: true, ...each.says }, each.why)
})

test('the files of the vector that show nothing are read and refused, and those out of form are not read', () => {
  for (const each of VECTOR.showNothing) assert.ok(!judge(each).ok, each.why)
  for (const each of VECTOR.refused) {
    const bytes = bytesOfFile(each, VECTOR.shows)
    assert.throws(() => parseDeliveryProof(bytes), { name: 'Fault', code: /^input\./ }, each.why)
  }
})

test('no foreign bytes make the reader do anything but refuse', () => {
  const whole = Buffer.from(formatDeliveryProof(proofOf(1, hashItem(first), [first])))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
      const broken = Buffer.from(whole)
      for (const [at, value] of changes) broken[at] = value
      try {
        judgeDeliveryProof(parseDeliveryProof(broken), verifiers)
      } catch (error) {
        assert.ok(error instanceof Fault, String(error))
      }
    }),
    { numRuns: rounds({ test: 200, soak: 20_000 }) },
  )
})
