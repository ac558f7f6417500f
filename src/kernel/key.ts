// Key pairs of the two signature algorithms, and the signers of notes made from them. A private key is
// its 32-byte seed and nothing else: that is what a node keeps in its key file. Both algorithms are the platform's own.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Random } from './clock.ts'
import { Fault } from './fault.ts'
import { parseCheckpoint } from './log/checkpoint.ts'
import { cosignatureMessage, subtreeMessage, TIME_BYTES } from './log/cosignature.ts'
import { formatSignatureLine, formatVkey, keyId, SIGNATURE_TYPE, type NoteSigner } from './note.ts'
import type { Algorithm } from '#kernel/verify.ts'

export const SEED_BYTES = 32

/** A private key that signs bytes. The seed does not leave it. */
export type SigningKey = {
  readonly algorithm: Algorithm
  /** 32 bytes for Ed25519, 1,312 for ML-DSA-44. */
  readonly publicKey: Uint8Array
  /** 64 bytes for Ed25519; 2,420 for ML-DSA-44, whose signatures differ each time. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

export function generateSeed(random: Random): Uint8Array {
  return random(SEED_BYTES)
}

/** The key of a seed. Throws `config.invalid` where the seed has the wrong length. */
export function signingKey(algorithm: Algorithm, seed: Uint8Array): SigningKey {
  if (seed.length !== SEED_BYTES) {
    throw new Fault('config.invalid', `the seed of a key has ${SEED_BYTES} bytes, this one ${seed.length}`, {
      remedy: 'Restore the key file from its backup.',
    })
  }
  const key = createPrivateKey({
    key: Buffer.from(seed),
    format: algorithm === 'ed25519' ? 'raw-private' : 'raw-seed',
    asymmetricKeyType: algorithm,
  })
  return {
    algorithm,
    publicKey: new Uint8Array(createPublicKey(key).export({ format: 'raw-public' })),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  }
}

/**
 * Signs notes as a log does: Ed25519 as type 0x01, ML-DSA-44 as type 0x06, whose texts must be checkpoints and whose
 * `timeSec` may stay 0, because a log's own signature claims nothing about time.
 */
export function noteSigner(name: string, key: SigningKey, timeSec = 0): NoteSigner {
  const type = key.algorithm === 'ed25519' ? SIGNATURE_TYPE.ed25519 : SIGNATURE_TYPE.mldsa44
  const id = keyId(name, type, key.publicKey)
  const signText = (text: string): Uint8Array => {
    if (type === SIGNATURE_TYPE.ed25519) return key.sign(Buffer.from(text))
    const time = Buffer.alloc(TIME_BYTES)
    time.writeBigUInt64BE(BigInt(timeSec))
    return Buffer.concat([time, key.sign(subtreeMessage(name, timeSec, parseCheckpoint(text)))])
  }
  return { name, keyId: id, type, sign: (text) => formatSignatureLine(name, id, signText(text)) }
}

/** Signs checkpoints of other logs as a witness does: Ed25519 as type 0x04, ML-DSA-44 as type 0x06, each with its time. */
export type Cosigner = { readonly vkey: string; readonly cosign: (checkpointText: string, timeSec: number) => string }

export function cosigner(name: string, key: SigningKey): Cosigner {
  if (key.algorithm === 'ml-dsa-44')
    return {
      vkey: signerVkey(name, key),
      cosign: (text, timeSec) => noteSigner(name, key, timeSec).sign(text),
    }
  const type = SIGNATURE_TYPE.ed25519Cosignature
  const id = keyId(name, type, key.publicKey)
  return {
    vkey: formatVkey({ name, type, keyId: id, publicKey: key.publicKey }),
    cosign: (text, timeSec) => {
      const time = Buffer.alloc(TIME_BYTES)
      time.writeBigUInt64BE(BigInt(timeSec))
      return formatSignatureLine(name, id, Buffer.concat([time, key.sign(cosignatureMessage(timeSec, text))]))
    },
  }
}

/** The verifier key under which noteSigner's lines verify. */
export function signerVkey(name: string, key: SigningKey): string {
  const type = key.algorithm === 'ed25519' ? SIGNATURE_TYPE.ed25519 : SIGNATURE_TYPE.mldsa44
  return formatVkey({ name, type, keyId: keyId(name, type, key.publicKey), publicKey: key.publicKey })
}
