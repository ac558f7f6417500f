// How long one may wait for another machine's answer: long enough for a thin line, not for a drip.
import { LIMITS } from '../limits.ts'

/**
 * Time for an answer: a fixed allowance, then only as much more as the bytes that came are worth at the slowest rate a
 * line may have. A drip ends soon after the allowance; a page over a thin line is let through to its end.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout
  #unspentBytes = 0

  constructor(timeoutMs: number) {
    this.#timer = setTimeout(() => this.#extendOrEnd(), timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  received(bytes: number): void {
    this.#unspentBytes += bytes
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #extendOrEnd(): void {
    const earnedMs = Math.floor((this.#unspentBytes * 1000) / LIMITS.peerBytesPerSecMin)
    this.#unspentBytes = 0
    if (earnedMs < 1) this.#controller.abort()
    else this.#timer = setTimeout(() => this.#extendOrEnd(), earnedMs)
  }
}

/** Between two looks at the time. */
const LOOK_MS = 500

/**
 * The same for an answer that is worked on while it comes: only the time that is spent waiting for the other side counts.
 * What came fast is no credit for a longer silence than the allowance.
 */
export class StreamDeadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #mostMs: number
  #leftMs: number
  #paused = false

  constructor(timeoutMs: number) {
    this.#mostMs = timeoutMs
    this.#leftMs = timeoutMs
    this.#timer = setInterval(() => this.#look(), Math.min(LOOK_MS, timeoutMs))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  received(bytes: number): void {
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + (bytes * 1000) / LIMITS.peerBytesPerSecMin)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (this.#paused) return
    this.#leftMs -= Math.min(LOOK_MS, this.#mostMs)
    if (this.#leftMs <= 0) this.#controller.abort()
  }
}
