// Every statement that another engine would have to write otherwise, in one place.

/** The bytes of many items as one blob with a comma between them, in order: a page leaves the engine ready to send. */
export const JOINED_BYTES = `CAST(group_concat(CAST(bytes AS TEXT), ',' ORDER BY seq) AS BLOB)`

/** A contentless full-text index: the words are findable, the text itself stands only in the item. */
export function fullTextTable(name: string, columns: readonly string[]): string {
  return `CREATE VIRTUAL TABLE ${name} USING fts5(${columns.join(', ')}, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1);`
}
