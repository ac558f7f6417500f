// Bundles that were not read to their end, in the audit log: who read, whose the file says it is, why it ended. The same
// of the same file stands there once an hour, so that a program that tries again and again does not fill the log.
import type { Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import type { Store } from '#kernel/store/types.ts'
import { RefusedDeeds } from '../refused-deeds.ts'
import type { BundleEvent, Manifest } from './wire.ts'

export class RefusedBundles {
  readonly #deeds: RefusedDeeds

  constructor(store: Store, clock: Pick<Clock, 'nowMs'>) {
    this.#deeds = new RefusedDeeds(store, clock)
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

  async #note(actor: string, reason: string, manifest: Manifest | undefined): Promise<void> {
    const subject = manifest?.from ?? 'a stranger'
    const detail = manifest === undefined ? {} : { id: manifest.id, part: manifest.part }
    const deed = { actor, action: 'bundle.refused', subject, detail, reason }
    await this.#deeds.note(JSON.stringify([actor, subject, detail, reason]), deed)
  }
}
