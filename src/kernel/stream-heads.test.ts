import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '#test/store.ts'
import { rounds } from '#test/rounds.ts'
import { sha256 } from './hash.ts'
import {
  decodeHeads,
  drawHeads,
  encodeHeads,
  headLeaf,
  holdsHead,
  nextHeight,
  type StreamHead,
} from './stream-heads.ts'

const head = (n: number): StreamHead => ({ recipient: `m${n}.example`, seq: n, hash: sha256(Buffer.from(`item ${n}`)) })

test('each recipient finds its head under the root, and nobody else’s', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (count, seed) => {
      const heads = Array.from({ length: count }, (_, n) => head(n))
      const height = Math.max(4, Math.ceil(Math.log2(2 * count)))
      const { root, places } = drawHeads(heads, height, seededRandom(`${seed}`))
      const content = encodeHeads(height, root)
      assert.equal(new Set(places.map(({ place }) => place)).size, count)
      for (const [n, each] of heads.entries()) {
        const place = places[n] as (typeof places)[number]
        assert.ok(holdsHead(content, each, place))
        assert.ok(!holdsHead(content, { ...each, recipient: 'other.example' }, place))
        assert.ok(!holdsHead(content, { ...each, seq: each.seq + 1 }, place))
        assert.ok(!holdsHead(content, { ...each, hash: sha256(each.hash) }, place))
        if (count > 1) assert.ok(!holdsHead(content, each, places[(n + 1) % count] as (typeof places)[number]))
      }
    }),
    { numRuns: rounds({ test: 50, soak: 2000 }) },
  )
})

test('a path too long or short, a place beyond the width, and odd widths hold nothing', () => {
  const { root, places } = drawHeads([head(1)], 4, seededRandom('odd'))
  const [place] = places as [(typeof places)[number]]
  const content = encodeHeads(4, root)
  assert.ok(holdsHead(content, head(1), place))
  assert.ok(!holdsHead(content, head(1), { ...place, path: place.path.slice(1) }))
  assert.ok(!holdsHead(content, head(1), { ...place, path: [...place.path, root] }))
  assert.ok(!holdsHead(content, head(1), { ...place, place: place.place + 16 }))
  assert.ok(!holdsHead(content, head(1), { ...place, place: -1 }))
  assert.ok(!holdsHead(content, head(1), { ...place, salt: place.salt.slice(1) }))
  for (const width of [0, 1, 8, 15, 17, 48, 65_535]) {
    const odd = Buffer.from(content)
    odd.writeUInt16BE(width)
    assert.equal(decodeHeads(odd), undefined, `${width}`)
    assert.ok(!holdsHead(odd, head(1), place))
  }
  assert.equal(decodeHeads(content.slice(1)), undefined)
})

test('no foreign bytes make the reader do anything but refuse', () => {
  const { root, places } = drawHeads([head(1)], 4, seededRandom('fuzz'))
  const [place] = places as [(typeof places)[number]]
  const content = encodeHeads(4, root)
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.double(),
      fc.array(fc.uint8Array({ maxLength: 40 })),
      (bytes, n, path) => {
        assert.ok(!holdsHead(bytes, head(1), place))
        if (n !== place.place) assert.ok(!holdsHead(content, head(1), { ...place, place: n }))
        assert.ok(!holdsHead(content, head(1), { ...place, path }))
      },
    ),
    { numRuns: rounds({ test: 200, soak: 20_000 }) },
  )
})

test('there is room for twice the streams, and how much more is chance', () => {
  const random = seededRandom('height')
  const first = new Set(Array.from({ length: 100 }, () => nextHeight(undefined, 3, random)))
  assert.deepEqual([...first].toSorted(), [4, 5, 6])
  assert.equal(nextHeight(4, 9, random), 5, 'what must grow grows at once')
  assert.equal(nextHeight(5, 1, random), 5, 'it never shrinks')
  const early = Array.from({ length: 1000 }, () => nextHeight(5, 12, random)).filter((height) => height === 6).length
  assert.ok(early > 5 && early < 100, `${early} of 1000 grew before they had to`)
  assert.ok(Array.from({ length: 1000 }, () => nextHeight(5, 10, random)).every((height) => height === 5))
})

test('the vector of heads is met', () => {
  const vector = JSON.parse(readFileSync(new URL('../../test/vectors/heads.json', import.meta.url), 'utf8')) as {
    height: number
    width: number
    heads: { recipient: string; seq: number; hash: string; salt: string; leaf: string; place: number; path: string[] }[]
    root: string
    content: string
  }
  const content = Buffer.from(vector.content, 'hex')
  assert.equal(
    content.toString('hex'),
    Buffer.from(encodeHeads(vector.height, Buffer.from(vector.root, 'hex'))).toString('hex'),
  )
  assert.equal(content.readUInt16BE(), vector.width)
  for (const { recipient, seq, hash, salt, leaf, place, path } of vector.heads) {
    const each = { recipient, seq, hash: Buffer.from(hash, 'hex') }
    assert.equal(Buffer.from(headLeaf(Buffer.from(salt, 'hex'), each)).toString('hex'), leaf)
    assert.ok(
      holdsHead(content, each, {
        place,
        salt: Buffer.from(salt, 'hex'),
        path: path.map((step) => Buffer.from(step, 'hex')),
      }),
    )
  }
})
