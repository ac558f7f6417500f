import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { rounds } from '#test/rounds.ts'
import { readEnvelope } from './envelope.ts'
import { readList, type ListLine } from './list.ts'

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const lines = async (text: string | Uint8Array, { column, size = 7 }: { column?: string; size?: number } = {}) => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const found: ListLine[] = []
  for await (const batch of readList(inChunks(bytes, size), column)) found.push(...batch)
  return found
}

const numRuns = rounds({ test: 300, soak: 20_000 })

test('a list is read the same however it is cut, and never throws', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'evil.example',
      '1.2.3.4',
      '2001:db8::1',
      '\r\n',
      '\n',
      '\r',
      ',',
      '"',
      '#',
      ' ',
      '\t',
      '\ufeff',
      'é',
      '0.0.0.0 ',
    ),
    fc.string(),
  )
  const text = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 1, max: 40 }),
      fc.option(fc.constantFrom('a', '1', '3')),
      async (one, size, column) => {
        const how = column === null ? {} : { column }
        assert.deepEqual(await lines(one, { ...how, size }), await lines(one, { ...how, size: 1 << 20 }))
      },
    ),
    { numRuns },
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => void (await lines(bytes))),
    { numRuns },
  )
})

test('a line without end costs a line and no memory', async () => {
  const long = Buffer.alloc(LIMITS.feedLineCharsMax * 20, 'x')
  const found = await lines(Buffer.concat([Buffer.from('a.example\n'), long, Buffer.from('\nb.example')]), {
    size: 4096,
  })
  assert.deepEqual(
    found.map((each) => ('value' in each ? each.value.value : each.problem.slice(0, 19))),
    ['a.example', 'this line is longer', 'b.example'],
  )
  assert.deepEqual(
    found.map(({ line }) => line),
    [1, 2, 3],
  )
})

test('an envelope is read or refused whole, whatever the bytes', async () => {
  const judge = async (bytes: Uint8Array): Promise<string> => {
    try {
      await readEnvelope(bytes)
      return 'read'
    } catch (error) {
      assert.ok(error instanceof Fault, String(error))
      assert.equal(error.code, 'peer.invalid')
      return 'refused'
    }
  }
  const seen = new Set<string>()
  const envelope = fc.record(
    {
      more: fc.oneof(fc.boolean(), fc.jsonValue()),
      next: fc.oneof(fc.string(), fc.jsonValue()),
      objects: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  const big = 'x'.repeat(LIMITS.feedEnvelopeBytesMax)
  await fc.assert(
    fc.asyncProperty(envelope, fc.boolean(), fc.nat(), fc.nat(255), async (value, isBig, at, byte) => {
      const { objects } = value
      const full = isBig && Array.isArray(objects) ? { ...value, objects: [...objects, { big }] } : value
      const bytes = Buffer.from(JSON.stringify(full))
      seen.add(await judge(bytes))
      if (bytes.length > 0) bytes[at % bytes.length] = byte
      await judge(bytes)
      await judge(bytes.subarray(0, at % (bytes.length + 1)))
    }),
    { numRuns: rounds({ test: 150, soak: 5000 }) },
  )
  assert.deepEqual([...seen].toSorted(), ['read', 'refused'])
})

test('a large envelope says the same as a small one', async () => {
  const object = { type: 'x', text: 'y'.repeat(1000) }
  for (const count of [0, 1, 200]) {
    const body = Buffer.from(
      JSON.stringify({ next: 'n', objects: Array.from({ length: count }, () => object), more: true }),
    )
    assert.deepEqual(await readEnvelope(body), { hasObjects: count > 0, more: true, next: 'n' }, String(body.length))
  }
})
