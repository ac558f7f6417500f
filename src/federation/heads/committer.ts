// When heads are logged: in the batch after streams went on, and then at most once a second; where that fails, a little
// later, long before recipients miss them.
import { msLeft, type Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
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
   * A stream went on. Resolves when the heads are logged, or at once where that is later. What cannot be logged while
   * nothing may be signed is due when something may be, and whoever ends that says so.
   */
  async soon(): Promise<void> {
    if (this.#closed || this.#timer !== undefined) return
    const waitMs = msLeft(this.#lastMs, LIMITS.headsIntervalMs, this.#clock.nowMs())
    if (waitMs === 0) return this.#commit()
    this.#commitIn(waitMs)
  }

  #commitIn(waitMs: number): void {
    this.#timer = this.#clock.after(waitMs, () => void this.#commit())
  }

  async #commit(): Promise<void> {
    this.#timer = undefined
    this.#lastMs = this.#clock.nowMs()
    try {
      await this.#store.write(commitHeads, null)
    } catch (error) {
      if (!isSigningStopped(error) && !this.#closed && this.#timer === undefined) this.#commitIn(LIMITS.headsAgainMs)
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#timer?.[Symbol.dispose]()
  }
}

function isSigningStopped(error: unknown): boolean {
  return error instanceof Fault && error.code === 'node.restored'
}
