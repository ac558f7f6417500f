// Checking a signature, by the platform's own means. A browser has a twin of this file with the same face
// (`src/web/platform/verify.ts`), so that everything above it is one code in both places.
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { Fault } from './fault.ts'

export type Algorithm = 'ed25519' | 'ml-dsa-44'

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
