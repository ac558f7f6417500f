// Says why a value does not fit a schema. The compiled check answers yes or no and is fast; this walks the same schema,
// only after a no, and turns what it meets into findings with stable codes. It knows exactly the keywords that the
// model uses (`model/types.ts`); a test holds the two to the same verdict.
import type { TSchema } from 'typebox'
import { FINDINGS_MAX, type Finding, step } from './finding.ts'
import type { Annotation } from './model/types.ts'

type Node = {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Node[]
  readonly not?: { readonly type?: string }
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly patternProperties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: boolean | Node
  readonly propertyNames?: { readonly pattern: string }
  readonly items?: Node
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minProperties?: number
  readonly stix?: Annotation
}

/** The violations of a schema, at most as many as a report holds. Empty exactly where the value fits. */
export function explain(schema: TSchema, value: unknown): Finding[] {
  const findings: Finding[] = []
  walk(schema as Node, value, { path: '', clause: '3.2', findings })
  return findings
}

type Place = { readonly path: string; readonly clause: string; readonly findings: Finding[] }

function walk(node: Node, value: unknown, outer: Place): void {
  if (outer.findings.length >= FINDINGS_MAX) return
  const place = node.stix?.clause === undefined ? outer : { ...outer, clause: node.stix.clause }
  if (value === null && node.type !== 'null' && !allowsNull(node))
    return add(place, 'value.null', 'null is not a value in STIX', 'Leave the property out.')
  if (node.const !== undefined && value !== node.const)
    return violate(node, place, 'value.constant', `this must be ${JSON.stringify(node.const)}`)
  if (node.enum !== undefined && !node.enum.includes(value))
    return violate(node, place, 'value.enum', `this must be one of ${node.enum.join(', ')}`)
  if (node.type !== undefined && !hasType(node.type, value))
    return add(place, 'value.type', `this must be ${article(node.type)}`)
  if (typeof value === 'string') walkText(node, value, place)
  else if (typeof value === 'number') walkNumber(node, value, place)
  else if (Array.isArray(value)) walkList(node, value, place)
  else if (typeof value === 'object' && value !== null && node.type === 'object')
    walkObject(node, value as Record<string, unknown>, place)
  if (node.anyOf !== undefined) walkChoice(node.anyOf, value, place)
}

function walkText(node: Node, value: string, place: Place): void {
  const length = Array.from(value.slice(0, 1000)).length
  const fits =
    (node.pattern === undefined || expression(node.pattern).test(value)) &&
    (node.minLength === undefined || length >= node.minLength) &&
    (node.maxLength === undefined || length <= node.maxLength)
  if (!fits) violate(node, place, 'value.format', 'this text does not have the form it must have')
}

function walkNumber(node: Node, value: number, place: Place): void {
  const low = node.minimum !== undefined && value < node.minimum
  const high = node.maximum !== undefined && value > node.maximum
  if (low || high)
    violate(node, place, 'value.range', `this must be between ${node.minimum ?? '-∞'} and ${node.maximum ?? '∞'}`)
}

function walkList(node: Node, value: readonly unknown[], place: Place): void {
  if (node.minItems !== undefined && value.length < node.minItems) {
    return add(
      place,
      'list.empty',
      'a list must not be empty',
      'Leave the property out where there is nothing to list.',
    )
  }
  const items = node.items
  if (items === undefined) return
  for (let at = 0; at < value.length && place.findings.length < FINDINGS_MAX; at++) {
    walk(items, value[at], { ...place, path: `${place.path}/${at}` })
  }
}

function walkObject(node: Node, value: Record<string, unknown>, place: Place): void {
  const names = Object.getOwnPropertyNames(value)
  if (node.minProperties !== undefined && names.length < node.minProperties) {
    add(
      place,
      'dictionary.empty',
      'a dictionary must not be empty',
      'Leave the property out where there is nothing in it.',
    )
  }
  for (const name of node.required ?? []) {
    if (!(name in value))
      add({ ...place, path: `${place.path}/${step(name)}` }, 'property.missing', `${name} is required here`)
  }
  const matched = Object.entries(node.patternProperties ?? {})
  for (const name of names) {
    const inner = { ...place, path: `${place.path}/${step(name)}` }
    const known = node.properties?.[name]
    const patterns = matched.filter(([pattern]) => expression(pattern).test(name))
    if (node.propertyNames !== undefined && !expression(node.propertyNames.pattern).test(name))
      violate(node, inner, 'dictionary.key', 'this name is not allowed here')
    if (known !== undefined && Object.hasOwn(node.properties ?? {}, name)) walk(known, value[name], inner)
    for (const [, schema] of patterns) walk(schema, value[name], inner)
    if ((known !== undefined && Object.hasOwn(node.properties ?? {}, name)) || patterns.length > 0) continue
    if (node.additionalProperties === false) violate(node, inner, 'dictionary.key', 'this name is not allowed here')
    else if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, value[name], inner)
  }
}

/** Either alternatives of a value, or alternatives of which properties are there. */
function walkChoice(choices: readonly Node[], value: unknown, place: Place): void {
  const required = choices.every((choice) => choice.required !== undefined && choice.type === undefined)
  if (required) {
    if (typeof value !== 'object' || value === null) return
    if (choices.some((choice) => choice.required?.every((name) => name in value))) return
    const names = choices.map((choice) => choice.required?.join(' with ')).join(', ')
    return add(place, 'property.one-of', `at least one of these is required: ${names}`)
  }
  const fits = choices.some((choice) => {
    const findings: Finding[] = []
    walk(choice, value, { ...place, findings })
    return findings.length === 0
  })
  if (!fits)
    add(place, 'value.type', `this must be ${choices.map((choice) => article(choice.type ?? 'value')).join(' or ')}`)
}

function allowsNull(node: Node): boolean {
  if (node.anyOf?.some((choice) => choice.type === 'null') === true) return true
  return (
    node.type === undefined &&
    node.const === undefined &&
    node.enum === undefined &&
    node.anyOf === undefined &&
    node.not === undefined
  )
}

function hasType(type: string, value: unknown): boolean {
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (type === 'null') return value === null
  return typeof value === type
}

function article(type: string): string {
  return { object: 'an object', array: 'a list', integer: 'a whole number', string: 'a text' }[type] ?? `a ${type}`
}

function violate(node: Node, place: Place, code: string, message: string): void {
  add(place, node.stix?.code ?? code, node.stix?.message ?? message, node.stix?.remedy)
}

function add(place: Place, code: string, message: string, remedy?: string): void {
  if (place.findings.length >= FINDINGS_MAX) return
  place.findings.push({
    code,
    path: place.path,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    clause: place.clause,
  })
}

const expressions = new Map<string, RegExp>()

/** Patterns come from the model only, so there are few and they stay. */
function expression(pattern: string): RegExp {
  let found = expressions.get(pattern)
  if (found === undefined) expressions.set(pattern, (found = new RegExp(pattern, 'u')))
  return found
}
