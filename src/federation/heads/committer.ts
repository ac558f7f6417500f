// When heads are logged: in the batch after streams went on, and then at most once a second.
import type { Clock } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Writer } from '#kernel/store/types.ts'
import { commitHeads } from './commit.ts'

export class HeadCommitter implements Disposable {
  readonly #store: Writer
  readonly #clock: Clock
  #timer: Disposable | undefined
  #lastMs = 0
  #closed = false

  constructor(store: Writer, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * A stream went on. Resolves when the heads are logged, or at once where that is later. What cannot be logged now, while
   * nothing may be signed, is still due afterwards.
   */
  async soon(): Promise<void> {
    if (this.#closed || this.#timer !== undefined) return
    const waitMs = this.#lastMs + LIMITS.headsIntervalMs - this.#clock.nowMs()
    if (waitMs <= 0) return this.#commit()
    this.#timer = this.#clock.after(waitMs, () => void this.#commit())
  }

  async #commit(): Promise<void> {
    this.#timer = undefined
    this.#lastMs = this.#clock.nowMs()
    await this.#store.write(commitHeads, null).catch(() => {})
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#timer?.[Symbol.dispose]()
  }
}
