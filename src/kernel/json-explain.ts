// Says what is wrong with a JSON text that was refused: the first error of syntax, or the first key given twice.
// Slow and exact (RFC 8259); it runs only on refused input, after its depth was bounded.

export type JsonProblem = {
  /** In UTF-16 units from the start of the text. */
  readonly at: number
  readonly reason: string
}

/** The first problem of `text`, or undefined where it is JSON without duplicate keys. */
export function explainJson(text: string): JsonProblem | undefined {
  try {
    const reader = new Reader(text)
    reader.value('')
    reader.end()
    return undefined
  } catch (problem) {
    if (problem instanceof Problem) return { at: problem.at, reason: problem.reason }
    throw problem
  }
}

class Problem {
  readonly at: number
  readonly reason: string

  constructor(at: number, reason: string) {
    this.at = at
    this.reason = reason
  }
}

const SPACE = /[ \t\r\n]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(pointer: string): void {
    this.#space()
    const next = this.#text[this.#at]
    if (next === '{') this.#object(pointer)
    else if (next === '[') this.#list(pointer)
    else if (next === '"') this.#string()
    else if (this.#take(SCALAR) === undefined) throw this.#problem('a value is missing or is not JSON')
    this.#space()
  }

  end(): void {
    if (this.#at < this.#text.length) throw this.#problem('something follows the end of the value')
  }

  #object(pointer: string): void {
    const seen = new Set<string>()
    this.#at++
    this.#space()
    if (this.#accept('}')) return
    do {
      this.#space()
      const at = this.#at
      if (this.#text[at] !== '"') throw this.#problem('a key in double quotes is missing')
      const key = this.#string()
      const inner = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (seen.has(key)) throw new Problem(at, `the key ${inner.slice(0, 200)} is given twice`)
      seen.add(key)
      this.#space()
      if (!this.#accept(':')) throw this.#problem('a colon is missing after a key')
      this.value(inner)
    } while (this.#accept(','))
    if (!this.#accept('}')) throw this.#problem('a comma or } is missing')
  }

  #list(pointer: string): void {
    this.#at++
    this.#space()
    if (this.#accept(']')) return
    let index = 0
    do this.value(`${pointer}/${index++}`)
    while (this.#accept(','))
    if (!this.#accept(']')) throw this.#problem('a comma or ] is missing')
  }

  #string(): string {
    const start = this.#at++
    for (let next = this.#text[this.#at]; next !== '"'; next = this.#text[this.#at]) {
      if (next === undefined) throw this.#problem('')
      if (next < ' ') throw this.#problem('a string holds a control character')
      if (next !== '\\') this.#at++
      else if (this.#take(ESCAPE) === undefined) throw this.#problem('a string holds a bad escape')
    }
    return JSON.parse(this.#text.slice(start, ++this.#at)) as string
  }

  #space(): void {
    this.#take(SPACE)
  }

  #take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #accept(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #problem(reason: string): Problem {
    return new Problem(this.#at, this.#at >= this.#text.length ? 'it ends too early' : reason)
  }
}
