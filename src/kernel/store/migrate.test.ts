// Migrations go forward only, behind a backup of what was there before.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Connection } from './connection.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './types.ts'

const FIRST: Migration = { name: 'test/001-notes', sql: 'CREATE TABLE note (text TEXT NOT NULL) STRICT' }
const SECOND: Migration = { name: 'test/002-author', sql: 'ALTER TABLE note ADD COLUMN author TEXT' }
const BROKEN: Migration = {
  name: 'test/003-broken',
  sql: 'CREATE TABLE extra (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)',
}

function withDatabase(work: (path: string, open: () => Connection) => void): void {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-migrate-'))
  const path = join(folder.path, 'comity.db')
  work(path, () => new Connection({ path, role: 'writer' }))
}

test('before a second migration the database is backed up as it was', () => {
  withDatabase((path, open) => {
    {
      using connection = open()
      assert.deepEqual(migrate(connection, [FIRST], path), [FIRST.name])
      connection.run(`INSERT INTO note VALUES ('kept')`)
    }
    using connection = open()
    assert.deepEqual(migrate(connection, [FIRST, SECOND], path), [SECOND.name])
    assert.deepEqual({ ...connection.get('SELECT text, author FROM note') }, { text: 'kept', author: null })
    const [saved, ...more] = readdirSync(join(path, '..', 'backups'))
    assert.deepEqual(more, [])
    using backup = new DatabaseSync(join(path, '..', 'backups', saved ?? ''), { readOnly: true })
    assert.deepEqual({ ...backup.prepare('SELECT * FROM note').get() }, { text: 'kept' })
    assert.deepEqual(migrate(connection, [FIRST, SECOND], path), [])
  })
})

test('a backup that was interrupted, or that is older than the data, is made anew', () => {
  withDatabase((path, open) => {
    using connection = open()
    migrate(connection, [FIRST], path)
    assert.throws(() => migrate(connection, [FIRST, BROKEN], path), { code: 'storage.failed' })
    connection.run(`INSERT INTO note VALUES ('said after the failed upgrade')`)
    const folder = join(path, '..', 'backups')
    writeFileSync(join(folder, 'before-migration-1.db.new'), 'half of a')
    migrate(connection, [FIRST, SECOND], path)
    assert.deepEqual(readdirSync(folder), ['before-migration-1.db'])
    using backup = new DatabaseSync(join(folder, 'before-migration-1.db'), { readOnly: true })
    assert.deepEqual({ ...backup.prepare('SELECT * FROM note').get() }, { text: 'said after the failed upgrade' })
  })
})

test('a database that a newer version wrote is refused and not touched', () => {
  withDatabase((path, open) => {
    using connection = open()
    migrate(connection, [FIRST, SECOND], path)
    assert.throws(() => migrate(connection, [FIRST], path), { code: 'storage.newer' })
    assert.equal(connection.all('SELECT * FROM migration').length, 2)
  })
})

test('a migration that fails leaves the database as it was', () => {
  withDatabase((path, open) => {
    using connection = open()
    migrate(connection, [FIRST], path)
    assert.throws(() => migrate(connection, [FIRST, BROKEN], path), { code: 'storage.failed' })
    assert.equal(connection.get(`SELECT 1 FROM sqlite_schema WHERE name = 'extra'`), undefined)
    assert.equal(connection.all('SELECT * FROM migration').length, 1)
  })
})
