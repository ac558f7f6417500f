// What an object carries that STIX 2.1 itself does not define: own properties, extensions, deeper nesting. It is kept as
// it came and reported, and only what breaks the rules for such additions (section 3.1, section 11) is a violation.
import type { TSchema } from 'typebox'
import { step } from './finding.ts'
import { BASE64_PATTERN, HEX_PATTERN } from './model/types.ts'
import { isObject, type Json, type RuleContext } from './rules/kit.ts'
import { TLP2_EXTENSION } from './tlp.ts'

type ObjectNode = {
  readonly properties?: Readonly<Record<string, ObjectNode>>
  readonly items?: ObjectNode
  readonly patternProperties?: object
  readonly additionalProperties?: unknown
}

/** Reports the properties of an object, and of the objects inside it, that its schema does not know. */
export function reportUnknown(object: Json, schema: TSchema, context: RuleContext): void {
  const plan = planOf(schema as ObjectNode)
  for (const name of Object.keys(object)) {
    if (!plan.known.has(name)) reportProperty(name, object[name], context)
  }
  reportInner(object, plan, context)
  if (isObject(object['extensions'])) reportExtensions(object['extensions'], plan, context)
}

/** What is known of the members of one kind of object: their names, and which of them hold objects of a known kind. */
type Plan = { readonly known: ReadonlySet<string>; readonly inner: readonly (readonly [string, ObjectNode])[] }

const plans = new WeakMap<object, Plan>()

function planOf(node: ObjectNode): Plan {
  const made = plans.get(node)
  if (made !== undefined) return made
  const properties = Object.entries(node.properties ?? {})
  const inner = properties
    .map(([name, child]) => [name, child.items ?? child] as const)
    .filter(([, child]) => child.properties !== undefined && Object.keys(child.properties).length > 0)
  const plan: Plan = { known: new Set(properties.map(([name]) => name)), inner }
  plans.set(node, plan)
  return plan
}

function reportInner(object: Json, plan: Plan, context: RuleContext): void {
  for (const [name, node] of plan.inner) {
    const value = object[name]
    if (value === undefined || name === 'extensions') continue
    const path = `${context.path}/${step(name)}`
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) reportMembers(value[at], node, context, path, at)
    } else {
      reportMembers(value, node, context, path)
    }
  }
}

/** Members of an object inside: what its schema allows by pattern (digests of other algorithms) is not unknown. */
function reportMembers(value: unknown, node: ObjectNode, context: RuleContext, path: string, at?: number): void {
  if (!isObject(value) || node.additionalProperties !== undefined) return
  const plan = planOf(node)
  const inside = { ...context, path: at === undefined ? path : `${path}/${at}` }
  for (const name of Object.keys(value)) {
    if (!plan.known.has(name)) ignore(name, inside, 'property.unknown', 'this property is not of STIX 2.1; it is kept')
  }
  if (plan.inner.length > 0) reportInner(value, plan, inside)
}

function reportExtensions(extensions: Json, plan: Plan, context: RuleContext): void {
  const predefined = plan.inner.find(([name]) => name === 'extensions')?.[1].properties ?? {}
  const path = `${context.path}/extensions`
  for (const name of Object.keys(extensions)) {
    const node = Object.hasOwn(predefined, name) ? predefined[name] : undefined
    if (node !== undefined) reportMembers(extensions[name], node, context, `${path}/${step(name)}`)
    else if (name !== TLP2_EXTENSION)
      ignore(name, { ...context, path }, 'extension.unknown', 'this extension is kept without being interpreted')
  }
}

const NAME = /^[a-z][a-z0-9_]{2,249}$/
const HEX = new RegExp(HEX_PATTERN)
const BASE64 = new RegExp(BASE64_PATTERN)

function reportProperty(name: string, value: unknown, context: RuleContext): void {
  const { report } = context
  const path = `${context.path}/${step(name)}`
  if (!NAME.test(name) && name !== 'id') {
    const message = 'a property name is 3 to 250 of a-z, 0-9 and _, and begins with a letter'
    report.breaks({ code: 'property.name', path, message, clause: '3.1' })
  }
  if (value === null) report.breaks({ code: 'value.null', path, message: 'null is not a value in STIX', clause: '2' })
  if (Array.isArray(value) && value.length === 0)
    report.breaks({ code: 'list.empty', path, message: 'a list must not be empty', clause: '2.12' })
  if (name.endsWith('_hex') && !(typeof value === 'string' && HEX.test(value))) {
    report.breaks({
      code: 'value.hex',
      path,
      message: 'a property whose name ends in _hex holds hexadecimal digits',
      clause: '2.8',
    })
  }
  if (name.endsWith('_bin') && !(typeof value === 'string' && BASE64.test(value))) {
    report.breaks({
      code: 'value.base64',
      path,
      message: 'a property whose name ends in _bin holds base64',
      clause: '2.1',
    })
  }
  ignore(name, context, 'property.unknown', 'this property is not of STIX 2.1; it is kept')
}

function ignore(name: string, { report, path }: RuleContext, code: string, message: string): void {
  report.ignores({ code, path: `${path}/${step(name)}`, message, clause: '11' })
}

/** Whether a parsed JSON value is nested at most `max` deep; the value itself is depth 1 if it is an object or a list. */
export function isWithinDepth(value: unknown, max: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (max === 0) return false
  if (Array.isArray(value)) {
    for (const item of value)
      if (typeof item === 'object' && item !== null && !isWithinDepth(item, max - 1)) return false
    return true
  }
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name]
    if (typeof inner === 'object' && inner !== null && !isWithinDepth(inner, max - 1)) return false
  }
  return true
}
