// Tables for spreadsheets (RFC 4180). What came from others may look like a formula, which a spreadsheet would run: such a
// cell gets an apostrophe in front, as the OWASP page on CSV injection says, and every cell stands in quotes.

const FORMULA = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

export function csvCell(value: string | number): string {
  const text = String(value)
  const harmless = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}

export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}
