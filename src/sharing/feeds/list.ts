// A list of values as people publish them: one a line, or one column of a CSV table. It is read as it comes; a line that
// cannot be read costs that line.
import { readCsv } from '#kernel/csv-read.ts'
import { LIMITS } from '#kernel/limits.ts'
import { bareWord, valueOfWord } from '#kernel/value-text.ts'
import type { Value } from '#kernel/value.ts'

/** What one line says: a value, or why it says none. */
export type ListLine = { readonly line: number } & ({ readonly value: Value } | { readonly problem: string })

const NO_VALUE = 'this is no address, domain, URL, e-mail address, hash or CVE id'

/**
 * Reads lines of UTF-8. Empty lines and comments (`#`, `;` or `//` at the beginning, ` #` behind the value) are passed
 * over. Without `column` the first word counts, of a hosts file (`0.0.0.0 name`) the second; with one it is a CSV table,
 * whose first line is a header where the column is given by name. Yields a batch per chunk.
 */
export async function* readList(
  source: AsyncIterable<Uint8Array>,
  column: string | undefined,
): AsyncGenerator<ListLine[], void> {
  const reader = new ListReader(column)
  const decoder = new TextDecoder()
  for await (const chunk of source) yield reader.feed(decoder.decode(chunk, { stream: true }))
  yield reader.end(decoder.decode())
}

class ListReader {
  readonly #column: string | undefined
  /** The place of the value among the cells; undefined until the header was read. */
  #cell: number | undefined
  #line = 0
  #rest = ''
  /** The line being read is longer than a line may be, and is passed over to its end. */
  #tooLong = false

  constructor(column: string | undefined) {
    this.#column = column
    if (column !== undefined && /^[1-9]\d{0,3}$/.test(column)) this.#cell = Number(column) - 1
  }

  feed(text: string): ListLine[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    const found = lines.flatMap((line) => this.#read(line))
    if (this.#rest.length > LIMITS.feedLineCharsMax) {
      this.#rest = ''
      this.#tooLong = true
    }
    return found
  }

  end(text: string): ListLine[] {
    const found = this.feed(text)
    return this.#rest === '' && !this.#tooLong ? found : [...found, ...this.#read(this.#rest.replace(/\r$/, ''))]
  }

  #read(text: string): ListLine[] {
    this.#line += 1
    const line = this.#line
    if (this.#tooLong || text.length > LIMITS.feedLineCharsMax) {
      this.#tooLong = false
      return [{ line, problem: `this line is longer than ${LIMITS.feedLineCharsMax} characters` }]
    }
    const plain = (line === 1 ? text.replace(/^\ufeff/, '') : text).trim()
    if (plain === '' || /^(?:#|;|\/\/)/.test(plain)) return []
    const word = this.#column === undefined ? firstWord(plain) : this.#fromTable(plain)
    if (word === undefined) return []
    const value = typeof word === 'string' ? valueOfWord(bareWord(word)) : undefined
    if (value !== undefined) return [{ line, value }]
    return [{ line, problem: typeof word === 'string' ? NO_VALUE : word.problem }]
  }

  /** The cell of a row; undefined for the header. */
  #fromTable(text: string): string | { readonly problem: string } | undefined {
    const [row] = readCsv(text, { fieldCharsMax: LIMITS.urlCharsMax, fieldsMax: 200 })
    if (row === undefined) return undefined
    if ('problem' in row) return row
    if (this.#cell === undefined) {
      const wanted = (this.#column ?? '').trim().toLowerCase()
      this.#cell = row.fields.findIndex((field) => field.trim().toLowerCase() === wanted)
      if (this.#cell >= 0) return undefined
    }
    if (this.#cell < 0) return { problem: `the header names no column “${(this.#column ?? '').slice(0, 40)}”` }
    return row.fields[this.#cell]?.trim() ?? { problem: `this row has no cell ${this.#cell + 1}` }
  }
}

/** Names that hosts files give to nothing. */
const SINKS = new Set(['0.0.0.0', '127.0.0.1', '::', '::1'])

function firstWord(text: string): string {
  const [first = '', second] = text
    .replace(/\s#.*$/, '')
    .split(/[\s,;|"'<>`]+/u)
    .filter((word) => word !== '')
  return second !== undefined && SINKS.has(first) ? second : first
}
