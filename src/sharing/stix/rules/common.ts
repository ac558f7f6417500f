// The rules every object is held to beside its schema (STIX 2.1 sections 2, 3 and 7.2).
import { step } from '../finding.ts'
import { compareTimes, isObject, type Json, listOf, type Rule, type RuleContext, typeOfId } from './kit.ts'

/** Names that are set aside and must not be used (section 3.8). */
const RESERVED = ['severity', 'action', 'username', 'phone_numbers']

export const commonRules: Rule = (object, context) => {
  idNamesType(object, context)
  timesInOrder(object, context)
  reservedNames(object, context)
  creatorIsIdentity(object, context)
  markings(object, context)
  externalReferences(object, context)
}

function idNamesType(object: Json, { report, path }: RuleContext): void {
  const { id, type } = object
  if (typeof id !== 'string' || typeof type !== 'string' || typeOfId(id) === type) return
  report.breaks({
    code: 'id.type',
    path: `${path}/id`,
    message: `the id of this object must begin with ${type}--`,
    clause: '2.9',
  })
}

function timesInOrder(object: Json, { definition, report, path }: RuleContext): void {
  for (const { first, last, strict } of definition.order) {
    if (object[last] === undefined || object[first] === undefined) continue
    const order = compareTimes(object[first], object[last])
    if (order === undefined || order < 0 || (order === 0 && strict !== true)) continue
    report.breaks({
      code: 'time.order',
      path: `${path}/${last}`,
      message: `${last} must ${strict === true ? 'be later than' : 'not be earlier than'} ${first}`,
      clause: first === 'created' ? '3.2' : definition.clause,
    })
  }
}

function reservedNames(object: Json, { definition, report, path }: RuleContext): void {
  for (const name of RESERVED) {
    if (object[name] === undefined) continue
    report.breaks({
      code: 'property.reserved',
      path: `${path}/${name}`,
      message: `${name} is a reserved name`,
      clause: '3.8',
    })
  }
  if (definition.kind !== 'sco' && object['defanged'] !== undefined) {
    report.breaks({
      code: 'property.not-here',
      path: `${path}/defanged`,
      message: 'only observables can be defanged',
      clause: '3.2',
    })
  }
}

function creatorIsIdentity(object: Json, { report, path }: RuleContext): void {
  const creator = object['created_by_ref']
  if (typeof creator !== 'string' || creator.startsWith('identity--')) return
  report.advises({
    code: 'ref.type',
    path: `${path}/created_by_ref`,
    message: 'created_by_ref should point to an identity',
    clause: '3.2',
  })
}

function markings(object: Json, context: RuleContext): void {
  const { report, path } = context
  const own = object['type'] === 'marking-definition' ? object['id'] : undefined
  if (own !== undefined && listOf(object['object_marking_refs']).includes(own)) {
    report.breaks({
      code: 'marking.circular',
      path: `${path}/object_marking_refs`,
      message: 'a marking definition cannot mark itself',
      clause: '3.2',
    })
  }
  listOf(object['granular_markings']).forEach((marking, at) => {
    if (!isObject(marking)) return
    const here = `${path}/granular_markings/${at}`
    if (own !== undefined && marking['marking_ref'] === own) {
      report.breaks({
        code: 'marking.circular',
        path: `${here}/marking_ref`,
        message: 'a marking definition cannot mark itself',
        clause: '3.2',
      })
    }
    if (marking['lang'] !== undefined && marking['marking_ref'] !== undefined) {
      report.breaks({
        code: 'marking.both',
        path: here,
        message: 'a granular marking has either marking_ref or lang',
        clause: '7.2.3',
      })
    }
    listOf(marking['selectors']).forEach((selector, index) => {
      if (typeof selector !== 'string' || selects(object, selector)) return
      report.breaks({
        code: 'selector.nowhere',
        path: `${here}/selectors/${index}`,
        message: `nothing in this object is at ${selector.slice(0, 100)}`,
        clause: '7.2.3.1',
      })
    })
  })
}

/** Whether a selector leads to something in the object. */
function selects(object: Json, selector: string): boolean {
  let value: unknown = object
  for (const part of selector.split('.')) {
    const index = /^\[(\d{1,9})\]$/.exec(part)?.[1]
    if (index !== undefined) {
      if (!Array.isArray(value) || Number(index) >= value.length) return false
      value = value[Number(index)]
    } else {
      if (!isObject(value) || !Object.hasOwn(value, part)) return false
      value = value[part]
    }
  }
  return true
}

const CATALOGUES = [
  {
    source: 'cve',
    id: /^CVE-\d{4}-(?:0\d{3}|[1-9]\d{3,})$/,
    looks: /^CVE-\d/i,
    type: 'vulnerability',
    clause: '4.19.1',
    form: 'CVE-2026-0001',
  },
  { source: 'capec', id: /^CAPEC-\d+$/, looks: /^CAPEC-\d/i, type: 'attack-pattern', clause: '4.1.1', form: 'CAPEC-1' },
] as const

/** References to CVE and CAPEC have a fixed spelling where the object is what they catalogue. */
function externalReferences(object: Json, { report, path }: RuleContext): void {
  const references = object['external_references']
  if (!Array.isArray(references)) return
  for (let at = 0; at < references.length; at++) {
    const reference: unknown = references[at]
    if (!isObject(reference)) continue
    const { source_name: source, external_id: id } = reference
    for (const catalogue of CATALOGUES) {
      const named = source === catalogue.source
      if (!named && !(typeof id === 'string' && catalogue.looks.test(id))) continue
      if (named && typeof id === 'string' && catalogue.id.test(id)) continue
      const finding = {
        code: 'reference.catalogue',
        path: `${path}/external_references/${at}`,
        message: `this must have the source_name ${catalogue.source} and an external_id such as ${catalogue.form}`,
        clause: catalogue.clause,
      }
      if (object['type'] === catalogue.type) report.breaks(finding)
      else report.advises(finding)
    }
  }
}

/** References of an observable are checked for their type by the schema; a broken UUID in one is only noted. */
export const looseReferences: Rule = (object, { report, path }) => {
  for (const name of Object.keys(object)) {
    if (!name.endsWith('_ref') && !name.endsWith('_refs')) continue
    const value = object[name]
    for (const reference of Array.isArray(value) ? value : [value]) {
      if (typeof reference !== 'string' || WHOLE_ID.test(reference)) continue
      report.advises({
        code: 'ref.uuid',
        path: `${path}/${step(name)}`,
        message: `${reference.slice(0, 100)} has no UUID of RFC 4122 and leads nowhere`,
        clause: '2.9',
      })
    }
  }
}

const WHOLE_ID =
  /^[a-z][a-z0-9-]*--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$/
