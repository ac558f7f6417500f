// STIX 2.1 objects from what somebody typed.
import type { Value } from '#kernel/value.ts'
import { patternOf } from '#kernel/value-pattern.ts'

export const TLPS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const
export type TlpName = (typeof TLPS)[number]

/** The marking definitions of TLP 2.0, fixed by the OASIS extension definition. */
export const TLP_IDS: Readonly<Record<TlpName, string>> = {
  CLEAR: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  GREEN: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  AMBER: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'AMBER+STRICT': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  RED: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
}

export type Common = { readonly tlp: TlpName; readonly now: string; readonly newUuid: () => string }
export type Text = { readonly name: string; readonly description: string }

export type Fields = Readonly<Record<string, unknown>>

function object(type: string, { tlp, now, newUuid }: Common, fields: Fields): Fields {
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${newUuid()}`,
    created: now,
    modified: now,
    ...fields,
    object_marking_refs: [TLP_IDS[tlp]],
  }
}

const described = ({ description }: Text): Fields =>
  description.trim() === '' ? {} : { description: description.trim() }

/** An indicator for a value; for a CVE id the vulnerability itself. */
export function objectOf(value: Value, text: Text, common: Common & { readonly until: string | undefined }): Fields {
  if (value.kind === 'vulnerability')
    return object('vulnerability', common, {
      name: value.value,
      ...described(text),
      external_references: [
        { source_name: value.value.startsWith('CVE-') ? 'cve' : 'other', external_id: value.value },
      ],
    })
  return object('indicator', common, {
    name: text.name.trim() === '' ? value.value : `${text.name.trim()}: ${value.value}`,
    ...described(text),
    pattern: patternOf(value),
    pattern_type: 'stix',
    indicator_types: ['malicious-activity'],
    valid_from: common.now,
    ...(common.until === undefined ? {} : { valid_until: common.until }),
  })
}

export function reportOf(text: Text, about: readonly string[], common: Common): Fields {
  return object('report', common, {
    name: text.name.trim(),
    ...described(text),
    report_types: ['threat-report'],
    published: common.now,
    object_refs: about,
  })
}

export function noteOf(text: Text, about: readonly string[], common: Common): Fields {
  return object('note', common, {
    ...(text.name.trim() === '' ? {} : { abstract: text.name.trim() }),
    content: text.description.trim(),
    object_refs: about,
  })
}

export const OPINIONS = ['strongly-agree', 'agree', 'neutral', 'disagree', 'strongly-disagree'] as const

export function opinionOf(
  { opinion, description }: Text & { readonly opinion: string },
  about: readonly string[],
  common: Common,
): Fields {
  return object('opinion', common, {
    ...(description.trim() === '' ? {} : { explanation: description.trim() }),
    opinion,
    object_refs: about,
  })
}

type Seen = Text & { readonly count: string; readonly firstSeen: string; readonly lastSeen: string }

/** Times are typed in UTC, as the console shows them, to the minute. */
export function sightingOf(seen: Seen, [about]: readonly string[], common: Common): Fields {
  const time = (typed: string): string => new Date(`${typed}Z`).toISOString()
  return object('sighting', common, {
    ...described(seen),
    ...(seen.firstSeen === '' ? {} : { first_seen: time(seen.firstSeen) }),
    ...(seen.lastSeen === '' ? {} : { last_seen: time(seen.lastSeen) }),
    count: Number(seen.count),
    sighting_of_ref: about,
  })
}

type TextFields = { readonly name?: string; readonly description: string }

/** Where a type has its name and its text; an opinion has no name. */
const TEXT_FIELDS: Readonly<Record<string, TextFields>> = {
  note: { name: 'abstract', description: 'content' },
  opinion: { description: 'explanation' },
}
const NAMED: TextFields = { name: 'name', description: 'description' }

export const textFieldsOf = (type: unknown): TextFields => TEXT_FIELDS[String(type)] ?? NAMED

/** The name and text of a version, to be changed. */
export function textOf(before: Fields): Text {
  const fields = textFieldsOf(before['type'])
  const text = (field: string | undefined): string => {
    const value = field === undefined ? undefined : before[field]
    return typeof value === 'string' ? value : ''
  }
  return { name: text(fields.name), description: text(fields.description) }
}

/** The next version: as the one before, with another name and text, later, and under the marking chosen now. */
export function changedOf(before: Fields, text: Text, { tlp, now }: Common): Fields {
  const { object_marking_refs: refs, ...rest } = before
  const others = (Array.isArray(refs) ? refs : []).filter((ref) => !Object.values(TLP_IDS).includes(ref as string))
  const laterMs = Date.parse(String(before['modified'])) + 1
  const modified = Date.parse(now) >= laterMs ? now : new Date(laterMs).toISOString()
  const next: Record<string, unknown> = { ...rest, modified, object_marking_refs: [TLP_IDS[tlp], ...others] }
  const fields = textFieldsOf(before['type'])
  for (const [field, said] of [
    [fields.name, text.name.trim()],
    [fields.description, text.description.trim()],
  ] as const) {
    if (field === undefined) continue
    if (said === '') delete next[field]
    else next[field] = said
  }
  return next
}
