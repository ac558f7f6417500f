// What lenient strictness forgives: habits of real producers that leave an object whole, identifiable and safe to pass
// on. Whatever is not named here stays a refusal under both strictnesses. Nothing is ever repaired: the object is kept
// and passed on as it came.
import { parseMicros } from '#kernel/clock.ts'
import type { Finding } from './finding.ts'
import type { Json } from './rules/kit.ts'

/** Codes forgiven wherever they occur. */
const FORGIVEN: ReadonlySet<string> = new Set([
  'dictionary.empty',
  'dictionary.key',
  'extension.name',
  'hash.name',
  'hash.value',
  'id.version',
  'list.empty',
  'marking.both',
  'marking.tlp',
  'pattern.name',
  'pattern.syntax',
  'property.conflict',
  'property.name',
  'property.not-here',
  'property.one-of',
  'property.reserved',
  'reference.catalogue',
  'registry.hive',
  'relationship.type',
  'selector.format',
  'selector.nowhere',
  'time.order',
  'value.base64',
  'value.charset',
  'value.cpe',
  'value.domain',
  'value.email',
  'value.hex',
  'value.ipv4',
  'value.ipv6',
  'value.language',
  'value.mac',
  'value.media-type',
  'value.range',
  'value.uri',
])

/** Properties that may be missing: without them an object says less, but it can still be stored, found and shared. */
const MAY_LACK: ReadonlySet<string> = new Set([
  'created_by_ref',
  'encryption_algorithm',
  'extension_type',
  'hashes',
  'is_family',
  'is_multipart',
  'pattern_type',
  'spec_version',
])

/** What storing and versioning stand on, also inside a bundle: here null is not a habit but a hole. */
const MUST_HAVE = /^(?:\/objects\/\d+)?\/(?:id|type|created|modified|revoked|spec_version)$/

/** Whether lenient strictness forgives a violation. */
export function isForgiven(finding: Finding, object: Json): boolean {
  const { code, path } = finding
  if (code === 'property.missing') return MAY_LACK.has(lastStep(path))
  if (code === 'time.format') return microsOfTime(valueAt(object, path)) !== undefined
  if (code === 'id.format') return isUsableId(valueAt(object, path), valueAt(object, path.replace(/id$/, 'type')))
  if (code === 'ref.format') return isUsableReference(valueAt(object, path))
  if (code === 'value.type') return isOldHeader(path) && typeof valueAt(object, path) === 'string'
  if (code === 'value.null' || code === 'value.enum') return !MUST_HAVE.test(path)
  return FORGIVEN.has(code)
}

const KNOWN_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,12})?)\d*(?:Z|([+-])(\d\d):(\d\d))$/

/**
 * Microseconds since 1970 of a time in any of the forms that are forgiven: fewer digits or more, an offset from UTC, a
 * space instead of the T. Undefined where it is no time, or not one that the calendar has.
 */
export function microsOfTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 100) return undefined
  const usual = parseMicros(value)
  if (usual !== undefined) return usual
  const match = KNOWN_TIME.exec(value)
  const micros = match === null ? undefined : parseMicros(`${match[1]}T${match[2]}Z`)
  if (match === null || micros === undefined) return undefined
  const [, , , sign, hours, minutes] = match
  if (sign === undefined) return micros
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined
  return micros - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000_000
}

/** STIX 2.0 had a text where 2.1 has a list, in the headers of an HTTP request. */
function isOldHeader(path: string): boolean {
  return path.includes('/http-request-ext/request_header/')
}

/** An id that begins with the type and is short and plain enough to stand in an address. */
function isUsableId(value: unknown, type: unknown): boolean {
  return typeof value === 'string' && typeof type === 'string' && value.startsWith(`${type}--`) && USABLE_ID.test(value)
}

function isUsableReference(value: unknown): boolean {
  return typeof value === 'string' && USABLE_ID.test(value)
}

const USABLE_ID = /^[a-z][a-z0-9-]{1,249}--[A-Za-z0-9._-]{1,100}$/

function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function valueAt(object: Json, path: string): unknown {
  let value: unknown = object
  for (const part of path.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return value
}
