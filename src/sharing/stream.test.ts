import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { test } from 'node:test'

import fc from 'fast-check'

import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { dataFile, NO_DATA } from '#test/data.ts'

import type { SplitOptions } from './piece.ts'
import { splitObjects, type Piece } from './stream.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (let turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length
    yield bytes.slice(from, from + size)
    from += size
  }
}

type Outcome = { readonly pieces: Piece[]; readonly fault: Fault | undefined }

async function split(
  input: string | Uint8Array,
  sizes: readonly number[] = [],
  options: SplitOptions = {},
): Promise<Outcome> {
  const pieces: Piece[] = []
  const source = chunksOf(typeof input === 'string' ? encode(input) : input, sizes)
  try {
    for await (const batch of splitObjects(source, options)) pieces.push(...batch)
  } catch (error) {
    assert.ok(error instanceof Fault, String(error))
    return { pieces, fault: error }
  }
  return { pieces, fault: undefined }
}

async function texts(input: string): Promise<string[]> {
  const { pieces, fault } = await split(input)
  assert.equal(fault, undefined)
  for (const { bytes, offset } of pieces)
    assert.ok(
      Buffer.from(input)
        .subarray(offset, offset + bytes.length)
        .equals(bytes),
    )
  return pieces.map(({ bytes }) => Buffer.from(bytes).toString())
}

test('bundles, envelopes, lists, lines and single objects are told apart', async () => {
  assert.deepEqual(await texts('{"type":"bundle","id":"b","objects":[{"a":1}, {"b":[{}]}]}'), ['{"a":1}', '{"b":[{}]}'])
  assert.deepEqual(await texts('{"more":true,"next":"]}","objects":[{"a":1}],"x":{"objects":[1]}}\n'), ['{"a":1}'])
  assert.deepEqual(await texts('{"\\u006fbjects":[{"a":1}]}'), ['{"a":1}'])
  assert.deepEqual(await texts(' [ {"a":1} ,\n{"b":2}]'), ['{"a":1}', '{"b":2}'])
  assert.deepEqual(await texts('{"type":"report","objects":[1]}'), ['{"type":"report","objects":[1]}'])
  assert.deepEqual(await texts('{"type":"observed-data","objects":{"0":{}}}'), [
    '{"type":"observed-data","objects":{"0":{}}}',
  ])
  assert.deepEqual(await texts('{"a":1}\n\n {"b":2}\r\n{"c":3}'), ['{"a":1}', '{"b":2}', '{"c":3}'])
  assert.deepEqual(await texts('{\n"a":1}\n{\n"b":2\n}'), ['{\n"a":1}', '{\n"b":2\n}'])
  assert.deepEqual(await texts('{"objects":[{"a":1}]}{"objects":[]}[{"b":1}]'), ['{"a":1}', '{"b":1}'])
  for (const empty of ['{}', '[]', '{"objects":[]}', '{"type":"bundle"}']) assert.deepEqual(await texts(empty), [])
})

test('a piece knows its place, its depth and its keys', async () => {
  const { pieces } = await split('{"objects":[\n{"a":{"b":1}},\n\n{"c":\n[]} ]}')
  assert.deepEqual(
    pieces.map((piece) => ({ ...piece, bytes: piece.bytes.length })),
    [
      { bytes: 13, offset: 13, end: 26, index: 0, line: 2, lineEnd: 2, depth: 2, colons: 2 },
      { bytes: 9, offset: 29, end: 38, index: 1, line: 4, lineEnd: 5, depth: 2, colons: 1 },
    ],
  )
  const [single] = (await split('{"a":{"b":[1]}}')).pieces
  assert.deepEqual([single?.depth, single?.colons], [3, 2])
})

test('one bad line among good ones is one bad piece', async () => {
  const { pieces, fault } = await split('{"a":1}\n{"b":{\n"\nnonsense\n{"c":"\\"}\n{"d":1}\n')
  assert.equal(fault, undefined)
  assert.deepEqual(
    pieces.map(({ bytes, line }) => [Buffer.from(bytes).toString(), line]),
    [
      ['{"a":1}', 1],
      ['{"b":{', 2],
      ['"', 3],
      ['nonsense', 4],
      ['{"c":"\\"}', 5],
      ['{"d":1}', 6],
    ],
  )
})

test('a cut source yields its whole objects, then the fault', async () => {
  for (const [text, count] of [
    ['{"objects":[{"a":1},{"b":2},{"c":', 2],
    ['{"objects":[{"a":1},{"b":2}', 2],
    ['{"objects":[{"a":1},{"b":2}]', 2],
    ['[{"a":1},', 1],
    ['{"a":1}\n{"b":2', 1],
    ['{"a":1', 0],
    ['{"type":"bun', 0],
    ['', 0],
  ] as const) {
    const { pieces, fault } = await split(text)
    assert.equal(pieces.length, count, text)
    assert.equal(fault?.code, 'input.malformed', text)
    assert.ok(fault?.place?.endsWith(`byte ${text.length}`), `${text}: ${fault?.place}`)
  }
})

test('broken structure is a fault with its byte', async () => {
  for (const [text, byte] of [
    ['hello', 0],
    ['\ufeff{}', 0],
    ['{"objects":[{"a":1} {"b":1}]}', 20],
    ['{"objects":[{"a":1},]}', 20],
    ['{"objects":[,{"a":1}]}', 12],
    ['{"objects":[]} x', 15],
    ['{"objects":[],"objects":[]}', 24],
    ['{a:1}', 1],
    ['{"a" 1}', 5],
    ['{"a":}', 5],
    ['{"a":1 "b":2}', 7],
    ['[}', 1],
  ] as const) {
    const { fault } = await split(text)
    assert.equal(fault?.place, `line 1, byte ${byte}`, text)
  }
})

test('an object above the limit is refused and the stream goes on', async () => {
  const large = `{"a":"${'x'.repeat(LIMITS.recordBytesMax)}"}`
  for (const text of [
    `{"objects":[{"b":1},${large},{"c":1}]}`,
    `{"b":1}\n${large}\n{"c":1}\n`,
    `[{"b":1},${large},{"c":1}]`,
  ]) {
    for (const size of [1 << 16, 1 << 30]) {
      const { pieces, fault } = await split(text, [size])
      assert.equal(fault, undefined)
      assert.deepEqual(
        pieces.map((piece) => [piece.index, piece.refused?.code, piece.bytes.length, piece.end - piece.offset]),
        [
          [0, undefined, 7, 7],
          [1, 'input.too-large', 0, large.length],
          [2, undefined, 7, 7],
        ],
      )
      assert.match(pieces[1]?.refused?.place ?? '', /byte/)
    }
  }
  const { pieces } = await split(large, [1 << 16])
  assert.equal(pieces[0]?.refused?.code, 'input.too-large')
})

const values = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ stringUnit: 'binary' }), { minKeys: 1 }), {
  maxLength: 6,
})
const shapes = fc.constantFrom(
  (list: readonly object[]) => JSON.stringify({ type: 'bundle', id: 'x', objects: list }),
  (list: readonly object[]) => JSON.stringify({ objects: list, more: false }, null, 2),
  (list: readonly object[]) => JSON.stringify(list, null, '\t'),
  (list: readonly object[]) => list.map((item) => `${JSON.stringify(item)}\n`).join(''),
  (list: readonly object[]) => list.map((item) => JSON.stringify(item, null, 1)).join('\n'),
)
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })

test('any chunking gives the same pieces and the same fault', async () => {
  const damage = fc.option(fc.tuple(fc.nat(), fc.constantFrom('', '"', '{', ']', '\\', '\n', ',')), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(values, shapes, sizes, damage, async (list, shape, cuts, hurt) => {
      let text = shape(list)
      if (hurt !== undefined) {
        const at = hurt[0] % (text.length + 1)
        text = text.slice(0, at) + hurt[1] + (hurt[1] === '' ? '' : text.slice(at))
      }
      const whole = await split(text)
      const cut = await split(text, cuts)
      const plain = ({ pieces, fault }: Outcome) => [
        pieces.map((piece) => ({ ...piece, bytes: Buffer.from(piece.bytes).toString() })),
        fault?.message,
        fault?.place,
      ]
      assert.deepEqual(plain(cut), plain(whole))
      if (hurt !== undefined || list.some((item) => 'objects' in item || 'type' in item)) return
      assert.equal(whole.fault?.message, text === '' ? whole.fault?.message : undefined)
      assert.deepEqual(
        whole.pieces.map((piece) => parseJson(piece.bytes, { scanned: piece })),
        list.map((item) => JSON.parse(JSON.stringify(item))),
      )
    }),
    { numRuns: 300 },
  )
})

test('resuming after any piece gives the rest', async () => {
  await fc.assert(
    fc.asyncProperty(values, shapes, sizes, async (list, shape, cuts) => {
      const bytes = encode(shape(list))
      const whole = await split(bytes)
      for (const [at, piece] of whole.pieces.entries()) {
        const options = { startOffset: piece.end, startIndex: piece.index + 1, startLine: piece.lineEnd }
        const rest = await split(bytes.slice(piece.end), cuts, options)
        assert.deepEqual(
          rest.pieces.map((item) => ({ ...item, bytes: Buffer.from(item.bytes) })),
          whole.pieces.slice(at + 1).map((item) => ({ ...item, bytes: Buffer.from(item.bytes) })),
        )
        assert.equal(rest.fault?.place, whole.fault?.place)
      }
    }),
    { numRuns: 100 },
  )
})

test('resuming before a bad line of many still gives the rest', async () => {
  for (const bad of ['{"b":{', 'nonsense', '{"c":"']) {
    const text = `{"a":1}\n${bad}\n{"d":1}`
    const { pieces, fault } = await split(text.slice(7), [], { startOffset: 7 })
    assert.equal(fault, undefined)
    assert.deepEqual(
      pieces.map(({ bytes }) => Buffer.from(bytes).toString()),
      [bad, '{"d":1}'],
    )
  }
  assert.equal((await split('"x":1}', [], { startOffset: 7 })).fault?.code, 'input.malformed')
})

test('a real bundle comes out object by object', async (t) => {
  const file = dataFile('attack/ics-attack-18.1.json')
  if (file === undefined) return t.skip(NO_DATA)
  let count = 0
  for await (const batch of splitObjects(createReadStream(file))) {
    for (const piece of batch) {
      const value = parseJson(piece.bytes, { scanned: piece }) as { id: string }
      assert.match(value.id, /--/)
      count++
    }
  }
  assert.equal(count, 1826)
})
