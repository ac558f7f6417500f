// Where the tiles of logs lie in the database: one row a tile, a partial tile is a prefix of its full one.
// The own log and the mirrors of peers' logs stand side by side, told apart by the log's row id.
import type { Reader, Tx } from '../store/types.ts'
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

const READ_TILE = 'SELECT bytes FROM log_tile WHERE log = ? AND level = ? AND n = ?'
const READ_ENTRIES = 'SELECT bytes FROM log_entries WHERE log = ? AND n = ?'
const PUT_TILE =
  'INSERT INTO log_tile (log, level, n, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (log, level, n) DO UPDATE SET bytes = excluded.bytes'
const PUT_ENTRIES =
  'INSERT INTO log_entries (log, n, bytes) VALUES (?, ?, ?) ON CONFLICT (log, n) DO UPDATE SET bytes = excluded.bytes'
