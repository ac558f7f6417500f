// The age recipient (C2SP age, X25519) of a seed: what others encrypt files for this member to. And the identity that
// opens them, which never leaves the process.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { bech32 } from '@scure/base'

export function bech32Recipient(seed: Uint8Array): string {
  const key = createPrivateKey({ key: Buffer.from(seed), format: 'raw-private', asymmetricKeyType: 'x25519' })
  const raw = createPublicKey(key).export({ format: 'raw-public' })
  return bech32.encodeFromBytes('age', new Uint8Array(raw))
}

/** The private half, as age tools write it. */
export function bech32Identity(seed: Uint8Array): string {
  return bech32.encodeFromBytes('age-secret-key-', seed).toUpperCase()
}
