import type { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

/** One object as received. What is in it is not read: it may still be no JSON, or no object. */
export type Piece = {
  /** Exactly the bytes of the object; empty where it was refused for its size. A view into a chunk, or a copy. */
  readonly bytes: Uint8Array
  /** Of its first byte in the source, and just behind its last. `end` is where a later call may start. */
  readonly offset: number
  readonly end: number
  /** Counts pieces from `startIndex`, refused ones included. */
  readonly index: number
  /** Of its first and its last byte, from `startLine`. */
  readonly line: number
  readonly lineEnd: number
  /** What the scan found, for `parseJson(piece.bytes, { scanned: piece })`. */
  readonly depth: number
  readonly colons: number
  readonly refused?: Fault
}

export type SplitOptions = {
  /** The source begins here: 0, or the `end` of a piece of the same bytes (and its index + 1, its lineEnd). */
  readonly startOffset?: number
  readonly startIndex?: number
  readonly startLine?: number
}

export const NO_BYTES = new Uint8Array(0)

/** The piece being read: the part of it in earlier chunks, and where it goes on in this one. */
export class Hand {
  /** Of the piece's first byte in the source, and its line. */
  offset = 0
  line = 0
  tooLarge = false
  #held: Uint8Array[] = []
  #heldBytes = 0
  #from = 0
  #isOpen = false

  /** A piece starts at `at` of the chunk that begins at `chunkOffset`. */
  open(at: number, chunkOffset: number, line: number): void {
    this.drop()
    this.#isOpen = true
    this.#from = at
    this.offset = chunkOffset + at
    this.line = line
  }

  drop(): void {
    this.#held = []
    this.#heldBytes = 0
    this.tooLarge = false
    this.#isOpen = false
  }

  /** At the end of a chunk: keeps what belongs to the piece, while it may still be accepted. */
  hold(chunk: Uint8Array): void {
    if (!this.#isOpen) return
    const rest = chunk.subarray(this.#from)
    this.#from = 0
    this.tooLarge ||= this.#heldBytes + rest.length > LIMITS.recordBytesMax
    if (this.tooLarge) {
      this.#held = []
      this.#heldBytes = 0
      return
    }
    // A copy: a small remainder must not keep a whole chunk alive.
    this.#held.push(rest.slice())
    this.#heldBytes += rest.length
  }

  /** The bytes of the piece, which ends before `end` of this chunk. */
  take(chunk: Uint8Array, end: number): Uint8Array {
    const rest = chunk.subarray(this.#from, end)
    if (this.#held.length === 0) return rest
    const whole = new Uint8Array(this.#heldBytes + rest.length)
    let at = 0
    for (const part of [...this.#held, rest]) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}
