// The tables of people: accounts, how they sign in, sessions, one-time codes and tokens. Secrets stand here as digests,
// passwords as Argon2id strings, and what must be read again (TOTP) encrypted under a key that lies apart from the data.
import type { Migration } from '#kernel/store/types.ts'

export const identityMigrations: readonly Migration[] = [
  {
    name: 'identity/001-account',
    sql: `
CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display TEXT NOT NULL,
  role TEXT NOT NULL,
  red INTEGER NOT NULL DEFAULT 0,
  suspended INTEGER NOT NULL DEFAULT 0,
  password TEXT,
  totp BLOB,
  totp_pending BLOB,
  totp_step INTEGER NOT NULL DEFAULT 0,
  issuer TEXT,
  subject TEXT,
  created_ms INTEGER NOT NULL,
  last_sign_in_ms INTEGER,
  removed_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX account_subject ON account (issuer, subject) WHERE subject IS NOT NULL;

CREATE TABLE passkey (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (id),
  credential TEXT NOT NULL UNIQUE,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  title TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER
) STRICT;
CREATE INDEX passkey_account ON passkey (account);

CREATE TABLE recovery_code (
  account INTEGER NOT NULL REFERENCES account (id), code_hash BLOB NOT NULL, PRIMARY KEY (account, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE welcome (
  code_hash BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  account INTEGER REFERENCES account (id),
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account (id),
  secret_hash BLOB NOT NULL UNIQUE,
  way TEXT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account);

CREATE TABLE api_token (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  secret_hash BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL,
  parts TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  used_ms INTEGER,
  revoked_ms INTEGER
) STRICT;
`,
  },
  {
    name: 'identity/002-saved-search',
    sql: `
CREATE TABLE saved_search (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (id),
  search TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (account, search)
) STRICT;
`,
  },
]
