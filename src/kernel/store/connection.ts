// One SQLite connection with the settings this program relies on, and prepared statements kept by their text.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Fault } from '../fault.ts'
import { WRITER_SETTINGS, type Row, type Value, type WriterSettings } from './types.ts'

/** Prepared statements a connection keeps; texts are constants, so this is only a guard against a mistake. */
const STATEMENTS_MAX = 1000

export type ConnectionOptions = {
  readonly path: string
  readonly role: 'writer' | 'reader'
  /** Page cache in KiB. Pages read through the memory map are not counted in it. */
  readonly cacheKib?: number
}

export class Connection implements Disposable {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #runs = new Map<string, StatementSync>()

  constructor(options: ConnectionOptions) {
    this.database = new DatabaseSync(options.path, { readOnly: options.role === 'reader', timeout: 10_000 })
    for (const pragma of pragmas(options)) this.database.exec(`PRAGMA ${pragma}`)
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear()
    const statement = this.database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  run(sql: string, ...values: Value[]): number {
    return Number(this.#prepareRun(sql).run(...values).changes)
  }

  /**
   * NOTE: every run also reports the last row id, and full-text search leaves one there beyond 2^53 of its own, which
   * node:sqlite refuses to make a number of, even after the statement has done its work. So runs answer in bigint.
   */
  #prepareRun(sql: string): StatementSync {
    const known = this.#runs.get(sql)
    if (known !== undefined) return known
    if (this.#runs.size >= STATEMENTS_MAX) this.#runs.clear()
    const statement = this.database.prepare(sql)
    statement.setReadBigInts(true)
    this.#runs.set(sql, statement)
    return statement
  }

  get<T extends object = Row>(sql: string, ...values: Value[]): T | undefined {
    return this.prepare(sql).get(...values) as T | undefined
  }

  all<T extends object = Row>(sql: string, ...values: Value[]): T[] {
    return this.prepare(sql).all(...values) as T[]
  }

  /** The settings as this connection answers them. */
  settings(): WriterSettings {
    const values = WRITER_SETTINGS.map((name) => [name, String(Object.values(this.get(`PRAGMA ${name}`) ?? {})[0])])
    const version = this.get<{ version: string }>('SELECT sqlite_version() AS version')?.version
    return { ...Object.fromEntries(values), sqlite: version } as WriterSettings
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#runs.clear()
    this.database.close()
  }
}

function pragmas({ role, cacheKib }: ConnectionOptions): string[] {
  const both = [
    `cache_size = -${cacheKib ?? 32_768}`,
    'mmap_size = 1099511627776',
    'temp_store = MEMORY',
    'trusted_schema = OFF',
  ]
  if (role === 'reader') return [...both, 'query_only = ON']
  return [
    ...both,
    'journal_mode = WAL',
    'synchronous = FULL',
    'secure_delete = ON',
    'foreign_keys = ON',
    'wal_autocheckpoint = 16000',
    'journal_size_limit = 134217728',
  ]
}

/** Turns what SQLite throws into what an operator can act on. Anything else passes through. */
export function storageFault(error: unknown): unknown {
  if (error instanceof Error && 'syscall' in error) return fileFault(error as NodeJS.ErrnoException)
  if (!(error instanceof Error) || !('errcode' in error)) return error
  const code = Number(error.errcode) & 0xff
  if (code === 13)
    return new Fault('storage.full', 'the disk that holds the data folder is full; nothing of this request was kept', {
      cause: error,
      remedy: 'Free some space, then send the request again. Everything acknowledged before is safe.',
    })
  if (code === 10 || code === 11 || code === 26)
    return new Fault('storage.failed', `the database could not be read or written (${error.message})`, {
      cause: error,
      remedy: 'Check the disk, then run “comity log verify”; restore a backup where it reports damage.',
    })
  return error
}

/** A file beside the database (the head) that could not be written. */
function fileFault(error: NodeJS.ErrnoException): Fault {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return new Fault('storage.full', 'the disk that holds the data folder is full', {
      cause: error,
      remedy: 'Free some space, then send the request again. Everything acknowledged before is safe.',
    })
  return new Fault('storage.failed', `a file of the data folder could not be written (${error.message})`, {
    cause: error,
    remedy: 'Check the disk and who owns the data folder, then send the request again.',
  })
}
