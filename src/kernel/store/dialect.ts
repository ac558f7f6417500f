// Every statement that another engine would have to write otherwise, in one place.
import type { Tx } from './types.ts'

/**
 * The bytes of many items as one blob with a comma between them: a page leaves the engine ready to send. The items are
 * put in order below the aggregate; ordering inside it would sort copies of all bytes, six times as slow.
 */
export function joinedBytes(condition: string): string {
  return `SELECT CAST(group_concat(CAST(bytes AS TEXT), ',') AS BLOB) AS joined
    FROM (SELECT bytes FROM item WHERE ${condition} ORDER BY seq)`
}

/**
 * Rewrites a bounded piece of a full-text index, so that nothing stays of words whose rows were deleted: until their
 * segment is merged they stand in it, found by nobody. Call with `first`, then until it answers false.
 */
export function mergeFullText(
  tx: Pick<Tx, 'run' | 'get'>,
  name: string,
  { first }: { readonly first: boolean },
): boolean {
  const changes = (): number => tx.get<{ n: number }>('SELECT total_changes() AS n')?.n ?? 0
  const before = changes()
  tx.run(`INSERT INTO ${name} (${name}, rank) VALUES ('merge', ?)`, first ? -MERGE_PAGES : MERGE_PAGES)
  return first || changes() - before > 1
}

const MERGE_PAGES = 200

/** Empties the write-ahead log into the database. False where a reader still holds what was before. Outside of transactions. */
export function truncateJournal(sql: Pick<Tx, 'get'>): boolean {
  sql.get('PRAGMA busy_timeout = 0')
  const row = sql.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')
  sql.get('PRAGMA busy_timeout = 10000')
  return row?.busy === 0
}

/** A contentless full-text index: the words are findable, the text itself stands only in the item. */
export function fullTextTable(name: string, columns: readonly string[]): string {
  return `CREATE VIRTUAL TABLE ${name} USING fts5(${columns.join(', ')}, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1);`
}
