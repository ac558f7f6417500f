import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounds } from '#test/rounds.ts'
import { seededRandom } from '#test/store.ts'
import { RecordKeys, seal, unseal } from './record-keys.ts'

const random = seededRandom('record keys')
const seqs = fc.oneof(fc.nat(1000), fc.integer({ min: 1_760_000_000_000_000, max: 1_760_000_000_001_000 }))

test('a key that was taken away is gone for good, and every other stays as it was', () => {
  fc.assert(
    fc.property(fc.uniqueArray(seqs, { minLength: 2, maxLength: 40 }), fc.nat(), (all, n) => {
      const keys = RecordKeys.create(random)
      const before = all.map((seq) => keys.keyOf(seq)?.toHex())
      assert.equal(new Set(before).size, all.length)
      const gone = new Set(all.slice(0, 1 + (n % (all.length - 1))))
      for (const seq of gone) keys.puncture(seq)
      for (const seq of gone) keys.puncture(seq)
      for (const held of [keys, RecordKeys.decode(keys.encode())])
        for (const [i, seq] of all.entries())
          assert.equal(held.keyOf(seq)?.toHex(), gone.has(seq) ? undefined : before[i])
    }),
    { numRuns: rounds({ test: 50, soak: 2000 }) },
  )
})

test('nothing that is kept leads to a key that was taken away', () => {
  const keys = RecordKeys.create(random)
  const before = keys.keyOf(5)
  keys.puncture(5)
  assert.ok(before !== undefined)
  assert.ok(!Buffer.from(keys.encode()).includes(Buffer.from(before)))
  assert.equal((keys.encode().length - 'comity/record-keys/v1\n'.length) / 40, 53, 'one key beside each step down')
})

test('a file that is none is refused, whatever its bytes', () => {
  const whole = RecordKeys.create(random).encode()
  assert.throws(() => RecordKeys.decode(whole.subarray(1)), { code: 'config.invalid' })
  assert.throws(() => RecordKeys.decode(Buffer.concat([whole, whole])), { code: 'config.invalid' })
  const high = Uint8Array.from(whole)
  high[22] = 54
  assert.throws(() => RecordKeys.decode(high), { code: 'config.invalid' })
})

test('what is sealed opens under its own key, as what it is, and unchanged', () => {
  const keys = RecordKeys.create(random)
  const [key, other] = [keys.keyOf(1), keys.keyOf(2)]
  assert.ok(key !== undefined && other !== undefined)
  const sealed = seal(key, 'content', Buffer.from('a record'), random)
  assert.equal(Buffer.from(unseal(key, 'content', sealed)).toString(), 'a record')
  for (const wrong of [
    () => unseal(other, 'content', sealed),
    () => unseal(key, 'context', sealed),
    () => unseal(key, 'content', sealed.subarray(1)),
    () => unseal(key, 'content', new Uint8Array(3)),
    () => unseal(key, 'content', Uint8Array.from(sealed).with(20, (sealed[20] as number) ^ 1)),
  ])
    assert.throws(wrong, { code: 'storage.failed' })
})
