// Whether the logs in a data folder are what they claim, from the stored bytes up: every entry hashed again, every
// tile compared byte for byte, the head's signatures, every part of every statement against its leaf. Reads only,
// needs no private key and no running node, and holds one bundle at a time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { readIdentity } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes, HASH_BYTES } from '#kernel/hash.ts'
import { openHistoric, type LogKey } from '#kernel/log/key-history.ts'
import { hashLeaf, hashNode } from '#kernel/log/merkle.ts'
import { readErased } from '#kernel/log/erase-store.ts'
import { readParts, type HeldParts } from '#kernel/log/statement-store.ts'
import { bundlePrefix, parseBundle, TILE_WIDTH } from '#kernel/log/tile.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { treeRoot, type ReadTile } from '#kernel/log/tree.ts'
import { leafPassedOn } from './verify-via.ts'
import { verifyStatement } from '#kernel/statement.ts'
import type { Tx } from '#kernel/store/types.ts'
import { keysOfLog } from './own-keys.ts'

export type LogReport = {
  readonly origin: string
  readonly size: number
  /** Statements whose content is here and was checked. */
  readonly statements: number
  /** What is wrong and where; empty where all holds. */
  readonly problems: readonly string[]
}

/** Problems told one by one; a log that is wrong everywhere is wrong enough. */
const PROBLEMS_MAX = 50
const PAGE = 500

type LogRow = {
  id: number
  origin: string
  size: number
  root: Uint8Array
  checkpoint: Uint8Array | null
  /** Where this is above the size, leaves that are still being fetched lie behind it; nobody believes them yet. */
  staged: number
}
type Problems = { readonly list: string[]; readonly add: (place: string, what: string) => void }

/** Verifies every log in the folder. `onProgress` is told the log and how many of its entries are done. */
export function verifyFolder(
  path: string,
  onProgress: (origin: string, done: number, size: number) => void,
): LogReport[] {
  const identity = readIdentity(path)
  using database = openReadOnly(join(path, 'comity.db'))
  database.exec('BEGIN')
  const reports = all<LogRow>(database, 'SELECT id, origin, size, root, checkpoint, staged FROM log ORDER BY id').map(
    (log) => {
      const keys = knownKeys(database, log.id, log.id === OWN_LOG ? identity.vkeys : [])
      const problems = collectProblems()
      verifyHead(database, log, keys, log.id === OWN_LOG ? path : undefined, problems)
      verifyTiles(database, log, problems, onProgress)
      const statements = verifyStatements(database, log, { keys, problems })
      return { origin: log.origin, size: log.size, statements, problems: problems.list }
    },
  )
  return [...reports, verifyDatabase(database)].filter((report) => report.origin !== '' || report.problems.length > 0)
}

function openReadOnly(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true })
  } catch (cause) {
    throw new Fault('storage.failed', 'the database cannot be opened', {
      place: path,
      cause,
      remedy: 'Check the folder, or restore a backup.',
    })
  }
}

/** The same database as the kernel's own functions read it, with statements prepared once. */
function sqlOf(database: DatabaseSync): Pick<Tx, 'get' | 'all'> {
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const statement = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  return {
    get: (sql, ...values) => prepare(sql).get(...values) as never,
    all: (sql, ...values) => prepare(sql).all(...values) as never,
  }
}

function all<T>(database: DatabaseSync, sql: string, ...values: (number | string)[]): T[] {
  return database.prepare(sql).all(...values) as T[]
}

function collectProblems(): Problems {
  const list: string[] = []
  return {
    list,
    add: (place, what) => {
      if (list.length < PROBLEMS_MAX) list.push(`${place}: ${what}`)
    },
  }
}

/** A log is checked under the keys that were in use at each size; `first` for a database that has not kept them. */
function knownKeys(database: DatabaseSync, log: number, first: readonly string[]): LogKey[] {
  const keys = keysOfLog(database, log)
  return keys.length > 0 ? keys : first.map((vkey) => ({ vkey, fromSize: 0, untilSize: null, sinceMs: 0 }))
}

function tileReader(database: DatabaseSync, log: number): ReadTile {
  const read = database.prepare('SELECT bytes FROM log_tile WHERE log = ? AND level = ? AND n = ?')
  return (level, n) => (read.get(log, level, n) as { bytes: Uint8Array } | undefined)?.bytes
}

function verifyHead(
  database: DatabaseSync,
  log: LogRow,
  keys: readonly LogKey[],
  folder: string | undefined,
  problems: Problems,
): void {
  if (log.checkpoint === null) {
    if (log.size !== 0) problems.add('checkpoint', `${log.size} entries and no signed head`)
  } else {
    const opened = openHistoric(log.checkpoint, keys)
    if (!opened.ok) problems.add('checkpoint', opened.reason)
    else if (
      opened.checkpoint.origin !== log.origin ||
      opened.checkpoint.size !== log.size ||
      !equalBytes(opened.checkpoint.root, log.root)
    )
      problems.add('checkpoint', 'it does not sign what is stored')
  }
  guard(problems, 'tiles', () => {
    if (!equalBytes(treeRoot(log.size, tileReader(database, log.id)), log.root))
      problems.add('tiles', 'their root is not the signed one')
  })
  if (folder !== undefined) verifyHeadFile(database, log, keys, folder, problems)
}

function verifyHeadFile(
  database: DatabaseSync,
  log: LogRow,
  keys: readonly LogKey[],
  folder: string,
  problems: Problems,
): void {
  const bytes = readIfThere(join(folder, 'head'))
  if (bytes === undefined) return
  const opened = openHistoric(bytes, keys)
  if (!opened.ok) problems.add('head', opened.reason)
  else if (opened.checkpoint.size > log.size)
    problems.add('head', `it signs ${opened.checkpoint.size} entries, the database holds ${log.size}`)
  else
    guard(problems, 'head', () => {
      if (!equalBytes(treeRoot(opened.checkpoint.size, tileReader(database, log.id)), opened.checkpoint.root))
        problems.add('head', 'it signs another history')
    })
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A stored byte that is wrong shows as a Fault of the pure code below; it becomes a problem with a place. */
function guard(problems: Problems, place: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    problems.add(place, error.message)
  }
}

/** Hashes all entries again and compares each tile of each level with what is stored. */
function verifyTiles(
  database: DatabaseSync,
  log: LogRow,
  problems: Problems,
  onProgress: (origin: string, done: number, size: number) => void,
): void {
  const levels: Uint8Array[][] = [[]]
  const counts: number[] = [0]
  const readTile = tileReader(database, log.id)
  const readEntries = database.prepare('SELECT bytes FROM log_entries WHERE log = ? AND n = ?')
  const fetching = log.staged > log.size
  const compare = (level: number, hashes: readonly Uint8Array[]): void => {
    const n = counts[level] ?? 0
    const whole = readTile(level, n)
    const stored = fetching ? whole?.subarray(0, hashes.length * HASH_BYTES) : whole
    if (stored === undefined || !equalBytes(stored, Buffer.concat(hashes)))
      problems.add(`tile ${level}/${n}`, 'it does not hold the hashes of what is below it')
  }
  const push = (level: number, hash: Uint8Array): void => {
    const hashes = (levels[level] ??= [])
    counts[level] ??= 0
    hashes.push(hash)
    if (hashes.length < TILE_WIDTH) return
    compare(level, hashes)
    levels[level] = []
    counts[level] = (counts[level] ?? 0) + 1
    push(level + 1, subtreeRoot(hashes))
  }
  for (let n = 0; n * TILE_WIDTH < log.size; n += 1) {
    const width = Math.min(TILE_WIDTH, log.size - n * TILE_WIDTH)
    const row = readEntries.get(log.id, n) as { bytes: Uint8Array } | undefined
    guard(problems, `entries ${n}`, () => {
      if (row === undefined) throw new Fault('storage.failed', 'they are missing')
      const entries = parseBundle(fetching ? bundlePrefix(row.bytes, width) : row.bytes, width)
      for (const entry of entries) push(0, hashLeaf(entry))
    })
    if (n % 64 === 0) onProgress(log.origin, n * TILE_WIDTH, log.size)
  }
  for (const [level, hashes] of levels.entries()) if (hashes.length > 0) compare(level, hashes)
  if (fetching) return
  const expected = counts.reduce((sum, count, level) => sum + count + ((levels[level]?.length ?? 0) > 0 ? 1 : 0), 0)
  const [{ stored } = { stored: 0 }] = all<{ stored: number }>(
    database,
    'SELECT count(*) AS stored FROM log_tile WHERE log = ?',
    log.id,
  )
  if (stored !== expected) problems.add('tiles', `${stored} are stored where ${expected} belong`)
}

/** The root over exactly 256 hashes. */
function subtreeRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let level = [...hashes]
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) next.push(hashNode(level[i] as Uint8Array, level[i + 1] as Uint8Array))
    level = next
  }
  return level[0] as Uint8Array
}

type StatementRow = { seq: number; idx: number; count: number }

/** Every part of every statement against its leaf. Of our own log none may be missing but what nobody could give back. */
function verifyStatements(
  database: DatabaseSync,
  log: LogRow,
  { keys, problems }: { readonly keys: readonly LogKey[]; readonly problems: Problems },
): number {
  const vkeys = keys.map(({ vkey }) => vkey)
  const sql = sqlOf(database)
  const readEntries = database.prepare('SELECT bytes FROM log_entries WHERE log = ? AND n = ?')
  const demandAll = log.id === OWN_LOG ? missingIn(database, problems) : () => {}
  let [checked, after] = [0, -1]
  let bundle: { readonly n: number; readonly entries: readonly Uint8Array[] } = { n: -1, entries: [] }
  for (;;) {
    const rows = all<StatementRow>(
      database,
      'SELECT seq, idx, count FROM statement WHERE log = ? AND idx > ? ORDER BY idx LIMIT ?',
      log.id,
      after,
      PAGE,
    )
    for (const row of rows) {
      const n = Math.floor(row.idx / TILE_WIDTH)
      if (bundle.n !== n)
        bundle = {
          n,
          entries: entriesOf(
            readEntries.get(log.id, n) as { bytes: Uint8Array } | undefined,
            Math.min(TILE_WIDTH, log.size - n * TILE_WIDTH),
          ),
        }
      demandAll(after + 1, row.idx)
      after = row.idx
      const place = `statement ${row.idx}`
      const parts = readParts(sql, row.seq)
      const mirrored = bundle.entries[row.idx % TILE_WIDTH]
      const passedOn =
        mirrored === undefined
          ? leafPassedOn(database, { seq: row.seq, index: row.idx, origin: log.origin }, vkeys)
          : {}
      if (passedOn.problem !== undefined) problems.add(place, passedOn.problem)
      verifyOne(place, mirrored ?? passedOn.entry, parts, problems)
      const gone = row.count - (parts?.content.items.length ?? 0)
      if (log.id === OWN_LOG && gone > readErased(sql, { log: log.id, index: row.idx }).size)
        problems.add(place, `${gone} of its ${row.count} items are missing and were not erased`)
      checked += 1
    }
    if (rows.length === 0) break
  }
  demandAll(after + 1, log.size)
  return checked
}

/** Reports the first statement that is missing in a range, where it was not lost with a disk. */
function missingIn(database: DatabaseSync, problems: Problems): (from: number, to: number) => void {
  const healed = all<{ from: number; to: number }>(database, 'SELECT from_idx AS "from", to_idx AS "to" FROM healed')
  return (from, to) => {
    for (let index = from; index < to; index += 1) {
      const range = healed.find((each) => each.from <= index && index < each.to)
      if (range === undefined) return problems.add(`statement ${index}`, 'it is missing')
      index = range.to - 1
    }
  }
}

function entriesOf(row: { bytes: Uint8Array } | undefined, width: number): readonly Uint8Array[] {
  try {
    return row === undefined ? [] : parseBundle(row.bytes, width)
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

function verifyOne(
  place: string,
  entry: Uint8Array | undefined,
  parts: HeldParts | undefined,
  problems: Problems,
): void {
  if (entry === undefined) return problems.add(place, 'its leaf is not in the log')
  if (parts === undefined) return
  const verdict = verifyStatement({ entry, ...parts })
  if (!verdict.ok) problems.add(place, verdict.reason)
}

/** What SQLite itself finds, and whether every record has its bytes. */
function verifyDatabase(database: DatabaseSync): LogReport {
  const problems = collectProblems()
  for (const { message } of all<{ message: string }>(
    database,
    'SELECT integrity_check AS message FROM pragma_integrity_check',
  ))
    if (message !== 'ok') problems.add('database', message)
  const [{ lost } = { lost: 0 }] = all<{ lost: number }>(
    database,
    'SELECT count(*) AS lost FROM record r WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.seq = r.seq)',
  )
  if (lost > 0) problems.add('records', `${lost} have no bytes`)
  return { origin: '', size: 0, statements: 0, problems: problems.list }
}
