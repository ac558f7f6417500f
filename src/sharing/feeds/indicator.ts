// What a value of a list becomes: an indicator, or for a CVE id the vulnerability, that says where it is from and what the
// source allows. The address of the source is not said: it may hold a key.
import { patternOf } from '#kernel/value-pattern.ts'
import type { Tlp } from '#kernel/marking.ts'
import type { Value } from '#kernel/value.ts'
import { FIXED_MARKINGS } from '../stix/tlp.ts'

export type Origin = { readonly feed: string; readonly licence: string; readonly tlp: Tlp }

export function objectOfValue(
  value: Value,
  { feed, licence, tlp }: Origin,
  { now, uuid }: { readonly now: string; readonly uuid: string },
): Readonly<Record<string, unknown>> & { readonly id: string } {
  const type = value.kind === 'vulnerability' ? 'vulnerability' : 'indicator'
  const source = { source_name: feed, description: licence }
  const common = { type, spec_version: '2.1', id: `${type}--${uuid}`, created: now, modified: now, name: value.value }
  const marked = { object_marking_refs: [markingId(tlp)] }
  if (type === 'vulnerability') {
    const name = value.value.startsWith('CVE-') ? 'cve' : 'other'
    return { ...common, external_references: [{ source_name: name, external_id: value.value }, source], ...marked }
  }
  return {
    ...common,
    indicator_types: ['malicious-activity'],
    pattern: patternOf(value),
    pattern_type: 'stix',
    valid_from: now,
    external_references: [source],
    ...marked,
  }
}

/** The last version of an object whose value is gone from its list. */
export function revokedOf(object: Readonly<Record<string, unknown>>, now: string): Readonly<Record<string, unknown>> {
  return { ...object, modified: now, revoked: true }
}

function markingId(tlp: Tlp): string {
  for (const [id, marking] of FIXED_MARKINGS) if (marking.version === 2 && marking.tlp === tlp) return id
  throw new Error(`no marking definition for ${tlp}`)
}
