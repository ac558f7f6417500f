// Reading tables that others wrote (RFC 4180); csv.ts writes them.

/** One record of a CSV text and the line it begins on, from 1. */
export type CsvRow = { readonly fields: readonly string[]; readonly line: number }

/** The text cannot be read on from here. */
export type CsvProblem = { readonly problem: string; readonly line: number }

export type CsvLimits = {
  readonly fieldCharsMax: number
  readonly fieldsMax: number
}

/**
 * Reads RFC 4180: fields divided by commas, records by line breaks of any kind, quotes doubled inside quotes. Empty
 * lines are passed over. After a problem it goes on at the next line, so that one bad record costs one record; only
 * a quote that is never closed ends the reading. Bounded per record; the caller bounds the text and the rows.
 */
export function* readCsv(text: string, limits: CsvLimits): Generator<CsvRow | CsvProblem> {
  const reader = new CsvReader(text, limits)
  for (let next = reader.next(); next !== undefined; next = reader.next()) yield next
}

const FIELD = /[^,"\r\n]*/y
const QUOTED = /[^"]*/y
const BREAK = /\r\n|\n|\r/y
const REST_OF_LINE = /[^\r\n]*/y

class CsvReader {
  readonly #text: string
  readonly #limits: CsvLimits
  #at = 0
  #line = 1

  constructor(text: string, limits: CsvLimits) {
    this.#text = text
    this.#limits = limits
  }

  next(): CsvRow | CsvProblem | undefined {
    while (this.#lineBreak());
    if (this.#at >= this.#text.length) return undefined
    const line = this.#line
    const fields: string[] = []
    while (true) {
      const field = this.#field()
      if (typeof field !== 'string') {
        this.#take(REST_OF_LINE)
        return { ...field, line }
      }
      fields.push(field)
      if (fields.length > this.#limits.fieldsMax) {
        this.#take(REST_OF_LINE)
        return { problem: `more than ${this.#limits.fieldsMax} fields`, line }
      }
      if (this.#text[this.#at] === ',') this.#at++
      else if (this.#at >= this.#text.length || this.#lineBreak()) return { fields, line }
    }
  }

  #field(): string | { readonly problem: string } {
    const field = this.#text[this.#at] === '"' ? this.#quoted() : this.#take(FIELD)
    if (typeof field !== 'string') return field
    if (field.length > this.#limits.fieldCharsMax)
      return { problem: `a field of more than ${this.#limits.fieldCharsMax} characters` }
    const next = this.#text[this.#at]
    if (next !== undefined && next !== ',' && next !== '\r' && next !== '\n') {
      return { problem: 'a quote where none may stand: put the whole field in quotes and double those inside' }
    }
    return field
  }

  #quoted(): string | { readonly problem: string } {
    this.#at++
    let field = ''
    while (true) {
      const part = this.#take(QUOTED)
      this.#line += part.match(/\r\n|\n|\r/g)?.length ?? 0
      field += part
      if (this.#at >= this.#text.length) return { problem: 'a quote is never closed' }
      this.#at++
      if (this.#text[this.#at] !== '"') return field
      field += '"'
      this.#at++
    }
  }

  #lineBreak(): boolean {
    const found = this.#take(BREAK) !== ''
    if (found) this.#line++
    return found
  }

  #take(expression: RegExp): string {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }
}
