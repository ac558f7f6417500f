import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { generateSeed, noteSigner, signerVkey, signingKey } from './key.ts'
import { noteVerifier } from './note-verifier.ts'
import { publicKey, verifySignature } from './verify.ts'
import { formatCheckpoint } from './log/checkpoint.ts'
import { cosignatureMessage } from './log/cosignature.ts'
import { EMPTY_ROOT } from './log/merkle.ts'
import { formatNote, formatSignatureLine, keyId, parseNote, parseSignatureLine, verifyNote } from './note.ts'

const seed = (byte: number) => new Uint8Array(32).fill(byte)
const TEXT = formatCheckpoint({ origin: 'a.example/log', size: 7, root: seed(9) })

test('a seed gives the same public key each time (RFC 8032 section 7.1, test 1)', () => {
  const rfc8032 = Uint8Array.fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
  const key = signingKey('ed25519', rfc8032)
  assert.equal(key.publicKey.toHex(), 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  assert.match(
    Buffer.from(key.sign(new Uint8Array(0))).toString('hex'),
    /^e5564300c360ac729086e2cc806e828a84877f1eb8e5d974/,
  )
  assert.deepEqual(signingKey('ml-dsa-44', seed(1)).publicKey, signingKey('ml-dsa-44', seed(1)).publicKey)
  assert.equal(generateSeed((length) => seed(3).subarray(0, length)).length, 32)
})

test('a seed of another length is refused', () => {
  for (const length of [0, 31, 33, 64]) {
    assert.throws(() => signingKey('ed25519', new Uint8Array(length)), { code: 'config.invalid' })
    assert.throws(() => signingKey('ml-dsa-44', new Uint8Array(length)), { code: 'config.invalid' })
  }
})

for (const algorithm of ['ed25519', 'ml-dsa-44'] as const) {
  test(`${algorithm}: only the signature over these bytes by this key is valid`, () => {
    const key = signingKey(algorithm, seed(1))
    const verifier = publicKey(algorithm, key.publicKey)
    const message = Buffer.from('message')
    const signature = key.sign(message)
    assert.ok(verifySignature(verifier, message, signature))
    assert.equal(verifySignature(verifier, Buffer.from('messagf'), signature), false)
    assert.equal(
      verifySignature(publicKey(algorithm, signingKey(algorithm, seed(2)).publicKey), message, signature),
      false,
    )
    for (const length of [0, 1, signature.length - 1]) {
      assert.equal(verifySignature(verifier, message, signature.subarray(0, length)), false)
    }
    assert.equal(verifySignature(verifier, message, Uint8Array.of(...signature, 0)), false)
    assert.throws(() => publicKey(algorithm, key.publicKey.subarray(1)), { code: 'log.invalid' })
  })

  test(`${algorithm}: a note signer's line verifies under its own name only`, () => {
    const key = signingKey(algorithm, seed(1))
    const line = noteSigner('a.example/log', key).sign(TEXT)
    const note = parseNote(formatNote(TEXT, [line]))
    assert.ok(verifyNote(note, [noteVerifier(signerVkey('a.example/log', key))]).ok)
    assert.equal(verifyNote(note, [noteVerifier(signerVkey('b.example/log', key))]).ok, false)
  })
}

test('an ML-DSA-44 line binds name, time, origin, size and root', () => {
  const key = signingKey('ml-dsa-44', seed(1))
  const verifier = noteVerifier(signerVkey('w.example', key))
  const { signature } = parseSignatureLine(noteSigner('w.example', key, 1_700_000_000).sign(TEXT))
  assert.equal(verifier.verify(TEXT, signature), 1_700_000_000)
  const later = Uint8Array.from(signature)
  later[7] = (later[7] ?? 0) ^ 1
  assert.equal(verifier.verify(TEXT, later), undefined)
  for (const text of [
    formatCheckpoint({ origin: 'b.example/log', size: 7, root: seed(9) }),
    formatCheckpoint({ origin: 'a.example/log', size: 8, root: seed(9) }),
    formatCheckpoint({ origin: 'a.example/log', size: 7, root: seed(8) }),
    `${TEXT}extension\n`,
    'not a checkpoint\n',
  ]) {
    assert.equal(verifier.verify(text, signature), undefined, text)
  }
  const renamed = noteVerifier(signerVkey('v.example', key))
  assert.equal(renamed.verify(TEXT, signature), undefined)
})

test('a time beyond 2^53 or a blob shorter than a time does not hold', () => {
  const key = signingKey('ml-dsa-44', seed(1))
  const verifier = noteVerifier(signerVkey('w.example', key))
  const { signature } = parseSignatureLine(noteSigner('w.example', key).sign(TEXT))
  assert.equal(verifier.verify(TEXT, signature), 0)
  assert.equal(verifier.verify(TEXT, Uint8Array.of(0x80, ...signature.subarray(1))), undefined)
  for (let length = 0; length < 12; length++)
    assert.equal(verifier.verify(TEXT, signature.subarray(0, length)), undefined)
})

test('an Ed25519 cosignature verifies with its time', () => {
  const key = signingKey('ed25519', seed(4))
  const verifier = noteVerifier({
    name: 'w.example',
    type: 4,
    keyId: keyId('w.example', 4, key.publicKey),
    publicKey: key.publicKey,
  })
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(1_679_315_147n)
  const blob = Buffer.concat([time, key.sign(cosignatureMessage(1_679_315_147, TEXT))])
  assert.equal(verifier.verify(TEXT, blob), 1_679_315_147)
  assert.equal(
    verifier.verify(formatCheckpoint({ origin: 'a.example/log', size: 0, root: EMPTY_ROOT }), blob),
    undefined,
  )
  const line = formatSignatureLine('w.example', verifier.keyId, blob)
  assert.ok(verifyNote(parseNote(formatNote(TEXT, [line])), [verifier]).ok)
  const plain = Buffer.concat([time, key.sign(Buffer.from(TEXT))])
  assert.equal(verifier.verify(TEXT, plain), undefined)
})

test('an ML-DSA-44 key signs checkpoints and nothing else', () => {
  const signer = noteSigner('a.example', signingKey('ml-dsa-44', seed(1)))
  assert.throws(() => signer.sign('a recovery note\n'), { code: 'log.invalid' })
  const longName = noteSigner('a'.repeat(256), signingKey('ml-dsa-44', seed(1)))
  assert.throws(() => longName.sign(TEXT), { code: 'log.invalid' })
})
