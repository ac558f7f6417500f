import { Fault } from '#kernel/fault.ts'
import { isSpace } from '#kernel/json.ts'
import { newScan, scanValue, type Scan } from '#kernel/json-scan.ts'
import { LIMITS } from '#kernel/limits.ts'

import { Hand, NO_BYTES, type Piece, type SplitOptions } from './piece.ts'

export type Batch = { readonly pieces: Piece[]; readonly fault: Fault | undefined }

type State =
  | 'start'
  /** Inside an object that may turn out to be a bundle. */
  | 'first-key'
  | 'next-key'
  | 'key'
  | 'colon'
  | 'value'
  | 'type'
  | 'member'
  | 'after-member'
  /** Inside the list of objects. */
  | 'first-item'
  | 'next-item'
  | 'item'
  | 'after-item'
  | 'line'
  /** Behind an object of an earlier call: what follows tells what it stood in. */
  | 'resumed'
  | 'resumed-object'
  | 'resumed-list-end'

/** The first byte of the mark; no JSON starts with it. */
const BYTE_ORDER_MARK = 0xef
const NEWLINE = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const LIST = 0x5b
const LIST_END = 0x5d
const OBJECT = 0x7b
const OBJECT_END = 0x7d

/** Where the source may end. */
const AT_REST: ReadonlySet<State> = new Set(['start', 'resumed', 'resumed-list-end'])

/** How much of a key or of a type is kept: longer ones are none of ours. */
const WORD_BYTES_MAX = 64

/** The state machine behind splitObjects: feed it chunks, then end it. */
export class Splitter {
  #state: State = 'start'
  /** Of the first byte of the current chunk. */
  #offset = 0
  #line = 1
  #index = 0
  #started = false
  #pieces: Piece[] = []

  readonly #hand = new Hand()
  #scan: Scan = newScan()

  // The object at the top that may be a bundle.
  #word: number[] = []
  #escaped = false
  #key = ''
  #type: string | undefined
  #keys = 0
  /** How often it named `objects` and `type`, which decide what is in it. */
  readonly #named = { objects: 0, type: 0 }
  #colons = 0
  #depth = 0
  #isContainer = false
  /** Resumed inside a list, which may be a bundle's or stand alone. */
  #isUnknown = false
  /** The last value at the top was a plain object on one line: another on the next makes it NDJSON. */
  #oneLine = false
  #lineOfLast = 0

  constructor({ startOffset = 0, startIndex = 0, startLine = 1 }: SplitOptions) {
    this.#offset = startOffset
    this.#index = startIndex
    this.#line = startLine
    if (startOffset === 0) return
    this.#lineOfLast = startLine
    this.#started = true
    this.#state = 'resumed'
  }

  feed(chunk: Uint8Array): Batch {
    this.#pieces = []
    try {
      if (this.#offset + chunk.length > LIMITS.importBytesMax) {
        throw new Fault('input.too-large', `more than ${LIMITS.importBytesMax} bytes`, { remedy: 'Split the file.' })
      }
      for (let at = 0; at < chunk.length;) at = this.#step(chunk, at)
      this.#hand.hold(chunk)
      this.#offset += chunk.length
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return { pieces: this.#pieces, fault: error }
    }
    return { pieces: this.#pieces, fault: undefined }
  }

  end(): Batch {
    this.#pieces = []
    if (this.#state === 'line') {
      const cut = this.#emitLine(NO_BYTES, 0)
      return { pieces: this.#pieces, fault: cut ? this.#cut() : undefined }
    }
    if (!this.#started) return { pieces: [], fault: this.#malformed('there is nothing in it', 0) }
    return { pieces: [], fault: AT_REST.has(this.#state) ? undefined : this.#cut() }
  }

  /** Takes one step from `at` and answers where the next starts. */
  #step(chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case 'line':
        return this.#stepLine(chunk, at)
      case 'item':
      case 'member':
        return this.#stepValue(chunk, at)
      case 'key':
      case 'type':
        return this.#stepWord(chunk, at)
      case 'resumed-object':
        // Its first line break tells one object per line from an object over several lines.
        if (isSpace(chunk[at]!)) this.#beginObject()
        else this.#state = 'line'
        return at
      default: {
        const next = this.#skipSpace(chunk, at)
        return next < chunk.length ? this.#stepMark(chunk, next) : next
      }
    }
  }

  /** At a byte that is not white space, between values. */
  #stepMark(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!
    switch (this.#state) {
      case 'start':
        return this.#start(chunk, at)
      case 'resumed':
        return this.#resume(byte, at)
      case 'resumed-list-end':
        this.#isUnknown = false
        this.#isContainer = byte === COMMA || byte === OBJECT_END
        this.#state = this.#isContainer ? 'after-member' : 'start'
        return at
      case 'first-key':
      case 'next-key':
        if (byte === OBJECT_END && this.#state === 'first-key') return this.#endObject(chunk, at + 1)
        if (byte !== QUOTE) throw this.#malformed('a key in double quotes is missing', at)
        return this.#beginWord('key', at)
      case 'colon':
        if (byte !== COLON) throw this.#malformed('a colon is missing after a key', at)
        this.#colons++
        this.#state = 'value'
        return at + 1
      case 'value':
        return this.#beginMember(byte, at)
      case 'after-member':
        if (byte === OBJECT_END) return this.#endObject(chunk, at + 1)
        if (byte !== COMMA) throw this.#malformed('a comma or } is missing', at)
        this.#state = 'next-key'
        return at + 1
      case 'after-item':
        if (byte === LIST_END) return this.#endList(at + 1)
        if (byte !== COMMA) throw this.#malformed('a comma or ] is missing', at)
        this.#state = 'next-item'
        return at + 1
      default:
        if (byte === LIST_END && this.#state === 'first-item') return this.#endList(at + 1)
        this.#requireValue(byte, at)
        this.#begin(at)
        this.#state = 'item'
        return at
    }
  }

  #start(chunk: Uint8Array, at: number): number {
    if (!this.#started && chunk[at] === BYTE_ORDER_MARK) {
      throw this.#malformed('it starts with a byte-order mark', at, 'Save it as UTF-8 without one.')
    }
    const byte = chunk[at]!
    if (byte !== OBJECT && byte !== LIST) throw this.#malformed('neither an object nor a list starts here', at)
    const isNext = this.#oneLine && this.#line > this.#lineOfLast && byte === OBJECT
    this.#started = true
    this.#oneLine = false
    if (isNext) {
      this.#state = 'line'
      this.#begin(at)
      return at
    }
    this.#isContainer = false
    if (byte === LIST) {
      this.#state = 'first-item'
      return at + 1
    }
    this.#begin(at)
    this.#beginObject()
    return at + 1
  }

  #beginObject(): void {
    this.#type = undefined
    this.#keys = 0
    Object.assign(this.#named, { objects: 0, type: 0 })
    this.#colons = 0
    this.#depth = 1
    this.#state = 'first-key'
  }

  #resume(byte: number, at: number): number {
    if (byte === OBJECT) {
      this.#begin(at)
      this.#state = 'resumed-object'
    } else if (byte === COMMA) {
      this.#isUnknown = true
      this.#state = 'next-item'
    } else if (byte === LIST_END) this.#state = 'resumed-list-end'
    else if (this.#line > this.#lineOfLast) {
      this.#begin(at)
      this.#state = 'line'
    } else throw this.#malformed('no object ended here', at)
    return at + 1
  }

  #beginMember(byte: number, at: number): number {
    this.#requireValue(byte, at)
    const isList = byte === LIST && this.#key === 'objects' && (this.#type ?? 'bundle') === 'bundle'
    if (isList && this.#isContainer) throw this.#malformed('a second list of objects', at)
    // In a plain object the parser finds it.
    const twice = this.#named.objects > 1 ? 'objects' : this.#named.type > 1 ? 'type' : undefined
    if (twice !== undefined && (isList || this.#isContainer))
      throw this.#malformed(`the key ${twice} is given twice`, at, 'Each key may stand once.')
    if (isList) {
      this.#isContainer = true
      this.#state = 'first-item'
      this.#hand.drop()
      return at + 1
    }
    if (byte === QUOTE && this.#key === 'type') return this.#beginWord('type', at)
    this.#scan = newScan()
    this.#state = 'member'
    return at
  }

  /** Goes on inside a member of the top object, or inside an object of the list. */
  #stepValue(chunk: Uint8Array, at: number): number {
    const scan = this.#scan
    const end = scanValue(chunk, at, scan)
    if (end < 0) return chunk.length
    if (this.#state === 'item') {
      this.#line += scan.newlines
      this.#emit(chunk, end, scan.depthMax, scan.colons)
      this.#state = 'after-item'
      return end
    }
    this.#line += scan.newlines
    this.#colons += scan.colons
    this.#depth = Math.max(this.#depth, scan.depthMax + 1)
    this.#state = 'after-member'
    return end
  }

  #beginWord(state: 'key' | 'type', at: number): number {
    this.#word = []
    this.#escaped = false
    this.#state = state
    return at + 1
  }

  #stepWord(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (byte === QUOTE && !this.#escaped) {
        this.#endWord()
        return at + 1
      }
      this.#escaped = byte === BACKSLASH && !this.#escaped
      if (this.#word.length <= WORD_BYTES_MAX) this.#word.push(byte)
    }
    return chunk.length
  }

  #endWord(): void {
    const word = textOf(this.#word)
    if (this.#state === 'key') {
      this.#key = word
      this.#keys++
      if (word === 'objects' || word === 'type') this.#named[word]++
      this.#state = 'colon'
    } else {
      this.#type = word
      this.#state = 'after-member'
    }
  }

  #endObject(chunk: Uint8Array, end: number): number {
    this.#state = 'start'
    // An empty envelope is `{}`, and a bundle need not have objects.
    if (this.#isContainer || this.#keys === 0 || this.#type === 'bundle') {
      this.#hand.drop()
      return end
    }
    this.#oneLine = this.#line === this.#hand.line
    this.#lineOfLast = this.#line
    this.#emit(chunk, end, this.#depth, this.#colons)
    return end
  }

  #endList(end: number): number {
    this.#state = this.#isContainer ? 'after-member' : this.#isUnknown ? 'resumed-list-end' : 'start'
    return end
  }

  #stepLine(chunk: Uint8Array, at: number): number {
    const end = chunk.indexOf(NEWLINE, at)
    if (end < 0) return chunk.length
    this.#emitLine(chunk, end)
    this.#line++
    this.#begin(end + 1)
    return end + 1
  }

  /** The line in hand, without the white space around it, as a piece. Answers whether it ends inside a value. */
  #emitLine(chunk: Uint8Array, end: number): boolean {
    if (this.#hand.tooLarge) {
      this.#emit(chunk, end, 0, 0)
      return false
    }
    const line = this.#hand.take(chunk, end)
    let first = 0
    let last = line.length
    while (first < last && isSpace(line[first]!)) first++
    while (last > first && isSpace(line[last - 1]!)) last--
    if (first === last) {
      this.#hand.drop()
      return false
    }
    const scan = newScan()
    const cut = scanValue(line.subarray(0, last), first, scan) < 0 && (scan.depth > 0 || scan.inString)
    if (cut && chunk === NO_BYTES) return true
    this.#hand.offset += first
    this.#push(line.subarray(first, last), last - first, scan.depthMax, scan.colons)
    this.#hand.drop()
    return false
  }

  #requireValue(byte: number, at: number): void {
    if (byte === COMMA || byte === COLON || byte === LIST_END || byte === OBJECT_END) {
      throw this.#malformed('a value is missing', at)
    }
  }

  #skipSpace(chunk: Uint8Array, start: number): number {
    let at = start
    while (at < chunk.length && isSpace(chunk[at]!)) if (chunk[at++] === NEWLINE) this.#line++
    return at
  }

  #begin(at: number): void {
    this.#hand.open(at, this.#offset, this.#line)
    this.#scan = newScan()
  }

  #emit(chunk: Uint8Array, end: number, depth: number, colons: number): void {
    const sizeBytes = this.#offset + end - this.#hand.offset
    const tooLarge = this.#hand.tooLarge || sizeBytes > LIMITS.recordBytesMax
    this.#push(tooLarge ? NO_BYTES : this.#hand.take(chunk, end), sizeBytes, depth, colons)
    this.#hand.drop()
  }

  #push(bytes: Uint8Array, sizeBytes: number, depth: number, colons: number): void {
    const tooLarge = sizeBytes > LIMITS.recordBytesMax
    this.#pieces.push({
      bytes: tooLarge ? NO_BYTES : bytes,
      offset: this.#hand.offset,
      end: this.#hand.offset + sizeBytes,
      index: this.#index++,
      line: this.#hand.line,
      lineEnd: this.#line,
      depth,
      colons,
      ...(tooLarge ? { refused: this.#objectTooLarge(sizeBytes) } : {}),
    })
  }

  #objectTooLarge(sizeBytes: number): Fault {
    return new Fault('input.too-large', `the object has ${sizeBytes} bytes, the limit is ${LIMITS.recordBytesMax}`, {
      place: `line ${this.#hand.line}, byte ${this.#hand.offset}`,
    })
  }

  #cut(): Fault {
    return this.#malformed('it is cut off', 0, 'What came before is complete; get the file again for the rest.')
  }

  #malformed(
    reason: string,
    at: number,
    remedy = 'A bundle, an envelope, a list of objects, or one object per line can be read.',
  ): Fault {
    const place = `line ${this.#line}, byte ${this.#offset + at}`
    return new Fault('input.malformed', `the stream of objects breaks: ${reason}`, { remedy, place })
  }
}

/** The text of a key as JSON means it; what is no string or too long for us is empty. */
function textOf(word: readonly number[]): string {
  if (word.length > WORD_BYTES_MAX) return ''
  const raw = Buffer.from(word).toString()
  if (!raw.includes('\\')) return raw
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return ''
  }
}
