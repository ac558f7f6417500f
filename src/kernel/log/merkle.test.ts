import { strict as assert } from 'node:assert'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { dataFile, NO_DATA } from '#test/data.ts'
import {
  EMPTY_ROOT,
  hashLeaf,
  hashNode,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './merkle.ts'

test('hashes are those of RFC 6962', () => {
  assert.equal(EMPTY_ROOT.toHex(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(hashLeaf(new Uint8Array(0)).toHex(), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
  const node = hashNode(new TextEncoder().encode('N123'.padEnd(32, '.')), EMPTY_ROOT)
  assert.notDeepEqual(node, hashNode(EMPTY_ROOT, new TextEncoder().encode('N123'.padEnd(32, '.'))))
})

test('a count that is not a safe integer verifies nothing', () => {
  const leafHash = hashLeaf(new Uint8Array(0))
  const claim = { index: 0, size: 1, leafHash, root: leafHash, proof: [] }
  assert.ok(verifyInclusion(claim))
  for (const size of [Number.NaN, 1.5, -1, 2 ** 53, Number.POSITIVE_INFINITY, 2n ** 64n, -1n]) {
    assert.equal(verifyInclusion({ ...claim, size }), false)
    assert.equal(verifyConsistency({ from: size, to: size, fromRoot: leafHash, toRoot: leafHash, proof: [] }), false)
  }
})

test('a proof of more hashes than a tree has levels is refused before it is hashed', () => {
  const leafHash = hashLeaf(new Uint8Array(0))
  const proof = Array.from({ length: 10_000 }, () => leafHash)
  assert.equal(verifyInclusion({ index: 0, size: 2n ** 63n, leafHash, root: leafHash, proof }), false)
})

type Vector = {
  readonly leafIdx: bigint
  readonly treeSize: bigint
  readonly size1: bigint
  readonly size2: bigint
  readonly start: bigint
  readonly end: bigint
  readonly size: bigint
  readonly root: string
  readonly root1: string
  readonly root2: string
  readonly leafHash: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.fromBase64(text)
const proofOf = ({ proof }: Vector): Uint8Array[] => (proof ?? []).map(fromBase64)

const FAMILIES: Record<string, { count: number; verify: (vector: Vector) => boolean }> = {
  inclusion: {
    count: 98,
    verify: (v) =>
      verifyInclusion({
        index: v.leafIdx,
        size: v.treeSize,
        leafHash: fromBase64(v.leafHash),
        root: fromBase64(v.root),
        proof: proofOf(v),
      }),
  },
  consistency: {
    count: 98,
    verify: (v) =>
      verifyConsistency({
        from: v.size1,
        to: v.size2,
        fromRoot: fromBase64(v.root1),
        toRoot: fromBase64(v.root2),
        proof: proofOf(v),
      }),
  },
  subtreeinclusion: {
    count: 204,
    verify: (v) =>
      verifySubtreeInclusion({
        index: v.leafIdx,
        start: v.start,
        end: v.end,
        leafHash: fromBase64(v.leafHash),
        root: fromBase64(v.root),
        proof: proofOf(v),
      }),
  },
  subtreeconsistency: {
    count: 118,
    verify: (v) =>
      verifySubtreeConsistency({
        start: v.start,
        end: v.end,
        size: v.size,
        subtreeRoot: fromBase64(v.root1),
        root: fromBase64(v.root2),
        proof: proofOf(v),
      }),
  },
}

for (const [family, { count, verify }] of Object.entries(FAMILIES)) {
  test(`the published ${family} vectors pass whole`, (t) => {
    const folder = dataFile(`tlog/merkle/${family}`)
    if (folder === undefined) return t.skip(NO_DATA)
    const paths = globSync('**/*.json', { cwd: folder })
    assert.equal(paths.length, count)
    for (const path of paths) {
      const vector = readVector(`${folder}/${path}`)
      assert.equal(verify(vector), !vector.wantErr, path)
    }
  })
}

/** Integers as bigint, taken from their text: some exceed 2^53. */
function readVector(path: string): Vector {
  const revive = (_key: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === 'number' && source !== undefined ? BigInt(source) : value
  return JSON.parse(readFileSync(path, 'utf8'), revive as (key: string, value: unknown) => unknown) as Vector
}
