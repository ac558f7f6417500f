// The recovery key as people write it down and read it aloud.

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
