// Values worth matching, each in one spelling only, so that equal things compare as equal text whoever wrote them:
// in an object somebody shared or in a member's own watch list. Undefined where a text is not such a value.
import { asciiDomain } from '#kernel/ascii-domain.ts'
import { formatIpv4, formatIpv6, isMapped, maskIpv4, maskIpv6, parseIpv4, parseIpv6 } from './address.ts'
import { LIMITS } from './limits.ts'

export type ValueKind =
  | 'domain'
  | 'url'
  | 'ipv4'
  | 'ipv6'
  | 'ipv4-net'
  | 'ipv6-net'
  | 'email'
  | 'hash'
  | 'vulnerability'

export type Value = {
  readonly kind: ValueKind
  /**
   * Domains are lower-case A-labels without a final dot; URLs as WHATWG writes them, without user, fragment and
   * default port; nets have their host bits cleared; hashes are `sha-256:` and lower-case hex; vulnerability ids are
   * upper-case; of an e-mail address the domain is a domain as above and the local part is kept.
   */
  readonly value: string
}

/** Undoes what people do to a value so that nobody clicks it: `hxxps://evil[.]example`, `a[@]b(dot)example`. */
export function refang(text: string): string {
  const trimmed = text.trim()
  const scheme = DEFANGED_SCHEME.test(trimmed) ? trimmed.replace(DEFANGED_SCHEME, 'http$1$2') : trimmed
  if (!DEFANGED.test(scheme)) return scheme
  return scheme.replace(DEFANGED_DOT, '.').replace(DEFANGED_AT, '@').replace(DEFANGED_COLON, '$1')
}

const DEFANGED_SCHEME = /^h(?:xx|\*\*)p(s?)(:|\[:)/i
const DEFANGED = /[[({\\]/
const DEFANGED_DOT = /\[(?:\.|dot)\]|\((?:\.|dot)\)|\{(?:\.|dot)\}|\\\.|\[\.(?=[a-z0-9])|(?<=[a-z0-9])\.\]/gi
const DEFANGED_AT = /\[(?:@|at)\]|\((?:@|at)\)|\{(?:@|at)\}/gi
const DEFANGED_COLON = /\[(:(?:\/\/)?)\]/g

/** A name of at least two labels; the last is not a number (that would be an address). */
export function domainValue(text: string): Value | undefined {
  const name = normaliseDomain(refang(text))
  return name === undefined ? undefined : { kind: 'domain', value: name }
}

// Underscores occur in real names (`_dmarc`), though not in host names.
const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const NOT_IN_DOMAIN = /[\s%/?#@:\\[\]]/

function normaliseDomain(text: string): string | undefined {
  let name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length > 1000) return undefined
  if (!isPlain(name)) {
    if (NOT_IN_DOMAIN.test(name)) return undefined
    name = asciiDomain(name)
    if (name.endsWith('.')) name = name.slice(0, -1)
  }
  if (name.length > 253 || !DOMAIN.test(name)) return undefined
  return LAST_LABEL_IS_NUMBER.test(name) ? undefined : name
}

const LAST_LABEL_IS_NUMBER = /\.\d+$/

/** Lower-case ASCII that needs no mapping. A-labels are checked by the mapping too. */
function isPlain(name: string): boolean {
  return /^[a-z0-9._-]*$/.test(name) && !name.includes('xn--')
}

const SCHEMES = new Set(['http:', 'https:', 'ftp:', 'ws:', 'wss:'])

/** Labels, none empty; also an address in brackets. */
const HOST = /^[^.]+(?:\.[^.]+)*$/

/** An absolute URL of the web's schemes. */
export function urlValue(text: string): Value | undefined {
  if (text.length > LIMITS.urlCharsMax) return undefined
  const url = URL.parse(refang(text))
  if (url === null || !SCHEMES.has(url.protocol)) return undefined
  const port = url.port === '' ? '' : `:${url.port}`
  const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname
  if (!HOST.test(host)) return undefined
  return { kind: 'url', value: `${url.protocol}//${host}${port}${url.pathname}${url.search}` }
}

/** One address, or a net in CIDR notation. A net of one address is the address. */
export function addressValue(text: string): Value | undefined {
  const plain = refang(text)
  const slash = plain.indexOf('/')
  const address = slash < 0 ? plain : plain.slice(0, slash)
  const prefixText = slash < 0 ? '' : plain.slice(slash + 1)
  if (slash >= 0 && !/^(?:0|[1-9]\d{0,2})$/.test(prefixText)) return undefined
  const number = parseIpv4(address)
  if (number >= 0) return ipv4Value(number, slash < 0 ? 32 : Number(prefixText))
  const words = new Uint32Array(4)
  if (!parseIpv6(address, words)) return undefined
  const prefix = slash < 0 ? 128 : Number(prefixText)
  if (isMapped(words) && prefix >= 96) return ipv4Value(words[3]!, prefix - 96)
  if (prefix > 128) return undefined
  if (prefix === 128) return { kind: 'ipv6', value: formatIpv6(words) }
  maskIpv6(words, prefix)
  return { kind: 'ipv6-net', value: `${formatIpv6(words)}/${prefix}` }
}

function ipv4Value(address: number, prefix: number): Value | undefined {
  if (prefix > 32) return undefined
  if (prefix === 32) return { kind: 'ipv4', value: formatIpv4(address) }
  return { kind: 'ipv4-net', value: `${formatIpv4(maskIpv4(address, prefix))}/${prefix}` }
}

export function emailValue(text: string): Value | undefined {
  const plain = refang(text)
  const at = plain.lastIndexOf('@')
  const local = plain.slice(0, at)
  if (at < 1 || local.length > 64 || /[\s<>,;:@"]/.test(local)) return undefined
  const domain = normaliseDomain(plain.slice(at + 1))
  return domain === undefined ? undefined : { kind: 'email', value: `${local}@${domain}` }
}

const DIGITS = {
  md5: 32,
  'sha-1': 40,
  'sha-224': 56,
  'sha-256': 64,
  'sha-384': 96,
  'sha-512': 128,
  'sha3-224': 56,
  'sha3-256': 64,
  'sha3-384': 96,
  'sha3-512': 128,
} as const

type Algorithm = keyof typeof DIGITS

const ALGORITHMS = Object.keys(DIGITS) as Algorithm[]
const BY_SPELLING: ReadonlyMap<string, Algorithm> = new Map(ALGORITHMS.map((name) => [name.replaceAll('-', ''), name]))
/** Where the algorithm is not said, its length tells: of equals the older one, which is what people mean. */
const BY_DIGITS: ReadonlyMap<number, Algorithm> = new Map(ALGORITHMS.toReversed().map((name) => [DIGITS[name], name]))

/** A hash in hex, or `algorithm:hex`. `algorithm` as STIX spells it (`SHA-256`); unknown ones have no value. */
export function hashValue(text: string, algorithm?: string): Value | undefined {
  const plain = text.trim().toLowerCase()
  const colon = plain.indexOf(':')
  const hex = plain.slice(colon + 1)
  if (!/^[0-9a-f]{32,128}$/.test(hex)) return undefined
  const said = algorithm ?? (colon < 0 ? undefined : plain.slice(0, colon))
  const name = said === undefined ? BY_DIGITS.get(hex.length) : BY_SPELLING.get(said.toLowerCase().replace(/[-_]/g, ''))
  if (name === undefined || DIGITS[name] !== hex.length) return undefined
  return { kind: 'hash', value: `${name}:${hex}` }
}

const VULNERABILITY = /^(?:CVE-\d{4}-\d{4,19}|EUVD-\d{4}-\d{4,19}|GHSA(?:-[0-9A-Z]{4}){3})$/

/** A CVE, EUVD or GHSA id. */
export function vulnerabilityValue(text: string): Value | undefined {
  const id = text.trim().toUpperCase()
  return VULNERABILITY.test(id) ? { kind: 'vulnerability', value: id } : undefined
}

/** The value that a text of unknown kind most plainly is: tried from the strictest form to the loosest. */
export function anyValue(text: string): Value | undefined {
  return (
    vulnerabilityValue(text) ??
    addressValue(text) ??
    hashValue(text) ??
    urlValue(text) ??
    emailValue(text) ??
    domainValue(text)
  )
}
