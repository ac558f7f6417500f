// Names and numbers that travel between members: made here, checked here, branded so that they cannot be mixed up.
import { Fault } from './fault.ts'

declare const brand: unique symbol
type Brand<T, B extends string> = T & { readonly [brand]: B }

/** A member's domain-like name, lower case, e.g. `cert.example`. */
export type MemberId = Brand<string, 'MemberId'>
/** A community's domain-like name. */
export type CommunityId = Brand<string, 'CommunityId'>

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const DOMAIN_LIKE = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`)

export function isDomainLike(text: string): boolean {
  return text.length <= 253 && DOMAIN_LIKE.test(text)
}

/** `cert.example/log` and `cert.example/log/2` are of `cert.example`. */
export function memberOf(origin: string): string {
  return origin.replace(/\/log(?:\/[1-9][0-9]*)?$/, '')
}

/** Checks a member id as it stands; nothing is repaired, so two spellings can never be one member. */
export function memberId(text: string): MemberId {
  if (isDomainLike(text)) return text as MemberId
  throw new Fault('input.invalid', `“${text.slice(0, 80)}” is not a member id`, {
    remedy: 'Use a domain-like name in lower case, for example cert.example.',
  })
}

export function communityId(text: string): CommunityId {
  if (isDomainLike(text)) return text as CommunityId
  throw new Fault('input.invalid', `“${text.slice(0, 80)}” is not a community name`, {
    remedy: 'Use a domain-like name in lower case, for example energy.example.',
  })
}

/** UUID version 7 (RFC 9562 section 5.7) from a time and 10 random bytes. */
export function uuidv7(nowMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(nowMs / 2 ** 32))
  view.setUint32(2, nowMs % 2 ** 32)
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return formatUuid(bytes)
}

/** UUID version 4 from 16 random bytes. */
export function uuidv4(random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return formatUuid(bytes)
}

export function formatUuid(bytes: Uint8Array): string {
  const hex = bytes.toHex()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The 16 bytes of a UUID in its canonical lower-case form, or undefined. Any version is taken. */
export function parseUuid(text: string): Uint8Array | undefined {
  if (!UUID.test(text)) return undefined
  const bytes = new Uint8Array(16)
  let from = 0
  for (let to = 0; to < 16; to++) {
    if (text.charCodeAt(from) === HYPHEN) from++
    bytes[to] = (digit(text.charCodeAt(from)) << 4) | digit(text.charCodeAt(from + 1))
    from += 2
  }
  return bytes
}

const HYPHEN = 0x2d

/** The value of a lower-case hexadecimal digit. For short texts this is five times as fast as Uint8Array.fromHex. */
function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57
}

/** What kinds of members there are. */
export const MEMBER_KINDS = ['government', 'international', 'private', 'academia', 'technical', 'civil'] as const
export type MemberKind = (typeof MEMBER_KINDS)[number]
