// One leaf entry out of a stored bundle. Our own entries are all 53 bytes, so the place is arithmetic; peers' bundles
// are parsed.
import type { Tx } from '../store/types.ts'
import { parseBundle, TILE_WIDTH } from './tile.ts'
import { readEntries } from './tile-store.ts'

/** The entry at an index of a stored log, or undefined where it is not (yet) there. */
export function readEntry(sql: Pick<Tx, 'get'>, log: number, index: number): Uint8Array | undefined {
  const bundle = readEntries(sql, log, Math.floor(index / TILE_WIDTH))
  return bundle === undefined ? undefined : parseBundle(bundle)[index % TILE_WIDTH]
}
