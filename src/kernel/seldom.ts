// Things that are written down once in a while only, so that nobody fills a log by repeating them.
import type { Clock } from './clock.ts'

const KEPT_MAX = 1000

export class Seldom {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #againMs: number
  /** When each was written down last, the oldest first. */
  readonly #written = new Map<string, number>()

  constructor(clock: Pick<Clock, 'nowMs'>, againMs: number) {
    this.#clock = clock
    this.#againMs = againMs
  }

  /** Whether it is time to write this down; if so, it counts as written. */
  isDue(key: string): boolean {
    const now = this.#clock.nowMs()
    if (now - (this.#written.get(key) ?? -Infinity) < this.#againMs) return false
    this.#written.delete(key)
    this.#written.set(key, now)
    if (this.#written.size > KEPT_MAX) this.#written.delete(this.#written.keys().next().value ?? '')
    return true
  }
}
