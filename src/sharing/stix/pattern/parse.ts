import { LIMITS } from '#kernel/limits.ts'

import { hashProblem } from './hash-check.ts'
import { PatternError, tokens, type Token, type TokenKind } from './lexer.ts'
import type { Literal, ObjectPath, Observation, Operator, Pattern, Qualifier, Step, Test } from './tree.ts'

export type PatternAnswer =
  | { readonly ok: true; readonly pattern: Pattern }
  /** `offset` counts UTF-16 units from the start of the pattern. */
  | { readonly ok: false; readonly reason: string; readonly offset: number }

/**
 * Reads a STIX 2.1 pattern (section 9). As the OASIS validator does, it also refuses: the same qualifier twice on
 * one observation expression, a set of mixed types, a hash literal that its algorithm cannot produce, WITHIN and
 * REPEATS of nothing. It accepts object types and properties it does not know. Bounded by LIMITS.pattern….
 */
export function parsePattern(text: string): PatternAnswer {
  if (text.length > LIMITS.patternCharsMax) {
    return { ok: false, reason: `longer than ${LIMITS.patternCharsMax} characters`, offset: LIMITS.patternCharsMax }
  }
  try {
    return { ok: true, pattern: new Parser(tokens(text)).pattern() }
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, reason: error.reason, offset: error.offset }
    throw error
  }
}

const COMPARISONS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}
const WORDS: ReadonlySet<string> = new Set<Operator>(['IN', 'LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET'])

/** Recursive descent, one method per rule of the grammar. Loosest first: FOLLOWEDBY, OR, AND. */
class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #nodes = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  pattern(): Pattern {
    const root = this.#followedBy()
    if (this.#token.kind !== 'end') throw this.#unexpected('AND, OR, FOLLOWEDBY, a qualifier or the end')
    return { root }
  }

  #followedBy(): Observation {
    return this.#chain('FOLLOWEDBY', 'followed-by', () =>
      this.#chain('OR', 'or', () => this.#chain('AND', 'and', () => this.#observation())),
    )
  }

  #chain(word: string, kind: 'and' | 'or' | 'followed-by', part: () => Observation): Observation {
    const parts = [part()]
    while (this.#accept('keyword', word)) parts.push(part())
    return parts.length === 1 ? parts[0]! : this.#node({ kind, parts })
  }

  #observation(): Observation {
    const grouped = this.#token.text === '('
    const inner = this.#primary()
    const qualifiers: Qualifier[] = []
    while (true) {
      const { offset } = this.#token
      const qualifier = this.#qualifier()
      if (qualifier === undefined) break
      // As the OASIS validator has it, what stands in parentheses may be qualified twice.
      if (!grouped && qualifiers.some(({ kind }) => kind === qualifier.kind)) {
        throw new PatternError(
          `the same qualifier twice (${qualifier.kind}): put the inner expression in parentheses`,
          offset,
        )
      }
      qualifiers.push(this.#node(qualifier))
    }
    return qualifiers.length === 0 ? inner : this.#node({ kind: 'qualified', inner, qualifiers })
  }

  #primary(): Observation {
    if (this.#accept('symbol', '(')) return this.#nested(')', () => this.#followedBy())
    if (!this.#accept('symbol', '[')) throw this.#unexpected('[ or (')
    return this.#node({ kind: 'observe', test: this.#nested(']', () => this.#any()) })
  }

  #qualifier(): Qualifier | undefined {
    if (this.#accept('keyword', 'WITHIN')) {
      const seconds = this.#positive(['integer', 'float'])
      this.#expect('keyword', 'SECONDS')
      return { kind: 'within', seconds }
    }
    if (this.#accept('keyword', 'REPEATS')) {
      const times = this.#positive(['integer'])
      this.#expect('keyword', 'TIMES')
      return { kind: 'repeats', times }
    }
    if (this.#accept('keyword', 'START')) {
      const start = this.#expect('timestamp').text
      this.#expect('keyword', 'STOP')
      return { kind: 'start-stop', start, stop: this.#expect('timestamp').text }
    }
    return undefined
  }

  #positive(kinds: readonly TokenKind[]): number {
    const token = this.#token
    if (!kinds.includes(token.kind) || !(Number(token.text) > 0)) throw this.#unexpected('a number above 0')
    this.#at++
    return Number(token.text)
  }

  #any(): Test {
    const parts = [this.#all()]
    while (this.#accept('keyword', 'OR')) parts.push(this.#all())
    return parts.length === 1 ? parts[0]! : this.#node({ kind: 'any', parts })
  }

  #all(): Test {
    const parts = [this.#test()]
    while (this.#accept('keyword', 'AND')) parts.push(this.#test())
    return parts.length === 1 ? parts[0]! : this.#node({ kind: 'all', parts })
  }

  #test(): Test {
    if (this.#accept('symbol', '(')) return this.#nested(')', () => this.#any())
    const negatedExists = this.#token.text === 'NOT' && this.#token.kind === 'keyword'
    if (negatedExists) this.#at++
    if (this.#accept('keyword', 'EXISTS'))
      return this.#node({ kind: 'exists', negated: negatedExists, path: this.#path() })
    if (negatedExists) throw this.#unexpected('EXISTS')
    return this.#comparison()
  }

  #comparison(): Test {
    const path = this.#path()
    const negated = this.#accept('keyword', 'NOT')
    const operator = this.#operator()
    const { offset } = this.#token
    const literals = operator === 'IN' ? this.#set() : [this.#literal(operator)]
    const problem = hashProblem(path, operator, literals)
    if (problem !== undefined) throw new PatternError(problem, offset)
    return this.#node({ kind: 'compare', path, operator, negated, literals })
  }

  #operator(): Operator {
    const { kind, text } = this.#token
    const operator =
      kind === 'symbol' ? COMPARISONS[text] : kind === 'keyword' && WORDS.has(text) ? (text as Operator) : undefined
    if (operator === undefined) throw this.#unexpected('a comparison operator')
    this.#at++
    return operator
  }

  #path(): ObjectPath {
    const { kind, text: type } = this.#token
    if (kind !== 'identifier' && kind !== 'hyphenated') throw this.#unexpected('an object path such as file:name')
    this.#at++
    this.#expect('symbol', ':')
    const steps: Step[] = [this.#property()]
    while (true) {
      if (this.#accept('symbol', '.')) steps.push(this.#property())
      else if (this.#accept('symbol', '[')) steps.push(this.#index())
      else return { type, steps }
    }
  }

  #property(): Step {
    const { kind, text: name } = this.#token
    if (kind !== 'identifier' && kind !== 'string')
      throw this.#unexpected('a property name (in quotes where it has a hyphen)')
    this.#at++
    return this.#node({ kind: 'property', name })
  }

  #index(): Step {
    const { kind, text } = this.#token
    const at = kind === 'integer' ? Number(text) : kind === 'symbol' && text === '*' ? '*' : undefined
    if (at === undefined) throw this.#unexpected('a list index or *')
    this.#at++
    this.#expect('symbol', ']')
    return this.#node({ kind: 'index', at })
  }

  #set(): readonly Literal[] {
    this.#expect('symbol', '(')
    const literals: Literal[] = []
    if (this.#accept('symbol', ')')) return literals
    do {
      const { offset } = this.#token
      const literal = this.#literal('=')
      if (literals[0] !== undefined && family(literals[0]) !== family(literal)) {
        throw new PatternError(
          `a set holds one type: this is ${literal.kind}, its first is ${literals[0].kind}`,
          offset,
        )
      }
      literals.push(literal)
    } while (this.#accept('symbol', ','))
    this.#expect('symbol', ')')
    return literals
  }

  #literal(operator: Operator): Literal {
    const token = this.#token
    if (WORDS.has(operator) && token.kind !== 'string') throw this.#unexpected('a string in single quotes')
    const literal = literalOf(token)
    if (literal === undefined) throw this.#unexpected('a value')
    if (literal.kind === 'boolean' && operator !== '=' && operator !== '!=')
      throw this.#unexpected('a value that has an order')
    this.#at++
    return this.#node(literal)
  }

  #nested<T>(close: string, inner: () => T): T {
    if (++this.#depth > LIMITS.patternDepthMax) {
      throw new PatternError(`nested deeper than ${LIMITS.patternDepthMax}`, this.#token.offset)
    }
    const result = inner()
    this.#expect('symbol', close)
    this.#depth--
    return result
  }

  #node<T>(node: T): T {
    if (++this.#nodes > LIMITS.patternNodesMax) {
      throw new PatternError(`more than ${LIMITS.patternNodesMax} parts`, this.#token.offset)
    }
    return node
  }

  get #token(): Token {
    return this.#tokens[this.#at]!
  }

  #accept(kind: TokenKind, text: string): boolean {
    if (this.#token.kind !== kind || this.#token.text !== text) return false
    this.#at++
    return true
  }

  #expect(kind: TokenKind, text?: string): Token {
    const token = this.#token
    if (token.kind !== kind || (text !== undefined && token.text !== text)) throw this.#unexpected(text ?? `a ${kind}`)
    this.#at++
    return token
  }

  #unexpected(wanted: string): PatternError {
    const { kind, text, offset } = this.#token
    const found = kind === 'end' ? 'the pattern ends here' : `found ${kind} ${JSON.stringify(text.slice(0, 40))}`
    return new PatternError(`expected ${wanted}, ${found}`, offset)
  }
}

function literalOf(token: Token): Literal | undefined {
  switch (token.kind) {
    case 'string':
    case 'hex':
    case 'binary':
    case 'timestamp':
      return { kind: token.kind, value: token.text }
    case 'integer':
    case 'float':
      return { kind: token.kind, value: Number(token.text) }
    case 'keyword':
      return token.text === 'true' || token.text === 'false'
        ? { kind: 'boolean', value: token.text === 'true' }
        : undefined
    default:
      return undefined
  }
}

/** Integers and floats mix freely in a set. */
function family(literal: Literal): string {
  return literal.kind === 'float' ? 'integer' : literal.kind
}
