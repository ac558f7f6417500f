// UUIDs made from names (RFC 9562 section 5.5). Apart from the other ids, because it needs SHA-1 from the platform.
import { createHash } from 'node:crypto'
import { formatUuid } from './id.ts'

/** UUID version 5 (RFC 9562 section 5.5) of a name in a name space. */
export function uuidv5(namespace: Uint8Array, name: string): string {
  const bytes = Uint8Array.from(createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return formatUuid(bytes)
}
