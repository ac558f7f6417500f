// Forward-only migrations, each in its own transaction, after an automatic backup of what was there before.
// A database that a newer version wrote is refused: guessing at its meaning could lose something.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncPath } from '../durable.ts'
import { Fault } from '../fault.ts'
import type { Connection } from './connection.ts'
import type { Migration } from './types.ts'

/** Applies what is missing, in order. Returns the names applied. */
export function migrate(connection: Connection, migrations: readonly Migration[], path: string): string[] {
  const exists = connection.get(`SELECT 1 AS x FROM sqlite_schema WHERE name = 'migration'`) !== undefined
  const applied = exists
    ? connection.all<{ name: string }>('SELECT name FROM migration ORDER BY id').map((row) => row.name)
    : []
  const known = new Set(migrations.map((migration) => migration.name))
  const foreign = applied.find((name) => !known.has(name))
  if (foreign !== undefined)
    throw new Fault('storage.newer', `the database was written by a newer version (it knows “${foreign}”)`, {
      place: path,
      remedy: 'Start the newer version again, or restore the backup made before the upgrade.',
    })
  const missing = migrations.filter((migration) => !applied.includes(migration.name))
  if (missing.length > 0 && applied.length > 0 && path !== ':memory:') backUp(connection, path, applied.length)
  for (const migration of missing) apply(connection, migration)
  return missing.map((migration) => migration.name)
}

function apply(connection: Connection, migration: Migration): void {
  const { database } = connection
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(`CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT`)
    database.exec(migration.sql)
    connection.run('INSERT INTO migration (name) VALUES (?)', migration.name)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw new Fault('storage.failed', `the migration ${migration.name} failed; the database is as it was before`, {
      cause: error,
      remedy: 'Keep the data folder as it is and report this; the earlier version still runs on it.',
    })
  }
}

/** Takes away what was backed up before upgrades: it holds what was erased since. Answers the names of the files. */
export function removeMigrationBackups(dataDir: string): string[] {
  const folder = join(dataDir, 'backups')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /^before-migration-\d+\.db/.test(name))
  for (const name of names) rmSync(join(folder, name), { force: true })
  syncPath(folder)
  return names
}

/** SQLite does not sync what it vacuums into, and one that was interrupted, or made before a way back, is no backup. */
function backUp(connection: Connection, path: string, step: number): void {
  const folder = join(dirname(path), 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `before-migration-${step}.db`)
  const making = `${file}.new`
  rmSync(making, { force: true })
  connection.run('VACUUM INTO ?', making)
  syncPath(making)
  renameSync(making, file)
  syncPath(folder)
}
