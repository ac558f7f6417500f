// Whom somebody else can have this node ask, and how often.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '#kernel/fault.ts'
import { testClock } from '#test/store.ts'
import type { Peer } from './peers.ts'
import { Scheduler } from './scheduler.ts'

const PEER = { name: 'a.example' } as Peer
const HOUR_MS = 3_600_000

/** A scheduler that began a round with its one peer, and what counts the rounds. */
async function scene(pull: () => Promise<{ leaves: number; statements: number }>) {
  const clock = testClock()
  let rounds = 0
  const scheduler = new Scheduler({
    clock,
    jitter: () => 0.5,
    everyMs: HOUR_MS,
    pull: () => ((rounds += 1), pull()),
    hint: () => Promise.resolve(),
    onError: () => {},
  })
  scheduler.setPeers([PEER])
  scheduler.start()
  /** How many more rounds there are where somebody speaks of the peer every second for so long. */
  const roundsIn = async (seconds: number): Promise<number> => {
    const before = rounds
    for (let n = 0; n < seconds; n += 1) {
      scheduler.pullOnHearsay(PEER.name)
      clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return rounds - before
  }
  await roundsIn(1)
  return { scheduler, clock, roundsIn, [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose]() }
}

test('what others say of a peer makes nobody ask it more than once a minute', async () => {
  await using place = await scene(() => Promise.resolve({ leaves: 0, statements: 0 }))
  assert.equal(await place.roundsIn(600), 10)
})

test('a peer that fails is asked when its turn comes, whatever others say of it', async () => {
  await using place = await scene(() => Promise.reject(new Fault('peer.unreachable', 'gone')))
  assert.equal(await place.roundsIn(3000), 0)
})

test('a peer that asks to be left alone is left alone so long', async () => {
  await using place = await scene(() =>
    Promise.reject(new Fault('peer.unreachable', 'busy', { retryAfterSeconds: 3600 })),
  )
  assert.equal(await place.roundsIn(3590), 0)
  assert.equal(await place.roundsIn(20), 1)
})
