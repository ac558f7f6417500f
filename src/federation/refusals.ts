// What others did that was refused, in the audit log: who, what, why. Each kind of each member, by place and code,
// stands there at most once an hour, and strangers share one name, so that nobody can fill the log by being refused: the
// reason itself may hold what the other side chose.
import { recordDeed } from '#kernel/audit.ts'
import type { Clock } from '#kernel/clock.ts'
import { Fault, type FaultCode } from '#kernel/fault.ts'
import { OnceAnHour } from '#kernel/once.ts'
import type { Store } from '#kernel/store/types.ts'

/** Refusals that say something about the other side; busy, unreachable, or a clock that is off do not. */
const TELLING: ReadonlySet<FaultCode> = new Set([
  'input.invalid',
  'input.malformed',
  'input.unprocessable',
  'input.too-large',
  'input.media-type',
  'auth.required',
  'auth.key',
  'auth.denied',
  'conflict',
  'log.fork',
  'log.invalid',
  'peer.invalid',
])
const REASON_CHARS_MAX = 300

export type Refused = {
  /** The member whose signature was seen; undefined where nobody's was. */
  readonly member: string | undefined
  /** Where: a route such as `POST /peer/hint`, or `round`. */
  readonly at: string
  readonly error: unknown
}

export class Refusals {
  readonly #store: Store
  readonly #once: OnceAnHour

  constructor(store: Store, clock: Pick<Clock, 'nowMs'>) {
    this.#store = store
    this.#once = new OnceAnHour(clock)
  }

  /** Never throws: what cannot be written down was refused all the same. */
  async note({ member, at, error }: Refused): Promise<void> {
    if (!(error instanceof Fault) || !TELLING.has(error.code)) return
    const subject = member ?? 'a stranger'
    if (!this.#once.isDue(`${subject} ${at} ${error.code}`)) return
    const detail = { at, code: error.code, reason: error.message.slice(0, REASON_CHARS_MAX) }
    await this.#store.write(recordDeed, { actor: 'node', action: 'peer.refused', subject, detail }).catch(() => {})
  }
}
