// Warnings that were here before their class was kept: by what they rest on, and where nothing is left, as if it were RED.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelMigrations } from '#kernel/migrations.ts'
import { Connection } from '#kernel/store/connection.ts'
import { migrate } from '#kernel/store/migrate.ts'
import { sharingMigrations } from '#sharing/api.ts'
import { warningMigrations } from './migrations.ts'

const LAST = 'warning/005-class'
const BEFORE = `
INSERT INTO member (id, name) VALUES (1, 'a.example');
INSERT INTO collection (id, uuid, title, description, author, marking, named, strictness, created_ms)
  VALUES (3, 'u', 'c', '', 1, '{}', '[]', 'strict', 0);
INSERT INTO label_class (id, key, marking) VALUES (7, 'seven', '{}'), (8, 'eight', '{}');
INSERT INTO record (seq, oid, type, collection, version, spec, label_class, latest, matchable)
  VALUES (10, x'01', 1, 3, 1, 21, 7, 1, 1), (20, x'02', 1, 3, 1, 21, 8, 1, 1);
INSERT INTO warning (id, asset, author, object, state, first_ms, changed_ms)
  VALUES (1, 'Web', 'a.example', 'one', 'new', 0, 0), (2, 'Web', 'a.example', 'two', 'retracted', 0, 0);
INSERT INTO evidence (warning, record, watch, kind, value, time_ms) VALUES (1, 10, 1, 'domain', 'x', 5), (1, 20, 1, 'domain', 'x', 0);
`

type Row = { labelClass: number; collection: number }

function migrated(before: string): Connection {
  const connection = new Connection({ path: ':memory:', role: 'writer' })
  const all = [...kernelMigrations, ...sharingMigrations, ...warningMigrations]
  migrate(
    connection,
    all.filter(({ name }) => name !== LAST),
    ':memory:',
  )
  connection.database.exec(before)
  assert.deepEqual(migrate(connection, all, ':memory:'), [LAST])
  return connection
}

test('an earlier warning takes the class of its newest record, and RED where none is left', () => {
  using connection = migrated(BEFORE)
  const [stands, fallen] = connection.all<Row>('SELECT label_class AS labelClass, collection FROM warning ORDER BY id')
  assert.deepEqual({ ...stands }, { labelClass: 8, collection: 3 })
  assert.equal(fallen?.collection, 3)
  const label = connection.get<{ marking: string }>('SELECT marking FROM label_class WHERE id = ?', fallen.labelClass)
  assert.equal((JSON.parse(label?.marking ?? '') as { tlp: string }).tlp, 'RED')
})

test('without such warnings nothing is made up', () => {
  using connection = migrated('')
  assert.deepEqual(connection.all('SELECT id FROM label_class'), [])
})
