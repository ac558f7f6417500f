// A STIX identifier as the database keeps it: the type by itself, and the 16 bytes of the UUID where it is one.
import { formatUuid, parseUuid } from '#kernel/id.ts'

export type ObjectKey = { readonly type: string; readonly oid: Uint8Array }

/** Splits `type--uuid`. An odd identifier (accepted leniently) keeps its text after the type, behind a zero byte. */
export function objectKey(id: string): ObjectKey | undefined {
  const at = id.indexOf('--')
  if (at < 1) return undefined
  const rest = id.slice(at + 2)
  const uuid = parseUuid(rest)
  return { type: id.slice(0, at), oid: uuid ?? Buffer.from(`\0${rest}`, 'utf8') }
}

export function objectId(key: ObjectKey): string {
  const rest = key.oid.length === 16 ? formatUuid(key.oid) : Buffer.from(key.oid.subarray(1)).toString('utf8')
  return `${key.type}--${rest}`
}

/**
 * Ids of cyber-observables are hashes of their values (version 5): whoever guesses the value knows the id. An odd
 * identifier may be the value itself.
 */
export function isNameOfValue(id: string): boolean {
  const uuid = id.slice(id.indexOf('--') + 2)
  return parseUuid(uuid) === undefined || uuid.at(14) === '5'
}
