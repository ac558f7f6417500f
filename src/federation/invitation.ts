// First contact: a one-line invitation that works once, an answer that proves knowledge of its secret over both node
// documents, and eight words that two people compare by telephone (protocol section 7).
import { createHmac, timingSafeEqual } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { isDomainLike, type MemberId } from '#kernel/id.ts'

export type Invitation = {
  readonly id: string
  readonly member: MemberId
  readonly url: string
  /** SPKI SHA-256 of the inviter's certificate, base64; absent where authorities vouch for it or on loopback. */
  readonly tls?: string
  readonly secret: Uint8Array
  readonly expiresMs: number
}

const PREFIX = 'comity-invite:'
const CHECK_CHARS = 6

/** One line of base64url with a checksum, so that a slip of the clipboard is noticed before anything is sent. */
export function formatInvitation({ id, member, url, tls, secret, expiresMs }: Invitation): string {
  const body = Buffer.from(
    JSON.stringify([1, id, member, url, tls ?? null, Buffer.from(secret).toString('base64url'), expiresMs]),
  ).toString('base64url')
  return `${PREFIX}${body}.${checksum(body)}`
}

/** Reads an invitation as pasted. Throws `input.invalid` that says what is wrong with it. */
export function parseInvitation(text: string, nowMs: number): Invitation {
  const match = /^comity-invite:([A-Za-z0-9_-]{20,4000})\.([A-Za-z0-9_-]{6})$/.exec(text.trim())
  const [, body = '', check = ''] = match ?? []
  if (match === null || checksum(body) !== check)
    throw new Fault('input.invalid', 'this is not a whole invitation', {
      remedy: `Copy the whole line that begins with ${PREFIX}`,
    })
  const invitation = readBody(body)
  if (invitation.expiresMs <= nowMs)
    throw new Fault('input.invalid', 'this invitation has expired', {
      remedy: `Ask ${invitation.member} for a new one.`,
    })
  return invitation
}

function readBody(body: string): Invitation {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
  } catch (cause) {
    throw new Fault('input.invalid', 'this is not an invitation', { cause })
  }
  const [version, id, member, url, tls, secret, expiresMs] = Array.isArray(value) ? (value as unknown[]) : []
  if (version !== 1)
    throw new Fault('input.invalid', 'this invitation is of a version not known here', { remedy: 'Update this node.' })
  const fits =
    typeof id === 'string' &&
    /^[0-9a-f]{16}$/.test(id) &&
    typeof member === 'string' &&
    isDomainLike(member) &&
    typeof url === 'string' &&
    /^https?:\/\/[^\s]{1,2000}$/.test(url) &&
    (tls === null || (typeof tls === 'string' && /^[A-Za-z0-9+/]{43}=$/.test(tls))) &&
    typeof secret === 'string' &&
    /^[A-Za-z0-9_-]{43}$/.test(secret) &&
    Number.isSafeInteger(expiresMs)
  if (!fits) throw new Fault('input.invalid', 'this is not an invitation')
  return {
    id,
    member: member as MemberId,
    url,
    ...(tls === null ? {} : { tls }),
    secret: new Uint8Array(Buffer.from(secret, 'base64url')),
    expiresMs: expiresMs as number,
  }
}

function checksum(body: string): string {
  return Buffer.from(sha256(Buffer.from(PREFIX + body)))
    .toString('base64url')
    .slice(0, CHECK_CHARS)
}

/** Who proves: the one that accepts, or the one that invited. Each side's proof is of no use as the other's. */
export type Side = 'accept' | 'invite'

/** HMAC-SHA-256 under the invitation's secret over the side and the hashes of both documents, inviter's first; hex. */
export function pairingMac(secret: Uint8Array, side: Side, inviterHash: Uint8Array, accepterHash: Uint8Array): string {
  return createHmac('sha256', secret)
    .update(`comity/pair/v1/${side}\0`)
    .update(inviterHash)
    .update(accepterHash)
    .digest('hex')
}

export function sameMac(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')]
  return left.length === right.length && timingSafeEqual(left, right)
}

export type PairingSide = { readonly member: string; readonly documentHash: Uint8Array }

/** The same eight words for both sides: the first 88 bits of a hash over both documents in order of member id, 11 bits a word. */
export function pairingWords(a: PairingSide, b: PairingSide): string[] {
  const [first, second] = a.member < b.member ? [a, b] : [b, a]
  const digest = sha256(Buffer.concat([Buffer.from('comity/pair/v1\0\0'), first.documentHash, second.documentHash]))
  const bits = BigInt(`0x${digest.subarray(0, 11).toHex()}`)
  return Array.from({ length: 8 }, (_, i) => wordlist[Number((bits >> BigInt(77 - 11 * i)) & 2047n)] as string)
}
