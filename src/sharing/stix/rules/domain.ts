// The rules of single types of domain objects and relationships (STIX 2.1 sections 4 and 5).
import { definitionOf } from '../model/registry.ts'
import { parsePattern } from '../pattern/parse.ts'
import { type Pattern, testsOf } from '../pattern/tree.ts'
import { type Json, listOf, type Rule, type RuleContext, typeOfId } from './kit.ts'

/** The rules of one type, by type. */
export const DOMAIN_RULES: Readonly<Record<string, Rule>> = {
  indicator,
  location,
  malware,
  'observed-data': observedData,
}

function indicator(object: Json, { report, path }: RuleContext): void {
  const { pattern, pattern_type: language } = object
  if (typeof pattern !== 'string' || (language !== undefined && language !== 'stix')) return
  const answer = parsePattern(pattern)
  if (!answer.ok) {
    const message = `the pattern is not one at character ${answer.offset + 1}: ${answer.reason}`
    return report.breaks({ code: 'pattern.syntax', path: `${path}/pattern`, message, clause: '9' })
  }
  patternNames(answer.pattern, { report, path })
}

const TYPE_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const PROPERTY_NAME = /^[a-z0-9_]{3,250}$/

/** A pattern names types and properties of observables, which have their rules of spelling (section 3.1). */
function patternNames(pattern: Pattern, { report, path }: Pick<RuleContext, 'report' | 'path'>): void {
  for (const { path: place } of testsOf(pattern)) {
    const { type } = place
    const first = place.steps[0]
    const definition = definitionOf(type)
    if (definition === undefined && (!TYPE_NAME.test(type) || type.length < 3 || type.length > 250)) {
      const message = `${type.slice(0, 60)} cannot be the name of a type of observables`
      report.breaks({ code: 'pattern.name', path: `${path}/pattern`, message, clause: '3.1' })
    } else if (
      first?.kind === 'property' &&
      !isProperty(definition?.schema, first.name) &&
      !PROPERTY_NAME.test(first.name)
    ) {
      const message = `${first.name.slice(0, 60)} cannot be the name of a property`
      report.breaks({ code: 'pattern.name', path: `${path}/pattern`, message, clause: '3.1' })
    }
  }
}

function isProperty(schema: unknown, name: string): boolean {
  const properties = (schema as { properties?: object } | undefined)?.properties
  return properties !== undefined && Object.hasOwn(properties, name)
}

function location(object: Json, { report, path }: RuleContext): void {
  const { latitude, longitude, precision } = object
  if ((latitude === undefined) !== (longitude === undefined)) {
    const absent = latitude === undefined ? 'latitude' : 'longitude'
    report.breaks({
      code: 'property.missing',
      path: `${path}/${absent}`,
      message: 'latitude and longitude come together',
      clause: '4.10',
    })
  }
  if (precision !== undefined && (latitude === undefined || longitude === undefined)) {
    report.breaks({
      code: 'property.missing',
      path: `${path}/latitude`,
      message: 'precision needs latitude and longitude',
      clause: '4.10',
    })
  }
}

function malware(object: Json, { report, path }: RuleContext): void {
  if (object['is_family'] !== true || object['name'] !== undefined) return
  report.breaks({
    code: 'property.missing',
    path: `${path}/name`,
    message: 'a family of malware needs a name',
    clause: '4.11',
  })
}

function observedData(object: Json, { report, path }: RuleContext): void {
  const references = listOf(object['object_refs'])
  if (object['objects'] !== undefined && object['object_refs'] !== undefined) {
    report.breaks({
      code: 'property.conflict',
      path: `${path}/objects`,
      message: 'observed-data has either objects or object_refs',
      clause: '4.14',
    })
  }
  if (references.length === 0 || references.some((reference) => definitionOf(typeOfId(reference))?.kind !== 'sro'))
    return
  report.breaks({
    code: 'ref.format',
    path: `${path}/object_refs`,
    message: 'at least one of these must be an observable',
    clause: '4.14',
  })
}
