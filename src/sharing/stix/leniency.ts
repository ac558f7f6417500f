// What lenient strictness forgives: habits of real producers that leave an object whole, identifiable and safe to pass
// on. Whatever is not named here stays a refusal under both strictnesses. Nothing is ever repaired: the object is kept
// and passed on as it came.
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
  'value.enum',
  'value.hex',
  'value.ipv4',
  'value.ipv6',
  'value.language',
  'value.mac',
  'value.media-type',
  'value.null',
  'value.range',
  'value.uri',
])

/** Properties that may be missing: without them an object says less, but it can still be stored, found and shared. */
const MAY_LACK: ReadonlySet<string> = new Set([
  'spec_version',
  'is_family',
  'pattern_type',
  'product',
  'definition',
  'definition_type',
  'statement',
  'extension_type',
  'context',
  'published',
  'number_observed',
  'valid_from',
  'created_by_ref',
  'protocols',
  'is_multipart',
  'hashes',
  'latitude',
  'longitude',
  'encryption_algorithm',
  'name',
  'schema',
  'version',
  'opinion',
  'content',
  'source_name',
])

/** Whether lenient strictness forgives a violation. */
export function isForgiven(finding: Finding, object: Json): boolean {
  if (finding.code === 'property.missing') return MAY_LACK.has(lastStep(finding.path))
  if (finding.code === 'time.format') return isKnownTime(valueAt(object, finding.path))
  if (finding.code === 'id.format') return isUsableId(valueAt(object, finding.path), object['type'])
  if (finding.code === 'ref.format') return isUsableReference(valueAt(object, finding.path))
  return FORGIVEN.has(finding.code)
}

/** A time that is one all the same: fewer digits, an offset, a space instead of the T. Its order is still clear. */
export function isKnownTime(value: unknown): boolean {
  return typeof value === 'string' && KNOWN_TIME.test(value) && !Number.isNaN(Date.parse(value.replace(' ', 'T')))
}

const KNOWN_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d)$/

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
