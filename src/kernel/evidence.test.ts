import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '#test/store.ts'
import { bytesOfFile, readVector, type VectorFile } from '#test/vector.ts'
import { formatEvidence, judgeEvidence, parseEvidence } from './evidence.ts'
import { logKeys, newSeeds } from './key-file.ts'
import { formatCheckpoint } from './log/checkpoint.ts'
import { formatNote, formatSignatureLine, formatVkey } from './note.ts'

const ORIGIN = 'a.example/log'

test('a line of a key of an unknown type does not keep a fork from being proven', () => {
  const { signers, vkeys } = logKeys(ORIGIN, newSeeds(seededRandom('evidence')).log)
  const strange = formatVkey({ name: ORIGIN, keyId: 7, type: 0x7f, publicKey: Uint8Array.of(1) })
  const [older, newer] = [0, 1].map((byte) => {
    const text = formatCheckpoint({ origin: ORIGIN, size: 3, root: new Uint8Array(32).fill(byte) })
    const lines = signers.map((signer) => signer.sign(text))
    return formatNote(text, [...lines, formatSignatureLine(ORIGIN, 7, Uint8Array.of(byte))])
  }) as [Uint8Array, Uint8Array]
  const evidence = { vkeys: [strange, ...vkeys], older, newer, left: [], right: [] }
  assert.deepEqual(judgeEvidence(parseEvidence(formatEvidence(evidence))), {
    ok: true,
    origin: ORIGIN,
    olderSize: 3,
    newerSize: 3,
  })
})

const VECTOR = readVector<{
  proves: readonly (VectorFile & { readonly says: object })[]
  provesNothing: readonly VectorFile[]
  refused: readonly VectorFile[]
}>('fork-evidence')

test('the evidence of the vector proves the forks that it says', () => {
  for (const each of VECTOR.proves) {
    const verdict = judgeEvidence(parseEvidence(bytesOfFile(each, VECTOR.proves)))
    assert.deepEqual(verdict, { ok: true, ...each.says }, each.why)
  }
})

test('the evidence of the vector that proves nothing is read and refused, and what is out of form is not read', () => {
  for (const each of VECTOR.provesNothing)
    assert.ok(!judgeEvidence(parseEvidence(bytesOfFile(each, VECTOR.proves))).ok, each.why)
  for (const each of VECTOR.refused) {
    const bytes = bytesOfFile(each, VECTOR.proves)
    assert.throws(() => parseEvidence(bytes), { name: 'Fault', code: /^input\./ }, each.why)
  }
})
