// Statements (protocol section 2): what a member says, sealed so that its log shows only a commitment. Each part is
// salted by itself, so that one can be shown, and one item erased, without the others; the leaf binds them all. The
// bytes of items are opaque here and are hashed as they came. What this file computes must be the same in every
// implementation: test/vectors/statement.json holds a statement with every value on the way.
import type { Random } from './clock.ts'
import { Fault } from './fault.ts'
import { equalBytes, HASH_BYTES, sha256, sha256Into } from './hash.ts'
import { parseHeader, type Header } from './header.ts'
import { LIMITS } from './limits.ts'

export { parseHeader, type Header } from './header.ts'

/** Bytes of a leaf entry: its version, the commitment and the label. */
export const ENTRY_BYTES = 53
const ENTRY_VERSION = 0x01
const LABEL_BYTES = 20
const SALT_BYTES = 32

/** Places of an envelope. Part 2 is the list of contexts; a place without a part holds 32 random bytes. */
export const PART = { header: 0, content: 1, context: 2, audience: 3 } as const
export const PARTS = 4

export type NewStatementParts = {
  /** JSON as it shall be kept; parseHeader must accept it and its count must be the number of items. */
  readonly header: Uint8Array
  readonly content: readonly Uint8Array[]
  /** The named recipients. */
  readonly audience?: Uint8Array
  /** Called once, for 180 bytes: entry salt, header salt, content seed, place 2, audience salt or place 3, label. */
  readonly random: Random
}

export type SealedStatement = {
  /** What goes into the log: 53 bytes, all that outsiders see. */
  readonly entry: Uint8Array
  readonly entrySalt: Uint8Array
  readonly partCommits: readonly Uint8Array[]
  readonly headerSalt: Uint8Array
  readonly contentSeed: Uint8Array
  readonly audienceSalt?: Uint8Array
}

/** Seals a statement of ours. Throws `input.too-large` beyond the bounds, `log.invalid` for a header of no use. */
export function sealStatement({ header, content, audience, random }: NewStatementParts): SealedStatement {
  const excess = findExcess(content) ?? (audience === undefined ? undefined : findExcess([audience]))
  if (excess !== undefined) throw new Fault('input.too-large', excess)
  const { count } = parseHeader(header)
  if (count !== content.length) {
    throw new Fault('log.invalid', `the header counts ${count} items, the content has ${content.length}`)
  }
  const chance = random(5 * SALT_BYTES + LABEL_BYTES)
  const [entrySalt, headerSalt, contentSeed, place2, place3] = [0, 1, 2, 3, 4].map((i) =>
    chance.slice(i * SALT_BYTES, (i + 1) * SALT_BYTES),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const partCommits = [
    partCommit(PART.header, headerSalt, header),
    commitContent(contentSeed, content),
    place2,
    audience === undefined ? place3 : partCommit(PART.audience, place3, audience),
  ]
  const entry = new Uint8Array(ENTRY_BYTES)
  entry[0] = ENTRY_VERSION
  entry.set(envelopeCommit(entrySalt, partCommits), 1)
  entry.set(chance.subarray(5 * SALT_BYTES), 1 + HASH_BYTES)
  return {
    entry,
    entrySalt,
    partCommits,
    headerSalt,
    contentSeed,
    ...(audience === undefined ? {} : { audienceSalt: place3 }),
  }
}

/** The content as a whole: the seed stands for every item's salt. */
export type WholeContent = { readonly seed: Uint8Array; readonly items: readonly Uint8Array[] }

/** Some items of the content: the salt of each one shown, and the commitments of all. */
export type PartialContent = {
  readonly itemCommits: readonly Uint8Array[]
  readonly items: readonly { readonly index: number; readonly salt: Uint8Array; readonly bytes: Uint8Array }[]
}

export type Disclosure = {
  readonly entry: Uint8Array
  readonly entrySalt: Uint8Array
  readonly partCommits: readonly Uint8Array[]
  readonly header?: { readonly salt: Uint8Array; readonly bytes: Uint8Array }
  readonly content?: WholeContent | PartialContent
  readonly audience?: { readonly salt: Uint8Array; readonly bytes: Uint8Array }
}

/**
 * `commitment`: the bytes are not what the leaf commits to, so whoever sent them is at fault. `form`: they are, but
 * they break the protocol, so the author is. `bounds`: too much to look at.
 */
export type StatementProblem = 'commitment' | 'form' | 'bounds'

export type StatementVerdict<H> =
  | { readonly ok: true; readonly header: H }
  | { readonly ok: false; readonly problem: StatementProblem; readonly reason: string }

/** Holds what was disclosed of a statement against its leaf entry, whose place in the log the caller has verified. */
export function verifyStatement(disclosure: Disclosure & Required<Pick<Disclosure, 'header'>>): StatementVerdict<Header>
export function verifyStatement(disclosure: Disclosure): StatementVerdict<Header | undefined>
export function verifyStatement(disclosure: Disclosure): StatementVerdict<Header | undefined> {
  const { entry, entrySalt, partCommits, header, content, audience } = disclosure
  const excess = findDisclosureExcess(disclosure)
  if (excess !== undefined) return refuse('bounds', excess)
  const commitment = entryCommitment(entry)
  if (commitment === undefined) return refuse('form', 'the leaf entry is not of version 1')
  if (!equalBytes(envelopeCommit(entrySalt, partCommits), commitment)) {
    return refuse('commitment', 'the part commitments are not those of the leaf')
  }
  if (header !== undefined && !holdsPart(PART.header, header, partCommits)) {
    return refuse('commitment', 'the header is not the one of the leaf')
  }
  if (audience !== undefined && !holdsPart(PART.audience, audience, partCommits)) {
    return refuse('commitment', 'the audience is not the one of the leaf')
  }
  if (content !== undefined && !holdsContent(content, partCommits)) {
    return refuse('commitment', 'the content is not the one of the leaf')
  }
  return header === undefined ? { ok: true, header: undefined } : verifyHeader(header.bytes, content)
}

/** The commitment in a leaf entry, or undefined where the entry is not of version 1. */
export function entryCommitment(entry: Uint8Array): Uint8Array | undefined {
  return entry.length === ENTRY_BYTES && entry[0] === ENTRY_VERSION ? entry.subarray(1, 1 + HASH_BYTES) : undefined
}

const COMMIT = messageOf('comity/commit/v1', 16 + 32 + 8 + 32)
const SINGLE = messageOf('comity/part/v1\0\0', 16 + 32 + 1 + 8 + 32)
const ITEM = messageOf('comity/item/v1\0\0', 16 + 32 + 4 + 8 + 32)
const SALT = messageOf('comity/salt/v1\0\0', 16 + 32 + 4)
const LIST_TAG = Buffer.from('comity/list/v1\0\0', 'latin1')
const ENVELOPE = Buffer.alloc(2 + PARTS * HASH_BYTES)

/** The commitment of the whole statement. `partCommits` are four hashes. */
export function envelopeCommit(entrySalt: Uint8Array, partCommits: readonly Uint8Array[]): Uint8Array {
  ENVELOPE.writeUInt16BE(PARTS)
  for (const [i, commit] of partCommits.entries()) ENVELOPE.set(commit, 2 + i * HASH_BYTES)
  COMMIT.set(entrySalt, 16)
  writeLength(COMMIT, 48, ENVELOPE.length)
  sha256Into(COMMIT, 56, ENVELOPE)
  return sha256(COMMIT)
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
  SALT.writeUInt32BE(j, 48)
  return sha256(SALT)
}

export function itemCommit(salt: Uint8Array, j: number, item: Uint8Array): Uint8Array {
  ITEM.set(salt, 16)
  writeItem(j, item)
  return sha256(ITEM)
}

/** listCommit over itemCommit over itemSalt, without an array on the way: this is where ingest spends its hashing. */
function commitContent(seed: Uint8Array, items: readonly Uint8Array[]): Uint8Array {
  const list = newList(PART.content, items.length)
  SALT.set(seed, 16)
  for (const [j, item] of items.entries()) {
    SALT.writeUInt32BE(j, 48)
    sha256Into(ITEM, 16, SALT)
    writeItem(j, item)
    sha256Into(list, LIST_HEAD + j * HASH_BYTES, ITEM)
  }
  return sha256(list)
}

const LIST_HEAD = 16 + 1 + 4

function newList(part: number, count: number): Buffer {
  const list = Buffer.alloc(LIST_HEAD + count * HASH_BYTES)
  list.set(LIST_TAG)
  list[16] = part
  list.writeUInt32BE(count, 17)
  return list
}

function writeItem(j: number, item: Uint8Array): void {
  ITEM.writeUInt32BE(j, 48)
  writeLength(ITEM, 52, item.length)
  sha256Into(ITEM, 60, item)
}

/** Lengths are eight bytes on the wire; no part here reaches 2^32. */
function writeLength(target: Buffer, offset: number, length: number): void {
  target.writeUInt32BE(0, offset)
  target.writeUInt32BE(length, offset + 4)
}

/** A message to hash that begins with its tag; the rest is written over each time. */
function messageOf(tag: string, length: number): Buffer {
  const message = Buffer.alloc(length)
  message.write(tag, 'latin1')
  return message
}

function holdsPart(
  part: number,
  { salt, bytes }: { readonly salt: Uint8Array; readonly bytes: Uint8Array },
  partCommits: readonly Uint8Array[],
): boolean {
  const expected = partCommits[part]
  return expected !== undefined && equalBytes(partCommit(part, salt, bytes), expected)
}

function holdsContent(content: WholeContent | PartialContent, partCommits: readonly Uint8Array[]): boolean {
  const expected = partCommits[PART.content]
  if (expected === undefined) return false
  if ('seed' in content) return equalBytes(commitContent(content.seed, content.items), expected)
  const { itemCommits, items } = content
  if (!equalBytes(listCommit(PART.content, itemCommits), expected)) return false
  return items.every(({ index, salt, bytes }) => {
    const commit = itemCommits[index]
    return commit !== undefined && equalBytes(itemCommit(salt, index, bytes), commit)
  })
}

function verifyHeader(bytes: Uint8Array, content: Disclosure['content']): StatementVerdict<Header> {
  try {
    const header = parseHeader(bytes)
    const count =
      content === undefined ? header.count : 'seed' in content ? content.items.length : content.itemCommits.length
    if (header.count === count) return { ok: true, header }
    return refuse('form', `the header counts ${header.count} items, the content has ${count}`)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return refuse('form', error.place ? `${error.message} (${error.place})` : error.message)
  }
}

/** What is beyond the bounds before anything is hashed: foreign lengths and counts are the sender's to choose. */
function findDisclosureExcess({ entrySalt, partCommits, header, content, audience }: Disclosure): string | undefined {
  const commits = content !== undefined && 'itemCommits' in content ? content.itemCommits : []
  const shown = content === undefined ? [] : 'seed' in content ? content.items : content.items.map(({ bytes }) => bytes)
  const seeds = content === undefined ? [] : 'seed' in content ? [content.seed] : content.items.map(({ salt }) => salt)
  const salts = [
    entrySalt,
    ...(header === undefined ? [] : [header.salt]),
    ...(audience === undefined ? [] : [audience.salt]),
  ]
  if (partCommits.length !== PARTS) return `a statement has ${PARTS} part commitments`
  if (commits.length > LIMITS.statementRecordsMax) return `a statement has at most ${LIMITS.statementRecordsMax} items`
  if ([...partCommits, ...commits, ...salts, ...seeds].some(({ length }) => length !== HASH_BYTES)) {
    return 'commitments, salts and seeds have 32 bytes'
  }
  return findExcess(shown) ?? (audience === undefined ? undefined : findExcess([audience.bytes]))
}

/** Many items stay below the bound of a statement together; one alone may be as large as a record. */
function findExcess(items: readonly Uint8Array[]): string | undefined {
  if (items.length > LIMITS.statementRecordsMax) return `a statement has at most ${LIMITS.statementRecordsMax} items`
  const bytes = items.reduce((sum, item) => sum + item.length, 0)
  const most = items.length === 1 ? LIMITS.recordBytesMax : LIMITS.statementContentBytesMax
  return bytes <= most ? undefined : `the content has ${bytes} bytes; ${most} are allowed`
}

function refuse(problem: StatementProblem, reason: string): { ok: false; problem: StatementProblem; reason: string } {
  return { ok: false, problem, reason }
}
