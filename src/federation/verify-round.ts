// The judgements of a round, pure: does the log only grow, does a page of deliveries continue the stream, is each
// statement the one its leaf commits to. Whatever a peer sends, the answer is data, never an exception.
import { hashItem } from '#kernel/delivery-item.ts'
import { equalBytes } from '#kernel/hash.ts'
import type { Checkpoint } from '#kernel/log/checkpoint.ts'
import { EMPTY_ROOT, hashLeaf } from '#kernel/log/merkle.ts'
import { appendLeaves, treeRoot, type ReadTile, type Tile } from '#kernel/log/tree.ts'
import { verifyStatement } from '#kernel/statement.ts'
import type { VerifiedStatement } from './apply.ts'
import { dueOf } from './early.ts'
import type { Delivery } from './frames.ts'
import type { DisclosedStatement } from './statement-frame.ts'

export type HeadVerdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'newer' }
  /** An older head of the same history: a stale copy, no harm. */
  | { readonly kind: 'stale' }
  /** Two signed heads that cannot both be true. */
  | { readonly kind: 'fork'; readonly reason: string }

/** Holds a signed head of a peer against what is mirrored of its log. */
export function judgeHead(
  known: { readonly size: number; readonly root: Uint8Array; readonly readTile: ReadTile },
  head: Checkpoint,
): HeadVerdict {
  if (head.size > known.size) return { kind: 'newer' }
  if (head.size < known.size)
    return equalBytes(treeRoot(head.size, known.readTile), head.root)
      ? { kind: 'stale' }
      : {
          kind: 'fork',
          reason: `its log showed ${known.size} statements before and now a different history of ${head.size}`,
        }
  return equalBytes(known.root, head.root)
    ? { kind: 'same' }
    : { kind: 'fork', reason: `its log shows another root for the same ${head.size} statements` }
}

/** A tree that grows by stretches of leaves and keeps no more of itself than its edge. */
export class Growth {
  readonly #edge = new Map<number, Tile>()
  readonly #stored: ReadTile
  #size: number
  #peaks: readonly Uint8Array[] | undefined
  #root: Uint8Array = EMPTY_ROOT

  /** `stored` reads the tiles at the edge of the tree of `size` leaves that it starts from. */
  constructor(size: number, stored: ReadTile) {
    this.#size = size
    this.#stored = stored
  }

  /** The root over everything so far. */
  get root(): Uint8Array {
    return this.#root
  }

  /** Adds the next leaves and returns the tiles that changed. */
  append(entries: readonly Uint8Array[]): readonly Tile[] {
    const grown = appendLeaves(
      {
        size: this.#size,
        readTile: (level, n) => {
          const tile = this.#edge.get(level)
          return tile?.index === n ? tile.bytes : this.#stored(level, n)
        },
        ...(this.#peaks === undefined ? {} : { peaks: this.#peaks }),
      },
      entries.map(hashLeaf),
    )
    for (const tile of grown.tiles) this.#edge.set(tile.level, tile)
    this.#size = grown.size
    this.#peaks = grown.peaks
    this.#root = grown.root
    return grown.tiles
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
  | { readonly kind: 'statement'; readonly statement: Omit<VerifiedStatement, 'prepared'> }
  /** What the leaf commits to, but out of form: its author is at fault, and the rest of the stream is not. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Not what the leaf commits to: the sender is at fault, and the stream stops. */
  | { readonly kind: 'wrong'; readonly reason: string }

/** Checks a disclosed statement against its verified leaf and its author. */
export function judgeStatement(
  entry: Uint8Array | undefined,
  disclosed: DisclosedStatement,
  author: { readonly member: string; readonly origin: string; readonly nowMs: number },
): StatementJudgement {
  const { index, ...parts } = disclosed
  if (entry === undefined) return { kind: 'wrong', reason: `statement ${index} is not in the log it showed` }
  const verdict = verifyStatement({ ...disclosed, entry })
  if (!verdict.ok && verdict.problem === 'form')
    return { kind: 'malformed', reason: `statement ${index} is out of form: ${verdict.reason}` }
  if (!verdict.ok)
    return { kind: 'wrong', reason: `statement ${index} is not what its leaf commits to: ${verdict.reason}` }
  const { header } = verdict
  if (header.member !== author.member || header.origin !== author.origin)
    return {
      kind: 'malformed',
      reason: `statement ${index} says it is ${header.member}'s, in the log of ${author.member}`,
    }
  if (parts.context !== undefined && header.contextMarking === undefined)
    return { kind: 'malformed', reason: `statement ${index} shows a context that its header says is for nobody` }
  const dueMs = dueOf(header, author.nowMs)
  return { kind: 'statement', statement: { index, header, parts, ...(dueMs === undefined ? {} : { dueMs }) } }
}
