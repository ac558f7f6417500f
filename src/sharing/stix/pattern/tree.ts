/** The syntax tree of a STIX 2.1 pattern (section 9). Lists of AND, OR and FOLLOWEDBY are flat: `a OR b OR c` is one node. */
export type Pattern = { readonly root: Observation }

export type Observation =
  | { readonly kind: 'observe'; readonly test: Test }
  | { readonly kind: 'and' | 'or' | 'followed-by'; readonly parts: readonly Observation[] }
  | { readonly kind: 'qualified'; readonly inner: Observation; readonly qualifiers: readonly Qualifier[] }

export type Qualifier =
  | { readonly kind: 'within'; readonly seconds: number }
  | { readonly kind: 'repeats'; readonly times: number }
  /** Times are kept as written, lexically RFC 3339 in UTC; the calendar may not have them (30 February). */
  | { readonly kind: 'start-stop'; readonly start: string; readonly stop: string }

export type Test =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Test[] }
  | Comparison
  | { readonly kind: 'exists'; readonly negated: boolean; readonly path: ObjectPath }

export type Comparison = {
  readonly kind: 'compare'
  readonly path: ObjectPath
  readonly operator: Operator
  /** NOT before the operator. `!=` keeps its own operator. */
  readonly negated: boolean
  /** One literal, except for IN, whose set may be empty. */
  readonly literals: readonly Literal[]
}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'LIKE' | 'MATCHES' | 'ISSUBSET' | 'ISSUPERSET'

/** `file:hashes.'SHA-256'` is type `file` and the steps `hashes`, `SHA-256`; a number is an index, `*` any element. */
export type ObjectPath = { readonly type: string; readonly steps: readonly Step[] }

export type Step =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number | '*' }

export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer' | 'float'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Lower-case or upper-case hex digits, canonical base64, or a time, as written between the quotes. */
  | { readonly kind: 'hex' | 'binary' | 'timestamp'; readonly value: string }

/** Every comparison and existence test of a pattern, from left to right. */
export function* testsOf(pattern: Pattern): Generator<Exclude<Test, { kind: 'all' | 'any' }>> {
  const waiting: (Observation | Test)[] = [pattern.root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'observe') waiting.push(node.test)
    else if (node.kind === 'qualified') waiting.push(node.inner)
    else if (node.kind === 'compare' || node.kind === 'exists') yield node
    else waiting.push(...node.parts.toReversed())
  }
}
