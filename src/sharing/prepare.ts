// From bytes to a record that can be stored: parse, check, take apart. Pure; used for what this member says and for
// what peers send alike.
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { ForeignRecord } from './apply-command.ts'
import type { Piece } from './piece.ts'
import type { PreparedRecord } from './record-store.ts'
import { checkObject, type StixSummary, type Strictness } from './stix/check.ts'
import type { Finding } from './stix/finding.ts'
import { fixedLabelOf } from './stix/marking.ts'
import { packReferences } from './reference.ts'
import { objectKey } from './stix-id.ts'
import { valuesOf } from './value.ts'

/** A STIX object that passed, parsed and summarised, with what was forgiven on the way. */
export type Accepted = {
  readonly ok: true
  readonly value: Readonly<Record<string, unknown>>
  readonly summary: StixSummary
  readonly forgiven: readonly Finding[]
  readonly unknown: readonly Finding[]
}

export type Rejected = { readonly ok: false; readonly id?: string; readonly findings: readonly Finding[] }

/** The exact bytes of an object, with what a splitter already found out about them. */
export type ObjectBytes = Pick<Piece, 'bytes'> & Partial<Pick<Piece, 'depth' | 'colons' | 'refused'>>

/** Parses and checks one object. Never throws for foreign bytes. */
export function acceptObject(
  { bytes, depth, colons, refused }: ObjectBytes,
  strictness: Strictness,
): Accepted | Rejected {
  if (refused !== undefined) return { ok: false, findings: [finding('limit.size', refused.message)] }
  if (bytes.length > LIMITS.recordBytesMax)
    return { ok: false, findings: [finding('limit.size', `this object is larger than ${LIMITS.recordBytesMax} bytes`)] }
  let value: unknown
  try {
    value = parseJson(bytes, depth === undefined || colons === undefined ? {} : { scanned: { depth, colons } })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { ok: false, findings: [finding('json', error.message, error.place ?? '')] }
  }
  const answer = checkObject(value, { strictness, inBundle: true })
  const id = (value as { id?: unknown } | null)?.id
  if (!answer.ok) return { ok: false, ...(typeof id === 'string' ? { id } : {}), findings: answer.errors }
  if (answer.object.type === 'bundle')
    return { ok: false, findings: [finding('bundle.nested', 'a bundle is not a record; send its objects')] }
  return {
    ok: true,
    value: value as Record<string, unknown>,
    summary: answer.object,
    forgiven: answer.forgiven,
    unknown: answer.unknown,
  }
}

function finding(code: string, message: string, path = ''): Finding {
  return { code, path, message, clause: '3' }
}

/** Words beyond this are not indexed: a description of a book's length is found by its beginning. */
const TEXT_CHARS_MAX = 8192

const TEXT_PROPERTIES = [
  'name',
  'aliases',
  'value',
  'pattern',
  'description',
  'abstract',
  'content',
  'explanation',
  'opinion',
] as const

/** The record of an accepted object. `label` is an index into the command's labels, start and end lie in its buffer. */
export function prepareRecord(
  { value, summary }: Accepted,
  place: { readonly label: number; readonly start: number; readonly end: number },
): PreparedRecord {
  const references = packReferences(value)
  const key = objectKey(summary.id) ?? { type: summary.type, oid: Buffer.from(`\0${summary.id}`) }
  return {
    id: summary.id,
    type: key.type,
    oid: key.oid,
    version: summary.versionMicros ?? 0,
    spec: summary.specVersion === '2.0' ? 20 : 21,
    text: textOf(value),
    values: valuesOf(value).flatMap((each) => [each.kind, each.value]),
    ...(references === undefined ? {} : { references }),
    ...place,
  }
}

function textOf(value: Readonly<Record<string, unknown>>): string {
  const words: string[] = []
  for (const name of TEXT_PROPERTIES) {
    const property = value[name]
    if (typeof property === 'string') words.push(property)
    else if (Array.isArray(property)) words.push(...property.filter((each) => typeof each === 'string'))
  }
  const references = value['external_references']
  if (Array.isArray(references))
    for (const reference of references as unknown[]) {
      const id = (reference as { external_id?: unknown } | null)?.external_id
      if (typeof id === 'string') words.push(id)
    }
  return words.join('\n').slice(0, TEXT_CHARS_MAX)
}

/** What sharing makes of a peer's statement outside the writer, by its kind; undefined for kinds that are not its own. */
export function prepareStatement(kind: string, items: readonly (Uint8Array | undefined)[]): unknown {
  if (kind === 'records.put') return prepareForeign(items)
  if (kind !== 'records.withdraw') return undefined
  try {
    return parseJson(items[0] ?? new Uint8Array(0))
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** What is shown of a peer's records.put, item by item: a record, or the reason it goes to quarantine. */
function prepareForeign(items: readonly (Uint8Array | undefined)[]): (ForeignRecord | undefined)[] {
  return items.map((bytes) => {
    if (bytes === undefined) return undefined
    const accepted = acceptObject({ bytes }, 'lenient')
    if (accepted.ok) {
      const record = prepareRecord(accepted, { label: 0, start: 0, end: 0 })
      return { ok: true, record, tlp: fixedLabelOf(accepted.value) }
    }
    const [first] = accepted.findings
    return {
      ok: false,
      reason: first === undefined ? 'not a STIX object' : `${first.code} at ${first.path || '/'}: ${first.message}`,
    }
  })
}
