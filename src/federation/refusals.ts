// What others did that was refused, in the audit log: who, what, why. Each kind of each member, by place and code,
// stands there at most once an hour, and strangers share one name, so that nobody can fill the log by being refused: the
// reason itself may hold what the other side chose.
import type { Clock } from '#kernel/clock.ts'
import { Fault, type FaultCode } from '#kernel/fault.ts'
import type { Store } from '#kernel/store/types.ts'
import { RefusedDeeds } from './refused-deeds.ts'

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

export type Refused = {
  /** The member whose signature was seen; undefined where nobody's was. */
  readonly member: string | undefined
  /** Where: a route such as `POST /peer/hint`, or `round`. */
  readonly at: string
  readonly error: unknown
}

export class Refusals {
  readonly #deeds: RefusedDeeds

  constructor(store: Store, clock: Pick<Clock, 'nowMs'>) {
    this.#deeds = new RefusedDeeds(store, clock)
  }

  /** Never throws. */
  async note({ member, at, error }: Refused): Promise<void> {
    if (!(error instanceof Fault) || !TELLING.has(error.code)) return
    const { code, message: reason } = error
    const subject = member ?? 'a stranger'
    const deed = { actor: 'node', action: 'peer.refused', subject, detail: { at, code }, reason }
    await this.#deeds.note(`${subject} ${at} ${code}`, deed)
  }
}
