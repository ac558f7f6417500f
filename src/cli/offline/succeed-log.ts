// Ends this member's log in the database of a stopped node and begins the one that follows: what was said stays, as a log
// of the member that ended; streams to peers begin anew, for they are about the new log.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ASK_HELD } from '#federation/heal/wire.ts'
import type { Identity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { signingKey } from '#kernel/key.ts'
import { openHistoric } from '#kernel/log/key-history.ts'
import { EMPTY_ROOT } from '#kernel/log/merkle.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { equalBytes } from '#kernel/hash.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { recoveryHash, signRecovery } from '#kernel/recovery-note.ts'
import { keysOfLog } from './own-keys.ts'

export type Succession = {
  readonly identity: Identity
  readonly recoverySeed: Uint8Array
  readonly follows: { readonly origin: string; readonly vkeys: readonly string[] }
  /** A signed head that is longer than the one here. */
  readonly head?: Uint8Array
  /** The hash of the recovery key from now on, where that changes. */
  readonly nextRecovery?: string
  readonly nowMs: number
  /** Called when nothing can fail any more but the disk. */
  readonly beforeItCounts?: () => void
}

type Head = { readonly size: number; readonly root: Uint8Array }

/** Returns the head the old log ends with. Throws where the recovery key is not this member's. Nothing is half done. */
export function succeedLog(
  folder: string,
  { identity, recoverySeed, follows, head, nextRecovery, nowMs, beforeItCounts }: Succession,
): Head {
  const path = join(folder, 'comity.db')
  if (!existsSync(path))
    throw new Fault('not-found', 'there is no database here, so no log to end', {
      place: folder,
      remedy: 'Put back a backup first: comity restore DIR --without-keys',
    })
  using database = new DatabaseSync(path)
  const hash = knownRecovery(database) ?? identity.recoveryHash
  if (hash === undefined || recoveryHash(signingKey('ed25519', recoverySeed).publicKey) !== hash)
    throw new Fault('input.invalid', `this is not the recovery key of ${identity.member}`, {
      place: 'the recovery key',
      remedy: 'Peers would refuse it. Where it is lost, meet them anew under another member name.',
    })
  const ends = lastHead(database, identity.origin, head)
  if (ends.size === 0) demandFirst(database, identity)
  const { member } = identity
  const shown = signRecovery(
    { member, ends: { origin: identity.origin, ...ends }, follows, recovery: nextRecovery ?? hash },
    recoverySeed,
  )
  database.exec('BEGIN IMMEDIATE')
  keepWitnessLines(database)
  const old = moveLog(database, follows.origin)
  const run = (sql: string, ...values: (string | number | Uint8Array)[]): void =>
    void database.prepare(sql).run(...values)
  run(
    'INSERT INTO log_end (log, size, root, follows, note, time_ms) VALUES (?, ?, ?, ?, ?, ?)',
    old,
    ends.size,
    ends.root,
    follows.origin,
    JSON.stringify(shown),
    nowMs,
  )
  run('INSERT INTO recovery_note (origin, vkey, note) VALUES (?, ?, ?)', follows.origin, shown.vkey, shown.note)
  beginStreams(database)
  run('UPDATE meta SET restored_ms = NULL, conflict = NULL')
  run(
    `INSERT INTO audit (time_ms, actor, action, subject, detail) VALUES (?, 'admin', 'log.recover', '', ?)`,
    nowMs,
    JSON.stringify({ ended: identity.origin, size: ends.size, follows: follows.origin }),
  )
  beforeItCounts?.()
  database.exec('COMMIT')
  return ends
}

/**
 * Peers follow from one log to the next where they are shown a document in it: a log that ends before it said anything leads
 * nowhere, and what followed it would be refused for good.
 */
function demandFirst(database: DatabaseSync, { member, origin }: Identity): void {
  const before = database
    .prepare('SELECT 1 FROM log l JOIN log_end e ON e.follows = l.origin WHERE l.id = ?')
    .get(OWN_LOG)
  if (before === undefined) return
  throw new Fault('conflict', `${member} has recovered already: ${origin} follows, and nothing was said in it yet`, {
    remedy: 'Start the node: comity serve. Where its keys are lost again, recover after that.',
  })
}

/** As the log of today says; before it says anything, the identity knows which key holds since the recovery. */
function knownRecovery(database: DatabaseSync): string | undefined {
  const row = database
    .prepare(
      'SELECT d.bytes FROM node_document d JOIN statement s ON s.seq = d.statement WHERE s.log = ? ORDER BY d.version DESC LIMIT 1',
    )
    .get(OWN_LOG) as { bytes: Uint8Array } | undefined
  if (row === undefined) return undefined
  return (JSON.parse(Buffer.from(row.bytes).toString('utf8')) as { recovery?: string }).recovery
}

/** The last honest head: the one here, or a longer one of the same history that our own keys signed. */
function lastHead(database: DatabaseSync, origin: string, note: Uint8Array | undefined): Head {
  const own = database.prepare('SELECT size, root FROM log WHERE id = ?').get(OWN_LOG) as Head
  if (note === undefined) return { size: own.size, root: Uint8Array.from(own.root) }
  const opened = openHistoric(note, keysOfLog(database, OWN_LOG))
  if (!opened.ok || opened.checkpoint.origin !== origin)
    throw new Fault(
      'input.invalid',
      `this head is not signed by ${origin}: ${opened.ok ? 'another log' : opened.reason}`,
      {
        place: '--head',
      },
    )
  const { size, root } = opened.checkpoint
  if (size > own.size) return { size, root }
  const read = database.prepare('SELECT bytes FROM log_tile WHERE log = ? AND level = ? AND n = ?')
  const here = treeRoot(size, (level, n) => (read.get(OWN_LOG, level, n) as { bytes: Uint8Array } | undefined)?.bytes)
  if (size === 0 || equalBytes(here, root)) return { size, root }
  throw new Fault('input.invalid', 'this head is of another history than the one in this folder', { place: '--head' })
}

/**
 * What witnesses gave for the last head goes on standing under it, as with a mirrored log. It says nothing of the log that
 * follows: there it would count statements as witnessed that nobody has seen.
 */
function keepWitnessLines(database: DatabaseSync): void {
  database
    .prepare(
      `UPDATE log SET checkpoint = CAST(CAST(checkpoint AS TEXT) ||
         coalesce((SELECT group_concat(line || char(10), '' ORDER BY key) FROM cosignature WHERE size = log.size), '') AS BLOB)
       WHERE id = ? AND checkpoint IS NOT NULL`,
    )
    .run(OWN_LOG)
  database.exec('DELETE FROM cosignature')
}

/** The old log becomes one beside the mirrors; the new one takes its row. Returns the old one's new row. */
function moveLog(database: DatabaseSync, origin: string): number {
  const old = (database.prepare('SELECT max(id) + 1 AS id FROM log').get() as { id: number }).id
  database.prepare('UPDATE log SET id = ? WHERE id = ?').run(old, OWN_LOG)
  for (const table of tablesOfLogs(database))
    database.prepare(`UPDATE ${table} SET log = ? WHERE log = ?`).run(old, OWN_LOG)
  database
    .prepare('INSERT INTO log (id, member, origin, size, root) VALUES (?, 1, ?, 0, ?)')
    .run(OWN_LOG, origin, EMPTY_ROOT)
  return old
}

/** Every table that names logs by their row. */
function tablesOfLogs(database: DatabaseSync): string[] {
  const rows = database
    .prepare(
      `SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = 'log' AND t.name <> 'peer'`,
    )
    .all() as { name: string }[]
  return rows.map(({ name }) => name)
}

/**
 * What was given is remembered below zero, out of the way of the items that come; what perhaps never arrived is offered
 * again, and what was not given is forgotten here, for the walk over the log that ended finds it. No bundle about that log
 * goes on.
 */
function beginStreams(database: DatabaseSync): void {
  const peers = database.prepare('SELECT id, given_seq AS given, confirmed_seq AS confirmed FROM peer').all() as {
    id: number
    given: number
    confirmed: number
  }[]
  for (const { id, given, confirmed } of peers) {
    database
      .prepare('UPDATE delivery_index SET narrowed = 2 WHERE peer = ? AND seq > ? AND seq <= ? AND narrowed = 0')
      .run(id, confirmed, given)
    const { floor } = database
      .prepare('SELECT min(0, coalesce(min(seq), 0)) AS floor FROM delivery WHERE peer = ?')
      .get(id) as {
      floor: number
    }
    for (const table of ['delivery', 'delivery_index']) {
      database.prepare(`DELETE FROM ${table} WHERE peer = ? AND seq > ?`).run(id, given)
      database.prepare(`UPDATE ${table} SET seq = ? - seq WHERE peer = ? AND seq > 0`).run(floor, id)
    }
  }
  database.exec(`
    UPDATE peer SET out_seq = 0, out_hash = zeroblob(32), given_seq = 0, confirmed_seq = 0, widened_epoch = 0, unasked_ms = NULL, accept_gap = accept_gap | ${ASK_HELD};
    DELETE FROM class_given;
    DELETE FROM head_place;
    DELETE FROM bundle;
    DELETE FROM healed;
    UPDATE heads_state SET due = 1, height = NULL;
  `)
}
