// One leaf entry out of a stored bundle, found by walking the lengths: a stored bundle may be any prefix of a full one.
import type { Reader, Tx } from '../store/types.ts'
import { TILE_WIDTH } from './tile.ts'
import { loadEntries, readEntries } from './tile-store.ts'

/** The entry at an index of a stored log, or undefined where it is not (yet) there. */
export function readEntry(sql: Pick<Tx, 'get'>, log: number, index: number): Uint8Array | undefined {
  return entryIn(readEntries(sql, log, Math.floor(index / TILE_WIDTH)), index % TILE_WIDTH)
}

export async function loadEntry(reader: Reader, log: number, index: number): Promise<Uint8Array | undefined> {
  return entryIn(await loadEntries(reader, log, Math.floor(index / TILE_WIDTH)), index % TILE_WIDTH)
}

function entryIn(bundle: Uint8Array | undefined, place: number): Uint8Array | undefined {
  if (bundle === undefined) return undefined
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.length)
  let at = 0
  for (let i = 0; i < place && at + 2 <= bundle.length; i += 1) at += 2 + view.getUint16(at)
  if (at + 2 > bundle.length) return undefined
  const end = at + 2 + view.getUint16(at)
  return end > bundle.length ? undefined : bundle.subarray(at + 2, end)
}
