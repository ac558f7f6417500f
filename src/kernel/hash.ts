// SHA-256, the only hash of the protocol. Hashing is what limits how fast a log takes entries, so it is done the way
// Node does it fastest: in one call whose answer comes as a string of byte values, written straight where it belongs.
import { hash } from 'node:crypto'

/** Bytes of one SHA-256 hash. */
export const HASH_BYTES = 32

const scratch = Buffer.alloc(HASH_BYTES)
const scratchBytes = new Uint8Array(scratch.buffer, scratch.byteOffset, HASH_BYTES)

/** The SHA-256 of `data`, as an array of its own. */
export function sha256(data: Uint8Array): Uint8Array {
  scratch.write(hash('sha256', data, 'binary'), 'binary')
  return new Uint8Array(scratchBytes)
}

/** Bytes that are filled piece by piece and then hashed; how they lie in memory is the platform's affair. */
export function newMessage(length: number): Message {
  return Buffer.alloc(length)
}
export type Message = Buffer

/** Writes the SHA-256 of `data` into `target` at `offset`. `data` may lie in `target`. */
export function sha256Into(target: Message, offset: number, data: Uint8Array): void {
  target.write(hash('sha256', data, 'binary'), offset, 'binary')
}

/** Whether two byte strings are the same. For public values only: the time it takes depends on them. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}
