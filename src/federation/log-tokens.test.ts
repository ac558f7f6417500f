import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { seededRandom } from '#test/store.ts'
import { LogTokens } from './log-tokens.ts'

test('however many tokens one member fetches, the others keep theirs', () => {
  const random = seededRandom('tokens')
  const tokens = new LogTokens(() => 0)
  const honest = tokens.make(random, 'honest.example')
  const greedy = Array.from({ length: LIMITS.peersMax + 1 }, () => tokens.make(random, 'greedy.example'))
  assert.equal(tokens.holder(honest), 'honest.example')
  const good = greedy.filter((token) => tokens.holder(token) === 'greedy.example')
  assert.deepEqual(good, greedy.slice(-LIMITS.tokensPerPeerMax), 'of each member the newest few are good')
})

test('a token is good for its time', () => {
  let nowMs = 0
  const tokens = new LogTokens(() => nowMs)
  const token = tokens.make(seededRandom('token'), 'a.example')
  nowMs = LIMITS.tokenLifeMs - 1
  assert.equal(tokens.holder(token), 'a.example')
  nowMs += 1
  assert.equal(tokens.holder(token), undefined)
})
