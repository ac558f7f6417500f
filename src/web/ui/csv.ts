// Tables for a spreadsheet. A cell that a spreadsheet would take for a formula gets an apostrophe in front.

const FORMULA = /^[=+\-@\t\r]/

export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
