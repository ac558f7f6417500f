// One entry of the stream to a recipient (docs/protocol.md, "Deliveries"): which statements, why, and the hash of the entry
// before. Its bytes are stored and forwarded as they are; they are what the next hash and the committed head cover.
import { Fault } from './fault.ts'
import { sha256 } from './hash.ts'
import { LIMITS } from './limits.ts'

export const REASONS = ['new', 'widened', 'withdrawn', 'erased'] as const
export type Reason = (typeof REASONS)[number]

export type DeliveryItem = {
  /** From 1, without gaps. */
  readonly seq: number
  /** SHA-256 of the bytes of the item before; 32 zero bytes for the first. */
  readonly prevHash: Uint8Array
  /** The log the statements are in, where it is not the sender's own. */
  readonly origin?: string
  /** Leaf indexes of the statements delivered, 1 to 1,000. */
  readonly indexes: readonly number[]
  readonly reason: Reason
}

/** What stands for the item before the first. */
export const FIRST_HASH: Uint8Array = new Uint8Array(32)

/** The bytes of an item: JSON with its keys in this order. */
export function encodeItem({ seq, prevHash, origin, indexes, reason }: DeliveryItem): Uint8Array {
  return Buffer.from(
    JSON.stringify({ seq, prevHash: prevHash.toHex(), ...(origin === undefined ? {} : { origin }), indexes, reason }),
  )
}

export function hashItem(bytes: Uint8Array): Uint8Array {
  return sha256(bytes)
}

/** Reads an item. Throws `peer.invalid` for anything out of form or bounds. */
export function decodeItem(bytes: Uint8Array): DeliveryItem {
  if (bytes.length > LIMITS.deliveryItemBytesMax) throw invalid('an item is too long')
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalid('an item is not JSON', cause)
  }
  if (typeof value !== 'object' || value === null) throw invalid('an item is not an object')
  const { seq, prevHash, origin, indexes, reason } = value as Record<string, unknown>
  if (!isCount(seq) || seq < 1) throw invalid('an item has no sequence number')
  if (typeof prevHash !== 'string' || !/^[0-9a-f]{64}$/.test(prevHash))
    throw invalid('an item has no hash of the one before')
  if (origin !== undefined && (typeof origin !== 'string' || origin.length < 1 || origin.length > 255))
    throw invalid('an item names no log')
  if (
    !Array.isArray(indexes) ||
    indexes.length < 1 ||
    indexes.length > LIMITS.deliveryIndexesMax ||
    !indexes.every(isCount)
  )
    throw invalid('an item has 1 to 1,000 indexes')
  const known = REASONS.find((each) => each === reason)
  if (known === undefined) throw invalid('an item has an unknown reason')
  return {
    seq,
    prevHash: Uint8Array.fromHex(prevHash),
    ...(origin === undefined ? {} : { origin }),
    indexes: indexes as number[],
    reason: known,
  }
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
