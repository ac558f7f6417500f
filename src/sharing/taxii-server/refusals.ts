// Clients that were refused because the exchange with their member has ended, in the audit log: each at most once an hour.
import { recordDeed } from '#kernel/audit.ts'
import { OnceAnHour } from '#kernel/once.ts'
import type { Store } from '#kernel/store/types.ts'
import type { ClientRefused } from './access.ts'

export class ClientRefusals {
  readonly #store: Store
  readonly #once: OnceAnHour

  constructor(store: Store, now: () => number) {
    this.#store = store
    this.#once = new OnceAnHour({ nowMs: now })
  }

  /** Never throws: what cannot be written down was refused all the same. */
  async note({ client, code, message }: ClientRefused): Promise<void> {
    if (!this.#once.isDue(`${client} ${message}`)) return
    const detail = { code, reason: message }
    await this.#store
      .write(recordDeed, { actor: 'node', action: 'client.refused', subject: client, detail })
      .catch(() => {})
  }
}
