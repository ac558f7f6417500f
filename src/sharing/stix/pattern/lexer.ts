export type TokenKind =
  | 'identifier'
  /** An identifier with a hyphen: allowed as an object type only. */
  | 'hyphenated'
  | 'keyword'
  | 'symbol'
  | 'string'
  | 'integer'
  | 'float'
  | 'hex'
  | 'binary'
  | 'timestamp'
  | 'end'

export type Token = {
  readonly kind: TokenKind
  /** Keywords, symbols, identifiers and numbers as written; the text between the quotes, unescaped, of the others. */
  readonly text: string
  /** In UTF-16 units of the pattern. */
  readonly offset: number
}

/** The pattern cannot be read; `offset` is where. */
export class PatternError {
  readonly reason: string
  readonly offset: number

  constructor(reason: string, offset: number) {
    this.reason = reason
    this.offset = offset
  }
}

const KEYWORDS = new Set(
  'AND OR NOT FOLLOWEDBY LIKE MATCHES ISSUPERSET ISSUBSET EXISTS IN START STOP SECONDS TIMES WITHIN REPEATS true false'.split(
    ' ',
  ),
)

// White space and comments are those of the OASIS grammar. Each expression is linear: no nested repetition.
const SKIP =
  /(?:[ \t\r\n\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|\/\*[^]*?\*\/|\/\/[^\r\n]*)+/y
const HEX = /h'((?:[0-9a-fA-F]{2})*)'/y
const BINARY = /b'((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?)'/y
const TIMESTAMP =
  /t'(\d{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z)'/y
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_-]*/y
const FLOAT = /[+-]?\d*\.\d+/y
const INTEGER = /[+-]?(?:0|[1-9]\d*)/y
const STRING = /'((?:[^'\\]|\\['\\])*)'/y
const SYMBOL = /==|!=|<>|<=|>=|[=<>[\]().:,*]/y

/** Cuts a pattern into tokens, the last of kind `end`. Throws PatternError. */
export function tokens(text: string): Token[] {
  const list: Token[] = []
  let at = 0
  while (true) {
    at += (take(SKIP, text, at)?.[0] ?? '').length
    if (at === text.length) break
    const token = tokenAt(text, at)
    list.push({ kind: token.kind, text: token.text, offset: at })
    at += token.length
  }
  list.push({ kind: 'end', text: '', offset: at })
  return list
}

type Found = { readonly kind: TokenKind; readonly text: string; readonly length: number }

function tokenAt(text: string, at: number): Found {
  const typed = typedLiteral(text, at)
  if (typed !== undefined) return typed
  const word = take(IDENTIFIER, text, at)?.[0]
  if (word !== undefined) {
    const kind = KEYWORDS.has(word) ? 'keyword' : word.includes('-') ? 'hyphenated' : 'identifier'
    return { kind, text: word, length: word.length }
  }
  const quoted = take(STRING, text, at)
  if (quoted !== null) {
    return { kind: 'string', text: quoted[1]!.replace(/\\(['\\])/g, '$1'), length: quoted[0].length }
  }
  const float = take(FLOAT, text, at)?.[0]
  if (float !== undefined) return { kind: 'float', text: float, length: float.length }
  const integer = take(INTEGER, text, at)?.[0]
  if (integer !== undefined) return { kind: 'integer', text: integer, length: integer.length }
  const symbol = take(SYMBOL, text, at)?.[0]
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, length: symbol.length }
  if (text[at] === "'")
    throw new PatternError("a string has no closing quote, or a backslash before something else than ' or \\", at)
  throw new PatternError('this character starts nothing', at)
}

/** `h'…'`, `b'…'` and `t'…'`. What is wrong between the quotes is said here, where the reader can tell what was meant. */
function typedLiteral(text: string, at: number): Found | undefined {
  if (text[at + 1] !== "'") return undefined
  const [expression, kind, shape] =
    text[at] === 'h'
      ? ([HEX, 'hex', 'pairs of hex digits'] as const)
      : text[at] === 'b'
        ? ([BINARY, 'binary', 'base64 with its padding'] as const)
        : text[at] === 't'
          ? ([TIMESTAMP, 'timestamp', 'a time such as 2026-01-31T23:59:59.999Z'] as const)
          : ([undefined, undefined, undefined] as const)
  if (expression === undefined) return undefined
  const found = take(expression, text, at)
  if (found === null) throw new PatternError(`${text[at]}'…' must hold ${shape}`, at)
  return { kind, text: found[1]!, length: found[0].length }
}

function take(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at
  return expression.exec(text)
}
