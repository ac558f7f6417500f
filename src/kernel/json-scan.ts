// One fast pass over the bytes of one JSON value: where it ends, how deep it nests, how many keys it has. It checks
// nothing else; `JSON.parse` does. It can stop at any byte and go on with the next chunk, so that a stream is cut
// into values without being held.

/** What is between the bytes already seen and the next one. Start with `newScan()`, feed chunks to `scanValue`. */
export type Scan = {
  depth: number
  depthMax: number
  /** Colons outside strings: the number of keys of a well-formed value. */
  colons: number
  newlines: number
  inString: boolean
  escaped: boolean
  begun: boolean
}

export function newScan(): Scan {
  return { depth: 0, depthMax: 0, colons: 0, newlines: 0, inString: false, escaped: false, begun: false }
}

// Classes of the bytes that matter outside strings; everything else is 0.
const QUOTE = 1
const OPEN = 2
const CLOSE = 3
const COLON = 4
const NEWLINE = 5
/** Ends a number or a word that stands alone: white space or a comma. */
const BREAK = 6

const CLASS = new Uint8Array(256)
CLASS[0x22] = QUOTE
CLASS[0x7b] = CLASS[0x5b] = OPEN
CLASS[0x7d] = CLASS[0x5d] = CLOSE
CLASS[0x3a] = COLON
CLASS[0x0a] = NEWLINE
CLASS[0x20] = CLASS[0x09] = CLASS[0x0d] = CLASS[0x2c] = BREAK

/**
 * Goes on from `start` and answers the index just after the value, or -1 where it needs more bytes. The first byte
 * of the value must not be white space. A number or a word ends before the byte that ends it, which may be in the
 * next chunk: there the answer can be 0.
 */
export function scanValue(bytes: Uint8Array, start: number, scan: Scan): number {
  const length = bytes.length
  let { depth, depthMax, colons, newlines } = scan
  let at = start
  let end = -1
  if (scan.inString) {
    at = skipString(bytes, at, scan)
    if (at >= 0 && depth === 0) end = at
  }
  if (end < 0 && at >= 0) {
    loop: while (at < length) {
      switch (CLASS[bytes[at]!]) {
        case 0:
          scan.begun = true
          break
        case QUOTE: {
          if (depth === 0 && scan.begun) {
            end = at
            break loop
          }
          scan.begun = true
          // Short strings are walked; long ones are searched natively.
          let to = at + 1
          const near = Math.min(length, to + WALK_BYTES)
          let byte = 0
          while (to < near && (byte = bytes[to]!) !== 0x22) to += byte === 0x5c ? 2 : 1
          if (byte !== 0x22) {
            to = closingQuote(bytes, to)
            if (to < 0) {
              scan.inString = true
              scan.escaped = to === ESCAPED
              at = -1
              break loop
            }
          }
          at = to
          if (depth === 0) {
            end = at + 1
            break loop
          }
          break
        }
        case OPEN:
          if (depth === 0 && scan.begun) {
            end = at
            break loop
          }
          scan.begun = true
          if (++depth > depthMax) depthMax = depth
          break
        case CLOSE:
          if (depth <= 1) {
            end = depth === 0 ? at : at + 1
            depth = 0
            break loop
          }
          depth--
          break
        case COLON:
          colons++
          scan.begun = true
          break
        case NEWLINE:
          if (depth === 0) {
            end = at
            break loop
          }
          newlines++
          break
        default:
          if (depth === 0) {
            end = at
            break loop
          }
      }
      at++
    }
  }
  scan.depth = depth
  scan.depthMax = depthMax
  scan.colons = colons
  scan.newlines = newlines
  return end
}

/** The index after the closing quote of a string that began in an earlier chunk, or -1. */
function skipString(bytes: Uint8Array, start: number, scan: Scan): number {
  const quote = closingQuote(bytes, scan.escaped ? start + 1 : start)
  scan.inString = quote < 0
  scan.escaped = quote === ESCAPED
  return quote < 0 ? -1 : quote + 1
}

const WALK_BYTES = 64
/** The bytes end inside the string, and the next byte belongs to a backslash. */
const ESCAPED = -2

/** The index of the quote that ends a string whose unescaped bytes go on at `from`; -1 or ESCAPED where it is not here. */
function closingQuote(bytes: Uint8Array, from: number): number {
  if (from > bytes.length) return ESCAPED
  for (let quote = bytes.indexOf(0x22, from); quote >= 0; quote = bytes.indexOf(0x22, quote + 1)) {
    if (!isEscaped(bytes, from, quote)) return quote
  }
  return isEscaped(bytes, from, bytes.length) ? ESCAPED : -1
}

/** Whether an odd number of backslashes stands right before `at`. */
function isEscaped(bytes: Uint8Array, from: number, at: number): boolean {
  let first = at
  while (first > from && bytes[first - 1] === 0x5c) first--
  return (at - first) % 2 === 1
}
