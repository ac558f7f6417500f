// Reads JSON that somebody else wrote. `JSON.parse` alone forgives too much (a key given twice silently keeps the
// last) and says too little (no place), so: bytes must be UTF-8 without a byte-order mark, nesting is bounded before
// anything is built, duplicate keys are refused, and each refusal names its place. Whoever must forward what was
// read forwards the bytes: integers beyond 2^53 lose digits in the value returned here.
import { explainJson } from './json-explain.ts'
import { newScan, scanValue } from './json-scan.ts'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'

export type JsonOptions = {
  /** Default LIMITS.jsonDepthMax. */
  readonly depthMax?: number
  /** What the bytes are, for the message: `objects[12]`, `line 7`, a file name. */
  readonly place?: string
  /** What an earlier scan of exactly these bytes found; saves the second one. */
  readonly scanned?: { readonly depth: number; readonly colons: number }
}

/** The value of one JSON text. Throws Fault `input.malformed` with the place of what is wrong. */
export function parseJson(bytes: Uint8Array, options: JsonOptions = {}): unknown {
  const depthMax = options.depthMax ?? LIMITS.jsonDepthMax
  if (hasByteOrderMark(bytes))
    throw malformed(options, 0, 'it starts with a byte-order mark', 'Save it as UTF-8 without one.')
  const { depth, colons } = options.scanned ?? scanWhole(bytes, options)
  if (depth > depthMax) throw malformed(options, undefined, `it is nested ${depth} deep, the limit is ${depthMax}`)
  const text = decode(bytes, options)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const found = explainJson(text)
    throw malformed(
      options,
      found === undefined ? undefined : byteAt(text, found.at),
      found?.reason ?? 'it is not JSON',
    )
  }
  if (countKeys(value) !== colons) throw duplicate(text, options)
  return value
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function scanWhole(bytes: Uint8Array, options: JsonOptions): { depth: number; colons: number } {
  const scan = newScan()
  let start = 0
  while (start < bytes.length && isSpace(bytes[start]!)) start++
  const end = scanValue(bytes, start, scan)
  if (end < 0 && (scan.depth > 0 || scan.inString)) {
    throw malformed(
      options,
      bytes.length,
      `it ends inside ${scan.inString ? 'a string' : 'an object or a list'}`,
      'It may have been cut off: get it again.',
    )
  }
  return { depth: scan.depthMax, colons: scan.colons }
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array, options: JsonOptions): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw malformed(options, firstBadByte(bytes), 'it is not UTF-8')
  }
}

/** Where lenient decoding puts its first replacement that was not in the bytes. */
function firstBadByte(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  let offset = 0
  let from = 0
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', from)) {
    offset += bytesOf(text.slice(from, at))
    if (!(bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd)) return offset
    offset += 3
    from = at + 1
  }
  return bytes.length
}

/** The keys of all objects in a value. Recursion is safe: the depth was checked. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) count += countKeys(item)
    return count
  }
  // Own keys only reach here: JSON.parse makes plain objects, and nobody extends Object.prototype enumerably.
  for (const key in value) {
    count++
    const item = (value as Record<string, unknown>)[key]
    if (typeof item === 'object' && item !== null) count += countKeys(item)
  }
  return count
}

function duplicate(text: string, options: JsonOptions): Fault {
  const found = explainJson(text)
  if (found === undefined) throw new Error('the scan and the parser disagree about the number of keys')
  return malformed(
    options,
    byteAt(text, found.at),
    found.reason,
    'Each key may stand once: readers differ in which one they keep.',
  )
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

function byteAt(text: string, at: number): number {
  return bytesOf(text.slice(0, at))
}

function malformed(options: JsonOptions, offset: number | undefined, reason: string, remedy?: string): Fault {
  const place = [options.place, offset === undefined ? undefined : `byte ${offset}`]
    .filter((part) => part !== undefined)
    .join(', ')
  return new Fault('input.malformed', `the JSON cannot be read: ${reason}`, {
    ...(place === '' ? {} : { place }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}
