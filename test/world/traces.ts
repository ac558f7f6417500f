// Where in a database something stands that ought to stand nowhere in it, or only under seal.
import { DatabaseSync } from 'node:sqlite'

/** The columns of tables, indexes of words apart, that hold any of these bytes anywhere. */
export function tracesIn(path: string, needles: readonly Uint8Array[]): string[] {
  using database = new DatabaseSync(path, { readOnly: true })
  const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'`)
  const found = new Set<string>()
  for (const { name } of tables.all() as { name: string }[]) {
    const rows = database.prepare(`SELECT * FROM "${name}"`)
    rows.setReadBigInts(true)
    for (const row of rows.iterate())
      for (const [column, value] of Object.entries(row))
        if (needles.some((needle) => holds(value, needle))) found.add(`${name}.${column}`)
  }
  return [...found].toSorted()
}

function holds(value: unknown, needle: Uint8Array): boolean {
  if (typeof value === 'string') return Buffer.from(value).includes(needle)
  return value instanceof Uint8Array && Buffer.from(value).includes(needle)
}
