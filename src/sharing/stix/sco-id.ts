// Deterministic identifiers of observables (STIX 2.1 section 2.9): the same observable gets the same id everywhere,
// because the id is a UUIDv5 over the canonical JSON (RFC 8785) of the properties that make it what it is.
import { uuidv5 } from '#kernel/name-uuid.ts'
import { definitionOf } from './model/registry.ts'

/** The name space OASIS set aside for observables. */
export const OBSERVABLE_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7'
const NAMESPACE_BYTES = Uint8Array.fromHex(OBSERVABLE_NAMESPACE.replaceAll('-', ''))

/** Which one of several digests counts, best first. Where none of these is there, the first in the object does. */
const DIGEST_ORDER = ['MD5', 'SHA-1', 'SHA-256', 'SHA-512']

/**
 * The id an observable of STIX 2.1 should have, or undefined where it has none of the contributing properties (its id
 * must then be random), or where its type is not an observable of STIX 2.1.
 */
export function observableId(object: Readonly<Record<string, unknown>>): string | undefined {
  const type = object['type']
  const definition = typeof type === 'string' ? definitionOf(type) : undefined
  if (definition === undefined || definition.contributing.length === 0) return undefined
  const name: Record<string, unknown> = {}
  let some = false
  for (const property of definition.contributing) {
    const value = object[property]
    if (value === undefined) continue
    name[property] = property === 'hashes' ? preferredDigest(value) : value
    some = true
  }
  return some ? `${definition.type}--${uuidv5(NAMESPACE_BYTES, canonicalJson(name))}` : undefined
}

/** Whether any property is there that the deterministic id would be made of. */
export function hasContributing(object: Readonly<Record<string, unknown>>, contributing: readonly string[]): boolean {
  return contributing.some((property) => object[property] !== undefined)
}

/** The JSON Canonicalization Scheme (RFC 8785): no spaces, properties by UTF-16 order, numbers as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`).join(',')}}`
}

function preferredDigest(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const digests = value as Record<string, unknown>
  const algorithm = DIGEST_ORDER.find((name) => digests[name] !== undefined) ?? Object.keys(digests)[0]
  return algorithm === undefined ? {} : { [algorithm]: digests[algorithm] }
}
