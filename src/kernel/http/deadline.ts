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
