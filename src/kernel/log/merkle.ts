// Merkle trees as RFC 6962 section 2.1 hashes them, and the verification of proofs by whoever has no tree: that a leaf
// is in a tree (inclusion) and that a tree only grew (consistency). Subtrees, whose proofs the others are special
// cases of, follow draft-ietf-plants-merkle-tree-certs section 4. Everything here reads foreign data and answers
// true or false; counts may be of any size up to 2^64, because what a proof claims is the sender's to choose.
import { equalBytes, HASH_BYTES, sha256 } from '#kernel/hash.ts'
import { LIMITS } from '../limits.ts'

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES)
nodeInput[0] = 0x01

/** SHA-256(0x00 || entry). */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return sha256(input)
}

/** SHA-256(0x01 || left || right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_BYTES)
  return sha256(nodeInput)
}

/** A number of leaves or an index. A number that is not a safe integer never verifies. */
export type Count = number | bigint

export type InclusionClaim = {
  readonly index: Count
  readonly size: Count
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Uint8Array[]
}

/** Whether the leaf is at `index` of the tree of `size` leaves under `root`. */
export function verifyInclusion({ size, ...claim }: InclusionClaim): boolean {
  return verifySubtreeInclusion({ ...claim, start: 0n, end: size })
}

export type ConsistencyClaim = {
  readonly from: Count
  readonly to: Count
  readonly fromRoot: Uint8Array
  readonly toRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * Whether the tree of `to` leaves continues the tree of `from` leaves. NOTE: false for `from` 0, since every tree
 * continues the empty one and nothing was proved: callers take size 0 with EMPTY_ROOT and no proof by themselves.
 */
export function verifyConsistency({ from, to, fromRoot, toRoot, proof }: ConsistencyClaim): boolean {
  if (toCount(from) === 0n) return false
  return verifySubtreeConsistency({ start: 0n, end: from, size: to, subtreeRoot: fromRoot, root: toRoot, proof })
}

export type SubtreeInclusionClaim = Omit<InclusionClaim, 'size'> & { readonly start: Count; readonly end: Count }

/** Whether the leaf with `index` in the whole tree is in the subtree of leaves from `start` to before `end`. */
export function verifySubtreeInclusion(claim: SubtreeInclusionClaim): boolean {
  const { leafHash, root, proof } = claim
  const index = toCount(claim.index)
  const range = toRange(claim.start, claim.end)
  if (index === undefined || range === undefined || index < range.start || index >= range.end) return false
  if (!areHashes([leafHash, root]) || !isProof(proof)) return false
  let node = index - range.start
  let last = range.end - range.start - 1n
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0n) return false
    if (isOdd(node) || node === last) {
      hash = hashNode(sibling, hash)
      while (!isOdd(node) && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else {
      hash = hashNode(hash, sibling)
    }
    node >>= 1n
    last >>= 1n
  }
  return last === 0n && equalBytes(hash, root)
}

export type SubtreeConsistencyClaim = {
  readonly start: Count
  readonly end: Count
  readonly size: Count
  readonly subtreeRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Whether the subtree of leaves from `start` to before `end` is part of the tree of `size` leaves under `root`. */
export function verifySubtreeConsistency(claim: SubtreeConsistencyClaim): boolean {
  const { subtreeRoot, root, proof } = claim
  const range = toRange(claim.start, claim.end)
  const size = toCount(claim.size)
  if (range === undefined || size === undefined || range.end > size || !isProof(proof)) return false
  if (range.start === range.end) return proof.length === 0 && equalBytes(subtreeRoot, EMPTY_ROOT)
  if (range.start === 0n && range.end === size) return proof.length === 0 && equalBytes(subtreeRoot, root)
  if (!areHashes([subtreeRoot, root])) return false

  // The path of the subtree's first leaf, of its last, and of the tree's last, as they rise to the root.
  let first = range.start
  let last = range.end - 1n
  let end = size - 1n
  const rise = (): void => {
    first >>= 1n
    last >>= 1n
    end >>= 1n
  }
  // A subtree that ends where the tree ends is one node of it; else start from the largest complete node at its end.
  const whole = last === end
  while (first !== last && (whole || isOdd(last))) rise()

  const hashes = [...proof]
  const seed = first === last ? subtreeRoot : hashes.shift()
  if (seed === undefined) return false
  let subtreeHash = seed
  let treeHash = seed
  for (const sibling of hashes) {
    if (end === 0n) return false
    if (isOdd(last) || last === end) {
      if (first < last) subtreeHash = hashNode(sibling, subtreeHash)
      treeHash = hashNode(sibling, treeHash)
      while (!isOdd(last) && last !== 0n) rise()
    } else {
      treeHash = hashNode(treeHash, sibling)
    }
    rise()
  }
  return end === 0n && equalBytes(subtreeHash, subtreeRoot) && equalBytes(treeHash, root)
}

/** A subtree begins at a multiple of the smallest power of two that it fits in. */
function toRange(startCount: Count, endCount: Count): { start: bigint; end: bigint } | undefined {
  const start = toCount(startCount)
  const end = toCount(endCount)
  if (start === undefined || end === undefined || start > end) return undefined
  let span = 1n
  while (span < end - start) span <<= 1n
  return start % span === 0n ? { start, end } : undefined
}

function toCount(count: Count): bigint | undefined {
  if (typeof count === 'number') return Number.isSafeInteger(count) && count >= 0 ? BigInt(count) : undefined
  return count >= 0n && count < 2n ** 64n ? count : undefined
}

function isProof(proof: readonly Uint8Array[]): boolean {
  return proof.length <= LIMITS.proofHashesMax && areHashes(proof)
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES)
}

function isOdd(count: bigint): boolean {
  return (count & 1n) === 1n
}
