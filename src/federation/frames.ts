// How deliveries travel: length-prefixed frames, an item and then each of its statements (docs/protocol.md, "Frames").
// The decoder takes bytes in any cut and holds at most one frame; everything in it is bounded before it is believed.
import { hash } from 'node:crypto'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

export const REASONS = ['new', 'widened', 'withdrawn', 'erased'] as const
export type Reason = (typeof REASONS)[number]

/** One entry of the stream to a recipient. */
export type DeliveryItem = {
  /** From 1, without gaps. */
  readonly seq: number
  /** SHA-256 of the bytes of the item before; 32 zero bytes for the first. */
  readonly prevHash: Uint8Array
  /** Leaf indexes of the statements delivered, 1 to 1,000. */
  readonly indexes: readonly number[]
  readonly reason: Reason
}

/** A statement with the parts that this recipient may see. */
export type DisclosedStatement = {
  readonly index: number
  readonly entrySalt: Uint8Array
  /** Four commitments, 32 bytes each. */
  readonly partCommits: readonly Uint8Array[]
  readonly header: { readonly salt: Uint8Array; readonly bytes: Uint8Array }
  readonly content: { readonly seed: Uint8Array; readonly items: readonly Uint8Array[] }
}

export type Delivery = {
  readonly item: DeliveryItem
  /** The item's bytes as they came: the next item's prevHash is over these. */
  readonly itemBytes: Uint8Array
  readonly statements: readonly DisclosedStatement[]
}

export const FIRST_HASH: Uint8Array = new Uint8Array(32)

const ITEM = 1
const STATEMENT = 2
const FIXED = 1 + 8 + 32 + 4 * 32 + 32 + 4

/** The bytes of an item: JSON with its keys in this order. Stored once; they are what the next item's hash covers. */
export function encodeItem(item: DeliveryItem): Uint8Array {
  const { seq, prevHash, indexes, reason } = item
  return Buffer.from(JSON.stringify({ seq, prevHash: prevHash.toHex(), indexes, reason }))
}

export function hashItem(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

/** Reads an item. Throws `peer.invalid` for anything out of form or bounds. */
export function decodeItem(bytes: Uint8Array): DeliveryItem {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalid('an item is not JSON', cause)
  }
  if (typeof value !== 'object' || value === null) throw invalid('an item is not an object')
  const { seq, prevHash, indexes, reason } = value as Record<string, unknown>
  if (!isCount(seq) || seq < 1) throw invalid('an item has no sequence number')
  if (typeof prevHash !== 'string' || !/^[0-9a-f]{64}$/.test(prevHash))
    throw invalid('an item has no hash of the one before')
  if (
    !Array.isArray(indexes) ||
    indexes.length < 1 ||
    indexes.length > LIMITS.deliveryIndexesMax ||
    !indexes.every(isCount)
  )
    throw invalid('an item has 1 to 1,000 indexes')
  const known = REASONS.find((each) => each === reason)
  if (known === undefined) throw invalid('an item has an unknown reason')
  return { seq, prevHash: Uint8Array.fromHex(prevHash), indexes: indexes as number[], reason: known }
}

/** The frames of one delivery, in pieces to write out. */
export function* encodeDelivery(
  itemBytes: Uint8Array,
  statements: Iterable<DisclosedStatement>,
): Generator<Uint8Array> {
  yield frameHead(1 + itemBytes.length, ITEM)
  yield itemBytes
  for (const statement of statements) yield* encodeStatement(statement)
}

export function* encodeStatement({
  index,
  entrySalt,
  partCommits,
  header,
  content,
}: DisclosedStatement): Generator<Uint8Array> {
  const contentLength = 32 + 4 + content.items.reduce((sum, item) => sum + 4 + item.length, 0)
  yield frameHead(FIXED + header.bytes.length + contentLength, STATEMENT)
  const fixed = Buffer.alloc(FIXED - 1)
  fixed.writeBigUInt64BE(BigInt(index), 0)
  fixed.set(entrySalt, 8)
  for (const [i, commit] of partCommits.entries()) fixed.set(commit, 40 + 32 * i)
  fixed.set(header.salt, 168)
  fixed.writeUInt32BE(header.bytes.length, 200)
  yield fixed
  yield header.bytes
  yield content.seed
  yield u32(content.items.length)
  for (const item of content.items) {
    yield u32(item.length)
    yield item
  }
}

function frameHead(length: number, kind: number): Uint8Array {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length, 0)
  head[4] = kind
  return head
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Puts frames together from bytes in any cut, and deliveries from frames. Throws `peer.invalid` for what cannot be one. */
export class DeliveryDecoder {
  #buffer: Buffer = Buffer.alloc(0)
  #item:
    | { readonly item: DeliveryItem; readonly bytes: Uint8Array; readonly statements: DisclosedStatement[] }
    | undefined
  #bytes = 0

  /** Bytes consumed by whole deliveries so far, so that a broken transfer can be resumed there. */
  get whole(): number {
    return this.#bytes
  }

  *push(chunk: Uint8Array): Generator<Delivery> {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#buffer, chunk])
    let at = 0
    for (;;) {
      if (this.#buffer.length - at < 4) break
      const length = this.#buffer.readUInt32BE(at)
      if (length < 1 || length > LIMITS.frameBytesMax) throw invalid(`a frame of ${length} bytes`)
      if (this.#buffer.length - at < 4 + length) break
      const delivery = this.#take(this.#buffer.subarray(at + 4, at + 4 + length))
      at += 4 + length
      this.#bytes += 4 + length
      if (delivery !== undefined) yield delivery
    }
    this.#buffer = Buffer.from(this.#buffer.subarray(at))
  }

  /** Call at the end of the stream: what is left over was cut off. */
  end(): void {
    if (this.#buffer.length > 0 || this.#item !== undefined) throw invalid('the deliveries end in the middle')
  }

  #take(frame: Buffer): Delivery | undefined {
    const kind = frame[0]
    if (kind === ITEM) {
      if (this.#item !== undefined) throw invalid('an item comes before the statements of the one before')
      const bytes = Uint8Array.from(frame.subarray(1))
      this.#item = { item: decodeItem(bytes), bytes, statements: [] }
    } else if (kind === STATEMENT) {
      if (this.#item === undefined) throw invalid('a statement comes without its item')
      const { item, statements } = this.#item
      const statement = decodeStatement(frame)
      if (statement.index !== item.indexes[statements.length])
        throw invalid('a statement is not the one its item names')
      statements.push(statement)
    } else {
      throw invalid(`a frame of unknown kind ${kind}`)
    }
    const { item, bytes, statements } = this.#item
    if (item.reason !== 'erased' && statements.length < item.indexes.length) return undefined
    this.#item = undefined
    return { item, itemBytes: bytes, statements }
  }
}

/** Reads one statement frame. */
export function decodeStatement(frame: Buffer): DisclosedStatement {
  if (frame.length < FIXED) throw invalid('a statement is too short')
  const index = Number(frame.readBigUInt64BE(1))
  if (!Number.isSafeInteger(index)) throw invalid('an index is out of bounds')
  const headerLength = frame.readUInt32BE(201)
  if (headerLength > LIMITS.headerBytesMax) throw invalid('a header is too long')
  const contentAt = FIXED + headerLength
  if (frame.length < contentAt + 36) throw invalid('a statement is too short')
  return {
    index,
    entrySalt: Uint8Array.from(frame.subarray(9, 41)),
    partCommits: [0, 1, 2, 3].map((i) => Uint8Array.from(frame.subarray(41 + 32 * i, 73 + 32 * i))),
    header: {
      salt: Uint8Array.from(frame.subarray(169, 201)),
      bytes: Uint8Array.from(frame.subarray(FIXED, contentAt)),
    },
    content: {
      seed: Uint8Array.from(frame.subarray(contentAt, contentAt + 32)),
      items: decodeItems(frame, contentAt + 32),
    },
  }
}

function decodeItems(frame: Buffer, from: number): Uint8Array[] {
  const count = frame.readUInt32BE(from)
  if (count < 1 || count > LIMITS.statementRecordsMax) throw invalid(`a statement of ${count} items`)
  const items: Uint8Array[] = []
  let at = from + 4
  for (let i = 0; i < count; i += 1) {
    if (at + 4 > frame.length) throw invalid('a statement is too short')
    const end = at + 4 + frame.readUInt32BE(at)
    if (end > frame.length) throw invalid('an item of a statement is cut off')
    items.push(Uint8Array.from(frame.subarray(at + 4, end)))
    at = end
  }
  if (at !== frame.length) throw invalid('a statement has bytes behind its items')
  return items
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function invalid(message: string, cause?: unknown): Fault {
  return new Fault(
    'peer.invalid',
    `what the peer sent is out of form: ${message}`,
    cause === undefined ? {} : { cause },
  )
}
