// How deliveries travel: length-prefixed frames, an item and then each of its statements (docs/protocol.md, "Frames").
// The decoder takes bytes in any cut and holds at most one frame; everything in it is bounded before it is believed.
import { hash } from 'node:crypto'
import { LIMITS } from '#kernel/limits.ts'
import { decodeStatement, encodeStatement, outOfForm, type DisclosedStatement } from './statement-frame.ts'

export const REASONS = ['new', 'widened', 'withdrawn', 'erased'] as const
export type Reason = (typeof REASONS)[number]

/** Why a statement that was delivered is not given any more, in the order of their numbers on the wire, from 1. */
export const GONE = ['erased', 'narrowed'] as const

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

/** What stands in place of a statement that is not given any more. */
export type GoneStatement = { readonly index: number; readonly gone: (typeof GONE)[number] }

export type DeliveredStatement = DisclosedStatement | GoneStatement

export type Delivery = {
  readonly item: DeliveryItem
  /** The item's bytes as they came: the next item's prevHash is over these. */
  readonly itemBytes: Uint8Array
  /** One for each index of the item, in its order. */
  readonly statements: readonly DeliveredStatement[]
}

export const FIRST_HASH: Uint8Array = new Uint8Array(32)

const KIND = { item: 1, statement: 2, gone: 5 } as const

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
    throw outOfForm('an item is not JSON', cause)
  }
  if (typeof value !== 'object' || value === null) throw outOfForm('an item is not an object')
  const { seq, prevHash, indexes, reason } = value as Record<string, unknown>
  if (!isCount(seq) || seq < 1) throw outOfForm('an item has no sequence number')
  if (typeof prevHash !== 'string' || !/^[0-9a-f]{64}$/.test(prevHash))
    throw outOfForm('an item has no hash of the one before')
  if (
    !Array.isArray(indexes) ||
    indexes.length < 1 ||
    indexes.length > LIMITS.deliveryIndexesMax ||
    !indexes.every(isCount)
  )
    throw outOfForm('an item has 1 to 1,000 indexes')
  const known = REASONS.find((each) => each === reason)
  if (known === undefined) throw outOfForm('an item has an unknown reason')
  return { seq, prevHash: Uint8Array.fromHex(prevHash), indexes: indexes as number[], reason: known }
}

/** The frames of one delivery, in pieces to write out. */
export function* encodeDelivery(
  itemBytes: Uint8Array,
  statements: Iterable<DeliveredStatement>,
): Generator<Uint8Array> {
  yield* frame(KIND.item, [itemBytes])
  for (const statement of statements)
    yield* 'gone' in statement
      ? frame(KIND.gone, encodeGone(statement))
      : frame(KIND.statement, encodeStatement(statement))
}

function* frame(kind: number, pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(pieces.reduce((sum, piece) => sum + piece.length, 1))
  head[4] = kind
  yield head
  yield* pieces
}

function encodeGone({ index, gone }: GoneStatement): Uint8Array[] {
  const bytes = Buffer.alloc(9)
  bytes.writeBigUInt64BE(BigInt(index))
  bytes[8] = 1 + GONE.indexOf(gone)
  return [bytes]
}

/** Puts frames together from bytes in any cut, and deliveries from frames. Throws `peer.invalid` for what cannot be one. */
export class DeliveryDecoder {
  #buffer: Buffer = Buffer.alloc(0)
  #item:
    | { readonly item: DeliveryItem; readonly bytes: Uint8Array; readonly statements: DeliveredStatement[] }
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
      if (length < 1 || length > LIMITS.frameBytesMax) throw outOfForm(`a frame of ${length} bytes`)
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
    if (this.#buffer.length > 0 || this.#item !== undefined) throw outOfForm('the deliveries end in the middle')
  }

  #take(frame: Buffer): Delivery | undefined {
    const kind = frame[0]
    const payload = frame.subarray(1)
    if (kind === KIND.item) this.#open(payload)
    else if (kind === KIND.statement) this.#add(decodeStatement(payload))
    else if (kind === KIND.gone) this.#add(decodeGone(payload))
    else throw outOfForm(`a frame of unknown kind ${kind}`)
    if (this.#item === undefined || this.#item.statements.length < this.#item.item.indexes.length) return undefined
    const { item, bytes, statements } = this.#item
    this.#item = undefined
    return { item, itemBytes: bytes, statements }
  }

  #open(payload: Buffer): void {
    if (this.#item !== undefined) throw outOfForm('an item comes before the statements of the one before')
    const bytes = Uint8Array.from(payload)
    this.#item = { item: decodeItem(bytes), bytes, statements: [] }
  }

  #add(statement: DeliveredStatement): void {
    if (this.#item === undefined) throw outOfForm('a statement comes without its item')
    const { item, statements } = this.#item
    if (statement.index !== item.indexes[statements.length])
      throw outOfForm('a statement is not the one its item names')
    statements.push(statement)
  }
}

function decodeGone(payload: Buffer): GoneStatement {
  const gone = payload.length === 9 ? GONE[(payload[8] as number) - 1] : undefined
  const index = gone === undefined ? Number.NaN : Number(payload.readBigUInt64BE())
  if (gone === undefined || !Number.isSafeInteger(index)) throw outOfForm('a statement is gone for no known reason')
  return { index, gone }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
