// Roots out of the roots of complete subtrees: what a proof about two sizes of a tree comes down to. It reads no tiles, so
// that a browser checks with it too.
import { EMPTY_ROOT, hashNode } from './merkle.ts'

/**
 * The roots of a tree's first `from` leaves and of all its `to` leaves, out of the roots of the complete subtrees on each
 * side of `from` (as `subtreeRoots` gives them). Undefined where there are not as many as there must be.
 */
export function foldSubtrees(
  { from, to }: { readonly from: number; readonly to: number },
  left: readonly Uint8Array[],
  right: readonly Uint8Array[],
): { readonly fromRoot: Uint8Array; readonly toRoot: Uint8Array } | undefined {
  const shapes = [...alignedSubtrees(0, from), ...alignedSubtrees(from, to)]
  if (alignedSubtrees(0, from).length !== left.length || shapes.length !== left.length + right.length) return undefined
  const peaks: { height: number; index: number; hash: Uint8Array }[] = []
  for (const [i, shape] of shapes.entries()) {
    let { height, index } = shape
    let hash = (i < left.length ? left[i] : right[i - left.length]) as Uint8Array
    for (let last = peaks.at(-1); last?.height === height && index % 2 === 1; last = peaks.at(-1)) {
      hash = hashNode(last.hash, hash)
      peaks.pop()
      height += 1
      index = (index - 1) / 2
    }
    peaks.push({ height, index, hash })
  }
  return { fromRoot: foldPeaks(left), toRoot: foldPeaks(peaks.map(({ hash }) => hash)) }
}

/** Splits any range into the fewest complete subtrees that stand in the tree, from left to right. */
export function alignedSubtrees(start: number, end: number): { height: number; index: number }[] {
  const subtrees = []
  for (let at = start; at < end;) {
    let [height, leaves] = [0, 1]
    while (at % (leaves * 2) === 0 && leaves * 2 <= end - at) {
      height += 1
      leaves *= 2
    }
    subtrees.push({ height, index: at / leaves })
    at += leaves
  }
  return subtrees
}

/** The root over the roots of a tree's complete subtrees, from left to right (RFC 6962 section 2.1). */
export function foldPeaks(peaks: readonly Uint8Array[]): Uint8Array {
  return peaks.length === 0 ? EMPTY_ROOT : peaks.reduceRight((right, left) => hashNode(left, right))
}
