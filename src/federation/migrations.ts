// The tables of federation. A peer's row id is its member's; streams and cursors stand with the peer.
import type { Migration } from '#kernel/store/types.ts'

export const federationMigrations: readonly Migration[] = [
  {
    name: 'federation/001-peer',
    sql: `
CREATE TABLE node_document (
  version INTEGER PRIMARY KEY, bytes BLOB NOT NULL, hash BLOB NOT NULL, statement INTEGER NOT NULL
) STRICT;

CREATE TABLE invitation (
  id TEXT PRIMARY KEY, secret BLOB NOT NULL, expires_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peer (
  id INTEGER PRIMARY KEY REFERENCES member (id),
  name TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  document BLOB NOT NULL,
  words TEXT NOT NULL,
  log INTEGER NOT NULL,
  stream_seq INTEGER NOT NULL DEFAULT 0,
  stream_hash BLOB NOT NULL,
  out_seq INTEGER NOT NULL DEFAULT 0,
  out_hash BLOB NOT NULL,
  widened_epoch INTEGER NOT NULL DEFAULT 0,
  stopped TEXT,
  last_contact_ms INTEGER,
  last_error TEXT
) STRICT;

CREATE TABLE delivery (
  peer INTEGER NOT NULL, seq INTEGER NOT NULL, time_ms INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (peer, seq)
) STRICT;

CREATE TABLE delivery_index (
  peer INTEGER NOT NULL, idx INTEGER NOT NULL, seq INTEGER NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (peer, idx)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/002-witness',
    sql: `
CREATE TABLE witnessed (
  origin TEXT PRIMARY KEY, origin_hash BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL,
  time_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE cosignature (
  key TEXT PRIMARY KEY, witness TEXT NOT NULL, size INTEGER NOT NULL, time_sec INTEGER NOT NULL, line TEXT NOT NULL
) STRICT;

CREATE TABLE trust_policy (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT NOT NULL) STRICT;

CREATE TABLE fork_evidence (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, origin TEXT NOT NULL, member TEXT NOT NULL, bytes BLOB NOT NULL,
  source TEXT NOT NULL, time_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE follower (origin TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (origin, member)) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/003-confirmed',
    sql: `
ALTER TABLE peer ADD COLUMN confirmed_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE peer ADD COLUMN confirmed_ms INTEGER;
`,
  },
  {
    name: 'federation/004-context',
    sql: 'ALTER TABLE delivery_index ADD COLUMN context INTEGER NOT NULL DEFAULT 0',
  },
  {
    name: 'federation/005-heads',
    sql: `
CREATE TABLE heads_state (one INTEGER PRIMARY KEY CHECK (one = 1), due INTEGER NOT NULL, height INTEGER) STRICT;
INSERT INTO heads_state (one, due) VALUES (1, 1);

CREATE TABLE head_place (
  peer INTEGER PRIMARY KEY, idx INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, place INTEGER NOT NULL,
  salt BLOB NOT NULL, path BLOB NOT NULL
) STRICT;

CREATE TABLE head_told (
  peer INTEGER PRIMARY KEY, idx INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, frame BLOB NOT NULL
) STRICT;

CREATE TABLE taken_item (
  peer INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (peer, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_doubt (
  peer INTEGER PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, since_ms INTEGER NOT NULL, told_ms INTEGER, proof BLOB
) STRICT;

CREATE TABLE healed (from_idx INTEGER PRIMARY KEY, to_idx INTEGER NOT NULL, time_ms INTEGER NOT NULL) STRICT;

CREATE TABLE delivery_given (
  peer INTEGER NOT NULL, log INTEGER NOT NULL, idx INTEGER NOT NULL, seq INTEGER NOT NULL, rule TEXT NOT NULL,
  context INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (peer, log, idx)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_given (peer, log, idx, seq, rule, context) SELECT peer, 1, idx, seq, rule, context FROM delivery_index;
DROP TABLE delivery_index;
ALTER TABLE delivery_given RENAME TO delivery_index;

ALTER TABLE peer ADD COLUMN given_seq INTEGER NOT NULL DEFAULT 0;
UPDATE peer SET given_seq = out_seq;
`,
  },
  {
    name: 'federation/006-narrowed',
    sql: 'ALTER TABLE delivery_index ADD COLUMN narrowed INTEGER NOT NULL DEFAULT 0',
  },
  {
    name: 'federation/007-keys',
    sql: `
ALTER TABLE node_document ADD COLUMN checkpoint BLOB;
ALTER TABLE node_document ADD COLUMN brings_keys INTEGER NOT NULL DEFAULT 0;

CREATE TABLE announced_key (key TEXT PRIMARY KEY, since_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/008-bundle',
    sql: `
CREATE TABLE bundle (
  id TEXT NOT NULL, part INTEGER NOT NULL, peer INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  size INTEGER NOT NULL, note BLOB NOT NULL, until_seq INTEGER NOT NULL, proof BLOB NOT NULL,
  leaf INTEGER NOT NULL, seq INTEGER NOT NULL, end_leaf INTEGER, end_seq INTEGER, bytes INTEGER NOT NULL DEFAULT 0,
  last INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (id, part)
) STRICT, WITHOUT ROWID;

CREATE INDEX bundle_by_peer ON bundle (peer, time_ms);
`,
  },
  {
    name: 'federation/009-erasure',
    sql: `
CREATE TABLE taken_back (
  statement INTEGER PRIMARY KEY, member INTEGER NOT NULL, kind TEXT NOT NULL, log INTEGER NOT NULL, idx INTEGER NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', time_ms INTEGER NOT NULL, receipt INTEGER
) STRICT;
CREATE INDEX taken_back_due ON taken_back (statement) WHERE receipt IS NULL AND outcome <> 'asked';

CREATE TABLE receipt (
  statement INTEGER NOT NULL, member INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, time_ms INTEGER NOT NULL,
  PRIMARY KEY (statement, member)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/010-recovery',
    sql: `
CREATE TABLE log_end (
  log INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, follows TEXT, note TEXT, time_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_note (origin TEXT PRIMARY KEY, vkey TEXT NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/011-gap',
    sql: 'ALTER TABLE peer ADD COLUMN accept_gap INTEGER NOT NULL DEFAULT 0',
  },
  {
    name: 'federation/012-via',
    sql: `
CREATE TABLE via (
  statement INTEGER PRIMARY KEY, peer INTEGER NOT NULL, time_ms INTEGER NOT NULL, direct_ms INTEGER, entry BLOB NOT NULL,
  proof BLOB NOT NULL
) STRICT;
`,
  },
  {
    name: 'federation/013-budget',
    sql: `
ALTER TABLE peer ADD COLUMN budget_bytes INTEGER;

CREATE TABLE peer_traffic (
  name TEXT NOT NULL, day INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (name, day)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/014-classes',
    sql: `
CREATE INDEX statement_class ON statement (log, collection, label_class, coalesce(context_class, 0), idx)
  WHERE kind = 'records.put';
CREATE INDEX statement_following ON statement (log, idx) WHERE kind NOT IN ('records.put', 'heads');

CREATE TABLE class_given (
  peer INTEGER NOT NULL, log INTEGER NOT NULL, collection INTEGER NOT NULL, label INTEGER NOT NULL, context INTEGER NOT NULL,
  answer INTEGER NOT NULL, PRIMARY KEY (peer, log, collection, label, context)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    name: 'federation/015-withdrawn-before',
    sql: `CREATE INDEX taken_back_place ON taken_back (log, idx) WHERE kind = 'withdraw'`,
  },
  {
    name: 'federation/016-asked',
    sql: `CREATE INDEX taken_back_asked ON taken_back (statement) WHERE outcome = 'asked'`,
  },
  {
    // Since when this node, which was put back to a backup, has not asked the peer where it stands.
    name: 'federation/017-unasked',
    sql: 'ALTER TABLE peer ADD COLUMN unasked_ms INTEGER',
  },
  {
    // Whether a statement that is offered once more was perhaps given before.
    name: 'federation/018-perhaps-had',
    sql: 'ALTER TABLE delivery_index ADD COLUMN perhaps_had INTEGER NOT NULL DEFAULT 0',
  },
  {
    name: 'federation/019-refused',
    sql: `
CREATE TABLE forward_refused (
  peer INTEGER NOT NULL, origin TEXT NOT NULL, idx INTEGER NOT NULL, member TEXT NOT NULL, due INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (peer, origin, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX forward_refused_due ON forward_refused (peer, origin) WHERE due = 1;
CREATE INDEX forward_refused_member ON forward_refused (member);
`,
  },
  {
    // When the peer was last found to have lost something, perhaps of what it had brought by then.
    name: 'federation/020-lost',
    sql: 'ALTER TABLE peer ADD COLUMN lost_ms INTEGER NOT NULL DEFAULT 0',
  },
  {
    // What was decided about a peer for personal data outlived the exchange with it until now.
    name: 'federation/021-transfers',
    sql: `UPDATE member SET adequate = '[]', agreements = '{}' WHERE id IN (SELECT id FROM peer WHERE state = 'removed')`,
  },
  {
    name: 'federation/022-ended',
    sql: `
UPDATE member SET ended = 'removed' WHERE id IN (SELECT id FROM peer WHERE state = 'removed');
UPDATE member SET ended = 'left' WHERE approved = 0
  AND id IN (SELECT l.member FROM log_end e JOIN log l ON l.id = e.log WHERE e.follows IS NULL);
`,
  },
  {
    // How often a statement was given once more because the peer had not taken it.
    name: 'federation/023-again',
    sql: 'ALTER TABLE delivery_index ADD COLUMN again INTEGER NOT NULL DEFAULT 0',
  },
  {
    // How often its stream went on behind a hole, or began anew, since people approved it.
    name: 'federation/024-gaps',
    sql: 'ALTER TABLE peer ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0',
  },
  {
    // Whether whoever brought a statement brought it without the context that another brought later.
    name: 'federation/025-bare',
    sql: 'ALTER TABLE via ADD COLUMN bare INTEGER NOT NULL DEFAULT 0',
  },
  {
    // Leaves of our own log that are not back yet, and what came back that takes them back.
    name: 'federation/026-returned-early',
    sql: `
CREATE TABLE returned_early (idx INTEGER NOT NULL, statement INTEGER NOT NULL, PRIMARY KEY (idx, statement))
  STRICT, WITHOUT ROWID;
`,
  },
  {
    // What was given and stands in no stream of today.
    name: 'federation/027-ended',
    sql: 'CREATE INDEX delivery_index_ended ON delivery_index (peer, seq) WHERE seq <= 0 AND narrowed = 0',
  },
  {
    // What was put aside for its date alone, though it may have been this clock that was wrong. Withdrawals wait no longer.
    name: 'federation/028-early',
    sql: `
CREATE TABLE early (statement INTEGER PRIMARY KEY, due_ms INTEGER NOT NULL) STRICT;
CREATE INDEX early_due ON early (due_ms);
INSERT INTO early SELECT s.seq, iif(s.kind = 'records.put', s.time_ms - 86400000, 0) FROM quarantine q
  JOIN statement s ON s.seq = q.seq WHERE q.reason = 'it is dated more than 24 hours ahead';
`,
  },
]
