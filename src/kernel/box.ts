// What must be read again is stored sealed (AES-256-GCM) under a key that lies with the node's keys, apart from the data
// and its backups: a copy of the database alone makes nobody's codes.
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Random } from './clock.ts'
import { Fault } from './fault.ts'

/** What is sealed, and what people do where it cannot be opened any more. */
export type BoxPurpose = { readonly name: 'identity' | 'feed'; readonly otherwise: string }

const NONCE_BYTES = 12
const TAG_BYTES = 16

export type Box = {
  /** `about` says what is sealed and for whom; it opens under the same words only. */
  readonly seal: (plain: Uint8Array, about: string) => Uint8Array
  readonly open: (sealed: Uint8Array, about: string) => Uint8Array
}

/** A key of its own is derived from the seed for each purpose: who can open one kind of thing does not open another. */
export function makeBox(seed: Uint8Array, random: Random, purpose: BoxPurpose): Box {
  const key = new Uint8Array(hkdfSync('sha256', seed, '', `comity ${purpose.name} box 1`, 32))
  return {
    seal: (plain, about) => {
      const nonce = random(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open: (sealed, about) => {
      const end = sealed.length - TAG_BYTES
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
        decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(end))
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()])
      } catch (cause) {
        throw new Fault('storage.failed', 'what was sealed with another key of this node cannot be opened', {
          cause,
          remedy: `Put back the keys that belong to this data, or ${purpose.otherwise}.`,
        })
      }
    },
  }
}
