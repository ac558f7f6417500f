// What is done or said at most once an hour, whoever asks for it how often.
import { msUntil, type Clock } from './clock.ts'

const AGAIN_MS = 3_600_000
const KEPT_MAX = 1000

/** Forgets the oldest where there is no more room, and everything at a restart. */
export class OnceAnHour {
  readonly #clock: Pick<Clock, 'nowMs'>
  /** When each was last, the oldest first. */
  readonly #last = new Map<string, number>()

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock
  }

  /** Whether it is time for this again; if so, it counts as done now. */
  isDue(key: string): boolean {
    const now = this.#clock.nowMs()
    if (msUntil(this.#last.get(key) ?? -Infinity, AGAIN_MS, now) > 0) return false
    this.#last.delete(key)
    this.#last.set(key, now)
    if (this.#last.size > KEPT_MAX) this.#last.delete(this.#last.keys().next().value ?? '')
    return true
  }
}
