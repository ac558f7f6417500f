// Which requests were already used. A signed request is good once: its nonce is remembered until no clock that
// this node accepts could still call the request fresh. Full memory refuses; it never forgets early.
import { LIMITS } from '../limits.ts'

/** Nonces are dropped a whole slice at a time, so forgetting costs nothing per nonce. */
const SLICE_MS = 30_000

export class NonceMemory {
  readonly #slices = new Map<number, Set<string>>()
  readonly #countMax: number
  #count = 0

  constructor(countMax: number = LIMITS.noncesMax) {
    this.#countMax = countMax
  }

  /** How many nonces are held now. */
  get count(): number {
    return this.#count
  }

  /**
   * Records `nonce` until at least `untilMs`. `seen`: it was used before; `full`: there is no room, and the request
   * must be refused. The same nonce must come with the same `untilMs` (both are signed), else it is another nonce.
   */
  remember(nonce: string, untilMs: number, nowMs: number): 'new' | 'seen' | 'full' {
    this.#forget(nowMs)
    const slice = Math.floor(untilMs / SLICE_MS)
    const held = this.#slices.get(slice)
    if (held?.has(nonce) === true) return 'seen'
    if (this.#count >= this.#countMax) return 'full'
    if (held === undefined) this.#slices.set(slice, new Set([nonce]))
    else held.add(nonce)
    this.#count += 1
    return 'new'
  }

  #forget(nowMs: number): void {
    const current = Math.floor(nowMs / SLICE_MS)
    for (const [slice, nonces] of this.#slices) {
      if (slice >= current) continue
      this.#count -= nonces.size
      this.#slices.delete(slice)
    }
  }
}
