// What was refused, in the audit log: the same at most once an hour, so that nobody fills the log by trying again.
import { recordDeed, type Deed } from '#kernel/audit.ts'
import type { Clock } from '#kernel/clock.ts'
import { OnceAnHour } from '#kernel/once.ts'
import type { Store } from '#kernel/store/types.ts'

const REASON_CHARS_MAX = 300
/** What differs only behind so many characters counts as the same. */
const SAME_CHARS_MAX = 1000

export class RefusedDeeds {
  readonly #store: Store
  readonly #once: OnceAnHour

  constructor(store: Store, clock: Pick<Clock, 'nowMs'>) {
    this.#store = store
    this.#once = new OnceAnHour(clock)
  }

  /** `same` says what counts as the same. Never throws: what cannot be written down was refused all the same. */
  async note(same: string, { reason, detail, ...deed }: Deed & { readonly reason: string }): Promise<void> {
    if (!this.#once.isDue(same.slice(0, SAME_CHARS_MAX))) return
    const told = { ...detail, reason: reason.slice(0, REASON_CHARS_MAX) }
    await this.#store.write(recordDeed, { ...deed, detail: told }).catch(() => {})
  }
}
