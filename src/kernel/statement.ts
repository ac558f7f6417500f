// Statements (protocol section 2): what a member says, sealed so that its log shows only a commitment. Each part is
// salted by itself, so that one can be shown, and one item erased, without the others; the leaf binds them all. The
// bytes of items are opaque here and are hashed as they came.
import type { Random } from './clock.ts'
import {
  ENTRY_BYTES,
  ENTRY_VERSION,
  entryCommitment,
  envelopeCommit,
  PART,
  partCommit,
  PARTS,
  wholeListCommit,
} from './commitment.ts'
import { Fault } from './fault.ts'
import { equalBytes, HASH_BYTES } from './hash.ts'
import { parseHeader, type Header } from './header.ts'
import { LIMITS } from './limits.ts'
import { holdsList, isWhole, itemsOf, listCount, type ListPart } from './list-part.ts'

export { parseHeader, type Header } from './header.ts'

const LABEL_BYTES = 20
const SALT_BYTES = 32

export type NewStatementParts = {
  /** JSON as it shall be kept; parseHeader must accept it and its count must be the number of items. */
  readonly header: Uint8Array
  readonly content: readonly Uint8Array[]
  /** As long as the content: what belongs to each item, empty where there is nothing. */
  readonly context?: readonly Uint8Array[]
  /** The named recipients. */
  readonly audience?: Uint8Array
  /**
   * Called once, for 180 bytes: entry salt, header salt, content seed, context seed or place 2, audience salt or place
   * 3, label.
   */
  readonly random: Random
}

export type SealedStatement = {
  /** What goes into the log: 53 bytes, all that outsiders see. */
  readonly entry: Uint8Array
  readonly entrySalt: Uint8Array
  readonly partCommits: readonly Uint8Array[]
  readonly headerSalt: Uint8Array
  readonly contentSeed: Uint8Array
  readonly contextSeed?: Uint8Array
  readonly audienceSalt?: Uint8Array
}

/** Seals a statement of ours. Throws `input.too-large` beyond the bounds, `log.invalid` for a header of no use. */
export function sealStatement({ header, content, context, audience, random }: NewStatementParts): SealedStatement {
  const excess =
    findExcess(content, LIMITS.recordBytesMax) ??
    findExcess(context ?? []) ??
    findExcess(audience === undefined ? [] : [audience])
  if (excess !== undefined) throw new Fault('input.too-large', excess)
  const { count } = parseHeader(header)
  if (count !== content.length)
    throw new Fault('log.invalid', `the header counts ${count} items, the content has ${content.length}`)
  if (context !== undefined && context.length !== count)
    throw new Fault('log.invalid', `the context has ${context.length} items, the content ${count}`)
  const chance = random(5 * SALT_BYTES + LABEL_BYTES)
  const [entrySalt, headerSalt, contentSeed, place2, place3] = [0, 1, 2, 3, 4].map((i) =>
    chance.slice(i * SALT_BYTES, (i + 1) * SALT_BYTES),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const partCommits = [
    partCommit(PART.header, headerSalt, header),
    wholeListCommit(PART.content, contentSeed, content),
    context === undefined ? place2 : wholeListCommit(PART.context, place2, context),
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
    ...(context === undefined ? {} : { contextSeed: place2 }),
    ...(audience === undefined ? {} : { audienceSalt: place3 }),
  }
}

/** A part of one piece, with the salt that opens its commitment. */
export type SinglePart = { readonly salt: Uint8Array; readonly bytes: Uint8Array }

export type Disclosure = {
  readonly entry: Uint8Array
  readonly entrySalt: Uint8Array
  readonly partCommits: readonly Uint8Array[]
  readonly header?: SinglePart
  readonly content?: ListPart
  readonly context?: ListPart
  readonly audience?: SinglePart
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
  const { entry, entrySalt, partCommits, header } = disclosure
  const excess = findDisclosureExcess(disclosure)
  if (excess !== undefined) return refuse('bounds', excess)
  const commitment = entryCommitment(entry)
  if (commitment === undefined) return refuse('form', 'the leaf entry is not of version 1')
  if (!equalBytes(envelopeCommit(entrySalt, partCommits), commitment))
    return refuse('commitment', 'the part commitments are not those of the leaf')
  const foreign = findForeignPart(disclosure)
  if (foreign !== undefined) return refuse('commitment', `the ${foreign} is not the one of the leaf`)
  return header === undefined ? { ok: true, header: undefined } : verifyHeader(header.bytes, disclosure)
}

/** The first of the parts shown that is not what the envelope commits to. */
function findForeignPart({ partCommits, ...parts }: Disclosure): keyof typeof PART | undefined {
  const commit = (part: keyof typeof PART): Uint8Array => partCommits[PART[part]] as Uint8Array
  const single = (['header', 'audience'] as const).find((part) => {
    const shown = parts[part]
    return shown !== undefined && !equalBytes(partCommit(PART[part], shown.salt, shown.bytes), commit(part))
  })
  return (
    single ??
    (['content', 'context'] as const).find((part) => {
      const shown = parts[part]
      return shown !== undefined && !holdsList(PART[part], shown, commit(part))
    })
  )
}

function verifyHeader(bytes: Uint8Array, { content, context }: Disclosure): StatementVerdict<Header> {
  try {
    const header = parseHeader(bytes)
    const counts = { content, context }
    for (const [name, list] of Object.entries(counts))
      if (list !== undefined && listCount(list) !== header.count)
        return refuse('form', `the header counts ${header.count} items, the ${name} has ${listCount(list)}`)
    return { ok: true, header }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return refuse('form', error.place ? `${error.message} (${error.place})` : error.message)
  }
}

/** What is beyond the bounds before anything is hashed: foreign lengths and counts are the sender's to choose. */
function findDisclosureExcess({ entrySalt, partCommits, ...parts }: Disclosure): string | undefined {
  const lists = [parts.content, parts.context].filter((list) => list !== undefined)
  const singles = [parts.header, parts.audience].filter((part) => part !== undefined)
  if (partCommits.length !== PARTS) return `a statement has ${PARTS} part commitments`
  if (lists.some((list) => listCount(list) > LIMITS.statementRecordsMax))
    return `a statement has at most ${LIMITS.statementRecordsMax} items`
  const hashes = [
    entrySalt,
    ...partCommits,
    ...singles.map(({ salt }) => salt),
    ...lists.flatMap((list) =>
      isWhole(list) ? [list.seed] : [...list.itemCommits, ...list.items.map(({ salt }) => salt)],
    ),
  ]
  if (hashes.some(({ length }) => length !== HASH_BYTES)) return 'commitments, salts and seeds have 32 bytes'
  const bytesIn = (list?: ListPart): Uint8Array[] => (list === undefined ? [] : itemsOf(list).map(({ bytes }) => bytes))
  return (
    findExcess(bytesIn(parts.content), LIMITS.recordBytesMax) ??
    findExcess(bytesIn(parts.context)) ??
    findExcess(parts.audience === undefined ? [] : [parts.audience.bytes])
  )
}

/** Many items stay below the bound of a statement together; one alone may be as large as `aloneMax`. */
function findExcess(
  items: readonly Uint8Array[],
  aloneMax: number = LIMITS.statementContentBytesMax,
): string | undefined {
  if (items.length > LIMITS.statementRecordsMax) return `a statement has at most ${LIMITS.statementRecordsMax} items`
  const bytes = items.reduce((sum, item) => sum + item.length, 0)
  const most = items.length === 1 ? aloneMax : LIMITS.statementContentBytesMax
  return bytes <= most ? undefined : `the items of a part have ${bytes} bytes together; ${most} are allowed`
}

function refuse(problem: StatementProblem, reason: string): { ok: false; problem: StatementProblem; reason: string } {
  return { ok: false, problem, reason }
}
