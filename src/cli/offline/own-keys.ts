// What the database of a stopped node says about keys: nothing here is secret.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { LogKey } from '#kernel/log/key-history.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'

/** The keys of a log and the sizes they are good for; none where the database is of a version that did not keep them. */
export function keysOfLog(database: DatabaseSync, log: number): LogKey[] {
  const there = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'log_key'`).get()
  if (there === undefined) return []
  return database
    .prepare(
      'SELECT vkey, from_size AS fromSize, until_size AS untilSize, since_ms AS sinceMs FROM log_key WHERE log = ? ORDER BY from_size, vkey',
    )
    .all(log) as LogKey[]
}

/** The keys that sign this member's own log now. */
export function ownVkeys(folder: string): string[] {
  const path = join(folder, 'comity.db')
  if (!existsSync(path)) return []
  using database = new DatabaseSync(path, { readOnly: true })
  return keysOfLog(database, OWN_LOG)
    .filter(({ untilSize }) => untilSize === null)
    .map(({ vkey }) => vkey)
}

/** When each public key was first named in this member's node document, milliseconds since 1970. */
export function announcedKeys(folder: string): Map<string, number> {
  const path = join(folder, 'comity.db')
  if (!existsSync(path)) return new Map()
  using database = new DatabaseSync(path, { readOnly: true })
  const there = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'announced_key'`).get()
  if (there === undefined) return new Map()
  const rows = database.prepare('SELECT key, since_ms AS ms FROM announced_key').all() as { key: string; ms: number }[]
  return new Map(rows.map(({ key, ms }) => [key, ms]))
}
