// A Merkle tree over stored tiles: how it grows and how it proves. Nothing here stores anything: a tree is its size and
// a way to read tiles, growing answers which tiles changed, and the caller writes them in its own transaction.
// Appending costs one hash per leaf (beside the leaf hash) and one read per level; a caller that keeps the `peaks`
// between batches also saves the rehashing of the last tiles.
import { strict as assert } from 'node:assert'
import { Fault } from '../fault.ts'
import { HASH_BYTES } from '../hash.ts'
import { alignedSubtrees, foldPeaks } from './fold.ts'
import { hashNode } from './merkle.ts'
import { hashesAtLevel, TILE_WIDTH } from './tile.ts'

/** The stored hashes of a tile, one after the other: all there are, a prefix of the full tile. */
export type ReadTile = (level: number, index: number) => Uint8Array | undefined

export type Tree = {
  readonly size: number
  readonly readTile: ReadTile
  /** The `peaks` that the last append answered; they must belong to this very tree. */
  readonly peaks?: readonly Uint8Array[]
}

export type Tile = { readonly level: number; readonly index: number; readonly bytes: Uint8Array }

export type GrownTree = {
  readonly size: number
  readonly root: Uint8Array
  /** The tiles that changed, each whole as far as it goes. */
  readonly tiles: readonly Tile[]
  /** Roots of the complete subtrees from left to right, one per bit of the size. */
  readonly peaks: readonly Uint8Array[]
}

/** Height of a tile: a hash of level l is the root of 2^(8l) leaves. */
const TILE_HEIGHT = 8

/** Adds leaves at the end. Throws `storage.failed` where a tile at the end of the tree is missing or too short. */
export function appendLeaves(tree: Tree, leafHashes: readonly Uint8Array[]): GrownTree {
  let size = tree.size
  assertCount(size + leafHashes.length)
  const peaks = [...(tree.peaks ?? findPeaks(size, tree.readTile))]
  assert.equal(peaks.length, countBits(size), 'the peaks belong to another tree')
  const edge = new Edge(size, tree.readTile)
  for (const leafHash of leafHashes) {
    assert.equal(leafHash.length, HASH_BYTES)
    edge.push(0, leafHash)
    let hash = leafHash
    let height = 0
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = hashNode(peaks.pop() ?? assert.fail(), hash)
      height += 1
      if (height % TILE_HEIGHT === 0) edge.push(height / TILE_HEIGHT, hash)
    }
    peaks.push(hash)
    size += 1
  }
  return { size, root: foldPeaks(peaks), tiles: edge.finish(), peaks }
}

/** The root of the tree's first `size` leaves. Throws `storage.failed` where tiles are missing. */
export function treeRoot(size: number, readTile: ReadTile): Uint8Array {
  assertCount(size)
  return foldPeaks(findPeaks(size, readTile))
}

/** The proof that leaf `index` is in the tree of `size` leaves (RFC 6962 section 2.1.1), leaf's sibling first. */
export function proveInclusion(index: number, size: number, readTile: ReadTile): Uint8Array[] {
  assertCount(size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new Fault('input.invalid', `there is no leaf ${index} in a log of ${size}`)
  }
  const read = readOnce(readTile)
  const proof: Uint8Array[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    proof.push(index < middle ? rangeRoot(middle, end, read) : rangeRoot(start, middle, read))
    if (index < middle) end = middle
    else start = middle
  }
  return proof.reverse()
}

/** The proof that the tree of `to` leaves continues that of `from` (RFC 6962 section 2.1.2); empty for 0 and `to`. */
export function proveConsistency(from: number, to: number, readTile: ReadTile): Uint8Array[] {
  assertCount(to)
  if (!Number.isSafeInteger(from) || from < 0 || from > to) {
    throw new Fault('input.invalid', `a log of ${to} leaves does not continue one of ${from}`)
  }
  if (from === 0 || from === to) return []
  const read = readOnce(readTile)
  const proof: Uint8Array[] = []
  let [start, end] = [0, to]
  while (from < end) {
    const middle = start + splitPoint(end - start)
    proof.push(from <= middle ? rangeRoot(middle, end, read) : rangeRoot(start, middle, read))
    if (from <= middle) end = middle
    else start = middle
  }
  // What is left is the last complete subtree of the old tree; at start 0 it is the whole old tree, known to all.
  if (start > 0) proof.push(rangeRoot(start, end, read))
  return proof.reverse()
}

/** The roots of the complete subtrees that make up leaves `from` to before `to`, from left to right. */
export function subtreeRoots(from: number, to: number, readTile: ReadTile): Uint8Array[] {
  return alignedSubtrees(from, to).map(({ height, index }) => nodeHash(height, index, readTile))
}

/** The tiles at the end of a tree while it grows: one open tile per level. */
class Edge {
  readonly #size: number
  readonly #readTile: ReadTile
  readonly #open: { index: number; width: number; bytes: Uint8Array }[] = []
  readonly #full: Tile[] = []

  constructor(size: number, readTile: ReadTile) {
    this.#size = size
    this.#readTile = readTile
  }

  push(level: number, hash: Uint8Array): void {
    const tile = (this.#open[level] ??= this.#load(level))
    tile.bytes.set(hash, tile.width * HASH_BYTES)
    tile.width += 1
    if (tile.width < TILE_WIDTH) return
    this.#full.push({ level, index: tile.index, bytes: tile.bytes })
    this.#open[level] = emptyTile(tile.index + 1)
  }

  finish(): Tile[] {
    const partial = this.#open.map(({ index, width, bytes }, level) => {
      return { level, index, bytes: bytes.slice(0, width * HASH_BYTES) }
    })
    return [...this.#full, ...partial.filter(({ bytes }) => bytes.length > 0)]
  }

  #load(level: number): { index: number; width: number; bytes: Uint8Array } {
    const hashes = hashesAtLevel(level, this.#size)
    const width = hashes % TILE_WIDTH
    const tile = emptyTile((hashes - width) / TILE_WIDTH)
    if (width > 0) tile.bytes.set(readHashes(this.#readTile, level, hashes - width, width))
    return { ...tile, width }
  }
}

function emptyTile(index: number): { index: number; width: number; bytes: Uint8Array } {
  return { index, width: 0, bytes: new Uint8Array(TILE_WIDTH * HASH_BYTES) }
}

/** The roots of the complete subtrees that make up the first `size` leaves. */
function findPeaks(size: number, readTile: ReadTile): Uint8Array[] {
  return completeSubtrees(0, size).map(({ height, index }) => nodeHash(height, index, readTile))
}

/** The root of leaves `start` to before `end`, where `start` is where a subtree of that length may begin. */
function rangeRoot(start: number, end: number, readTile: ReadTile): Uint8Array {
  return foldPeaks(completeSubtrees(start, end).map(({ height, index }) => nodeHash(height, index, readTile)))
}

/** Splits a range into complete subtrees, the largest first. */
function completeSubtrees(start: number, end: number): { height: number; index: number }[] {
  const subtrees = []
  for (let at = start; at < end;) {
    let [height, leaves] = [0, 1]
    while (leaves * 2 <= end - at) {
      height += 1
      leaves *= 2
    }
    subtrees.push({ height, index: at / leaves })
    at += leaves
  }
  return subtrees
}

/** The root of the complete subtree of 2^height leaves that begins at leaf index * 2^height. */
function nodeHash(height: number, index: number, readTile: ReadTile): Uint8Array {
  const level = Math.floor(height / TILE_HEIGHT)
  const span = 2 ** (height % TILE_HEIGHT)
  const bytes = readHashes(readTile, level, index * span, span)
  let hashes = Array.from({ length: span }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
  while (hashes.length > 1) {
    hashes = Array.from({ length: hashes.length / 2 }, (_, i) => {
      return hashNode(hashes[2 * i] ?? assert.fail(), hashes[2 * i + 1] ?? assert.fail())
    })
  }
  return (hashes[0] ?? assert.fail()).slice()
}

/** `count` hashes of a level from hash `first` on; they never cross a tile's border. */
function readHashes(readTile: ReadTile, level: number, first: number, count: number): Uint8Array {
  const offset = first % TILE_WIDTH
  const index = (first - offset) / TILE_WIDTH
  const bytes = readTile(level, index)
  if (bytes === undefined || bytes.length < (offset + count) * HASH_BYTES) {
    throw new Fault('storage.failed', `tile ${index} of level ${level} is missing or too short`, {
      remedy: 'Restore the data folder from a backup; peers that mirror this log can return it.',
    })
  }
  return bytes.subarray(offset * HASH_BYTES, (offset + count) * HASH_BYTES)
}

function readOnce(readTile: ReadTile): ReadTile {
  const seen = new Map<string, Uint8Array | undefined>()
  return (level, index) => {
    const key = `${level}/${index}`
    if (!seen.has(key)) seen.set(key, readTile(level, index))
    return seen.get(key)
  }
}

/** The largest power of two below `count`, where RFC 6962 splits a tree; `count` is at least 2. */
function splitPoint(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

function countBits(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}

function assertCount(size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return
  throw new Fault('input.invalid', `a log has 0 to 2^53 - 1 leaves, not ${size}`)
}
