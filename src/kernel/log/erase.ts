// What erase statements and receipts say (protocol section 9): the bytes of their one item, written and read.
import { joinBytes } from '../bytes.ts'
import { Fault } from '../fault.ts'
import { sha256 } from '../hash.ts'
import { parseJson } from '../json.ts'
import { LIMITS } from '../limits.ts'

export const ERASE_MEDIA_TYPE = 'application/vnd.comity.erase+json'
export const RECEIPT_MEDIA_TYPE = 'application/vnd.comity.receipt+json'

export const ERASE_REASONS = ['personal-data', 'sent-in-error', 'legal', 'expired'] as const
export type EraseReason = (typeof ERASE_REASONS)[number]

/** Names items of the statement that the header refers to by their places, from 0: an id could itself tell something. */
export type EraseContent = {
  readonly reason: string
  readonly items: readonly number[]
  /** Present where the header of the statement stays, though no item does. */
  readonly keepHeader?: boolean
}

/** What a recipient did about an erase or a withdrawal. */
export const OUTCOMES = ['erased', 'withdrawn', 'refused'] as const
export type ReceiptContent = {
  readonly outcome: (typeof OUTCOMES)[number]
  readonly reason?: string
  /** That its author was shown the statement it answers, by whoever's way: see `toldHash`. */
  readonly told?: string
}

const REASON_CHARS_MAX = 500

/** Undefined where the bytes are not what an erase says. */
export function parseErase(bytes: Uint8Array | undefined): EraseContent | undefined {
  const { reason, items, keepHeader } = readObject(bytes)
  if (typeof reason !== 'string' || reason === '' || reason.length > REASON_CHARS_MAX) return undefined
  if (!Array.isArray(items) || items.length === 0 || items.length > LIMITS.statementRecordsMax) return undefined
  if (!items.every((item) => Number.isSafeInteger(item) && item >= 0 && item < LIMITS.statementRecordsMax))
    return undefined
  return { reason, items: [...new Set(items as number[])], ...(keepHeader === true ? { keepHeader } : {}) }
}

/** Undefined where the bytes are not a receipt. */
export function parseReceipt(bytes: Uint8Array | undefined): ReceiptContent | undefined {
  const { outcome: word, reason, told } = readObject(bytes)
  const outcome = OUTCOMES.find((each) => each === word)
  if (outcome === undefined) return undefined
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > REASON_CHARS_MAX)) return undefined
  if (told !== undefined && (typeof told !== 'string' || !/^[0-9a-f]{64}$/.test(told))) return undefined
  return { outcome, ...(reason === undefined ? {} : { reason }), ...(told === undefined ? {} : { told }) }
}

/** What only members can say who were shown a statement, each for itself: the salt of its leaf is in no log. Hex. */
export function toldHash(entrySalt: Uint8Array, member: string): string {
  return sha256(joinBytes([Buffer.from('comity/told/v1\0\0'), entrySalt, Buffer.from(member)])).toHex()
}

/** What stays of the salt of a leaf of which nothing else does: by it a claim to have held the statement is checked. */
export function heldKey(entrySalt: Uint8Array): Uint8Array {
  return sha256(joinBytes([Buffer.from('comity/held/v1\0\0'), entrySalt]))
}

/** Bytes of the claim of a member to hold a statement. */
export const HELD_BYTES = 16

/** What only members can say who were given a statement, each for itself. */
export function heldHash(key: Uint8Array, member: string): Uint8Array {
  return sha256(joinBytes([key, Buffer.from(member)])).subarray(0, HELD_BYTES)
}

function readObject(bytes: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  try {
    const value = parseJson(bytes ?? new Uint8Array(0))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch (error) {
    if (error instanceof Fault) return {}
    throw error
  }
}
