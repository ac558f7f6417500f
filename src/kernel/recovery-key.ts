// The recovery key as people write it down and read it aloud.

import { Fault } from './fault.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** 256 bits in Crockford's base 32. */
const CHARS = 52

/** Groups of five letters and digits. */
export function formatRecovery(seed: Uint8Array): string {
  let bits = 0n
  for (const byte of seed) bits = (bits << 8n) | BigInt(byte)
  let text = ''
  for (let i = 0; i < CHARS; i += 1) {
    text = ALPHABET[Number(bits & 31n)] + text
    bits >>= 5n
  }
  return (text.match(/.{1,5}/g) ?? []).join('-')
}

/**
 * The seed of a key as somebody wrote it down: groups, spaces and lower case do not matter, and letters that look like
 * digits are those digits. Throws `input.invalid` for anything else.
 */
export function parseRecovery(text: string): Uint8Array {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  let bits = 0n
  for (const char of plain) {
    const value = ALPHABET.indexOf(char)
    if (value < 0 || plain.length !== CHARS) throw noKey()
    bits = (bits << 5n) | BigInt(value)
  }
  if (plain.length !== CHARS || bits >> 256n !== 0n) throw noKey()
  return Uint8Array.fromHex(bits.toString(16).padStart(64, '0'))
}

function noKey(): Fault {
  return new Fault('input.invalid', 'this is no recovery key', {
    remedy: `It has ${CHARS} letters and digits, as “comity init” printed them.`,
  })
}
