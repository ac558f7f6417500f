import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Memo, ObjectMemo } from './memo.ts'

test('what follows from a text is worked out once, until there is no more room for it', () => {
  const memo = new Memo<number>(2)
  let worked = 0
  const lengthOf = (text: string): number =>
    memo.of(text, () => {
      worked += 1
      return text.length
    })
  assert.deepEqual(['a', 'bb', 'a', 'bb'].map(lengthOf), [1, 2, 1, 2])
  assert.equal(worked, 2)
  assert.deepEqual(['ccc', 'bb', 'a'].map(lengthOf), [3, 2, 1])
  assert.equal(worked, 4, 'the oldest was forgotten for the third, and is worked out again')
})

test('nothing is kept where the work throws', () => {
  const memo = new Memo<string>(2)
  const fail = (): string => {
    throw new Error('not yet')
  }
  assert.throws(() => memo.of('key', fail), /not yet/)
  assert.equal(
    memo.of('key', () => 'made'),
    'made',
  )
})

test('what follows from an object is worked out once for that object', () => {
  const memo = new ObjectMemo<{ readonly name: string }, string[]>()
  const [one, other] = [{ name: 'same' }, { name: 'same' }]
  const first = memo.of(one, () => [one.name])
  assert.equal(
    memo.of(one, () => []),
    first,
  )
  assert.notEqual(
    memo.of(other, () => [other.name]),
    first,
  )
})
