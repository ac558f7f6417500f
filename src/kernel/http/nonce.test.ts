import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../limits.ts'
import { NonceMemory } from './nonce.ts'

const LIFE_MS = 240_000

/** One member uses as many nonces as it can, under two keys. Returns how many those are. */
function fill(memory: NonceMemory, member: string, nowMs = 0): number {
  let count = 0
  const use = (): string =>
    memory.remember({ keyid: `${member}#${count % 2}`, nonce: `${count}` }, nowMs + LIFE_MS, nowMs)
  while (use() === 'new') count += 1
  return count
}

const honest = { keyid: 'honest.example#http-1', nonce: 'x' }

test('one member cannot fill the memory of used requests for all, whatever keys it has', () => {
  const memory = new NonceMemory()
  assert.equal(fill(memory, 'hostile.example'), LIMITS.noncesPerMemberMax)
  assert.equal(memory.remember(honest, LIFE_MS, 0), 'new')
  assert.equal(memory.remember(honest, LIFE_MS, 0), 'seen')
})

test('many members cannot either: each has room of its own, and all together are bounded', () => {
  const memory = new NonceMemory({ countMax: 100, perMemberMax: 50, perMemberMin: 5 })
  const filled = ['a', 'b', 'c', 'd'].map((member) => fill(memory, member))
  assert.deepEqual(filled, [50, 50, 5, 5])
  assert.equal(memory.remember(honest, LIFE_MS, 0), 'new')
  assert.equal(memory.remember({ keyid: 'a#0', nonce: '0' }, LIFE_MS, 0), 'seen', 'nothing is forgotten early')
  assert.equal(fill(memory, 'a', LIFE_MS + 60_000), 50, 'what is past its time makes room')
  assert.equal(memory.count, 50)
})

test('a clock that was ahead for a while is known to have forgotten too early', () => {
  const memory = new NonceMemory()
  memory.remember(honest, LIFE_MS, 0)
  memory.remember({ ...honest, nonce: 'y' }, 2 * LIFE_MS + LIFE_MS, 2 * LIFE_MS)
  assert.ok(memory.forgottenMs > LIFE_MS, 'what was good then is past its time by this')
  assert.ok(memory.forgottenMs <= 2 * LIFE_MS, 'and no more than that')
})

test('after such a clock time goes on, and what is remembered since is forgotten in its turn', (t) => {
  let passedMs = 0
  t.mock.method(performance, 'now', () => passedMs)
  const memory = new NonceMemory({ countMax: 100, perMemberMax: 50, perMemberMin: 5 })
  memory.remember(honest, LIFE_MS, 0)
  memory.remember({ ...honest, nonce: 'y' }, 11 * LIFE_MS, 10 * LIFE_MS)
  for (let round = 0; round < 5; round += 1) {
    const nowMs = memory.forgottenMs
    for (let i = 0; i < 25; i += 1)
      assert.equal(memory.remember({ ...honest, nonce: `${round} ${i}` }, nowMs + LIFE_MS, nowMs), 'new')
    passedMs += 2 * LIFE_MS
  }
})
