// Secrets that are shown once: made from the node's chance, kept as digests only. Long random values need no slow hash.
import { hash } from 'node:crypto'
import type { Random } from '#kernel/clock.ts'

/** A session's or a token's secret: 32 random bytes, base64url. */
export function newSecret(random: Random): string {
  return Buffer.from(random(32)).toString('base64url')
}

/** What is stored of a secret. */
export function digestOf(secret: string): Uint8Array {
  return hash('sha256', secret, 'buffer')
}

/** Letters and digits that are not mistaken for each other (Crockford's base 32). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE_CHARS = 16

/** A one-time code that people can type: 80 bits in four groups, `K7QM-2XPD-9TRA-HV3N`. */
export function newCode(random: Random): string {
  const text = [...random(CODE_CHARS)].map((byte) => ALPHABET[byte & 31]).join('')
  return (text.match(/.{4}/g) ?? []).join('-')
}

/** The digest of a code as people type it: small letters, spaces, and the letters that look like digits are understood. */
export function digestOfCode(typed: string): Uint8Array {
  const plain = typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return digestOf(plain)
}
