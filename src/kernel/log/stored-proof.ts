// Inclusion in a stored log, for readers: loads the few tiles a proof needs and lets the pure code build and check it.
import type { Reader } from '../store/types.ts'
import type { Checkpoint } from './checkpoint.ts'
import { hashLeaf, verifyInclusion } from './merkle.ts'
import { loadTile } from './tile-store.ts'
import { TILE_WIDTH } from './tile.ts'
import { proveConsistency, proveInclusion, type ReadTile } from './tree.ts'

/** The proof hashes for a leaf of a stored log at a size the log has reached. */
export async function storedInclusionProof(
  reader: Reader,
  log: number,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  return proveInclusion(index, size, await tilesFor(reader, log, index, size))
}

/** The proof that a stored log of `to` leaves continues the one of `from` (RFC 6962 section 2.1.2). */
export async function storedConsistencyProof(
  reader: Reader,
  log: number,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  return proveConsistency(from, to, await edgeTiles(reader, log, [from, to]))
}

/** The stored tiles at the right edge of a log at these sizes: all that growing it, its root there, and a proof between them need. */
export async function edgeTiles(store: Reader, log: number, sizes: readonly number[]): Promise<ReadTile> {
  const tiles = new Map<string, Uint8Array | undefined>()
  for (const size of sizes)
    for (let level = 0, width = size; width > 0; level += 1) {
      for (const n of [Math.floor((width - 1) / TILE_WIDTH), Math.floor(width / TILE_WIDTH)])
        if (!tiles.has(`${level}/${n}`)) tiles.set(`${level}/${n}`, await loadTile(store, log, level, n))
      width = Math.floor(width / TILE_WIDTH)
    }
  return (level, n) => tiles.get(`${level}/${n}`)
}

/** Checks that an entry is the leaf at `index` under a checkpoint. Undefined where it is, else why not. */
export async function proveStored(
  reader: Reader,
  log: number,
  claim: { readonly index: number; readonly entry: Uint8Array; readonly checkpoint: Checkpoint },
): Promise<string | undefined> {
  const { index, entry, checkpoint } = claim
  if (index >= checkpoint.size) return 'the signed head does not reach it yet'
  const proof = await storedInclusionProof(reader, log, index, checkpoint.size)
  const included = verifyInclusion({
    index: BigInt(index),
    size: BigInt(checkpoint.size),
    leafHash: hashLeaf(entry),
    root: checkpoint.root,
    proof,
  })
  return included ? undefined : 'the leaf is not under the signed head'
}

/**
 * Per level: the tile over the leaf, and the tiles at the right edge of the tree. All other subtrees that a proof
 * names are single hashes inside these.
 */
async function tilesFor(reader: Reader, log: number, index: number, size: number): Promise<ReadTile> {
  const tiles = new Map<string, Uint8Array>()
  for (let level = 0, position = index, width = size; width > 0; level += 1) {
    const edge = Math.floor((width - 1) / TILE_WIDTH)
    for (const n of new Set([Math.floor(position / TILE_WIDTH), edge])) {
      const bytes = await loadTile(reader, log, level, n)
      if (bytes !== undefined) tiles.set(`${level}/${n}`, bytes)
    }
    position = Math.floor(position / TILE_WIDTH)
    width = Math.floor(width / TILE_WIDTH)
  }
  return (level, n) => tiles.get(`${level}/${n}`)
}
