// Clients that were refused because the exchange with their member has ended, in the audit log: each at most once an hour.
import { recordDeed } from '#kernel/audit.ts'
import { Seldom } from '#kernel/seldom.ts'
import type { Store } from '#kernel/store/types.ts'
import type { ClientRefused } from './access.ts'

const AGAIN_MS = 3_600_000

export class ClientRefusals {
  readonly #store: Store
  readonly #seldom: Seldom

  constructor(store: Store, now: () => number) {
    this.#store = store
    this.#seldom = new Seldom({ nowMs: now }, AGAIN_MS)
  }

  /** Never throws: what cannot be written down was refused all the same. */
  async note({ client, code, message }: ClientRefused): Promise<void> {
    if (!this.#seldom.isDue(`${client} ${message}`)) return
    const detail = { code, reason: message }
    await this.#store
      .write(recordDeed, { actor: 'node', action: 'client.refused', subject: client, detail })
      .catch(() => {})
  }
}
