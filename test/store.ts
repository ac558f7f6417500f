// A store for tests: in memory, with the whole writer program, seeded chance and a clock that a test moves.
import { createHash } from 'node:crypto'
import type { Clock, Random } from '#kernel/clock.ts'
import { newSeeds } from '#kernel/key-file.ts'
import { PolicyCaller } from '#kernel/policy/caller.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import type { Store } from '#kernel/store/types.ts'
import { writerProgram } from '#src/writer.ts'

/** One policy thread for every store of a test process. */
export const testPolicy = new PolicyCaller()

export type TestClock = Clock & { readonly advance: (ms: number) => void }

/** A clock that stands still until it is advanced; timers fire in order while it is. */
export function testClock(startMs = Date.UTC(2026, 0, 15, 8)): TestClock {
  let now = startMs
  const timers = new Set<{ readonly at: number; readonly fn: () => void }>()
  return {
    nowMs: () => now,
    after: (delayMs, fn) => {
      const timer = { at: now + delayMs, fn }
      timers.add(timer)
      return { [Symbol.dispose]: () => void timers.delete(timer) }
    },
    advance: (ms) => {
      const until = now + ms
      for (;;) {
        const next = [...timers].filter((timer) => timer.at <= until).toSorted((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.fn()
      }
      now = until
    },
  }
}

/** Reproducible bytes: SHA-256 of the seed and a counter. */
export function seededRandom(seed: string): Random {
  let counter = 0
  return (length) => {
    const blocks = []
    for (let filled = 0; filled < length; filled += 32)
      blocks.push(createHash('sha256').update(`${seed} ${counter++}`).digest())
    return Uint8Array.from(Buffer.concat(blocks).subarray(0, length))
  }
}

export function openTestStore(
  options: { readonly member?: string; readonly clock?: Clock; readonly seed?: string } = {},
): Store {
  const { member = 'a.example', clock = testClock(), seed = 'seed' } = options
  const random = seededRandom(`${seed} ${member}`)
  return openInlineStore({
    place: { kind: 'memory' },
    identity: { member, origin: `${member}/log`, seeds: newSeeds(random).log },
    program: writerProgram,
    clock,
    random,
    policy: testPolicy,
  })
}
