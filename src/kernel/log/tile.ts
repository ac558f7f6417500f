// Tiles and entry bundles (c2sp.org/tlog-tiles): the forms in which a log is stored, served and mirrored. A tile is up
// to 256 consecutive hashes of one level; level 0 holds leaf hashes, and a hash of level l + 1 is the root of a full
// tile of level l. An entry bundle holds the entries under a tile of level 0.
import { Fault } from '../fault.ts'
import { HASH_BYTES } from '../hash.ts'
import { LIMITS } from '../limits.ts'

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256

/** Levels that trees of at most 2^53 - 1 leaves have. */
const LEVELS_MAX = 7

export type TileCoordinate = {
  /** 0 to 63, or `entries` for the bundle that belongs to the tile of level 0. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1 to 256; 256 is a full tile and is not written in the path. */
  readonly width: number
}

/** `tile/<L>/<N>[.p/<W>]`, relative to the log's prefix. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** `tile/entries/<N>[.p/<W>]`, relative to the log's prefix. */
export function entriesPath(index: number, width: number): string {
  return tilePath('entries', index, width)
}

const TILE_PATH = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/** Reads what tilePath writes and nothing else: undefined for any other spelling or an index beyond 2^53 - 1. */
export function parseTilePath(path: string): TileCoordinate | undefined {
  const match = TILE_PATH.exec(path)
  if (match === null) return undefined
  const [, level = '', groups = '', width] = match
  const coordinate: TileCoordinate = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  if (!Number.isSafeInteger(coordinate.index)) return undefined
  return tilePath(coordinate.level, coordinate.index, coordinate.width) === path ? coordinate : undefined
}

/** How many hashes a tree of `size` leaves has at a level: the number of its full tiles of the level below. */
export function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The width of one tile in a tree of `size` leaves: 0 (not there) to 256 (full). */
export function tileWidth(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAtLevel(level, size) - index * TILE_WIDTH))
}

/** The levels of a tree: how many full tiles each has, and the width of the partial one at its end (0 for none). */
export function tileLevels(size: number): { readonly full: number; readonly partial: number }[] {
  const levels = []
  for (let level = 0; level < LEVELS_MAX && hashesAtLevel(level, size) > 0; level++) {
    const hashes = hashesAtLevel(level, size)
    levels.push({ full: Math.floor(hashes / TILE_WIDTH), partial: hashes % TILE_WIDTH })
  }
  return levels
}

/** The tiles at the right edge at each of these sizes, as wide as they are in a tree of `within` leaves. */
export function edgeCoordinates(
  sizes: readonly number[],
  within: number,
): { readonly level: number; readonly n: number; readonly width: number }[] {
  const found = new Map<string, { level: number; n: number; width: number }>()
  for (const size of sizes)
    for (let level = 0, hashes = size; hashes > 0; level += 1) {
      for (const n of [Math.floor((hashes - 1) / TILE_WIDTH), Math.floor(hashes / TILE_WIDTH)]) {
        const width = tileWidth(level, n, within)
        if (width > 0) found.set(`${level}/${n}`, { level, n, width })
      }
      hashes = Math.floor(hashes / TILE_WIDTH)
    }
  return [...found.values()].toSorted((a, b) => a.level - b.level || a.n - b.n)
}

/** The hashes of a tile, as views of its bytes. Throws `log.invalid` where there are not exactly `width`. */
export function parseTile(bytes: Uint8Array, width: number): Uint8Array[] {
  if (width < 1 || width > TILE_WIDTH || bytes.length !== width * HASH_BYTES) {
    throw new Fault('log.invalid', `a tile of width ${width} has ${width * HASH_BYTES} bytes, this one ${bytes.length}`)
  }
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}

/** Entries one after the other, each behind its length in two bytes. Throws `input.too-large` over 65,535 bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    if (entry.length > LIMITS.entryBytesMax) {
      throw new Fault('input.too-large', `a log entry has at most ${LIMITS.entryBytesMax} bytes`)
    }
    view.setUint16(at, entry.length)
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/** The entries of a bundle, as views of its bytes. Throws `log.invalid` where there are not exactly `width`. */
export function parseBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  if (width < 1 || width > TILE_WIDTH) throw new Fault('log.invalid', `a bundle has 1 to ${TILE_WIDTH} entries`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < width) {
    const end = at + 2 <= bytes.length ? at + 2 + view.getUint16(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length) {
      throw new Fault('log.invalid', `this bundle ends inside entry ${entries.length} of ${width}`, {
        place: `byte ${at}`,
      })
    }
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  if (at !== bytes.length) {
    throw new Fault('log.invalid', `this bundle goes on after its ${width} entries`, { place: `byte ${at}` })
  }
  return entries
}

/** The bytes of a bundle's first `width` entries, or all of them where there are fewer. */
export function bundlePrefix(bytes: Uint8Array, width: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  for (let i = 0; i < width && at + 2 <= bytes.length; i += 1) at += 2 + view.getUint16(at)
  return bytes.subarray(0, at)
}
