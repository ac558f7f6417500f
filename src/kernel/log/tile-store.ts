// Where the tiles of logs lie in the database: one row a tile, a partial tile is a prefix of its full one.
// The own log and the mirrors of peers' logs stand side by side, told apart by the log's row id.
import { HASH_BYTES } from '../hash.ts'
import type { Reader, Tx } from '../store/types.ts'
import { bundlePrefix, hashesAtLevel, TILE_WIDTH } from './tile.ts'
import type { ReadTile } from './tree.ts'

type Sql = Pick<Tx, 'run' | 'get'>

/** Row id of this member's own log. */
export const OWN_LOG = 1

export function tileReader(sql: Pick<Tx, 'get'>, log: number): ReadTile {
  return (level, n) => sql.get<{ bytes: Uint8Array }>(READ_TILE, log, level, n)?.bytes
}

export function readEntries(sql: Pick<Tx, 'get'>, log: number, n: number): Uint8Array | undefined {
  return sql.get<{ bytes: Uint8Array }>(READ_ENTRIES, log, n)?.bytes
}

export function putTile(sql: Sql, log: number, tile: { level: number; index: number; bytes: Uint8Array }): void {
  sql.run(PUT_TILE, log, tile.level, tile.index, tile.bytes)
}

export function putEntries(sql: Sql, log: number, n: number, bytes: Uint8Array): void {
  sql.run(PUT_ENTRIES, log, n, bytes)
}

/** The stored bytes of a tile for serving; the caller cuts the prefix it may show. */
export async function loadTile(reader: Reader, log: number, level: number, n: number): Promise<Uint8Array | undefined> {
  return (await reader.get<{ bytes: Uint8Array }>(READ_TILE, log, level, n))?.bytes
}

export async function loadEntries(reader: Reader, log: number, n: number): Promise<Uint8Array | undefined> {
  return (await reader.get<{ bytes: Uint8Array }>(READ_ENTRIES, log, n))?.bytes
}

/** Cuts what is stored of a log back to its first `size` leaves. */
export function truncateLog(sql: Sql, log: number, size: number): void {
  const n = Math.floor(size / TILE_WIDTH)
  const entries = readEntries(sql, log, n)
  sql.run('DELETE FROM log_entries WHERE log = ? AND n >= ?', log, n)
  if (entries !== undefined && size % TILE_WIDTH > 0) putEntries(sql, log, n, bundlePrefix(entries, size % TILE_WIDTH))
  const { top } = sql.get<{ top: number }>(
    'SELECT coalesce(max(level), 0) AS top FROM log_tile WHERE log = ?',
    log,
  ) ?? {
    top: 0,
  }
  for (let level = 0; level <= top; level += 1) {
    const hashes = hashesAtLevel(level, size)
    const [index, width] = [Math.floor(hashes / TILE_WIDTH), hashes % TILE_WIDTH]
    const edge = tileReader(sql, log)(level, index)
    sql.run('DELETE FROM log_tile WHERE log = ? AND level = ? AND n >= ?', log, level, index)
    if (edge !== undefined && width > 0) putTile(sql, log, { level, index, bytes: edge.slice(0, width * HASH_BYTES) })
  }
}

const READ_TILE = 'SELECT bytes FROM log_tile WHERE log = ? AND level = ? AND n = ?'
const READ_ENTRIES = 'SELECT bytes FROM log_entries WHERE log = ? AND n = ?'
const PUT_TILE =
  'INSERT INTO log_tile (log, level, n, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (log, level, n) DO UPDATE SET bytes = excluded.bytes'
const PUT_ENTRIES =
  'INSERT INTO log_entries (log, n, bytes) VALUES (?, ?, ?) ON CONFLICT (log, n) DO UPDATE SET bytes = excluded.bytes'
