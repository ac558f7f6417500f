// Bundles that were not read to their end, in the audit log: who read, whose the file says it is, why it ended. The same
// of the same file stands there once an hour, so that a program that tries again and again does not fill the log.
import { recordDeed } from '#kernel/audit.ts'
import type { Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { OnceAnHour } from '#kernel/once.ts'
import type { Store } from '#kernel/store/types.ts'
import type { BundleEvent, Manifest } from './wire.ts'

const REASON_CHARS_MAX = 300

export class RefusedBundles {
  readonly #store: Store
  readonly #once: OnceAnHour

  constructor(store: Store, clock: Pick<Clock, 'nowMs'>) {
    this.#store = store
    this.#once = new OnceAnHour(clock)
  }

  /** The events of a reading as they are. Where it does not end well, or nobody waits for its end, that is written down. */
  async *watch(actor: string, events: AsyncIterable<BundleEvent>): AsyncGenerator<BundleEvent> {
    let manifest: Manifest | undefined
    let reason: string | undefined = 'the reading was broken off'
    try {
      for await (const event of events) {
        if (event.kind === 'manifest') manifest = event.manifest
        if (event.kind === 'done') reason = undefined
        yield event
      }
    } catch (error) {
      if (error instanceof Fault) reason = error.message
      throw error
    } finally {
      if (reason !== undefined) await this.#note(actor, reason, manifest)
    }
  }

  /** Never throws: what cannot be written down was refused all the same. */
  async #note(actor: string, why: string, manifest: Manifest | undefined): Promise<void> {
    const reason = why.slice(0, REASON_CHARS_MAX)
    const subject = manifest?.from ?? 'a stranger'
    const part = manifest === undefined ? {} : { id: manifest.id, part: manifest.part }
    if (!this.#once.isDue(JSON.stringify([actor, subject, part, reason]))) return
    const detail = { ...part, reason }
    await this.#store.write(recordDeed, { actor, action: 'bundle.refused', subject, detail }).catch(() => {})
  }
}
