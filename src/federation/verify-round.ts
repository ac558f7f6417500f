// The judgements of a round, pure: does the log only grow, does a page of deliveries continue the stream, is each
// statement the one its leaf commits to. Whatever a peer sends, the answer is data, never an exception.
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Checkpoint } from '#kernel/log/checkpoint.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { appendLeaves, treeRoot, type ReadTile, type Tile } from '#kernel/log/tree.ts'
import { verifyStatement } from '#kernel/statement.ts'
import type { VerifiedStatement } from './apply.ts'
import { hashItem, type Delivery, type DisclosedStatement } from './frames.ts'

export type GrowthVerdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'grown'; readonly tiles: readonly Tile[] }
  /** An older head of the same history: a stale copy, no harm. */
  | { readonly kind: 'stale' }
  /** Two signed heads that cannot both be true. */
  | { readonly kind: 'fork'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly reason: string }

/** Holds a signed head of a peer against what is mirrored of its log, given the entries that are new. */
export function judgeGrowth(
  known: { readonly size: number; readonly root: Uint8Array; readonly readTile: ReadTile },
  head: Checkpoint,
  entries: readonly Uint8Array[],
): GrowthVerdict {
  if (head.size < known.size)
    return equalBytes(treeRoot(head.size, known.readTile), head.root)
      ? { kind: 'stale' }
      : {
          kind: 'fork',
          reason: `its log showed ${known.size} statements before and now a different history of ${head.size}`,
        }
  if (head.size === known.size)
    return equalBytes(known.root, head.root)
      ? { kind: 'same' }
      : { kind: 'fork', reason: `its log shows another root for the same ${head.size} statements` }
  if (entries.length !== head.size - known.size)
    return { kind: 'wrong', reason: 'it sent fewer leaves than its head signs' }
  const grown = appendLeaves({ size: known.size, readTile: known.readTile }, entries.map(hashLeaf))
  if (equalBytes(grown.root, head.root)) return { kind: 'grown', tiles: grown.tiles }
  return {
    kind: 'fork',
    reason: `its log of ${head.size} statements does not contain the ${known.size} it showed before, or the leaves it sent are not the ones it signed`,
  }
}

export type StreamPosition = { readonly seq: number; readonly hash: Uint8Array }

/** Undefined where a delivery is the next of the stream, else what is wrong with it. */
export function judgeItem(position: StreamPosition, { item }: Delivery): string | undefined {
  if (item.seq !== position.seq + 1)
    return `its stream goes from item ${position.seq} to ${item.seq}: something is missing`
  if (!equalBytes(item.prevHash, position.hash))
    return `item ${item.seq} of its stream does not follow the one it sent before: the stream was rewritten`
  return undefined
}

export function positionAfter({ item, itemBytes }: Delivery): StreamPosition {
  return { seq: item.seq, hash: hashItem(itemBytes) }
}

export type StatementJudgement =
  | { readonly ok: true; readonly statement: Omit<VerifiedStatement, 'prepared'> }
  /** Not what the leaf commits to: the sender is at fault, and the stream stops. */
  | { readonly ok: false; readonly reason: string }

/** Checks a disclosed statement against its verified leaf and its author. */
export function judgeStatement(
  entry: Uint8Array | undefined,
  disclosed: DisclosedStatement,
  author: { readonly member: string; readonly origin: string; readonly nowMs: number },
): StatementJudgement {
  const { index } = disclosed
  if (entry === undefined) return { ok: false, reason: `statement ${index} is not in the log it showed` }
  const verdict = verifyStatement({ ...disclosed, entry })
  if (!verdict.ok) return { ok: false, reason: `statement ${index} is not what its leaf commits to: ${verdict.reason}` }
  const { header } = verdict
  if (header.member !== author.member || header.origin !== author.origin)
    return { ok: false, reason: `statement ${index} was said by ${header.member}, not by ${author.member}` }
  const late = Date.parse(header.time) > author.nowMs + LIMITS.futureMsMax
  return {
    ok: true,
    statement: {
      index,
      sealed: {
        entry,
        entrySalt: disclosed.entrySalt,
        partCommits: disclosed.partCommits as never,
        headerSalt: disclosed.header.salt,
        contentSeed: disclosed.content.seed,
      } as never,
      header,
      headerBytes: disclosed.header.bytes,
      items: disclosed.content.items,
      ...(late ? { refusal: 'it is dated more than 24 hours ahead' } : {}),
    },
  }
}
