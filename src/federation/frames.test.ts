import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { rounds } from '#test/rounds.ts'
import {
  DeliveryDecoder,
  encodeDelivery,
  encodeItem,
  hashItem,
  type Delivery,
  type DisclosedStatement,
} from './frames.ts'

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

const statement = (index: number, items: Uint8Array[]): DisclosedStatement => ({
  index,
  entrySalt: bytes(32, 1),
  partCommits: [2, 3, 4, 5].map((value) => bytes(32, value)),
  header: { salt: bytes(32, 6), bytes: Buffer.from('{"v":1}') },
  content: { seed: bytes(32, 7), items },
})

function encode(indexes: readonly number[], seq = 1): Buffer {
  const item = encodeItem({ seq, prevHash: bytes(32, 0), indexes, reason: 'new' })
  return Buffer.concat([
    ...encodeDelivery(
      item,
      indexes.map((index) => statement(index, [Buffer.from(`item ${index}`), bytes(index % 50, 9)])),
    ),
  ])
}

function decode(chunks: Iterable<Uint8Array>): Delivery[] {
  const decoder = new DeliveryDecoder()
  const found: Delivery[] = []
  for (const chunk of chunks) found.push(...decoder.push(chunk))
  decoder.end()
  return found
}

const plain = (deliveries: readonly Delivery[]): unknown =>
  JSON.parse(
    JSON.stringify(deliveries, (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array).toString('hex') : value,
    ),
  )

test('the vector of a delivery is met, written and read', () => {
  const vector = JSON.parse(readFileSync(new URL('../../test/vectors/delivery.json', import.meta.url), 'utf8')) as {
    item: { seq: number; prevHash: string; indexes: number[]; reason: 'widened' }
    itemBytes: string
    itemHash: string
    statements: { index: number; items: string[] }[]
    frames: string
  }
  const item = encodeItem({ ...vector.item, prevHash: Uint8Array.fromHex(vector.item.prevHash) })
  assert.equal(Buffer.from(item).toString(), vector.itemBytes)
  assert.equal(Buffer.from(hashItem(item)).toString('hex'), vector.itemHash)
  const statements = vector.statements.map(({ index, items }) =>
    statement(
      index,
      items.map((text) => Buffer.from(text)),
    ),
  )
  assert.equal(Buffer.concat([...encodeDelivery(item, statements)]).toString('hex'), vector.frames)
  const [delivery] = decode([Buffer.from(vector.frames, 'hex')])
  assert.ok(delivery !== undefined)
  const again = encodeDelivery(delivery.itemBytes, delivery.statements)
  assert.equal(Buffer.concat([...again]).toString('hex'), vector.frames)
})

test('deliveries come out as they went in, however they are cut', () => {
  const whole = Buffer.concat([encode([1, 2, 3]), encode([7], 2)])
  const expected = plain(decode([whole]))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 50 }), (sizes) => {
      const chunks: Buffer[] = []
      for (let at = 0, i = 0; at < whole.length; i += 1) {
        const size = sizes[i % sizes.length] ?? 1
        chunks.push(whole.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(plain(decode(chunks)), expected)
    }),
    { numRuns: rounds({ test: 100, soak: 5000 }) },
  )
})

test('a cut anywhere is noticed', () => {
  const whole = encode([1, 2])
  for (let length = 1; length < whole.length; length += 1)
    assert.throws(() => decode([whole.subarray(0, length)]), { code: 'peer.invalid' })
})

test('no foreign bytes make the decoder do anything but refuse', () => {
  const whole = encode([1, 2])
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.uint8Array({ maxLength: 64 }),
      (changes, tail) => {
        const broken = Buffer.from(whole)
        for (const [at, value] of changes) broken[at] = value
        try {
          decode([broken, tail])
        } catch (error) {
          assert.ok(error instanceof Fault)
        }
      },
    ),
    { numRuns: rounds({ test: 500, soak: 50_000 }) },
  )
})

test('an endless frame is refused by its length', () => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(0x7fffffff)
  assert.throws(() => decode([head]), { code: 'peer.invalid' })
})
