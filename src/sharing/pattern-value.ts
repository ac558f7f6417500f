import { addressValue, anyValue, domainValue, emailValue, hashValue, urlValue, type Value } from '#kernel/value.ts'

import { parsePattern } from './stix/pattern/parse.ts'
import { testsOf, type Comparison, type ObjectPath } from './stix/pattern/tree.ts'

/** Where the values of a pattern go, and what was seen but cannot be compared. */
export type ValueSink = {
  readonly add: (value: Value | undefined, place: string) => void
  readonly miss: (reason: string) => void
}

/** Reads the values a STIX pattern looks for: equality, IN and ISSUBSET, each not negated, wherever they stand. */
export function patternValues(text: string, into: ValueSink): void {
  const answer = parsePattern(text)
  if (!answer.ok) {
    into.miss(`the pattern: ${answer.reason}`)
    return
  }
  for (const test of testsOf(answer.pattern)) {
    // What a pattern excludes is not what it warns of; existence names nothing.
    if (test.kind === 'compare' && !test.negated && test.operator !== '!=') readComparison(test, into)
  }
}

function readComparison({ path, operator, literals }: Comparison, into: ValueSink): void {
  const normalise = normaliserOf(path)
  if (normalise === undefined) return
  const place = nameOf(path)
  if (operator !== '=' && operator !== 'IN' && operator !== 'ISSUBSET') {
    into.miss(`${place} ${operator}`)
    return
  }
  for (const literal of literals) into.add(literal.kind === 'string' ? normalise(literal.value) : undefined, place)
}

type Normalise = (text: string) => Value | undefined

const BY_PATH: ReadonlyMap<string, Normalise> = new Map<string, Normalise>([
  ['ipv4-addr:value', addressValue],
  ['ipv6-addr:value', addressValue],
  ['domain-name:value', domainValue],
  ['email-addr:value', emailValue],
  ['url:value', urlValue],
  ['artifact:url', urlValue],
])

/** How the literals compared with a path are read, or undefined where the path holds none of our values. */
function normaliserOf(path: ObjectPath): Normalise | undefined {
  const names = path.steps.flatMap((step) => (step.kind === 'property' ? [step.name] : []))
  const last = names.at(-1)
  const before = names.at(-2)
  if (before === 'hashes') {
    // `hashes.MD5` names its algorithm, `hashes[*]` leaves it to the length.
    return (text) => hashValue(text, last)
  }
  if (last === 'hashes') return hashValue
  const direct = names.length === 1 ? BY_PATH.get(`${path.type}:${last}`) : undefined
  if (direct !== undefined) return direct
  // `network-traffic:dst_ref.value`, `email-message:to_refs[*].value`: the literal tells what it is.
  return last === 'value' && (before?.endsWith('_ref') === true || before?.endsWith('_refs') === true)
    ? anyValue
    : undefined
}

function nameOf(path: ObjectPath): string {
  const steps = path.steps.map((step) => (step.kind === 'property' ? `.${step.name}` : `[${step.at}]`))
  return `${path.type}:${steps.join('').slice(1)}`.slice(0, 100)
}
