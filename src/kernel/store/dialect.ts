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
 * What GLOB is given to find words anywhere in a text, in capitals or not, in every script that has them. The engine's own
 * lower() knows ASCII alone.
 */
export function containsPattern(words: string): string {
  const characters = Array.from(words, (each) => {
    const both = [each.toLowerCase(), each.toUpperCase()]
    if (both[0] !== both[1] && both.every((one) => [...one].length === 1)) return `[${both.join('')}]`
    return '*?['.includes(each) ? `[${each}]` : each
  })
  return `*${characters.join('')}*`
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

/** The words of a full-text index as a table of their own that stores nothing. */
export function wordTable(name: string, index: string): string {
  return `CREATE VIRTUAL TABLE ${name} USING fts5vocab('${index}', 'instance');`
}

/**
 * The words that begin with ?1, all of them below ?2, at most ?3: from each the index is entered anew behind it, so that
 * how often a word occurs does not count. A full-text index asked for a beginning instead reads every occurrence of every
 * such word before it answers the first.
 */
export function wordsBeginning(table: string): string {
  return `WITH RECURSIVE word (term) AS (
      SELECT (SELECT term FROM ${table} WHERE term >= ?1 LIMIT 1)
      UNION ALL SELECT (SELECT term FROM ${table} WHERE term >= word.term || char(1) LIMIT 1) FROM word WHERE word.term < ?2
    ) SELECT term FROM word WHERE term >= ?1 AND term < ?2 LIMIT ?3`
}

/** What records stored earlier point at (`*_ref`, `*_refs`), as the 16 bytes of each UUID; of each record what stands at its top. */
export function fillReferences(table: string): string {
  return `INSERT OR IGNORE INTO ${table} (oid, seq)
SELECT unhex(replace(substr(id, instr(id, '--') + 2), '-', '')) AS oid, seq FROM (
  SELECT r.seq, p.value AS id FROM record r JOIN item i ON i.seq = r.seq, json_each(CAST(i.bytes AS TEXT)) p
  WHERE p.type = 'text' AND p.key LIKE '%\\_ref' ESCAPE '\\' AND p.key NOT LIKE '%created\\_by\\_ref' ESCAPE '\\' AND p.key NOT LIKE '%modified\\_by\\_ref' ESCAPE '\\'
  UNION ALL
  SELECT r.seq, e.value FROM record r JOIN item i ON i.seq = r.seq, json_each(CAST(i.bytes AS TEXT)) p, json_each(p.value) e
  WHERE p.type = 'array' AND p.key LIKE '%\\_refs' ESCAPE '\\' AND p.key <> 'object_marking_refs' AND e.type = 'text'
) WHERE id GLOB '*--????????-????-????-????-????????????' AND unhex(replace(substr(id, instr(id, '--') + 2), '-', '')) IS NOT NULL;`
}

/**
 * How many records refer to each of a JSON list of objects (hex), by type, collection and label class, of the newest
 * mentions of each; a relationship counts as the type at its other end. Values: the list, how many mentions come after the
 * newest. The list of references is walked backwards from its end, so each object costs at most that many rows.
 */
export const MENTIONS_SQL = `SELECT x.oid, x.type, x.collection, x.labelClass, max(x.seq) AS seq, count(*) AS n FROM (
    SELECT w.oid, r.seq, r.collection, r.label_class AS labelClass,
      CASE t.name WHEN 'relationship' THEN (
        SELECT substr(e.id, 1, instr(e.id, '--') - 1) FROM (SELECT CASE
          WHEN replace(substr(o.source, instr(o.source, '--') + 2), '-', '') = lower(hex(w.oid)) THEN o.target ELSE o.source END AS id
          FROM (SELECT json_extract(CAST(i.bytes AS TEXT), '$.source_ref') AS source,
            json_extract(CAST(i.bytes AS TEXT), '$.target_ref') AS target FROM item i WHERE i.seq = r.seq) o) e)
      ELSE t.name END AS type
    FROM (SELECT unhex(value) AS oid FROM json_each(?1)) w
    JOIN reference f ON f.oid = w.oid AND f.seq >= coalesce(
      (SELECT g.seq FROM reference g WHERE g.oid = w.oid ORDER BY g.seq DESC LIMIT 1 OFFSET ?2), 0)
    JOIN record r ON r.seq = f.seq AND r.latest = 1 AND r.withdrawn IS NULL
    JOIN stix_type t ON t.id = r.type) x
  GROUP BY x.oid, x.type, x.collection, x.labelClass`

/**
 * The relationships at some objects, of which `condition` holds (of the record `r`), with word, source and target as a JSON
 * array. Values: the objects as a JSON list of hex, those of the condition, how many. Cross joins keep their order: from the
 * objects to what refers to them.
 */
export const linesSql = (
  condition: string,
): string => `SELECT json_extract(CAST(i.bytes AS TEXT), '$.relationship_type', '$.source_ref', '$.target_ref') AS ends
  FROM json_each(?) w CROSS JOIN reference f CROSS JOIN record r CROSS JOIN item i
  WHERE f.oid = unhex(w.value) AND r.seq = f.seq AND r.latest = 1 AND r.withdrawn IS NULL
    AND r.type = (SELECT id FROM stix_type WHERE name = 'relationship') AND ${condition} AND i.seq = r.seq LIMIT ?`
