// Key pairs of the two signature algorithms, and the signers and verifiers of notes made from them. A private key is
// its 32-byte seed and nothing else: that is what a node keeps in its key file. Both algorithms are the platform's own.
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { Random } from './clock.ts'
import { Fault } from './fault.ts'
import { parseCheckpoint } from './log/checkpoint.ts'
import { cosignatureMessage, subtreeMessage, TIME_BYTES } from './log/cosignature.ts'
import {
  formatSignatureLine,
  formatVkey,
  keyId,
  parseVkey,
  SIGNATURE_TYPE,
  type NoteSigner,
  type NoteVerifier,
  type Vkey,
} from './note.ts'

export type Algorithm = 'ed25519' | 'ml-dsa-44'

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

/** Whether `signature` is valid; false as well for keys and signatures of the wrong length. */
export function verifySignature(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES[key.algorithm] && verify(null, message, key.object, signature)
}

export type PublicKey = { readonly algorithm: Algorithm; readonly object: KeyObject }

/** A public key from its raw bytes. Throws `log.invalid` where they are not one. */
export function publicKey(algorithm: Algorithm, bytes: Uint8Array): PublicKey {
  try {
    const key = Buffer.from(bytes)
    return { algorithm, object: createPublicKey({ key, format: 'raw-public', asymmetricKeyType: algorithm }) }
  } catch (cause) {
    throw new Fault('log.invalid', `this is not a public key of ${algorithm}`, { cause })
  }
}

const SIGNATURE_BYTES = { ed25519: 64, 'ml-dsa-44': 2420 } as const

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

/** A verifier for types 0x01, 0x04 and 0x06, from a vkey or its text. Throws `log.invalid`, also for other types. */
export function noteVerifier(vkey: Vkey | string): NoteVerifier {
  const { name, keyId: id, type, publicKey: bytes } = typeof vkey === 'string' ? parseVkey(vkey) : vkey
  return { name, keyId: id, type, verify: verifyByType(name, type, bytes) }
}

function verifyByType(name: string, type: number, bytes: Uint8Array): NoteVerifier['verify'] {
  switch (type) {
    case SIGNATURE_TYPE.ed25519: {
      const key = publicKey('ed25519', bytes)
      return (text, signature) => (verifySignature(key, Buffer.from(text), signature) ? 0 : undefined)
    }
    case SIGNATURE_TYPE.ed25519Cosignature: {
      const key = publicKey('ed25519', bytes)
      return (text, blob) => verifyTimed(key, text, blob, (timeSec) => cosignatureMessage(timeSec, text))
    }
    case SIGNATURE_TYPE.mldsa44: {
      const key = publicKey('ml-dsa-44', bytes)
      return (text, blob) =>
        verifyTimed(key, text, blob, (timeSec) => subtreeMessage(name, timeSec, parseCheckpoint(text)))
    }
    default:
      throw new Fault('log.invalid', `signatures of type ${type} are not known here`, { place: name })
  }
}

/** Only checkpoints can be cosigned: whatever else the text is, or a time beyond 2^53, does not hold. */
function verifyTimed(
  key: PublicKey,
  text: string,
  blob: Uint8Array,
  message: (timeSec: number) => Uint8Array,
): number | undefined {
  if (blob.length < TIME_BYTES) return undefined
  const timeSec = Number(new DataView(blob.buffer, blob.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(timeSec)) return undefined
  try {
    parseCheckpoint(text)
    return verifySignature(key, message(timeSec), blob.subarray(TIME_BYTES)) ? timeSec : undefined
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
