// Which requests were already used. A signed request is good once: its nonce is remembered until no clock that
// this node accepts could still call the request fresh. Full memory refuses; it never forgets early. Each member has a
// share of its own, and some room that the others cannot take, so that whoever fills its share is refused alone.
import { LIMITS } from '../limits.ts'

/** Nonces are dropped a whole slice at a time, so forgetting costs nothing per nonce. */
const SLICE_MS = 30_000

export type NonceBounds = {
  /** What all hold together, before each has its own room alone. */
  readonly countMax: number
  readonly perMemberMax: number
  /** The room of its own that each member always has. */
  readonly perMemberMin: number
}

const BOUNDS: NonceBounds = {
  countMax: LIMITS.noncesMax,
  perMemberMax: LIMITS.noncesPerMemberMax,
  perMemberMin: LIMITS.noncesPerMemberMin,
}

export class NonceMemory {
  readonly #slices = new Map<number, Map<string, Set<string>>>()
  readonly #held = new Map<string, number>()
  readonly #bounds: NonceBounds
  #count = 0
  #forgottenMs = 0
  /** When that was forgotten, by a clock that nobody sets. */
  #forgotAt = 0

  constructor(bounds: NonceBounds = BOUNDS) {
    this.#bounds = bounds
  }

  /** How many nonces are held now. */
  get count(): number {
    return this.#count
  }

  /**
   * What was good until before this may be forgotten: by a clock that was ahead, and right again since, even too early. It
   * goes on from there, so that what is remembered meanwhile is forgotten in its turn.
   */
  get forgottenMs(): number {
    return this.#forgottenMs === 0 ? 0 : this.#forgottenMs + Math.floor(performance.now() - this.#forgotAt)
  }

  /**
   * Records what a key used until at least `untilMs`. `seen`: it was used before; `full`: its member has no room, and the
   * request must be refused. The same nonce must come with the same `untilMs` (both are signed), else it is another nonce.
   */
  remember(
    { keyid, nonce }: { readonly keyid: string; readonly nonce: string },
    untilMs: number,
    nowMs: number,
  ): 'new' | 'seen' | 'full' {
    this.#forget(nowMs)
    const [member = ''] = keyid.split('#', 1)
    const used = `${keyid} ${nonce}`
    const slice = Math.floor(untilMs / SLICE_MS)
    if (this.#slices.get(slice)?.get(member)?.has(used) === true) return 'seen'
    const held = this.#held.get(member) ?? 0
    if (held >= this.#room()) return 'full'
    this.#nonces(slice, member).add(used)
    this.#held.set(member, held + 1)
    this.#count += 1
    return 'new'
  }

  /** How many nonces one member may hold now. */
  #room(): number {
    const { countMax, perMemberMax, perMemberMin } = this.#bounds
    return this.#count < countMax ? perMemberMax : perMemberMin
  }

  #nonces(slice: number, member: string): Set<string> {
    const members = this.#slices.get(slice) ?? new Map<string, Set<string>>()
    this.#slices.set(slice, members)
    const nonces = members.get(member) ?? new Set<string>()
    members.set(member, nonces)
    return nonces
  }

  #forget(nowMs: number): void {
    const current = Math.floor(nowMs / SLICE_MS)
    for (const [slice, members] of this.#slices) {
      if (slice >= current) continue
      for (const [member, nonces] of members) this.#release(member, nonces.size)
      this.#slices.delete(slice)
      if ((slice + 1) * SLICE_MS <= this.forgottenMs) continue
      this.#forgottenMs = (slice + 1) * SLICE_MS
      this.#forgotAt = performance.now()
    }
  }

  #release(member: string, count: number): void {
    this.#count -= count
    const left = (this.#held.get(member) ?? 0) - count
    if (left > 0) this.#held.set(member, left)
    else this.#held.delete(member)
  }
}
