// Every statement that another engine would have to write otherwise, in one place.

/**
 * The bytes of many items as one blob with a comma between them: a page leaves the engine ready to send. The items are
 * put in order below the aggregate; ordering inside it would sort copies of all bytes, six times as slow.
 */
export function joinedBytes(condition: string): string {
  return `SELECT CAST(group_concat(CAST(bytes AS TEXT), ',') AS BLOB) AS joined
    FROM (SELECT bytes FROM item WHERE ${condition} ORDER BY seq)`
}

/** A contentless full-text index: the words are findable, the text itself stands only in the item. */
export function fullTextTable(name: string, columns: readonly string[]): string {
  return `CREATE VIRTUAL TABLE ${name} USING fts5(${columns.join(', ')}, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1);`
}
