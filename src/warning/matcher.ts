import { isMapped, maskIpv4, maskIpv6, parseIpv4, parseIpv6 } from '#kernel/address.ts'
import type { Value } from '#kernel/value.ts'

import { EntryTable, mix, type Pair } from './entry-table.ts'
import {
  backward,
  emailKey,
  FNV_PRIME,
  FNV_START,
  forward,
  hashOfIpv4,
  hashOfIpv6,
  hashOfPacked,
  keyOf,
  packHash,
  packIpv4,
  packIpv6,
  partsOf,
} from './key.ts'
import { NetIndex } from './net-index.ts'
import type { WatchEntry } from './watch.ts'

/** Which watch entries a value touches. One thread; add and remove at any time. */
export type Matcher = {
  /**
   * The ids of the entries touched, in no order, each once: at most LIMITS.matchesPerValueMax (that many means
   * there may be more). A value touches an entry when it names it, lies in it, or contains it:
   * an address or net touches every watched address and net it overlaps, a domain the watched domain and those
   * above it, a URL and an e-mail address also what their host or domain touches, a domain or address also the
   * watched URLs on that very host.
   */
  readonly match: (value: Value) => number[]
  /** Adds an entry, in place of the one with the same id. Its value is as `parseWatch` wrote it. */
  readonly add: (entry: WatchEntry) => void
  readonly remove: (id: number) => void
  readonly size: number
  /** Memory of the tables. */
  readonly bytes: number
}

export function buildMatcher(entries: Iterable<WatchEntry> = []): Matcher {
  const matcher = new TableMatcher()
  for (const entry of entries) matcher.add(entry)
  matcher.settle()
  return matcher
}

// What a pair of the table is. A watched URL is there twice: by its text, and by its host.
const DOMAIN = 0
const HOST = 1
const EMAIL_DOMAIN = 2
const HOST_OF_URL = 3
const URL_PREFIX = 4
const EMAIL = 5
const HASH = 6
const VULNERABILITY = 7
const IPV4 = 8
const IPV6 = 9
const IPV4_OF_URL = 10
const IPV6_OF_URL = 11

const bit = (tag: number): number => 1 << tag

const SLASH = 0x2f
const QUESTION = 0x3f
const AMPERSAND = 0x26
const DOT = 0x2e

class TableMatcher implements Matcher {
  size = 0
  readonly #table = new EntryTable()
  /** Nets apart from all else: an address asks for one of each length, and this small table stays in the cache. */
  readonly #nets = new EntryTable()
  readonly #nets4 = new NetIndex(1)
  readonly #nets6 = new NetIndex(4)
  /** How many nets are watched of each length: only these are asked for. */
  readonly #lengths4 = new Lengths(32)
  readonly #lengths6 = new Lengths(128)
  /** Lengths of the nets by id, to undo the counts; single addresses, the many, are not in here. */
  readonly #netLengths = new Map<number, number>()
  readonly #range = { text: '', from: 0, to: 0 }
  readonly #key = new Uint8Array(256)
  readonly #words = new Uint32Array(4)
  readonly #masked = new Uint32Array(4)
  readonly #one = new Uint32Array(1)

  get bytes(): number {
    return this.#table.bytes + this.#nets.bytes + this.#nets4.bytes + this.#nets6.bytes
  }

  settle(): void {
    this.#nets4.settle()
    this.#nets6.settle()
  }

  match(value: Value): number[] {
    const found: number[] = []
    const text = value.value
    switch (value.kind) {
      case 'domain':
        this.#matchName(text, 0, text.length, bit(DOMAIN) | bit(HOST) | bit(HOST_OF_URL), found)
        break
      case 'email':
        this.#matchEmail(text, found)
        break
      case 'url':
        this.#matchUrl(text, found)
        break
      case 'hash': {
        const length = packHash(text, this.#key)
        if (length > 0) this.#table.findBytes(bit(HASH), hashOfPacked(this.#key, length), this.#key, length, found)
        break
      }
      case 'vulnerability':
        this.#find(bit(VULNERABILITY), mix(forward(text, 0, text.length)), text, 0, text.length, found)
        break
      case 'ipv4':
      case 'ipv4-net':
      case 'ipv6':
      case 'ipv6-net':
        this.#matchAddress(text, found)
    }
    return found
  }

  add(entry: WatchEntry): void {
    this.remove(entry.id)
    const { id, value } = entry
    switch (entry.kind) {
      case 'domain':
        this.#addName(DOMAIN, value, id)
        break
      case 'host':
        this.#addName(HOST, value, id)
        break
      case 'email-domain':
        this.#addName(EMAIL_DOMAIN, value, id)
        break
      case 'email':
        this.#addText(EMAIL, emailKey(value), id)
        break
      case 'vulnerability':
        this.#addText(VULNERABILITY, value, id)
        break
      case 'url':
        this.#addUrl(value, id)
        break
      case 'hash': {
        const length = packHash(value, this.#key)
        const key = this.#key.subarray(0, length)
        this.#table.add({ tag: HASH, hash: hashOfPacked(key, length), id, key })
        break
      }
      case 'ipv4':
      case 'ipv4-net':
      case 'ipv6':
      case 'ipv6-net':
        this.#addAddress(value, id, false)
    }
    this.size++
  }

  remove(id: number): void {
    const net = this.#netLengths.get(id)
    const tags = (net === undefined ? this.#table : this.#nets).remove(id)
    if (tags.length === 0) return
    this.size--
    this.#netLengths.delete(id)
    for (const tag of tags) {
      if (tag === IPV4 || tag === IPV4_OF_URL) {
        this.#nets4.remove(id)
        if (net !== undefined) this.#lengths4.remove(net)
      } else if (tag === IPV6 || tag === IPV6_OF_URL) {
        this.#nets6.remove(id)
        if (net !== undefined) this.#lengths6.remove(net)
      }
    }
  }

  #addName(tag: number, name: string, id: number): void {
    this.#table.add({ tag, hash: mix(backward(name, 0, name.length, FNV_START)), id, key: keyOf(name) })
  }

  #addText(tag: number, text: string, id: number): void {
    this.#table.add({ tag, hash: mix(forward(text, 0, text.length)), id, key: keyOf(text) })
  }

  #addUrl(url: string, id: number): void {
    const { from, hostEnd } = partsOf(url)
    this.#addText(URL_PREFIX, url.slice(from, url.endsWith('/') ? -1 : undefined), id)
    const host = url.slice(from, hostEnd)
    if (host.startsWith('[')) this.#addAddress(host.slice(1, -1), id, true)
    else if (parseIpv4(host) >= 0) this.#addAddress(host, id, true)
    else this.#addName(HOST_OF_URL, host, id)
  }

  #addAddress(text: string, id: number, isOfUrl: boolean): void {
    const prefix = this.#readAddress(text)
    if (prefix < 0) throw new Error(`not an address: ${text}`)
    const words = this.#words
    if (prefix > MAPPED) {
      const length = prefix - IPV4_PREFIX
      this.#one[0] = words[3]!
      this.#nets4.add(this.#one, length, id)
      const key = this.#key.subarray(0, packIpv4(words[3]!, length, this.#key))
      const pair = { tag: isOfUrl ? IPV4_OF_URL : IPV4, hash: hashOfIpv4(words[3]!, length), id, key }
      this.#addPair(pair, length < 32 ? length : undefined, this.#lengths4)
      return
    }
    this.#nets6.add(words, prefix, id)
    const key = this.#key.subarray(0, packIpv6(words, prefix, this.#key))
    const pair = { tag: isOfUrl ? IPV6_OF_URL : IPV6, hash: hashOfIpv6(words, prefix), id, key }
    this.#addPair(pair, prefix < 128 ? prefix : undefined, this.#lengths6)
  }

  #addPair(pair: Pair, netLength: number | undefined, lengths: Lengths): void {
    if (netLength === undefined) return this.#table.add(pair)
    this.#netLengths.set(pair.id, netLength)
    lengths.add(netLength)
    this.#nets.add(pair)
  }

  /** A name and the names above it; `mask` is for the whole name, above it only watched domains count. */
  #matchName(text: string, from: number, to: number, mask: number, found: number[]): void {
    let hash = FNV_START
    for (let at = to - 1; at >= from; at--) {
      const code = text.charCodeAt(at)
      if (code === DOT) this.#find(bit(DOMAIN), mix(hash), text, at + 1, to, found)
      hash = Math.imul(hash ^ code, FNV_PRIME)
    }
    this.#find(mask, mix(hash), text, from, to, found)
  }

  #matchEmail(text: string, found: number[]): void {
    const key = emailKey(text)
    this.#find(bit(EMAIL), mix(forward(key, 0, key.length)), key, 0, key.length, found)
    const mask = bit(DOMAIN) | bit(HOST) | bit(EMAIL_DOMAIN)
    this.#matchName(text, text.lastIndexOf('@') + 1, text.length, mask, found)
  }

  #matchUrl(text: string, found: number[]): void {
    const { from, hostEnd, pathStart } = partsOf(text)
    if (text.charCodeAt(from) === 0x5b) this.#matchHostAddress(text.slice(from + 1, hostEnd - 1), found)
    else {
      const address = parseIpv4(text, from, hostEnd)
      if (address >= 0) this.#matchIpv4(address, 32, bit(IPV4), found)
      else this.#matchName(text, from, hostEnd, bit(DOMAIN) | bit(HOST), found)
    }
    // Every prefix that ends where a part of the path or a parameter ends.
    let hash = FNV_START
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (at >= pathStart && (code === SLASH || code === QUESTION || code === AMPERSAND)) {
        this.#find(bit(URL_PREFIX), mix(hash), text, from, at, found)
      }
      hash = Math.imul(hash ^ code, FNV_PRIME)
    }
    this.#find(bit(URL_PREFIX), mix(hash), text, from, text.length, found)
  }

  #matchHostAddress(text: string, found: number[]): void {
    const prefix = this.#readAddress(text)
    if (prefix > MAPPED) this.#matchIpv4(this.#words[3]!, prefix - IPV4_PREFIX, bit(IPV4), found)
    else if (prefix >= 0) this.#matchIpv6(prefix, bit(IPV6), found)
  }

  #matchAddress(text: string, found: number[]): void {
    const prefix = this.#readAddress(text)
    if (prefix < 0) return
    if (prefix > MAPPED) {
      const length = prefix - IPV4_PREFIX
      this.#matchIpv4(this.#words[3]!, length, bit(IPV4) | bit(IPV4_OF_URL), found)
      if (length === 32) return
      this.#one[0] = this.#words[3]!
      this.#nets4.findInside(this.#one, length, found)
    } else {
      this.#matchIpv6(prefix, bit(IPV6) | bit(IPV6_OF_URL), found)
      if (prefix < 128) this.#nets6.findInside(this.#words, prefix, found)
    }
  }

  /** The net itself and every watched net around it. */
  #matchIpv4(address: number, prefix: number, mask: number, found: number[]): void {
    for (const length of this.#lengths4.used) {
      if (length > prefix) return
      const net = maskIpv4(address, length)
      this.#nets.findBytes(mask, hashOfIpv4(net, length), this.#key, packIpv4(net, length, this.#key), found)
    }
    if (prefix < 32) return
    this.#table.findBytes(mask, hashOfIpv4(address, 32), this.#key, packIpv4(address, 32, this.#key), found)
  }

  #matchIpv6(prefix: number, mask: number, found: number[]): void {
    const net = this.#masked
    for (const length of this.#lengths6.used) {
      if (length > prefix) return
      net.set(this.#words)
      maskIpv6(net, length)
      this.#nets.findBytes(mask, hashOfIpv6(net, length), this.#key, packIpv6(net, length, this.#key), found)
    }
    if (prefix < 128) return
    const words = this.#words
    this.#table.findBytes(mask, hashOfIpv6(words, 128), this.#key, packIpv6(words, 128, this.#key), found)
  }

  /** Reads an address or net into #words. Answers its prefix; of an IPv4 one IPV4_PREFIX more, its number in #words[3]. */
  #readAddress(text: string): number {
    const slash = text.indexOf('/')
    const end = slash < 0 ? text.length : slash
    const address = parseIpv4(text, 0, end)
    if (address >= 0) {
      this.#words[3] = address
      return IPV4_PREFIX + (slash < 0 ? 32 : Number(text.slice(slash + 1)))
    }
    if (!parseIpv6(slash < 0 ? text : text.slice(0, slash), this.#words)) return -1
    const prefix = slash < 0 ? 128 : Number(text.slice(slash + 1))
    return isMapped(this.#words) && prefix >= 96 ? IPV4_PREFIX + prefix - 96 : prefix
  }

  #find(mask: number, hash: number, text: string, from: number, to: number, found: number[]): void {
    const range = this.#range
    range.text = text
    range.from = from
    range.to = to
    this.#table.findText(mask, hash, range, found)
  }
}

/** IPv4 prefixes are told from IPv6 ones by this distance. */
const IPV4_PREFIX = 1000
const MAPPED = 999

/** Counts nets by length and lists the lengths in use, shortest first. */
class Lengths {
  used: readonly number[] = []
  readonly #counts: Int32Array

  constructor(max: number) {
    this.#counts = new Int32Array(max + 1)
  }

  add(length: number): void {
    if (this.#counts[length]!++ === 0) this.#list()
  }

  remove(length: number): void {
    if (--this.#counts[length]! === 0) this.#list()
  }

  #list(): void {
    this.used = [...this.#counts.keys()].filter((length) => this.#counts[length]! > 0)
  }
}
