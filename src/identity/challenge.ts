// Challenges for passkeys, without a memory for strangers: each says until when it holds and what for, under a MAC. Only
// one that led somewhere is remembered, so that it leads there once.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock, Random } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'

const RANDOM_BYTES = 18
const MAC_BYTES = 32

export class Challenges {
  readonly #key: Uint8Array
  readonly #clock: Clock
  readonly #random: Random
  readonly #used = new Map<string, number>()

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#key = random(32)
    this.#clock = clock
    this.#random = random
  }

  /** `purpose` is what the answer will be used for; an answer serves no other end. Base64url. */
  make(purpose: string): string {
    const head = Buffer.alloc(6 + RANDOM_BYTES)
    head.writeUIntBE(this.#clock.nowMs() + LIMITS.challengeLifeMs, 0, 6)
    head.set(this.#random(RANDOM_BYTES), 6)
    return Buffer.concat([head, this.#mac(head, purpose)]).toString('base64url')
  }

  /** Whether a challenge is one of ours for this purpose, still holds, and was not used. */
  holds(challenge: string, purpose: string): boolean {
    const bytes = Buffer.from(challenge, 'base64url')
    if (bytes.length !== 6 + RANDOM_BYTES + MAC_BYTES || bytes.toString('base64url') !== challenge) return false
    const head = bytes.subarray(0, 6 + RANDOM_BYTES)
    if (!timingSafeEqual(bytes.subarray(head.length), this.#mac(head, purpose))) return false
    return head.readUIntBE(0, 6) > this.#clock.nowMs() && !this.#used.has(challenge)
  }

  /** The challenge led somewhere. */
  use(challenge: string): void {
    const nowMs = this.#clock.nowMs()
    for (const [used, untilMs] of this.#used) if (untilMs <= nowMs) this.#used.delete(used)
    this.#used.set(challenge, nowMs + LIMITS.challengeLifeMs)
  }

  #mac(head: Uint8Array, purpose: string): Uint8Array {
    return createHmac('sha256', this.#key).update(head).update(purpose).digest()
  }
}
