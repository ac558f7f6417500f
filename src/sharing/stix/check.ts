// Whether a parsed JSON value is a STIX 2.1 object, and what is odd about it. First the compiled schema of its type
// (fast), then the rules schemas cannot say; only where the schema says no is it walked again to explain why. Nothing
// is changed and nothing is refused for being unknown: unknown types and properties are reported beside.
import { parseUuid } from '#kernel/id.ts'
import { LIMITS } from '#kernel/limits.ts'
import { containedDefinition } from './container.ts'
import { explain } from './explain.ts'
import { type Finding, FINDINGS_MAX, Report, step } from './finding.ts'
import { isForgiven, microsOfTime } from './leniency.ts'
import { checkerOf, customDefinitionOf, definitionOf } from './model/registry.ts'
import { commonRules, looseReferences } from './rules/common.ts'
import { DOMAIN_RULES } from './rules/domain.ts'
import { isObject, type Json, type RuleContext } from './rules/kit.ts'
import { META_RULES } from './rules/meta.ts'
import { OBSERVABLE_RULES, observableIdentifier, observableTimes } from './rules/observable.ts'
import { isWithinDepth, reportUnknown } from './unknown.ts'

/** `strict` refuses what breaks a MUST of STIX 2.1; `lenient` also accepts what is common in the wild (`leniency.ts`). */
export type Strictness = 'strict' | 'lenient'

export type CheckOptions = {
  readonly strictness: Strictness
  /** True for an object out of a bundle: there an absent spec_version means 2.0 (section 3.2) and is no violation. */
  readonly inBundle?: boolean
}

/** What storing and routing an object needs to know of it. */
export type StixSummary = {
  readonly type: string
  readonly id: string
  /** The bytes of the UUID in the id; absent where the id has none in canonical lower-case form. */
  readonly uuid?: Uint8Array
  /** The version as microseconds since 1970: modified, else created; absent where the object has neither. */
  readonly versionMicros?: number
  readonly specVersion: '2.0' | '2.1'
  readonly revoked: boolean
}

export type CheckAnswer =
  | {
      readonly ok: true
      readonly object: StixSummary
      /** Violations accepted all the same: of a SHOULD, and under lenient strictness of a MUST. */
      readonly forgiven: readonly Finding[]
      /** What is kept without being understood. */
      readonly unknown: readonly Finding[]
    }
  | { readonly ok: false; readonly errors: readonly Finding[] }

/**
 * Judges one object, or a bundle with all objects in it. Never throws and never changes the value. Takes time linear in
 * the size of the value.
 */
export function checkObject(value: unknown, options: CheckOptions): CheckAnswer {
  if (!isObject(value)) return refuse('value.type', '', 'a STIX object is a JSON object', '3')
  if (!isWithinDepth(value, LIMITS.jsonDepthMax))
    return refuse('limit.depth', '', `this is nested deeper than ${LIMITS.jsonDepthMax}`, '3')
  const { type } = value
  if (type === undefined) return refuse('property.missing', '/type', 'type is required', '3.2')
  if (typeof type !== 'string') return refuse('value.type', '/type', 'type must be a text', '3.2')
  const report = new Report()
  judge(value, { report, options, path: '', definition: definitionOf(type) ?? customDefinitionOf(value) })
  return answer(value, report, options)
}

function refuse(code: string, path: string, message: string, clause: string): CheckAnswer {
  return { ok: false, errors: [{ code, path, message, clause }] }
}

type Case = RuleContext & { readonly options: CheckOptions; readonly contained?: boolean }

/** Reports everything about one object. The report of its shape comes first: rules trust no shape. */
function judge(object: Json, context: Case): void {
  const { definition, report, path } = context
  if (!checkerOf(definition)(object)) {
    const violations = explain(definition.schema, object)
    for (const violation of violations) {
      if (!isImpliedVersion(violation, context))
        report.breaks(path === '' ? violation : { ...violation, path: path + violation.path })
    }
    if (violations.length === 0)
      report.breaks({ code: 'schema', path, message: 'this does not fit its schema', clause: definition.clause })
  }
  if (definition.type === '') {
    const message = `${String(object['type']).slice(0, 100)} is not a type of STIX 2.1; the object is kept`
    report.ignores({ code: 'type.unknown', path: `${path}/type`, message, clause: '11.2' })
  }
  applyRules(object, context)
  reportUnknown(object, definition.schema, context)
}

/** In a bundle, an object without spec_version is one of STIX 2.0. */
function isImpliedVersion(finding: Finding, { options, report, path }: Case): boolean {
  if (options.inBundle !== true || finding.code !== 'property.missing' || finding.path !== '/spec_version') return false
  report.advises({
    ...finding,
    code: 'spec-version.implied',
    path: `${path}/spec_version`,
    message: 'no spec_version: taken as an object of STIX 2.0',
  })
  return true
}

function applyRules(object: Json, context: Case): void {
  const { definition } = context
  if (context.contained !== true) commonRules(object, context)
  if (definition.kind === 'sco') {
    observableTimes(object, context)
    if (context.contained !== true) {
      looseReferences(object, context)
      observableIdentifier(object, context)
    }
    OBSERVABLE_RULES[definition.type]?.(object, context)
  } else if (definition.kind === 'meta') {
    META_RULES[definition.type]?.(object, context)
  } else if (definition.kind === 'bundle') {
    judgeBundle(object, context)
  } else {
    DOMAIN_RULES[definition.type]?.(object, context)
    if (definition.type === 'observed-data') judgeContained(object, context)
  }
}

function judgeBundle(bundle: Json, context: Case): void {
  const objects = bundle['objects']
  if (!Array.isArray(objects)) return
  for (let at = 0; at < objects.length; at++) {
    if (context.report.must.length >= FINDINGS_MAX) return
    const object: unknown = objects[at]
    const path = `${context.path}/objects/${at}`
    const type = isObject(object) ? object['type'] : undefined
    if (!isObject(object) || typeof type !== 'string' || type === 'bundle') {
      context.report.breaks({
        code: 'bundle.member',
        path,
        message: 'this is not an object that can be in a bundle',
        clause: '8',
      })
      continue
    }
    const options = { ...context.options, inBundle: true }
    judge(object, { ...context, path, options, definition: definitionOf(type) ?? customDefinitionOf(object) })
  }
}

/** The observables inside an old observed-data object, and the local references between them. */
function judgeContained(object: Json, context: Case): void {
  const container = object['objects']
  if (!isObject(container)) return
  for (const [key, inner] of Object.entries(container)) {
    if (context.report.must.length >= FINDINGS_MAX) return
    const path = `${context.path}/objects/${step(key)}`
    const type = isObject(inner) ? inner['type'] : undefined
    if (!isObject(inner) || typeof type !== 'string') {
      context.report.breaks({
        code: 'property.missing',
        path: `${path}/type`,
        message: 'an observable needs a type',
        clause: '2.13',
      })
      continue
    }
    const definition = definitionOf(type)
    if (definition?.kind === 'sco')
      judge(inner, { ...context, path, contained: true, definition: containedDefinition(definition) })
    localReferences(inner, container, { ...context, path, definition: definition ?? context.definition })
  }
}

function localReferences(inner: Json, container: Json, { report, path, definition }: RuleContext): void {
  const properties = (definition.schema as { properties?: Record<string, RefNode> }).properties ?? {}
  for (const name of Object.keys(inner)) {
    if (!name.endsWith('_ref') && !name.endsWith('_refs')) continue
    const types = Object.hasOwn(properties, name) ? refersTo(properties[name]) : []
    for (const key of Array.isArray(inner[name]) ? inner[name] : [inner[name]]) {
      if (name === 'object_marking_refs' || typeof key !== 'string') continue
      const target = Object.hasOwn(container, key) ? container[key] : undefined
      const type = isObject(target) ? target['type'] : undefined
      if (typeof type === 'string' && (types.length === 0 || types.includes(type))) continue
      const message =
        target === undefined
          ? `nothing here has the key ${key.slice(0, 60)}`
          : `this must refer to ${types.join(' or ')}`
      report.breaks({ code: 'ref.local', path: `${path}/${step(name)}`, message, clause: '2.13' })
    }
  }
}

type RefNode = { readonly stix?: { readonly refersTo?: readonly string[] }; readonly items?: RefNode }

function refersTo(node: RefNode | undefined): readonly string[] {
  return node?.stix?.refersTo ?? node?.items?.stix?.refersTo ?? []
}

function answer(object: Json, report: Report, { strictness }: CheckOptions): CheckAnswer {
  const refused = strictness === 'strict' ? report.must : report.must.filter((finding) => !isForgiven(finding, object))
  if (refused.length > 0) return { ok: false, errors: refused }
  const forgiven = report.must.length === 0 ? report.should : [...report.must, ...report.should]
  return { ok: true, object: summaryOf(object), forgiven, unknown: report.unknown }
}

function summaryOf(object: Json): StixSummary {
  const { type, id } = object as { type: string; id: string }
  const uuid = parseUuid(id.slice(type.length + 2))
  const version = object['modified'] ?? object['created']
  const versionMicros = microsOfTime(version)
  const implied = object['created'] === undefined ? '2.1' : '2.0'
  return {
    type,
    id,
    ...(uuid === undefined ? {} : { uuid }),
    ...(versionMicros === undefined ? {} : { versionMicros }),
    specVersion: object['spec_version'] === '2.0' ? '2.0' : object['spec_version'] === '2.1' ? '2.1' : implied,
    revoked: object['revoked'] === true,
  }
}
