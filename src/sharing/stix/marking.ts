// How an object may be handled, read from its STIX markings. Where several labels apply the strictest wins, and what
// nobody here understands is never taken for permission.
import { type Marking, stricterTlp, type Tlp } from '#kernel/marking.ts'
import { FIXED_MARKINGS, labelOf, TLP2_EXTENSION } from './tlp.ts'

export type MarkingDefaults = {
  /** What holds where the object carries no label of its own. Its audience and the rest are kept in any case. */
  readonly marking: Marking
  readonly personal: Marking['personal']
}

/** What a marking definition means that is here not understood. */
const UNKNOWN: Tlp = 'AMBER+STRICT'

/**
 * The marking of an object: the strictest of all labels of the Traffic Light Protocol it refers to, for the whole or for
 * a part. A label replaces the label of the defaults; a plain statement changes nothing; a marking definition that is
 * unknown, or of an unknown kind, makes it at least AMBER+STRICT.
 *
 * `resolve` finds a marking definition by id. It must answer only from where the object itself came (the same author and
 * collection): otherwise anybody could loosen somebody else's marking by publishing a definition under its id. The fixed
 * labels need no definition and cannot be redefined.
 *
 * `own` tells whether it carries a label itself; `reasons` are sentences for people, one per thing that decided.
 */
export function markingOf(
  object: Readonly<Record<string, unknown>>,
  resolve: (markingId: string) => unknown,
  defaults: MarkingDefaults,
): { readonly marking: Marking; readonly own: boolean; readonly reasons: string[] } {
  const reasons: string[] = []
  let label: Tlp | undefined
  let unknown = false
  for (const reference of new Set(references(object))) {
    const read = readReference(reference, resolve)
    reasons.push(read.reason)
    if (read.unknown) unknown = true
    if (read.tlp !== undefined) label = label === undefined ? read.tlp : stricterTlp(label, read.tlp)
  }
  if (label === undefined) reasons.push(`no label of its own: the default is TLP:${defaults.marking.tlp}`)
  const known = label ?? defaults.marking.tlp
  const tlp = unknown ? stricterTlp(known, UNKNOWN) : known
  return { marking: { ...defaults.marking, tlp, personal: defaults.personal }, own: label !== undefined, reasons }
}

/** The strictest of the fixed labels in an object: what those mean needs no definition, whoever made it. */
export function fixedLabelOf(object: Readonly<Record<string, unknown>>): Tlp {
  let label: Tlp = 'CLEAR'
  for (const reference of references(object))
    label = stricterTlp(label, FIXED_MARKINGS.get(reference as string)?.tlp ?? label)
  return label
}

type Read = { readonly tlp?: Tlp; readonly unknown: boolean; readonly reason: string }

function readReference(reference: unknown, resolve: (markingId: string) => unknown): Read {
  if (typeof reference !== 'string')
    return { unknown: true, reason: `a marking that is not an identifier: at least TLP:${UNKNOWN}` }
  const short = reference.slice(0, 100)
  const fixed = FIXED_MARKINGS.get(reference)
  if (fixed !== undefined) return { tlp: fixed.tlp, unknown: false, reason: `marked ${fixed.name}` }
  const definition = resolve(reference)
  if (!isObject(definition) || definition['type'] !== 'marking-definition' || definition['id'] !== reference) {
    return { unknown: true, reason: `${short} is not known here: at least TLP:${UNKNOWN}` }
  }
  const { tlp, unknown } = meaningOf(definition)
  if (tlp !== undefined && !unknown) return { tlp, unknown, reason: `${short} says TLP:${tlp}` }
  if (tlp !== undefined) return { tlp, unknown, reason: `${short} says TLP:${tlp} and more: at least TLP:${UNKNOWN}` }
  if (!unknown) return { unknown, reason: `${short} is a statement and carries no label` }
  return { unknown, reason: `${short} is of a kind not known here: at least TLP:${UNKNOWN}` }
}

/** What a marking definition means: its label, where it has one, and whether it says something that is not understood. */
export function meaningOf(definition: Readonly<Record<string, unknown>>): { tlp?: Tlp; unknown: boolean } {
  const tlp = labelOf(definition)
  return tlp === undefined
    ? { unknown: !isPlainStatement(definition) }
    : { tlp, unknown: hasOtherExtensions(definition) }
}

function hasOtherExtensions(definition: Readonly<Record<string, unknown>>): boolean {
  const extensions = definition['extensions']
  return isObject(extensions) && Object.keys(extensions).some((id) => id !== TLP2_EXTENSION)
}

/** A statement and nothing beside it: an extension could say anything. */
function isPlainStatement(definition: Readonly<Record<string, unknown>>): boolean {
  const content = definition['definition']
  return (
    definition['definition_type'] === 'statement' &&
    definition['extensions'] === undefined &&
    isObject(content) &&
    typeof content['statement'] === 'string' &&
    Object.keys(content).length === 1
  )
}

/** All markings of an object: of the whole, of parts, and of the observables an old observed-data carries inside. */
export function* references(object: Readonly<Record<string, unknown>>): Generator<unknown> {
  yield* listOf(object['object_marking_refs'])
  for (const granular of listOf(object['granular_markings'])) {
    if (isObject(granular) && granular['marking_ref'] === undefined && typeof granular['lang'] === 'string') continue
    yield isObject(granular) ? granular['marking_ref'] : granular
  }
  if (object['type'] !== 'observed-data' || !isObject(object['objects'])) return
  for (const contained of Object.values(object['objects'])) {
    if (isObject(contained)) yield* references({ ...contained, type: undefined })
  }
}

/** The items of a list; a value that should have been a list counts as one item that nobody understands. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [null]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
