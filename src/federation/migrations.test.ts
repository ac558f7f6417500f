// What an upgrade makes of peers that an earlier version knew.
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Connection } from '#kernel/store/connection.ts'
import { migrate } from '#kernel/store/migrate.ts'
import { writerProgram } from '#src/writer.ts'

/** Since these it is known why an exchange ended, and what was decided about the peer ends with it. */
const SINCE = ['kernel/014-ended', 'federation/021-transfers', 'federation/022-ended']

const BEFORE = `
INSERT INTO member (id, name, approved, adequate, agreements) VALUES
  (2, 'kept.example', 1, '["CH"]', '{"DE":"x"}'), (3, 'removed.example', 0, '["CH"]', '{"DE":"x"}'),
  (4, 'left.example', 0, '["CH"]', '{"DE":"x"}'), (5, 'recovered.example', 1, '["CH"]', '{"DE":"x"}'),
  (6, 'strange.example', 0, '[]', '{}');
INSERT INTO log (id, member, origin, size, root) VALUES (20, 4, 'left', 1, x'00'), (21, 5, 'recovered', 1, x'00');
INSERT INTO log_end (log, size, root, follows, note, time_ms) VALUES
  (20, 1, x'00', NULL, NULL, 0), (21, 1, x'00', 'recovered/2', '{}', 0);
INSERT INTO peer (id, name, state, document, words, log, stream_hash, out_hash) VALUES
  (2, 'kept.example', 'approved', x'', '[]', 20, x'', x''), (3, 'removed.example', 'removed', x'', '[]', 20, x'', x''),
  (4, 'left.example', 'removed', x'', '[]', 20, x'', x''), (5, 'recovered.example', 'approved', x'', '[]', 21, x'', x'');
`

/** A store as it was without some migrations, filled, and upgraded. */
function upgraded(
  path: string,
  { without, fill }: { without: readonly string[]; fill: (to: Connection) => void },
): Connection {
  const connection = new Connection({ path, role: 'writer' })
  const { migrations } = writerProgram
  const before = migrations.filter(({ name }) => !without.includes(name))
  migrate(connection, before, path)
  fill(connection)
  migrate(connection, migrations, path)
  return connection
}

test('an exchange that ended before the upgrade is ended after it, and no other', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-ended-'))
  using connection = upgraded(join(folder.path, 'comity.db'), {
    without: SINCE,
    fill: (to) => {
      for (const statement of BEFORE.split(';').slice(0, -1)) to.run(statement)
    },
  })
  const rows = connection.all('SELECT name, ended, adequate, agreements FROM member WHERE id > 1 ORDER BY id')
  const decided = { adequate: '["CH"]', agreements: '{"DE":"x"}' }
  const nothing = { adequate: '[]', agreements: '{}' }
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { name: 'kept.example', ended: null, ...decided },
      { name: 'removed.example', ended: 'removed', ...nothing },
      { name: 'left.example', ended: 'left', ...nothing },
      { name: 'recovered.example', ended: null, ...decided },
      { name: 'strange.example', ended: null, ...nothing },
    ],
  )
})

test('what was put aside for its date before the upgrade waits for it after it, and what takes back waits no longer', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'comity-early-'))
  const day = 86_400_000
  const fill = (to: Connection): void => {
    for (const [seq, kind] of [
      [1, 'records.put'],
      [2, 'records.withdraw'],
      [3, 'records.put'],
    ] as const)
      to.run(
        `INSERT INTO statement (seq, log, idx, uuid, kind, time_ms, label_class, count, header, header_salt, entry_salt, part_commits)
       VALUES (?, 20, ?, '', ?, ?, 1, 1, x'', x'', x'', x'')`,
        seq,
        seq,
        kind,
        10 * day,
      )
    for (const [seq, reason] of [
      [1, 'it is dated more than 24 hours ahead'],
      [2, 'it is dated more than 24 hours ahead'],
      [3, 'no JSON'],
    ] as const)
      to.run('INSERT INTO quarantine (seq, member, time_ms, reason) VALUES (?, 2, 0, ?)', seq, reason)
  }
  using connection = upgraded(join(folder.path, 'comity.db'), { without: ['federation/028-early'], fill })
  const rows = connection.all('SELECT statement, due_ms AS dueMs FROM early ORDER BY statement')
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { statement: 1, dueMs: 9 * day },
      { statement: 2, dueMs: 0 },
    ],
  )
})
