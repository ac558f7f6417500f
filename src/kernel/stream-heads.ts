// The heads of all streams in one statement (docs/protocol.md, "Heads"): a Merkle tree of RFC 6962's hashes over salted
// heads at random places among random hashes, so that each recipient can be shown its own and learns of no other.
import type { Random } from './clock.ts'
import { equalBytes, HASH_BYTES } from './hash.ts'
import { LIMITS } from './limits.ts'
import { hashLeaf, hashNode } from './log/merkle.ts'

export const HEADS_KIND = 'heads'
export const HEADS_MEDIA_TYPE = 'application/vnd.comity.heads'

/** How far the stream to one recipient goes. */
export type StreamHead = {
  /** The recipient's member id. */
  readonly recipient: string
  /** Its last item; 0 before the first. */
  readonly seq: number
  /** SHA-256 of that item's bytes; 32 zero bytes before the first. */
  readonly hash: Uint8Array
}

/** Where a head stands in a tree, and all that is needed to find its root again. */
export type HeadPlace = {
  readonly place: number
  readonly salt: Uint8Array
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[]
}

const TAG = Buffer.from('comity/head/v1\0\0', 'latin1')

/** The hash of a head's leaf: RFC 6962's over `"comity/head/v1\0\0" || salt || u64be(seq) || hash || recipient`. */
export function headLeaf(salt: Uint8Array, { recipient, seq, hash }: StreamHead): Uint8Array {
  const count = Buffer.alloc(8)
  count.writeBigUInt64BE(BigInt(seq))
  return hashLeaf(Buffer.concat([TAG, salt, count, hash, Buffer.from(recipient)]))
}

/** What the statement says: `u16be(width) || root`. */
export function encodeHeads(height: number, root: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(2 + HASH_BYTES)
  bytes.writeUInt16BE(2 ** height)
  bytes.set(root, 2)
  return bytes
}

/** Reads the one item of a heads statement; undefined where it is none. */
export function decodeHeads(bytes: Uint8Array): { readonly height: number; readonly root: Uint8Array } | undefined {
  if (bytes.length !== 2 + HASH_BYTES) return undefined
  const height = Math.log2(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0))
  if (!Number.isInteger(height) || height < LIMITS.headsHeightMin) return undefined
  return { height, root: bytes.slice(2) }
}

export type DrawnHeads = { readonly root: Uint8Array; readonly places: readonly HeadPlace[] }

/** A tree of 2^height leaves with each head at a place of its own, drawn anew. The places come in the order of `heads`. */
export function drawHeads(heads: readonly StreamHead[], height: number, random: Random): DrawnHeads {
  const width = 2 ** height
  if (heads.length > width) throw new Error('there are more streams than places')
  const chance = random(HASH_BYTES * (width + heads.length))
  const take = (n: number): Uint8Array => chance.slice(n * HASH_BYTES, (n + 1) * HASH_BYTES)
  const leaves = Array.from({ length: width }, (_, n) => take(n))
  const salts = heads.map((_, n) => take(width + n))
  const places = drawPlaces(heads.length, width, random)
  for (const [n, head] of heads.entries()) leaves[places[n] as number] = headLeaf(salts[n] as Uint8Array, head)
  const levels = [leaves]
  for (let level = leaves; level.length > 1;) {
    const below = level
    level = Array.from({ length: below.length / 2 }, (_, n) =>
      hashNode(below[2 * n] as Uint8Array, below[2 * n + 1] as Uint8Array),
    )
    levels.push(level)
  }
  return {
    root: (levels[height] as Uint8Array[])[0] as Uint8Array,
    places: places.map((place, n) => ({
      place,
      salt: salts[n] as Uint8Array,
      path: levels.slice(0, height).map((level, up) => level[(place >> up) ^ 1] as Uint8Array),
    })),
  }
}

/** Different places, each arrangement as likely as any other (the first steps of a Fisher–Yates shuffle). */
function drawPlaces(count: number, width: number, random: Random): number[] {
  const all = Array.from({ length: width }, (_, n) => n)
  for (let n = 0; n < count; n += 1) {
    const other = n + below(width - n, random)
    ;[all[n], all[other]] = [all[other] as number, all[n] as number]
  }
  return all.slice(0, count)
}

/** A number from 0 to before `limit`, each as likely: what would favour some is drawn again. */
function below(limit: number, random: Random): number {
  const fair = Math.floor(2 ** 32 / limit) * limit
  for (;;) {
    const drawn = Buffer.from(random(4)).readUInt32BE()
    if (drawn < fair) return drawn % limit
  }
}

/** Whether a head stands at this place of the tree that a heads statement commits to. Foreign data; never throws. */
export function holdsHead(content: Uint8Array, head: StreamHead, { place, salt, path }: HeadPlace): boolean {
  const heads = decodeHeads(content)
  if (heads === undefined || path.length !== heads.height || salt.length !== HASH_BYTES) return false
  if (!Number.isSafeInteger(place) || place < 0 || place >= 2 ** heads.height) return false
  if (head.hash.length !== HASH_BYTES || path.some((hash) => hash.length !== HASH_BYTES)) return false
  const root = path.reduce(
    (hash, sibling, up) => ((place >> up) % 2 === 1 ? hashNode(sibling, hash) : hashNode(hash, sibling)),
    headLeaf(salt, head),
  )
  return equalBytes(root, heads.root)
}

/**
 * How high the tree shall be: room for twice the streams, drawn at first among several and later doubled some time before
 * it must, so that neither the height nor the time it grows says how many there are.
 */
export function nextHeight(before: number | undefined, streams: number, random: Random): number {
  const must = Math.max(LIMITS.headsHeightMin, Math.ceil(Math.log2(Math.max(1, 2 * streams))))
  const early = below(EARLY, random)
  if (before === undefined) return Math.min(LIMITS.headsHeightMax, must + (early % 3))
  if (before < must) return must
  return 3 * streams > 2 ** before && early === 0 ? Math.min(LIMITS.headsHeightMax, before + 1) : before
}

/** One statement in so many doubles a tree that is more than a third full. */
const EARLY = 30
