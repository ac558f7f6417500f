// The browser's twin of kernel/hash.ts, with the same face. A proof is walked in one go, so hashing answers at once; the
// browser's own digest would make every caller wait, and is missing where a page does not come over TLS.
import { sha256 as digest } from '@noble/hashes/sha2.js'

/** Bytes of one SHA-256 hash. */
export const HASH_BYTES = 32

export function sha256(data: Uint8Array): Uint8Array {
  return digest(data)
}

export type Message = Uint8Array

export function newMessage(length: number): Message {
  return new Uint8Array(length)
}

export function sha256Into(target: Message, offset: number, data: Uint8Array): void {
  target.set(digest(data), offset)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
