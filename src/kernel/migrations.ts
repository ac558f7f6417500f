// The kernel's tables. Sequence numbers (`seq`) are microseconds since 1970, strictly increasing across the node:
// a statement's is that of its first item, and the items of one statement follow each other.
import { keptAboutMigration, keptClassesMigration, keptDoneMigration, keptMigration } from './log/kept.ts'
import type { Migration } from './store/types.ts'

export const kernelMigrations: readonly Migration[] = [
  {
    name: 'kernel/001-base',
    sql: `
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  last_seq INTEGER NOT NULL,
  policy_epoch INTEGER NOT NULL,
  restored_ms INTEGER
) STRICT;
INSERT INTO meta (one, last_seq, policy_epoch) VALUES (1, 0, 1);

CREATE TABLE member (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  approved INTEGER NOT NULL DEFAULT 0,
  communities TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE collection_share (
  collection INTEGER PRIMARY KEY,
  own INTEGER NOT NULL,
  share TEXT NOT NULL,
  public INTEGER NOT NULL
) STRICT;

CREATE TABLE log (
  id INTEGER PRIMARY KEY,
  member INTEGER NOT NULL REFERENCES member (id),
  origin TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  checkpoint BLOB
) STRICT;

CREATE TABLE log_tile (
  log INTEGER NOT NULL, level INTEGER NOT NULL, n INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (log, level, n)
) STRICT;

CREATE TABLE log_entries (log INTEGER NOT NULL, n INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (log, n)) STRICT;

CREATE TABLE label_class (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, marking TEXT NOT NULL) STRICT;

CREATE TABLE statement (
  seq INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  uuid TEXT NOT NULL,
  kind TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  label_class INTEGER NOT NULL,
  collection INTEGER,
  about INTEGER,
  count INTEGER NOT NULL,
  header BLOB NOT NULL,
  header_salt BLOB NOT NULL,
  entry_salt BLOB NOT NULL,
  part_commits BLOB NOT NULL,
  content_seed BLOB,
  audience BLOB,
  audience_salt BLOB,
  UNIQUE (log, idx)
) STRICT;
CREATE INDEX statement_about ON statement (about) WHERE about IS NOT NULL;

CREATE TABLE named (
  statement INTEGER NOT NULL, member INTEGER NOT NULL, PRIMARY KEY (statement, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_time ON audit (time_ms);
CREATE TRIGGER audit_append_only BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;

CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  principal TEXT NOT NULL,
  route TEXT NOT NULL,
  policy_epoch INTEGER NOT NULL,
  classes TEXT NOT NULL,
  cursor TEXT NOT NULL,
  count INTEGER NOT NULL,
  digest BLOB NOT NULL
) STRICT;
CREATE INDEX answer_time ON answer (time_ms);

CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  failed_ms INTEGER,
  UNIQUE (kind, key)
) STRICT;
CREATE INDEX job_due ON job (due_ms) WHERE failed_ms IS NULL;
`,
  },
  {
    name: 'kernel/002-staged-leaves',
    sql: 'ALTER TABLE log ADD COLUMN staged INTEGER NOT NULL DEFAULT 0',
  },
  {
    name: 'kernel/003-parts',
    sql: `
ALTER TABLE statement ADD COLUMN context_class INTEGER;
ALTER TABLE statement ADD COLUMN context_seed BLOB;

CREATE TABLE item_context (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE partial_list (
  statement INTEGER NOT NULL, part INTEGER NOT NULL, commits BLOB NOT NULL, salts BLOB NOT NULL,
  PRIMARY KEY (statement, part)
) STRICT;

CREATE TABLE erased (
  log INTEGER NOT NULL, idx INTEGER NOT NULL, item INTEGER NOT NULL, kept INTEGER NOT NULL, PRIMARY KEY (log, idx, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure (statement INTEGER PRIMARY KEY, subject TEXT) STRICT;
CREATE INDEX erasure_subject ON erasure (subject) WHERE subject IS NOT NULL;
`,
  },
  {
    name: 'kernel/004-log-key',
    sql: `
CREATE TABLE log_key (
  log INTEGER NOT NULL, vkey TEXT NOT NULL, from_size INTEGER NOT NULL, until_size INTEGER, since_ms INTEGER NOT NULL,
  PRIMARY KEY (log, vkey)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'kernel/005-policy',
    sql: `
CREATE TABLE policy_version (
  version INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  digest TEXT NOT NULL,
  files TEXT NOT NULL,
  rules TEXT NOT NULL,
  members TEXT NOT NULL
) STRICT;

CREATE TABLE decision (key BLOB PRIMARY KEY, allow INTEGER NOT NULL, rules TEXT NOT NULL) STRICT, WITHOUT ROWID;

ALTER TABLE member ADD COLUMN kind TEXT;
ALTER TABLE member ADD COLUMN country TEXT;
ALTER TABLE member ADD COLUMN adequate TEXT NOT NULL DEFAULT '[]';
ALTER TABLE member ADD COLUMN agreements TEXT NOT NULL DEFAULT '{}';
`,
  },
  { name: 'kernel/006-conflict', sql: 'ALTER TABLE meta ADD COLUMN conflict TEXT' },
  {
    name: 'kernel/007-communities',
    sql: 'ALTER TABLE policy_version ADD COLUMN communities TEXT; DELETE FROM decision',
  },
  keptMigration,
  { name: 'kernel/009-reason', sql: "ALTER TABLE policy_version ADD COLUMN reason TEXT NOT NULL DEFAULT ''" },
  keptDoneMigration,
  keptAboutMigration,
  {
    name: 'kernel/012-alarms',
    sql: "CREATE INDEX audit_alarm ON audit (time_ms) WHERE action = 'log.alarm'",
  },
  {
    // Of a statement that was erased whole: what a claim to have held it is checked by.
    name: 'kernel/013-held',
    sql: 'ALTER TABLE statement ADD COLUMN held_key BLOB',
  },
  {
    // Why the exchange with a member ended; null where it did not, or where there was none.
    name: 'kernel/014-ended',
    sql: 'ALTER TABLE member ADD COLUMN ended TEXT',
  },
  keptClassesMigration,
  {
    // Whoever looks at what waits for a person asks for the rules that failed, among many decisions.
    name: 'kernel/016-failed-rules',
    sql: `CREATE INDEX decision_failed ON decision (json_extract(rules, '$[1]')) WHERE json_extract(rules, '$[0]') = 'rule.failed'`,
  },
  {
    // Which other member marked something so first, for each may make so many.
    name: 'kernel/017-maker',
    sql: `
ALTER TABLE label_class ADD COLUMN maker INTEGER;
CREATE INDEX label_class_maker ON label_class (maker) WHERE maker IS NOT NULL;
`,
  },
  {
    // Whether something was said a while ago, and what was raised as an alarm, among a million other deeds.
    name: 'kernel/018-deeds',
    sql: 'DROP INDEX audit_alarm; CREATE INDEX audit_action ON audit (action, time_ms)',
  },
]
