// A copy of the database for a backup. Everything is in it as it stands, but what records say is sealed, item by item,
// under the record keys: bytes, contexts, salts and seeds, what was made from them, ids that are made of values, and what is
// kept to be said later. The indexes of values, references and words are left out and made anew after a restore. Where a
// key was taken away since, its item is as erased.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { itemCommit, itemSalt, PART } from '../commitment.ts'
import { hash } from 'node:crypto'
import type { Random } from '../clock.ts'
import { HASH_BYTES } from '../hash.ts'
import { isWhole, type ListPart, type ShownItem } from '../list-part.ts'
import { noteErased } from '../log/erase-store.ts'
import { readParts } from '../log/statement-store.ts'
import { seal, unseal, type RecordKeys } from '../record-keys.ts'
import type { Row, Tx } from './types.ts'

/** Tables whose rows are made anew from items, or are of no use on another day. */
const LEFT_OUT = new Set(['value', 'reference', 'taxii_status', 'import_progress', 'feed_refusal'])
/** Ids that are made of values, of version 5, and odd ones, which may be anything. */
const NAMES_OF_VALUES = "(length(oid) <> 16 OR substr(hex(oid), 13, 1) = '5')"
/** Of what format a copy is: in the first, no ids were sealed. Kept as its user_version. */
const FORMAT = 1
type Quote = {
  readonly table: string
  /** Text or bytes. */
  readonly column: string
  /** The column with the sequence number of the key. */
  readonly seq: string
  /** The rows that it is about, before and after they are sealed, as SQL; absent for all. */
  readonly where?: string
}
/** What quotes or names items, or is to become some. */
const QUOTES: readonly Quote[] = [
  { table: 'evidence', column: 'value', seq: 'record' },
  { table: 'quarantine', column: 'reason', seq: 'seq' },
  { table: 'kept_write', column: 'input', seq: 'seq' },
  { table: 'feed_value', column: 'value', seq: 'seq' },
  { table: 'record', column: 'oid', seq: 'seq', where: NAMES_OF_VALUES },
  { table: 'record_copy', column: 'oid', seq: 'seq', where: NAMES_OF_VALUES },
]
/** Tables whose rows are written sealed, so that what they say never touches the disk of the backup. */
const SEALED: ReadonlySet<string> = new Set([
  'statement',
  'item',
  'item_context',
  'partial_list',
  ...QUOTES.map(({ table }) => table),
])
const LISTS = ['content', 'context'] as const
const SEED = { content: 'content_seed', context: 'context_seed' } as const
const TABLE = { content: 'item', context: 'item_context' } as const

type Sql = Pick<Tx, 'run' | 'get' | 'all'>

/** Writes a copy of the database at `source` to `target`, as of one moment, also while a node writes. */
export function writeSealedCopy(
  paths: { readonly source: string; readonly target: string },
  {
    keys,
    random,
    onProgress,
  }: { readonly keys: RecordKeys; readonly random: Random; readonly onProgress: (done: number, all: number) => void },
): void {
  using database = new DatabaseSync(paths.source, { timeout: 10_000 })
  const sql = sqlOf(database)
  database.prepare('ATTACH ? AS copy').run(paths.target)
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF']) database.exec(`PRAGMA copy.${pragma}`)
  database.exec('BEGIN')
  copyTables(database)
  const { all } = sql.get<{ all: number }>('SELECT count(*) AS "all" FROM main.statement') ?? { all: 0 }
  let done = 0
  for (const row of rowsOf(database, 'statement')) {
    insertRow(sql, 'statement', { ...row, ...sealStatement(sql, { seq: Number(row['seq']), keys, random }) })
    done += 1
    if (done % 1000 === 0) onProgress(done, all)
  }
  for (const quote of quotesIn(sql)) sealQuotes(database, quote, { keys, random })
  copyIndexes(database)
  database.exec(`PRAGMA copy.user_version = ${FORMAT}`)
  database.exec('COMMIT')
  database.exec('DETACH copy')
}

type Schema = { type: string; name: string; sql: string; tbl_name: string }

function schemaOf(database: DatabaseSync): { readonly all: Schema[]; readonly virtual: string[] } {
  const all = database
    .prepare(
      `SELECT type, name, sql, tbl_name FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid`,
    )
    .all() as Schema[]
  return { all, virtual: all.filter(({ sql }) => /^CREATE VIRTUAL/i.test(sql)).map(({ name }) => name) }
}

/** Every table with its rows, but those that are sealed, or made anew. */
function copyTables(database: DatabaseSync): void {
  const { all, virtual } = schemaOf(database)
  const tables = all.filter(
    ({ type, name }) => type === 'table' && !virtual.some((each) => name.startsWith(`${each}_`)),
  )
  for (const { name, sql } of tables) {
    database.exec(sql.replace(/^(CREATE (?:VIRTUAL )?TABLE )"?\w+"?/i, `$1copy.${name}`))
    if (/\bUSING fts5vocab\b/i.test(sql)) continue
    if (virtual.includes(name)) runBig(database, `INSERT INTO copy.${name} (${name}, rank) VALUES ('secure-delete', 1)`)
    else if (!LEFT_OUT.has(name) && !SEALED.has(name))
      runBig(database, `INSERT INTO copy.${name} SELECT * FROM main.${name}`)
  }
}

function copyIndexes(database: DatabaseSync): void {
  for (const { type, sql } of schemaOf(database).all)
    if (type !== 'table') database.exec(sql.replace(/^(CREATE (?:UNIQUE )?(?:INDEX|TRIGGER) )/i, '$1copy.'))
}

type Sealing = { readonly keys: RecordKeys; readonly random: Random }

type Seeds = Partial<Readonly<Record<(typeof SEED)[keyof typeof SEED], Uint8Array | null>>>

/** The items of one statement, each with its salt under its own key; answers the seeds under the keys of all items together. */
function sealStatement(sql: Sql, { seq, keys, random }: Sealing & { readonly seq: number }): Seeds {
  const parts = readParts(sql, seq)
  const seeds: Record<string, Uint8Array | null> = {}
  for (const name of LISTS) {
    const list = parts?.[name]
    if (list === undefined) continue
    const { commits, shown } = saltedItems(list)
    for (const { index, salt, bytes } of shown) {
      const key = keys.keyOf(seq + index)
      if (key === undefined) continue
      const sealed = seal(key, name, Buffer.concat([salt, bytes]), random)
      sql.run(`INSERT INTO copy.${TABLE[name]} (seq, bytes) VALUES (?, ?)`, seq + index, sealed)
    }
    sql.run(
      'INSERT INTO copy.partial_list (statement, part, commits, salts) VALUES (?, ?, ?, ?)',
      seq,
      PART[name],
      Buffer.concat(commits),
      new Uint8Array(0),
    )
    const key = isWhole(list) ? keyOfAll(keys, seq, commits.length) : undefined
    seeds[SEED[name]] = isWhole(list) && key !== undefined ? seal(key, `${name} seed`, list.seed, random) : null
  }
  return seeds
}

function saltedItems(list: ListPart): {
  readonly commits: readonly Uint8Array[]
  readonly shown: readonly ShownItem[]
} {
  if (!isWhole(list)) return { commits: list.itemCommits, shown: list.items }
  const shown = list.items.map((bytes, index) => ({ index, salt: itemSalt(list.seed, index), bytes }))
  return { commits: shown.map(({ index, salt, bytes }) => itemCommit(salt, index, bytes)), shown }
}

/** Needs the key of every item of a statement: a seed opens all of their salts. */
function keyOfAll(keys: RecordKeys, seq: number, count: number): Uint8Array | undefined {
  const all = Array.from({ length: count }, (_, j) => keys.keyOf(seq + j))
  if (all.includes(undefined)) return undefined
  return hash('sha256', Buffer.concat([Buffer.from('comity/rkeys/v1\0'), ...(all as Uint8Array[])]), 'buffer')
}

type QuoteRow = { readonly seq: number; readonly said: string | Uint8Array }

/** An earlier version of this program knew less of what it quoted; its migrations see to that. */
function quotesIn(sql: Sql): Quote[] {
  const known = 'SELECT 1 FROM pragma_table_info(?) WHERE name = ?'
  return QUOTES.filter(({ table, seq }) => sql.get(known, table, seq) !== undefined)
}

function sealQuotes(database: DatabaseSync, { table, column, seq, where }: Quote, { keys, random }: Sealing): void {
  const sql = sqlOf(database)
  if (where !== undefined) database.exec(`INSERT INTO copy.${table} SELECT * FROM main.${table} WHERE NOT ${where}`)
  for (const row of rowsOf(database, table, where)) {
    const key = keys.keyOf(Number(row[seq]))
    if (key === undefined) continue
    const said = row[column] as QuoteRow['said']
    const sealed = seal(key, table, typeof said === 'string' ? Buffer.from(said) : said, random)
    insertRow(sql, table, {
      ...row,
      [column]: typeof said === 'string' ? Buffer.from(sealed).toString('base64') : sealed,
    })
  }
}

function rowsOf(database: DatabaseSync, table: string, where = 'true'): Iterable<Row> {
  return database.prepare(`SELECT * FROM main.${table} WHERE ${where}`).iterate() as Iterable<Row>
}

function insertRow(sql: Sql, table: string, row: Row): void {
  const names = Object.keys(row)
  sql.run(
    `INSERT INTO copy.${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ...Object.values(row),
  )
}

export type Opened = {
  /** Items that are here again, and items whose keys were taken away since the backup was made. */
  readonly items: number
  readonly erased: number
  /** Writes that were kept then, and wait again. */
  readonly kept: number
}

/**
 * Opens a sealed copy in place, and asks the node that will run on it to make its indexes anew. Without keys what records
 * say is lost, and can only come back from peers.
 */
export function openSealedCopy(path: string, keys: RecordKeys | undefined, nowMs: number): Opened {
  using database = new DatabaseSync(path)
  const sql = sqlOf(database)
  database.exec('PRAGMA secure_delete = ON')
  database.exec('BEGIN')
  if (keys === undefined) {
    dropSealed(database, quotesIn(sql))
    database.exec('COMMIT')
    return { items: 0, erased: 0, kept: 0 }
  }
  let [items, erased] = [0, 0]
  for (const statement of sql.all<Held>('SELECT seq, log, idx, count FROM statement ORDER BY seq')) {
    const opened = openStatement(sql, statement, keys)
    items += opened.items
    erased += opened.erased
  }
  for (const quote of sealedQuotesIn(sql)) openQuotes(sql, quote, keys)
  database.exec('PRAGMA user_version = 0')
  sql.run(
    `INSERT INTO job (kind, key, payload, due_ms) VALUES ('sharing.reindex', '', '0', ?) ON CONFLICT DO NOTHING`,
    nowMs,
  )
  const kept = sql.get<{ n: number }>('SELECT count(*) AS n FROM kept_write')?.n ?? 0
  database.exec('COMMIT')
  return { items, erased, kept }
}

function dropSealed(database: DatabaseSync, quotes: readonly Quote[]): void {
  for (const table of ['item', 'item_context', 'partial_list', ...quotes.map((quote) => quote.table)])
    database.exec(`DELETE FROM ${table}`)
  database.exec('UPDATE statement SET content_seed = NULL, context_seed = NULL')
}

type Held = { seq: number; log: number; idx: number; count: number }

function openStatement(sql: Sql, { seq, log, idx, count }: Held, keys: RecordKeys): Omit<Opened, 'kept'> {
  const answer = { items: 0, erased: 0 }
  for (const name of LISTS) {
    const list = sql.get<{ commits: Uint8Array }>(
      'SELECT commits FROM partial_list WHERE statement = ? AND part = ?',
      seq,
      PART[name],
    )
    if (list === undefined) continue
    const salts = Buffer.alloc(count * HASH_BYTES)
    const sealedItems = sql.all<{ seq: number; bytes: Uint8Array }>(
      `SELECT seq, bytes FROM ${TABLE[name]} WHERE seq >= ? AND seq < ?`,
      seq,
      seq + count,
    )
    for (const sealed of sealedItems) {
      const key = keys.keyOf(sealed.seq)
      const index = sealed.seq - seq
      if (key === undefined) {
        noteErased(sql, { log, index: idx, items: [index], kept: false })
        sql.run(`DELETE FROM ${TABLE[name]} WHERE seq = ?`, sealed.seq)
        sql.run('DELETE FROM record WHERE seq = ?', sealed.seq)
        if (name === 'content') answer.erased += 1
        continue
      }
      const bytes = unseal(key, name, sealed.bytes)
      salts.set(bytes.subarray(0, HASH_BYTES), index * HASH_BYTES)
      if (name === 'content') answer.items += 1
      if (name === 'context' && bytes.length === HASH_BYTES)
        sql.run('DELETE FROM item_context WHERE seq = ?', sealed.seq)
      else sql.run(`UPDATE ${TABLE[name]} SET bytes = ? WHERE seq = ?`, bytes.subarray(HASH_BYTES), sealed.seq)
    }
    openSeed(sql, { seq, count, name, keys, salts })
  }
  return answer
}

type OpenSeed = {
  readonly seq: number
  readonly count: number
  readonly name: (typeof LISTS)[number]
  readonly keys: RecordKeys
  readonly salts: Uint8Array
}

/** With its seed a list is whole again; without, it is held in part. */
function openSeed(sql: Sql, { seq, count, name, keys, salts }: OpenSeed): void {
  const sealed = sql.get<{ seed: Uint8Array | null }>(
    `SELECT ${SEED[name]} AS seed FROM statement WHERE seq = ?`,
    seq,
  )?.seed
  const key = sealed === null || sealed === undefined ? undefined : keyOfAll(keys, seq, count)
  const seed = key === undefined ? null : unseal(key, `${name} seed`, sealed as Uint8Array)
  sql.run(`UPDATE statement SET ${SEED[name]} = ? WHERE seq = ?`, seed, seq)
  if (seed !== null) sql.run('DELETE FROM partial_list WHERE statement = ? AND part = ?', seq, PART[name])
  else sql.run('UPDATE partial_list SET salts = ? WHERE statement = ? AND part = ?', salts, seq, PART[name])
}

/** Those whose rows were sealed when this copy was made. */
function sealedQuotesIn(sql: Sql): Quote[] {
  const format = sql.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
  return quotesIn(sql).filter(({ where }) => where === undefined || format >= FORMAT)
}

function openQuotes(sql: Sql, { table, column, seq, where = 'true' }: Quote, keys: RecordKeys): void {
  const sealed = `SELECT DISTINCT ${seq} AS seq, ${column} AS said FROM ${table} WHERE ${where}`
  for (const row of sql.all<QuoteRow>(sealed)) {
    const key = keys.keyOf(row.seq)
    const same = `WHERE ${seq} = ? AND ${column} = ?`
    if (key === undefined) sql.run(`DELETE FROM ${table} ${same}`, row.seq, row.said)
    else {
      const bytes = unseal(key, table, typeof row.said === 'string' ? Buffer.from(row.said, 'base64') : row.said)
      const said = typeof row.said === 'string' ? Buffer.from(bytes).toString('utf8') : bytes
      sql.run(`UPDATE ${table} SET ${column} = ? ${same}`, said, row.seq, row.said)
    }
  }
}

/** Full-text tables report row ids beyond what a number holds. */
function runBig(database: DatabaseSync, text: string): void {
  const statement = database.prepare(text)
  statement.setReadBigInts(true)
  statement.run()
}

function sqlOf(database: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>()
  const prepare = (text: string): StatementSync => {
    const statement = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, statement)
    return statement
  }
  return {
    run: (text, ...values) => Number(prepare(text).run(...values).changes),
    get: (text, ...values) => prepare(text).get(...values) as never,
    all: (text, ...values) => prepare(text).all(...values) as never,
  }
}
