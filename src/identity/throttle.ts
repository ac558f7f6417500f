// How often somebody may guess: after a few failures each further one costs a wait that doubles, for the address it comes
// from and for the account it is about. A wait ends by itself and has a longest; nobody is locked out for good.
import { isIPv6 } from 'node:net'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

type Count = { failures: number; untilMs: number; lastMs: number }

/** The longest wait. Short for an account, so that a stranger cannot keep its owner out; long for an address. */
const LONGEST_MS = { account: 60_000, address: 15 * 60_000 } as const
/** Failures that cost nothing. */
const FREE = { account: 5, address: 20 } as const
/** A quiet hour forgets. */
const FORGET_MS = 3600_000

export type Guess = { readonly account: string; readonly address: string }

/** In memory: it must not be possible to fill a disk by guessing. A restart forgets, and only this node's people restart it. */
export class Throttle {
  readonly #counts = new Map<string, Count>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Throws `rate.limited` while a wait lasts. */
  demand(guess: Guess): void {
    this.#demand(keysOf(guess))
  }

  /** The same where it is not known whom the guess is about. */
  demandAddress(address: string): void {
    this.#demand([addressKey(address)])
  }

  /** Counts a failure. Tells whether a wait began, so that it can be written down once. */
  failed(guess: Guess): boolean {
    return this.#failed(keysOf(guess))
  }

  failedAddress(address: string): boolean {
    return this.#failed([addressKey(address)])
  }

  /** Somebody signed in: the account's count is forgotten, the address's is not, for it may be guessing elsewhere. */
  succeeded({ account }: Guess): void {
    this.#counts.delete(`account ${account}`)
  }

  #demand(keys: readonly Key[]): void {
    const untilMs = Math.max(...keys.map(({ key }) => this.#counts.get(key)?.untilMs ?? 0))
    const waitMs = untilMs - this.#nowMs()
    if (waitMs <= 0) return
    const seconds = Math.ceil(waitMs / 1000)
    throw new Fault('rate.limited', `too many attempts failed; the next one may come in ${seconds} s`, {
      remedy: 'Wait, or ask an administrator: comity user reset NAME.',
      retryAfterSeconds: seconds,
    })
  }

  #failed(keys: readonly Key[]): boolean {
    let began = false
    for (const { key, kind } of keys) {
      const nowMs = this.#nowMs()
      const known = this.#counts.get(key)
      const before = known === undefined || nowMs - known.lastMs > FORGET_MS ? 0 : known.failures
      const failures = before + 1
      const over = failures - FREE[kind]
      const waitMs = over <= 0 ? 0 : Math.min(1000 * 2 ** Math.min(over - 1, 20), LONGEST_MS[kind])
      // Written anew, the entry moves to the end: the first one is the one that was quiet longest.
      this.#counts.delete(key)
      this.#counts.set(key, { failures, untilMs: nowMs + waitMs, lastMs: nowMs })
      began ||= over === 1
    }
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= LIMITS.throttleKeysMax) break
      this.#counts.delete(key)
    }
    return began
  }
}

type Key = { readonly key: string; readonly kind: keyof typeof FREE }

function keysOf({ account, address }: Guess): Key[] {
  return [{ key: `account ${account}`, kind: 'account' }, addressKey(address)]
}

function addressKey(address: string): Key {
  return { key: `address ${networkOf(address)}`, kind: 'address' }
}

/** Whoever has an IPv6 address has a whole /64 of them. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const [left, right] = [head, tail].map((part) => part.split(':').filter((each) => each !== ''))
  const zeros = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return [...(left ?? []), ...zeros, ...(right ?? [])].slice(0, 4).join(':')
}
