// The hashes of a statement (protocol section 2), from the salt of one item up to the commitment in the leaf. Every
// implementation must compute the same: test/vectors/statement.json holds each value on the way.
import { HASH_BYTES, newMessage, sha256, sha256Into, type Message } from '#kernel/hash.ts'

/** Places of an envelope. Parts 1 and 2 are lists; a place without a part holds 32 random bytes. */
export const PART = { header: 0, content: 1, context: 2, audience: 3 } as const
export const PARTS = 4

/** Bytes of a leaf entry: its version, the commitment and the label. */
export const ENTRY_BYTES = 53
export const ENTRY_VERSION = 0x01

const COMMIT = messageOf('comity/commit/v1', 16 + 32 + 8 + 32)
const SINGLE = messageOf('comity/part/v1\0\0', 16 + 32 + 1 + 8 + 32)
const ITEM = messageOf('comity/item/v1\0\0', 16 + 32 + 4 + 8 + 32)
const SALT = messageOf('comity/salt/v1\0\0', 16 + 32 + 4)
const LIST_TAG = new TextEncoder().encode('comity/list/v1\0\0')
const ENVELOPE = newMessage(2 + PARTS * HASH_BYTES)

/** The commitment of the whole statement. `partCommits` are four hashes. */
export function envelopeCommit(entrySalt: Uint8Array, partCommits: readonly Uint8Array[]): Uint8Array {
  ENVELOPE[1] = PARTS
  for (const [i, commit] of partCommits.entries()) ENVELOPE.set(commit, 2 + i * HASH_BYTES)
  COMMIT.set(entrySalt, 16)
  writeLength(COMMIT, 48, ENVELOPE.length)
  sha256Into(COMMIT, 56, ENVELOPE)
  return sha256(COMMIT)
}

/** The commitment in a leaf entry, or undefined where the entry is not of version 1. */
export function entryCommitment(entry: Uint8Array): Uint8Array | undefined {
  return entry.length === ENTRY_BYTES && entry[0] === ENTRY_VERSION ? entry.subarray(1, 1 + HASH_BYTES) : undefined
}

/** The commitment of a single part: 0 (header) or 3 (audience). */
export function partCommit(part: number, salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  SINGLE.set(salt, 16)
  SINGLE[48] = part
  writeLength(SINGLE, 49, bytes.length)
  sha256Into(SINGLE, 57, bytes)
  return sha256(SINGLE)
}

/** The commitment of a list part from those of its items: 1 (content) or 2 (context). */
export function listCommit(part: number, itemCommits: readonly Uint8Array[]): Uint8Array {
  const list = newList(part, itemCommits.length)
  for (const [j, commit] of itemCommits.entries()) list.set(commit, LIST_HEAD + j * HASH_BYTES)
  return sha256(list)
}

/** The salt of item `j` of the list whose seed this is. */
export function itemSalt(seed: Uint8Array, j: number): Uint8Array {
  SALT.set(seed, 16)
  writeCount(SALT, 48, j)
  return sha256(SALT)
}

export function itemCommit(salt: Uint8Array, j: number, item: Uint8Array): Uint8Array {
  ITEM.set(salt, 16)
  writeItem(j, item)
  return sha256(ITEM)
}

/** listCommit over itemCommit over itemSalt, without an array on the way: this is where ingest spends its hashing. */
export function wholeListCommit(part: number, seed: Uint8Array, items: readonly Uint8Array[]): Uint8Array {
  const list = newList(part, items.length)
  SALT.set(seed, 16)
  for (const [j, item] of items.entries()) {
    writeCount(SALT, 48, j)
    sha256Into(ITEM, 16, SALT)
    writeItem(j, item)
    sha256Into(list, LIST_HEAD + j * HASH_BYTES, ITEM)
  }
  return sha256(list)
}

const LIST_HEAD = 16 + 1 + 4

function newList(part: number, count: number): Message {
  const list = newMessage(LIST_HEAD + count * HASH_BYTES)
  list.set(LIST_TAG)
  list[16] = part
  writeCount(list, 17, count)
  return list
}

function writeItem(j: number, item: Uint8Array): void {
  writeCount(ITEM, 48, j)
  writeLength(ITEM, 52, item.length)
  sha256Into(ITEM, 60, item)
}

/** Lengths are eight bytes on the wire; no part here reaches 2^32. */
function writeLength(target: Message, offset: number, length: number): void {
  writeCount(target, offset, 0)
  writeCount(target, offset + 4, length)
}

/** Four bytes, the most significant first. */
function writeCount(target: Message, offset: number, count: number): void {
  target[offset] = count >>> 24
  target[offset + 1] = count >>> 16
  target[offset + 2] = count >>> 8
  target[offset + 3] = count
}

/** A message to hash that begins with its tag; the rest is written over each time. */
function messageOf(tag: string, length: number): Message {
  const message = newMessage(length)
  message.set(new TextEncoder().encode(tag))
  return message
}
