import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { EMPTY_ROOT, hashLeaf, hashNode, verifyConsistency, verifyInclusion } from './merkle.ts'
import { tileLevels, tileWidth } from './tile.ts'
import { appendLeaves, proveConsistency, proveInclusion, treeRoot, type GrownTree, type ReadTile } from './tree.ts'

const leaf = (n: number): Uint8Array => hashLeaf(new TextEncoder().encode(`leaf ${n}`))
const LEAVES = Array.from({ length: 1000 }, (_, n) => leaf(n))

/** MTH of RFC 6962 section 2.1, as it stands there. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return EMPTY_ROOT
  if (leaves.length === 1) return leaves[0] as Uint8Array
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hashNode(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)))
}

/** Tiles as a store would keep them. */
class Tiles {
  readonly stored = new Map<string, Uint8Array>()
  reads = 0
  readonly readTile: ReadTile = (level, index) => {
    this.reads += 1
    return this.stored.get(`${level}/${index}`)
  }

  put({ tiles }: GrownTree): void {
    for (const { level, index, bytes } of tiles) this.stored.set(`${level}/${index}`, bytes)
  }
}

function grow(size: number): Tiles {
  const tiles = new Tiles()
  const leaves = Array.from({ length: size }, (_, n) => LEAVES[n] ?? leaf(n))
  tiles.put(appendLeaves({ size: 0, readTile: tiles.readTile }, leaves))
  return tiles
}

test('every tree of 0 to 600 leaves has the root of RFC 6962, however the batches fall', () => {
  const roots = Array.from({ length: 601 }, (_, size) => naiveRoot(LEAVES.slice(0, size)))
  const batches = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 300 })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(batches, fc.boolean(), (counts, keepPeaks) => {
      const tiles = new Tiles()
      let [size, peaks]: [number, readonly Uint8Array[] | undefined] = [0, undefined]
      for (const count of counts) {
        if (size + count > 600) continue
        const tree = { size, readTile: tiles.readTile, ...(peaks === undefined || !keepPeaks ? {} : { peaks }) }
        const grown = appendLeaves(tree, LEAVES.slice(size, size + count))
        tiles.put(grown)
        size += count
        peaks = grown.peaks
        assert.equal(grown.size, size)
        assert.deepEqual(grown.root, roots[size])
        assert.deepEqual(treeRoot(size, tiles.readTile), roots[size])
        checkShape(tiles, size)
      }
    }),
    { numRuns: 60 },
  )
  const oneByOne = new Tiles()
  for (let size = 0; size < 600; size++) {
    const grown = appendLeaves({ size, readTile: oneByOne.readTile }, [LEAVES[size] as Uint8Array])
    oneByOne.put(grown)
    assert.deepEqual(grown.root, roots[size + 1])
  }
  for (let size = 0; size <= 600; size++) assert.deepEqual(treeRoot(size, oneByOne.readTile), roots[size])
})

test('70,000 leaves have the tiles that the specification says, and one batch reads one tile a level', () => {
  const tiles = new Tiles()
  const leaves = Array.from({ length: 70_000 }, (_, n) => leaf(n))
  const sizes = [0, 1, 255, 256, 257, 1000, 65_535, 65_536, 69_999, 70_000]
  let peaks: readonly Uint8Array[] = []
  for (const [i, size] of sizes.slice(1).entries()) {
    const from = sizes[i] ?? 0
    tiles.reads = 0
    const grown = appendLeaves({ size: from, readTile: tiles.readTile, peaks }, leaves.slice(from, size))
    assert.ok(tiles.reads <= 3)
    tiles.put(grown)
    peaks = grown.peaks
    checkShape(tiles, size)
  }
  assert.deepEqual(treeRoot(70_000, tiles.readTile), naiveRoot(leaves))
  const root = treeRoot(70_000, tiles.readTile)
  for (const index of [0, 1, 255, 256, 65_535, 65_536, 69_888, 69_999]) {
    tiles.reads = 0
    const proof = proveInclusion(index, 70_000, tiles.readTile)
    assert.ok(tiles.reads <= 6)
    assert.ok(verifyInclusion({ index, size: 70_000, leafHash: leaf(index), root, proof }))
  }
})

test('every inclusion proof of small trees verifies, at its own place and size only', () => {
  const tiles = grow(300)
  for (const size of [1, 2, 3, 7, 8, 255, 256, 257, 300]) {
    const root = treeRoot(size, tiles.readTile)
    for (let index = 0; index < size; index++) {
      const leafHash = LEAVES[index] as Uint8Array
      const proof = proveInclusion(index, size, tiles.readTile)
      assert.ok(verifyInclusion({ index, size, leafHash, root, proof }), `${index} of ${size}`)
      assert.equal(verifyInclusion({ index: index + 1, size, leafHash, root, proof }), false)
      assert.equal(verifyInclusion({ index, size, leafHash: leaf(9999), root, proof }), false)
      assert.equal(verifyInclusion({ index, size, leafHash, root, proof: [...proof, root] }), false)
      if (size > 1) assert.equal(verifyInclusion({ index, size, leafHash, root, proof: proof.slice(1) }), false)
    }
  }
})

test('every consistency proof of small trees verifies, and none shows that a tree shrank', () => {
  const tiles = grow(300)
  const sizes = [...Array.from({ length: 20 }, (_, n) => n), 127, 128, 255, 256, 257, 299, 300]
  for (const from of sizes) {
    for (const to of sizes.filter((size) => size >= from)) {
      const [fromRoot, toRoot] = [treeRoot(from, tiles.readTile), treeRoot(to, tiles.readTile)]
      const proof = proveConsistency(from, to, tiles.readTile)
      assert.equal(verifyConsistency({ from, to, fromRoot, toRoot, proof }), from > 0, `${from} to ${to}`)
      if (from === to) continue
      assert.equal(verifyConsistency({ from: to, to: from, fromRoot: toRoot, toRoot: fromRoot, proof }), false)
      assert.equal(verifyConsistency({ from, to, fromRoot: EMPTY_ROOT, toRoot, proof }), false)
      assert.equal(verifyConsistency({ from, to, fromRoot, toRoot: EMPTY_ROOT, proof }), false)
    }
  }
})

test('any flipped bit of a proof is noticed', () => {
  const tiles = grow(200)
  const proof = proveConsistency(77, 200, tiles.readTile)
  const [fromRoot, toRoot] = [treeRoot(77, tiles.readTile), treeRoot(200, tiles.readTile)]
  for (const [i, hash] of proof.entries()) {
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Uint8Array.from(hash)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.equal(verifyConsistency({ from: 77, to: 200, fromRoot, toRoot, proof: proof.with(i, flipped) }), false)
    }
  }
})

test('hashes that lie behind the size are not part of the tree', () => {
  const tiles = grow(300)
  const grown = appendLeaves({ size: 260, readTile: tiles.readTile }, [leaf(5000)])
  assert.deepEqual(grown.root, naiveRoot([...LEAVES.slice(0, 260), leaf(5000)]))
  assert.deepEqual(
    grown.tiles.map(({ level, index, bytes }) => [level, index, bytes.length / 32]),
    [[0, 1, 5]],
  )
})

test('appending nothing changes no tile', () => {
  const tiles = grow(300)
  const grown = appendLeaves({ size: 300, readTile: tiles.readTile }, [])
  assert.deepEqual([grown.size, grown.tiles.length], [300, 0])
  assert.deepEqual(appendLeaves({ size: 0, readTile: tiles.readTile }, []).root, EMPTY_ROOT)
})

test('what the store hands out is not written into, and what is answered is not written into later', () => {
  const tiles = grow(10)
  const before = Uint8Array.from(tiles.stored.get('0/0') ?? [])
  const first = appendLeaves({ size: 10, readTile: tiles.readTile }, [leaf(10)])
  appendLeaves({ size: 10, readTile: tiles.readTile }, [leaf(11)])
  assert.deepEqual(tiles.stored.get('0/0'), before)
  assert.deepEqual(first.tiles[0]?.bytes.subarray(320), leaf(10))
})

test('a missing or short tile is said, not guessed', () => {
  const tiles = grow(300)
  tiles.stored.delete('0/1')
  const damage = { code: 'storage.failed' }
  assert.throws(() => appendLeaves({ size: 300, readTile: tiles.readTile }, [leaf(1)]), damage)
  assert.throws(() => treeRoot(300, tiles.readTile), damage)
  assert.throws(() => proveInclusion(299, 300, tiles.readTile), damage)
  tiles.stored.set('0/1', new Uint8Array(32))
  assert.throws(() => proveConsistency(257, 300, tiles.readTile), damage)
})

test('places and sizes that cannot be are refused', () => {
  const { readTile } = grow(5)
  const refused = { code: 'input.invalid' }
  for (const index of [-1, 5, 1.5, Number.NaN]) assert.throws(() => proveInclusion(index, 5, readTile), refused)
  for (const from of [-1, 6, 0.5]) assert.throws(() => proveConsistency(from, 5, readTile), refused)
  for (const size of [-1, 2 ** 53, Number.NaN]) assert.throws(() => treeRoot(size, readTile), refused)
  assert.throws(() => appendLeaves({ size: Number.MAX_SAFE_INTEGER, readTile }, [leaf(0)]), refused)
})

/** Exactly the tiles of a tree of this size are there, each as wide as it must be. */
function checkShape(tiles: Tiles, size: number): void {
  let count = 0
  for (const [level, { full, partial }] of tileLevels(size).entries()) {
    count += full + (partial > 0 ? 1 : 0)
    for (const index of [0, full - 1, full]) {
      const width = index < 0 ? 0 : tileWidth(level, index, size)
      if (width > 0)
        assert.equal(tiles.stored.get(`${level}/${index}`)?.length, width * 32, `${level}/${index} of ${size}`)
    }
  }
  assert.equal(tiles.stored.size, count)
}
