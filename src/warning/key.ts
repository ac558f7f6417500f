// Keys of watched values as they stand in the table, and their hashes.
import { mix } from './entry-table.ts'

export const FNV_START = 0x811c9dc5
export const FNV_PRIME = 0x01000193

/** Where the host of a normalised URL begins and ends, and where its path begins. */
export function partsOf(url: string): { from: number; hostEnd: number; pathStart: number } {
  const from = url.indexOf('://') + 3
  const slash = url.indexOf('/', from)
  const pathStart = slash < 0 ? url.length : slash
  let hostEnd = pathStart
  for (let at = pathStart - 1; at > from; at--) {
    const code = url.charCodeAt(at)
    if (code === 0x3a) hostEnd = at
    if (code < 0x30 || code > 0x39) break
  }
  return { from, hostEnd, pathStart }
}

/** Mail systems may tell local parts by case, people do not. What is not ASCII is escaped: keys are ASCII. */
export function emailKey(address: string): string {
  const key = address.toLowerCase()
  return /^[\x20-\x7e]*$/.test(key) ? key : encodeURI(key.toWellFormed())
}

export function keyOf(text: string): Uint8Array {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`a watched value is not normalised: ${text}`)
  return Buffer.from(text, 'latin1')
}

export function forward(text: string, from: number, to: number): number {
  let hash = FNV_START
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  return hash
}

/** From the right, so that one pass gives the hash of every name above a name. */
export function backward(text: string, from: number, to: number, start: number): number {
  let hash = start
  for (let at = to - 1; at >= from; at--) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  return hash
}

/** `sha-256:` and the digits, two to a byte. Answers the length, 0 where it is no hash or too long. */
export function packHash(text: string, key: Uint8Array): number {
  const digits = text.indexOf(':') + 1
  if (digits === 0 || (text.length - digits) % 2 === 1 || text.length > 150) return 0
  for (let at = 0; at < digits; at++) key[at] = text.charCodeAt(at)
  let length = digits
  for (let at = digits; at < text.length; at += 2) {
    const high = DIGITS[text.charCodeAt(at)] ?? 255
    const low = DIGITS[text.charCodeAt(at + 1)] ?? 255
    if (high > 15 || low > 15) return 0
    key[length++] = high * 16 + low
  }
  return length
}

/** The value of a hex digit by its character code; 255 for what is none. */
const DIGITS = new Uint8Array(128).fill(255)
for (const [value, character] of [...'0123456789abcdef'].entries()) DIGITS[character.charCodeAt(0)] = value

/** Hashes are random already: their last four bytes do. */
export function hashOfPacked(key: Uint8Array, length: number): number {
  return mix((key[length - 1]! << 24) | (key[length - 2]! << 16) | (key[length - 3]! << 8) | key[length - 4]!)
}

export function hashOfIpv4(address: number, prefix: number): number {
  return mix(address ^ Math.imul(prefix, 0x9e3779b1))
}

export function hashOfIpv6(words: Uint32Array, prefix: number): number {
  let hash = Math.imul(prefix, 0x9e3779b1)
  for (let at = 0; at < 4; at++) hash = mix(hash ^ words[at]!)
  return hash
}

export function packIpv4(address: number, prefix: number, key: Uint8Array): number {
  key[0] = address >>> 24
  key[1] = address >>> 16
  key[2] = address >>> 8
  key[3] = address
  key[4] = prefix
  return 5
}

export function packIpv6(words: Uint32Array, prefix: number, key: Uint8Array): number {
  for (let at = 0; at < 4; at++) packIpv4(words[at]!, prefix, at === 0 ? key : key.subarray(4 * at))
  return 17
}
