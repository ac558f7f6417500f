import { Fault } from '#kernel/fault.ts'
import {
  addressValue,
  domainValue,
  emailValue,
  hashValue,
  urlValue,
  vulnerabilityValue,
  type Value,
} from '#kernel/value.ts'

/** `domain` is a name and all names under it; `host` is that name alone; `url` is everything under that URL. */
export const WATCH_KINDS = [
  'domain',
  'host',
  'url',
  'ipv4',
  'ipv4-net',
  'ipv6',
  'ipv6-net',
  'email',
  'email-domain',
  'hash',
  'vulnerability',
] as const

export type WatchKind = (typeof WATCH_KINDS)[number]

/** What is watched, in the one spelling of its kind (see `Value`); of an e-mail domain the domain. */
export type Watch = {
  readonly kind: WatchKind
  readonly value: string
}

export type WatchEntry = Watch & { readonly id: number }

/** What people may write as the kind: `ip` and `net` stand for all addresses and nets. */
export const WATCH_KIND_NAMES: readonly string[] = [...WATCH_KINDS, 'ip', 'net', 'cve']

/** Nets larger than these would touch nearly everything. */
const IPV4_PREFIX_MIN = 8
const IPV6_PREFIX_MIN = 19

/**
 * Reads one thing to watch as a person writes it, defanged or not. Without a kind it is what it most plainly is: a
 * name means the domain with all below it, `@example.org` the e-mail domain, a name with a path a URL. Answers a
 * Fault `input.invalid` with the reason and the remedy.
 */
export function parseWatch(text: string, kind?: string): Watch | Fault {
  const plain = text.trim()
  if (plain === '')
    return invalid('nothing to watch', 'Give a domain, URL, address, net, e-mail address, hash or vulnerability id.')
  if (kind === undefined || kind === '') {
    const found = guess(plain)
    return found === undefined ? unknown(plain) : checked(found)
  }
  const read = READERS.get(kind)
  if (read === undefined)
    return invalid(`${quote(kind)} is not a kind of thing to watch`, `Use one of: ${WATCH_KIND_NAMES.join(', ')}.`)
  const found = read(plain)
  return found === undefined
    ? invalid(`${quote(plain)} is not of the kind ${kind}`, 'Check the spelling, or leave the kind out.')
    : checked(found)
}

type Read = (text: string) => Watch | undefined

const domain: Read = (text) => as('domain', domainValue(text.replace(/^\*?\./, '')))
const host: Read = (text) => as('host', domainValue(text))
const emailDomain: Read = (text) => as('email-domain', domainValue(text.replace(/^(?:@|\[@\]|\*@)/, '')))
const address: Read = (text) => plainly(addressValue(text))
const email: Read = (text) => plainly(emailValue(text))
const hash: Read = (text) => plainly(hashValue(text))
const url: Read = (text) => plainly(urlValue(text))
const vulnerability: Read = (text) => plainly(vulnerabilityValue(text))

const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['domain', domain],
  ['host', host],
  ['url', (text) => url(text) ?? url(`https://${text}`)],
  ['ip', address],
  ['net', address],
  ['ipv4', (text) => only(address(text), 'ipv4')],
  ['ipv4-net', (text) => only(address(text), 'ipv4')],
  ['ipv6', (text) => only(address(text), 'ipv6')],
  ['ipv6-net', (text) => only(address(text), 'ipv6')],
  ['email', email],
  ['email-domain', emailDomain],
  ['hash', hash],
  ['vulnerability', vulnerability],
  ['cve', vulnerability],
])

function guess(text: string): Watch | undefined {
  const found = vulnerability(text) ?? address(text) ?? hash(text)
  if (found !== undefined) return found
  if (/^(?:@|\[@\]|\*@)/.test(text)) return emailDomain(text)
  // A URL may hold an @, an e-mail address no slash.
  if (/^[a-z*]+(?::|\[:)/i.test(text)) return url(text)
  return email(text) ?? domain(text) ?? (text.includes('/') ? url(`https://${text}`) : undefined)
}

function as(kind: WatchKind, value: Value | undefined): Watch | undefined {
  return value === undefined ? undefined : { kind, value: value.value }
}

function plainly(value: Value | undefined): Watch | undefined {
  return value === undefined ? undefined : as(value.kind, value)
}

function only(watch: Watch | undefined, family: string): Watch | undefined {
  return watch?.kind.startsWith(family) === true ? watch : undefined
}

function checked(watch: Watch): Watch | Fault {
  const min = watch.kind === 'ipv4-net' ? IPV4_PREFIX_MIN : watch.kind === 'ipv6-net' ? IPV6_PREFIX_MIN : 0
  if (Number(watch.value.split('/')[1]) < min) {
    return invalid(`the net ${watch.value} is too large to watch`, `Give nets of /${min} or longer.`)
  }
  return watch
}

function unknown(text: string): Fault {
  const remedy =
    'Write example.org, https://example.org/path, 192.0.2.1, 192.0.2.0/24, name@example.org, @example.org, a hash in hex, or CVE-2026-12345.'
  return invalid(`${quote(text)} is nothing that can be watched`, remedy)
}

function invalid(message: string, remedy: string): Fault {
  return new Fault('input.invalid', message, { remedy })
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
