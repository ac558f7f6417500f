import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '#test/store.ts'
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
