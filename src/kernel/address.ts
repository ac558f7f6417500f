// Internet addresses as numbers: IPv4 is one number below 2^32, IPv6 is four. Reading is strict: no octal, no
// shortened IPv4, no zone. Both directions are exact, so that equal addresses always have equal text (RFC 5952).

/** The number of a dotted IPv4 address in `text[from, to)`, or -1. */
export function parseIpv4(text: string, from = 0, to = text.length): number {
  if (to - from < 7 || to - from > 15) return -1
  let address = 0
  let part = -1
  let dots = 0
  for (let at = from; at <= to; at++) {
    const code = at === to ? DOT : text.charCodeAt(at)
    if (code === DOT) {
      if (part < 0) return -1
      address = address * 256 + part
      part = -1
      dots++
    } else if (code >= ZERO && code <= NINE && part !== 0) {
      part = (part < 0 ? 0 : part * 10) + code - ZERO
      if (part > 255) return -1
    } else return -1
  }
  return dots === 4 ? address : -1
}

const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** Four 32-bit words, the first holding the most significant bits. */
export type Ipv6 = Uint32Array

/** Reads an IPv6 address into `words`; answers whether it is one. `words` is scratch where it is not. */
export function parseIpv6(text: string, words: Ipv6): boolean {
  if (text.length < 2 || text.length > 45) return false
  let rest = text
  let groupsMax = 8
  const colon = text.lastIndexOf(':')
  let tail = -1
  if (text.includes('.')) {
    tail = parseIpv4(text, colon + 1)
    if (tail < 0) return false
    groupsMax = 6
    // What is left ends in `::` or in a group.
    rest = text.slice(0, text[colon - 1] === ':' ? colon + 1 : colon)
  }
  const gap = rest.indexOf('::')
  const head = readGroups(gap < 0 ? rest : rest.slice(0, gap))
  const foot = gap < 0 ? [] : readGroups(rest.slice(gap + 2))
  if (head === undefined || foot === undefined) return false
  const missing = groupsMax - head.length - foot.length
  if (gap < 0 ? missing !== 0 : missing < 1) return false
  words.fill(0)
  for (const [at, group] of head.entries()) setGroup(words, at, group)
  for (const [at, group] of foot.entries()) setGroup(words, groupsMax - foot.length + at, group)
  if (tail >= 0) words[3] = tail
  return true
}

const GROUP = /^[0-9a-fA-F]{1,4}$/

function readGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (!GROUP.test(part)) return undefined
    groups.push(Number.parseInt(part, 16))
  }
  return groups
}

function setGroup(words: Ipv6, at: number, group: number): void {
  words[at >> 1]! |= at % 2 === 0 ? group << 16 : group
}

/** The canonical text of RFC 5952: lower case, the longest run of zero groups shortened, the first of equals. */
export function formatIpv6(words: Ipv6): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    at % 2 === 0 ? words[at >> 1]! >>> 16 : words[at >> 1]! & 0xffff,
  )
  let runStart = 0
  let runLength = 1
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (groups[at + length] === 0) length++
    if (length > runLength) [runStart, runLength] = [at, length]
  }
  const hex = groups.map((group) => group.toString(16))
  if (runLength < 2) return hex.join(':')
  return `${hex.slice(0, runStart).join(':')}::${hex.slice(runStart + runLength).join(':')}`
}

/** Whether this is an IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`); its number is then `words[3]`. */
export function isMapped(words: Ipv6): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff
}

/** The address with all bits after the prefix cleared. */
export function maskIpv4(address: number, prefix: number): number {
  return prefix === 0 ? 0 : (address & (0xffffffff << (32 - prefix))) >>> 0
}

/** Clears all bits after the prefix in place. */
export function maskIpv6(words: Ipv6, prefix: number): void {
  for (let at = 0; at < 4; at++) words[at] = maskIpv4(words[at]!, Math.min(32, Math.max(0, prefix - 32 * at)))
}
