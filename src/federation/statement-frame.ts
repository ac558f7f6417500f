// How one statement travels: what opens its leaf, which parts are shown, and each of them, a list whole or in part
// (docs/protocol.md, "Deliveries"). Every length and count is held against a bound before anything is made of it.
import { PARTS } from '#kernel/commitment.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { isWhole, type ListPart, type ShownItem } from '#kernel/list-part.ts'
import type { HeldParts } from '#kernel/log/statement-store.ts'
import type { SinglePart } from '#kernel/statement.ts'

/** A statement with the parts that this recipient may see. */
export type DisclosedStatement = HeldParts & { readonly index: number }

const HASH = 32
/** Index, entry salt, part commitments, flags. */
const FIXED = 8 + HASH + PARTS * HASH + 1
const FLAG = { header: 1, content: 2, context: 4, audience: 8 } as const
const WHOLE = 1
const PARTIAL = 2

/** The payload of a statement's frame, in pieces to write out. */
export function encodeStatement(statement: DisclosedStatement): Uint8Array[] {
  const { header, content, context, audience } = statement
  return [
    fixedOf(statement),
    ...singleOf(header),
    ...listOf(content),
    ...(context === undefined ? [] : listOf(context)),
    ...(audience === undefined ? [] : singleOf(audience)),
  ]
}

function fixedOf({ index, entrySalt, partCommits, context, audience }: DisclosedStatement): Uint8Array {
  const fixed = Buffer.alloc(FIXED)
  fixed.writeBigUInt64BE(BigInt(index), 0)
  fixed.set(entrySalt, 8)
  for (const [i, commit] of partCommits.entries()) fixed.set(commit, 8 + HASH + HASH * i)
  const optional = (context === undefined ? 0 : FLAG.context) | (audience === undefined ? 0 : FLAG.audience)
  fixed[FIXED - 1] = FLAG.header | FLAG.content | optional
  return fixed
}

function singleOf({ salt, bytes }: SinglePart): Uint8Array[] {
  return [salt, u32(bytes.length), bytes]
}

function listOf(list: ListPart): Uint8Array[] {
  if (isWhole(list))
    return [
      Uint8Array.of(WHOLE),
      list.seed,
      u32(list.items.length),
      ...list.items.flatMap((bytes) => [u32(bytes.length), bytes]),
    ]
  const { itemCommits, items } = list
  return [
    Uint8Array.of(PARTIAL),
    u32(itemCommits.length),
    ...itemCommits,
    u32(items.length),
    ...items.flatMap(({ index, salt, bytes }) => [u32(index), salt, u32(bytes.length), bytes]),
  ]
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Reads the payload of a statement's frame. Throws `peer.invalid` for anything out of form or bounds. */
export function decodeStatement(payload: Buffer): DisclosedStatement {
  const read = new Cursor(payload)
  const index = read.u64()
  const entrySalt = read.hash()
  const partCommits = Array.from({ length: PARTS }, () => read.hash())
  const flags = read.u8()
  if ((flags & FLAG.header) === 0 || (flags & FLAG.content) === 0)
    throw outOfForm('a statement without its header or its content')
  if (flags > 15) throw outOfForm('a statement with parts that do not exist')
  const statement = {
    index,
    entrySalt,
    partCommits,
    header: readSingle(read, LIMITS.headerBytesMax),
    content: readList(read),
    ...((flags & FLAG.context) === 0 ? {} : { context: readList(read) }),
    ...((flags & FLAG.audience) === 0 ? {} : { audience: readSingle(read, LIMITS.statementContentBytesMax) }),
  }
  read.end()
  return statement
}

function readSingle(read: Cursor, bytesMax: number): SinglePart {
  return { salt: read.hash(), bytes: read.bytes(read.u32(bytesMax)) }
}

function readList(read: Cursor): ListPart {
  const form = read.u8()
  if (form === WHOLE) {
    const seed = read.hash()
    const count = readCount(read)
    return { seed, items: Array.from({ length: count }, () => read.item()) }
  }
  if (form !== PARTIAL) throw outOfForm(`a list of unknown form ${form}`)
  const count = readCount(read)
  const itemCommits = Array.from({ length: count }, () => read.hash())
  const items: ShownItem[] = []
  const shown = read.u32(count)
  for (let i = 0; i < shown; i += 1) {
    const index = read.u32(count - 1)
    if (index <= (items.at(-1)?.index ?? -1)) throw outOfForm('items out of order')
    items.push({ index, salt: read.hash(), bytes: read.item() })
  }
  return { itemCommits, items }
}

function readCount(read: Cursor): number {
  const count = read.u32(LIMITS.statementRecordsMax)
  if (count < 1) throw outOfForm('a list without items')
  return count
}

/** Reads a frame's payload piece by piece; every piece is a copy, so that the frame can be let go. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  bytes(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw outOfForm('a statement is cut off')
    const piece = Uint8Array.from(this.#bytes.subarray(this.#at, this.#at + length))
    this.#at += length
    return piece
  }

  hash(): Uint8Array {
    return this.bytes(HASH)
  }

  item(): Uint8Array {
    return this.bytes(this.u32(LIMITS.recordBytesMax))
  }

  u8(): number {
    return this.bytes(1)[0] as number
  }

  u32(most: number): number {
    const value = Buffer.from(this.bytes(4)).readUInt32BE()
    if (value > most) throw outOfForm(`${value}, where ${most} is the most`)
    return value
  }

  u64(): number {
    const value = Number(Buffer.from(this.bytes(8)).readBigUInt64BE())
    if (!Number.isSafeInteger(value)) throw outOfForm('an index is out of bounds')
    return value
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw outOfForm('a statement has bytes behind its parts')
  }
}

/** What every reader of frames says of what cannot be one. */
export function outOfForm(message: string, cause?: unknown): Fault {
  const options = cause === undefined ? {} : { cause }
  return new Fault('peer.invalid', `what the peer sent is out of form: ${message}`, options)
}
