// The browser's twin of kernel/verify.ts, with the same face: both algorithms in plain code, because browsers do not yet
// all know ML-DSA and know Ed25519 only where a page comes over TLS.
import { ed25519 } from '@noble/curves/ed25519.js'
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'
import { Fault } from '#kernel/fault.ts'

export type Algorithm = 'ed25519' | 'ml-dsa-44'

export type PublicKey = { readonly algorithm: Algorithm; readonly bytes: Uint8Array }

const KEY_BYTES = { ed25519: 32, 'ml-dsa-44': 1312 } as const
const SIGNATURE_BYTES = { ed25519: 64, 'ml-dsa-44': 2420 } as const

/** Whether `signature` is valid; false as well for keys and signatures of the wrong length. */
export function verifySignature(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES[key.algorithm]) return false
  try {
    return key.algorithm === 'ed25519'
      ? ed25519.verify(signature, message, key.bytes, { zip215: false })
      : ml_dsa44.verify(signature, message, key.bytes)
  } catch {
    return false
  }
}

/** A public key from its raw bytes. Throws `log.invalid` where they are not one. */
export function publicKey(algorithm: Algorithm, bytes: Uint8Array): PublicKey {
  if (bytes.length === KEY_BYTES[algorithm]) return { algorithm, bytes }
  throw new Fault('log.invalid', `this is not a public key of ${algorithm}`)
}
