// The tables of warnings: what is watched, what was found, and how far the search has come.
import { DEFAULT_MARKING, labelKey, type Marking } from '#kernel/marking.ts'
import type { Migration } from '#kernel/store/types.ts'

/** What is taken for the class of earlier warnings of which nothing is left that would tell it. */
const UNKNOWN: Marking = { ...DEFAULT_MARKING, tlp: 'RED' }

export const warningMigrations: readonly Migration[] = [
  {
    name: 'warning/001-watch',
    sql: `
CREATE TABLE watch (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  asset TEXT NOT NULL,
  note TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  scanned INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, value, asset)
) STRICT;
CREATE INDEX watch_unscanned ON watch (id) WHERE scanned = 0;

CREATE TABLE warning (
  id INTEGER PRIMARY KEY,
  asset TEXT NOT NULL,
  author TEXT NOT NULL,
  object TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  first_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  UNIQUE (asset, author, object)
) STRICT;
CREATE INDEX warning_threat ON warning (author, object);

CREATE TABLE evidence (
  warning INTEGER NOT NULL,
  record INTEGER NOT NULL,
  watch INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  PRIMARY KEY (warning, record, watch, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_record ON evidence (record);
CREATE INDEX evidence_expiry ON evidence (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE match_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), record INTEGER NOT NULL, withdrawal INTEGER NOT NULL) STRICT;
INSERT INTO match_cursor (one, record, withdrawal) VALUES (1, 0, 0);
`,
  },
  {
    name: 'warning/002-care',
    sql: `
ALTER TABLE warning ADD COLUMN assigned TEXT NOT NULL DEFAULT '';
ALTER TABLE warning ADD COLUMN muted_until_ms INTEGER;
ALTER TABLE warning ADD COLUMN muted_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX warning_muted ON warning (muted_until_ms) WHERE muted_until_ms IS NOT NULL;
CREATE INDEX audit_warning ON audit (subject) WHERE substr(action, 1, 8) = 'warning.';
`,
  },
  {
    name: 'warning/003-open',
    sql: "CREATE INDEX warning_open ON warning (id) WHERE state IN ('new', 'acknowledged')",
  },
  {
    // Ids that are made of values outlived what had been erased.
    name: 'warning/004-names',
    sql: `
DELETE FROM warning WHERE substr(object, instr(object, '--') + 16, 1) = '5'
  AND NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.warning = warning.id)
  AND NOT EXISTS (SELECT 1 FROM record WHERE oid = unhex(replace(substr(object, instr(object, '--') + 2), '-', '')));
`,
  },
  {
    // What the newest record behind a warning is marked with; it stays when nothing stands behind the warning any more.
    name: 'warning/005-class',
    sql: `
ALTER TABLE warning ADD COLUMN label_class INTEGER;
ALTER TABLE warning ADD COLUMN collection INTEGER;
UPDATE warning SET (label_class, collection) = (
  SELECT r.label_class, r.collection FROM evidence e JOIN record r ON r.seq = e.record
  WHERE e.warning = warning.id ORDER BY e.record DESC LIMIT 1
);
INSERT OR IGNORE INTO label_class (key, marking) SELECT '${labelKey(UNKNOWN)}', '${JSON.stringify(UNKNOWN)}'
  WHERE EXISTS (SELECT 1 FROM warning WHERE label_class IS NULL);
UPDATE warning SET label_class = (SELECT id FROM label_class WHERE key = '${labelKey(UNKNOWN)}'),
  collection = (SELECT min(c.id) FROM collection c JOIN member m ON m.id = c.author WHERE m.name = warning.author)
  WHERE label_class IS NULL;
`,
  },
  {
    // What came late before was never searched: every entry is held against all records once more.
    name: 'warning/006-late',
    sql: `
CREATE TABLE late_record (record INTEGER PRIMARY KEY) STRICT;
UPDATE watch SET scanned = 0;
`,
  },
]
