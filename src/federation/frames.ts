// How deliveries travel: length-prefixed frames, an item and then each of its statements (docs/protocol.md, "Frames").
// The decoder takes bytes in any cut and holds at most one frame; everything in it is bounded before it is believed.
import { decodeItem, type DeliveryItem } from '#kernel/delivery-item.ts'
import { ENTRY_BYTES } from '#kernel/commitment.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { LeafProof } from './forward/prove.ts'
import { decodeStatement, encodeStatement, outOfForm, type DisclosedStatement } from './statement-frame.ts'

/** Why a statement that was delivered is not given any more, in the order of their numbers on the wire, from 1. */
export const GONE = ['erased', 'narrowed'] as const

/** What stands in place of a statement that is not given any more. */
export type GoneStatement = { readonly index: number; readonly gone: (typeof GONE)[number] }

/** A statement as it travels; of another member's log it comes with the proof that it is there. */
export type DeliveredStatement = (DisclosedStatement & { readonly proof?: LeafProof }) | GoneStatement

export type Delivery = {
  readonly item: DeliveryItem
  /** The item's bytes as they came: the next item's prevHash is over these. */
  readonly itemBytes: Uint8Array
  /** One for each index of the item, in its order. */
  readonly statements: readonly DeliveredStatement[]
}

const KIND = { item: 1, statement: 2, head: 3, proof: 4, gone: 5 } as const

/** The frames of one delivery, in pieces to write out. */
export function* encodeDelivery(
  itemBytes: Uint8Array,
  statements: Iterable<DeliveredStatement>,
): Generator<Uint8Array> {
  yield* frame(KIND.item, [itemBytes])
  for (const statement of statements) {
    if ('gone' in statement) yield* frame(KIND.gone, encodeGone(statement))
    else {
      if (statement.proof !== undefined) yield* frame(KIND.proof, [statement.proof.entry, statement.proof.proof])
      yield* frame(KIND.statement, encodeStatement(statement))
    }
  }
}

/** The frame that ends every answer: the recipient's place among the heads (heads/frame.ts). */
export function encodeHead(pieces: readonly Uint8Array[]): Iterable<Uint8Array> {
  return frame(KIND.head, pieces)
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
  #head: Uint8Array | undefined
  #proof: LeafProof | undefined

  /** The payload of the frame at the end of an answer, where it came; nobody has looked into it. */
  get head(): Uint8Array | undefined {
    return this.#head
  }

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
    if (this.#head !== undefined) throw outOfForm('something comes behind the proof of the stream')
    if (kind === KIND.item) this.#open(payload)
    else if (kind === KIND.proof) this.#prove(payload)
    else if (kind === KIND.statement) this.#add({ ...decodeStatement(payload), ...this.#takeProof() })
    else if (kind === KIND.gone) this.#add(decodeGone(payload))
    else if (kind === KIND.head) this.#end(payload)
    else throw outOfForm(`a frame of unknown kind ${kind}`)
    if (this.#item === undefined || this.#item.statements.length < this.#item.item.indexes.length) return undefined
    const { item, bytes, statements } = this.#item
    this.#item = undefined
    return { item, itemBytes: bytes, statements }
  }

  #end(payload: Buffer): void {
    if (this.#item !== undefined) throw outOfForm('the proof of the stream comes before the statements of an item')
    this.#head = Uint8Array.from(payload)
  }

  #open(payload: Buffer): void {
    if (this.#item !== undefined) throw outOfForm('an item comes before the statements of the one before')
    const bytes = Uint8Array.from(payload)
    this.#item = { item: decodeItem(bytes), bytes, statements: [] }
  }

  #prove(payload: Buffer): void {
    if (this.#item?.item.origin === undefined) throw outOfForm('a proof comes with a statement of the sender’s own')
    if (this.#proof !== undefined || payload.length <= ENTRY_BYTES) throw outOfForm('a proof of nothing')
    this.#proof = {
      entry: Uint8Array.from(payload.subarray(0, ENTRY_BYTES)),
      proof: Uint8Array.from(payload.subarray(ENTRY_BYTES)),
    }
  }

  #takeProof(): { readonly proof?: LeafProof } {
    const proof = this.#proof
    this.#proof = undefined
    return proof === undefined ? {} : { proof }
  }

  #add(statement: DeliveredStatement): void {
    if (this.#item === undefined) throw outOfForm('a statement comes without its item')
    if (this.#proof !== undefined) throw outOfForm('a proof comes without its statement')
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
