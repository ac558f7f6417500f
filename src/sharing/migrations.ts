// The tables of sharing. A record's `seq` is the sequence number of the item that holds its bytes and, as
// microseconds, the moment this node added it (TAXII's date_added).
import { fillReferences, fullTextTable, wordTable } from '#kernel/store/dialect.ts'
import type { Migration } from '#kernel/store/types.ts'

export const sharingMigrations: readonly Migration[] = [
  {
    name: 'sharing/001-record',
    sql: `
CREATE TABLE collection (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  alias TEXT UNIQUE,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  author INTEGER NOT NULL REFERENCES member (id),
  marking TEXT NOT NULL,
  named TEXT NOT NULL,
  strictness TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX collection_of_peer ON collection (author) WHERE author <> 1;

CREATE TABLE stix_type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  oid BLOB NOT NULL,
  type INTEGER NOT NULL,
  collection INTEGER NOT NULL,
  version INTEGER NOT NULL,
  spec INTEGER NOT NULL,
  label_class INTEGER NOT NULL,
  latest INTEGER NOT NULL,
  matchable INTEGER NOT NULL,
  withdrawn INTEGER
) STRICT;
CREATE UNIQUE INDEX record_object ON record (oid, type, collection, version);
CREATE INDEX record_latest ON record (collection, seq, label_class) WHERE latest = 1 AND withdrawn IS NULL;
CREATE INDEX record_page ON record (collection, seq, label_class) WHERE withdrawn IS NULL;
CREATE INDEX record_withdrawn ON record (withdrawn) WHERE withdrawn IS NOT NULL;
CREATE INDEX record_matchable ON record (seq) WHERE matchable = 1 AND withdrawn IS NULL;
CREATE INDEX record_type ON record (collection, type, seq) WHERE withdrawn IS NULL;

CREATE TABLE value (
  kind TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, value, seq)
) STRICT, WITHOUT ROWID;

${fullTextTable('record_text', ['text'])}

CREATE TABLE quarantine (
  seq INTEGER PRIMARY KEY,
  member INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE import_progress (
  digest TEXT NOT NULL, collection INTEGER NOT NULL, offset INTEGER NOT NULL, objects INTEGER NOT NULL, line INTEGER NOT NULL,
  done INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  PRIMARY KEY (digest, collection)
) STRICT, WITHOUT ROWID;

CREATE TABLE client (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  acts_for TEXT NOT NULL,
  secret_hash BLOB NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,
  revoked_ms INTEGER
) STRICT;

CREATE TABLE client_grant (
  client INTEGER NOT NULL REFERENCES client (id),
  collection INTEGER NOT NULL REFERENCES collection (id),
  can_read INTEGER NOT NULL,
  can_write INTEGER NOT NULL,
  PRIMARY KEY (client, collection)
) STRICT, WITHOUT ROWID;

CREATE TABLE taxii_status (
  uuid TEXT PRIMARY KEY, client INTEGER NOT NULL, time_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'sharing/002-mixed',
    sql: 'ALTER TABLE collection ADD COLUMN mixed INTEGER NOT NULL DEFAULT 1',
  },
  {
    name: 'sharing/003-latest-by-spec',
    sql: `
UPDATE record SET latest = NOT EXISTS (
  SELECT 1 FROM record o WHERE o.oid = record.oid AND o.type = record.type AND o.collection = record.collection
    AND o.withdrawn IS NULL AND (o.spec, o.version) > (record.spec, record.version)
) WHERE withdrawn IS NULL AND EXISTS (
  SELECT 1 FROM record o WHERE o.oid = record.oid AND o.type = record.type AND o.collection = record.collection
    AND o.spec <> record.spec
);
CREATE INDEX record_old_spec ON record (collection, seq, label_class) WHERE spec = 20 AND withdrawn IS NULL;
`,
  },
  {
    name: 'sharing/004-context',
    sql: `
ALTER TABLE collection ADD COLUMN context_marking TEXT;
${fullTextTable('context_text', ['text'])}
`,
  },
  {
    name: 'sharing/005-reference',
    sql: `
CREATE TABLE reference (oid BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (oid, seq)) STRICT, WITHOUT ROWID;
${fillReferences('reference')}
`,
  },
  {
    name: 'sharing/006-newest',
    sql: `
CREATE INDEX record_newest ON record (type, seq, collection, label_class) WHERE latest = 1 AND withdrawn IS NULL;
`,
  },
  {
    name: 'sharing/007-words',
    sql: `
${wordTable('record_word', 'record_text')}
${wordTable('context_word', 'context_text')}
`,
  },
  {
    name: 'sharing/008-feed',
    sql: `
CREATE TABLE feed (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  url TEXT NOT NULL,
  options TEXT NOT NULL,
  collection INTEGER NOT NULL REFERENCES collection (id),
  marking TEXT NOT NULL,
  licence TEXT NOT NULL,
  secret BLOB,
  every_ms INTEGER NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  place TEXT NOT NULL DEFAULT '{}',
  running_ms INTEGER,
  tried_ms INTEGER,
  read_ms INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  added INTEGER NOT NULL DEFAULT 0,
  known INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE feed_value (
  feed INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, object TEXT NOT NULL, gone_ms INTEGER,
  PRIMARY KEY (feed, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_value_object ON feed_value (object);
CREATE INDEX feed_value_gone ON feed_value (feed, gone_ms) WHERE gone_ms IS NOT NULL;

CREATE TABLE feed_refusal (
  seq INTEGER PRIMARY KEY, feed INTEGER NOT NULL, what TEXT NOT NULL, time_ms INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_refusal_what ON feed_refusal (feed, what);
`,
  },
  {
    name: 'sharing/009-changes',
    sql: `
CREATE TABLE record_changes (n INTEGER NOT NULL) STRICT;
INSERT INTO record_changes (n) VALUES (0);
`,
  },
  {
    name: 'sharing/010-copies',
    sql: `
CREATE TABLE record_copy (
  seq INTEGER PRIMARY KEY,
  oid BLOB NOT NULL,
  type INTEGER NOT NULL,
  collection INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX record_copy_object ON record_copy (oid, type);
`,
  },
  {
    // Whoever opens home learns how much of whom waits there, however much a peer sent.
    name: 'sharing/011-quarantine-of',
    sql: 'CREATE INDEX quarantine_member ON quarantine (member, time_ms);',
  },
  {
    // By the item that said it, what a list brought is sealed in backups, and goes with it.
    name: 'sharing/012-feed-value-of',
    sql: `
ALTER TABLE feed_value ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
UPDATE feed_value SET seq = coalesce(
  (SELECT min(seq) FROM record WHERE oid = unhex(replace(substr(object, instr(object, '--') + 2), '-', ''))), 0
);
DELETE FROM feed_value WHERE seq = 0;
CREATE INDEX feed_value_seq ON feed_value (seq);
`,
  },
  {
    // What could tell what had been erased before: digests of imported files, and ids that are made of values.
    name: 'sharing/013-guesses',
    sql: `
DELETE FROM import_progress;
UPDATE answer SET cursor = '' WHERE route = 'record' AND substr(cursor, instr(cursor, '--') + 16, 1) = '5';
`,
  },
  {
    // Which statement took back an item for which another stands, as far as that can still be told.
    name: 'sharing/014-copy-withdrawn',
    sql: `
ALTER TABLE record_copy ADD COLUMN withdrawn INTEGER;
UPDATE record_copy SET withdrawn = (SELECT min(w.seq) FROM statement w WHERE w.kind = 'records.withdraw'
  AND w.about = (SELECT max(s.seq) FROM statement s WHERE s.seq <= record_copy.seq));
CREATE INDEX record_copy_withdrawn ON record_copy (withdrawn) WHERE withdrawn IS NOT NULL;
`,
  },
]
