// How much to ask a peer for at once. A page should take some seconds, however thin the line: long enough to be worth a
// round trip, short enough that little is lost when it breaks.
import { LIMITS } from '#kernel/limits.ts'

/** What a page is meant to take. */
const TARGET_MS = 10_000
const START_BYTES = 256 * 1024
const LEAST_BYTES = 16 * 1024
/** Between two pages the size changes by this factor at most. */
const STEP = 4
/** A peer that answered this recently is asked again where an answer was lost. */
const RECENT_MS = 60_000

/** The line to one peer, as far as it was seen. */
export class Line {
  #bytes = START_BYTES
  #answeredMs = Number.NEGATIVE_INFINITY

  /** Bytes to ask for, before compression. */
  get pageBytes(): number {
    return this.#bytes
  }

  answered(nowMs: number): void {
    this.#answeredMs = nowMs
  }

  isRecent(nowMs: number): boolean {
    return nowMs - this.#answeredMs < RECENT_MS
  }

  /** A page came in so long. One that was not full says little and only ever makes the next smaller. */
  came(bytes: number, tookMs: number): void {
    const next = nextPageBytes(this.#bytes, tookMs)
    if (next < this.#bytes || bytes * 2 >= this.#bytes) this.#bytes = next
  }

  /** A page was lost. */
  lost(): void {
    this.#bytes = Math.max(LEAST_BYTES, Math.floor(this.#bytes / STEP))
  }
}

/** The size of the next page where one of `bytes` took `tookMs`. */
export function nextPageBytes(bytes: number, tookMs: number): number {
  const wanted = Math.floor((bytes * TARGET_MS) / Math.max(1, tookMs))
  const near = Math.min(bytes * STEP, Math.max(Math.floor(bytes / STEP), wanted))
  return Math.min(LIMITS.deliveryPageBytesMax, Math.max(LEAST_BYTES, near))
}
