import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { rounds } from '#test/rounds.ts'
import { testClock } from '#test/store.ts'
import { Throttle } from './throttle.ts'

/** Seconds one has to wait now; 0 where nothing is in the way. */
function waitOf(throttle: Throttle, account: string, address: string): number {
  try {
    throttle.demand({ account, address })
    return 0
  } catch (error) {
    return error instanceof Fault ? (error.retryAfterSeconds ?? 0) : -1
  }
}

test('a whole IPv6 network waits together, other networks and IPv4 neighbours do not', () => {
  const clock = testClock()
  const throttle = new Throttle(clock.nowMs)
  for (let i = 0; i < 25; i += 1) throttle.failed({ account: `a${i}`, address: `2001:db8:1:2::${i.toString(16)}` })
  for (let i = 0; i < 25; i += 1) throttle.failed({ account: `b${i}`, address: '192.0.2.1' })
  assert.ok(waitOf(throttle, 'new', '2001:db8:1:2:ffff::9') > 0)
  assert.equal(waitOf(throttle, 'new', '2001:db8:1:3::1'), 0)
  assert.equal(waitOf(throttle, 'new', '2001:db8::1:2:0:0'), 0)
  assert.ok(waitOf(throttle, 'new', '192.0.2.1') > 0)
  assert.equal(waitOf(throttle, 'new', '192.0.2.2'), 0)
})

test('no wait is longer than a minute for an account and a quarter of an hour for an address, and all end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(120_000)), { maxLength: 300 }), (failures) => {
      const clock = testClock()
      const throttle = new Throttle(clock.nowMs)
      for (const [account, address, pause] of failures) {
        throttle.failed({ account: `a${account}`, address: `192.0.2.${address}` })
        const elsewhere = waitOf(throttle, `a${account}`, '198.51.100.1')
        assert.ok(elsewhere >= 0 && elsewhere <= 60)
        assert.ok(waitOf(throttle, 'nobody', `192.0.2.${address}`) <= 900)
        clock.advance(pause)
      }
      clock.advance(900_000)
      for (const [account, address] of failures) assert.equal(waitOf(throttle, `a${account}`, `192.0.2.${address}`), 0)
    }),
    { numRuns: rounds({ test: 50, soak: 5000 }) },
  )
})

test('a quiet hour forgets, signing in forgets the account only, and many addresses take no more room than is given', () => {
  const clock = testClock()
  const throttle = new Throttle(clock.nowMs)
  const fail = (times: number): void => {
    for (let i = 0; i < times; i += 1) throttle.failed({ account: 'mara', address: '192.0.2.1' })
  }
  fail(8)
  assert.ok(waitOf(throttle, 'mara', '198.51.100.1') > 0)
  throttle.succeeded({ account: 'mara', address: '192.0.2.1' })
  assert.equal(waitOf(throttle, 'mara', '198.51.100.1'), 0)
  fail(13)
  assert.ok(waitOf(throttle, 'other', '192.0.2.1') > 0, 'the address failed 21 times')
  clock.advance(3600_001)
  fail(1)
  assert.equal(waitOf(throttle, 'mara', '192.0.2.1'), 0)
  fail(30)
  for (let i = 0; i < LIMITS.throttleKeysMax; i += 1)
    throttle.failed({ account: `x${i}`, address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })
  assert.equal(waitOf(throttle, 'mara', '192.0.2.1'), 0, 'the one that was quiet longest made room')
})
