// What a recipient makes of the head it is shown, pure: does its log commit to it, and is it what came.
import { equalBytes } from '#kernel/hash.ts'
import { isWhole } from '#kernel/list-part.ts'
import { HEADS_KIND, holdsHead } from '#kernel/stream-heads.ts'
import { judgeStatement, type StreamPosition } from '../verify-round.ts'
import type { HeadProof } from './frame.ts'

export type ToldHead = { readonly index: number; readonly seq: number; readonly hash: Uint8Array }

export type HeadVerdict =
  /** What is committed is what came. */
  | { readonly kind: 'kept' }
  /** More is committed than came. */
  | { readonly kind: 'open' }
  /** What is committed is not what came, or not what was committed before. */
  | { readonly kind: 'rewritten'; readonly reason: string }
  /** It proves nothing. */
  | { readonly kind: 'wrong'; readonly reason: string }

export type HeadClaim = {
  readonly proof: HeadProof
  /** The verified leaf at the index of its statement. */
  readonly entry: Uint8Array | undefined
  readonly author: { readonly member: string; readonly origin: string; readonly nowMs: number }
  readonly recipient: string
  /** What was told before. */
  readonly told: ToldHead | undefined
  /** The last item that came, and what came at the place that is committed to, where that is known. */
  readonly position: StreamPosition
  readonly came: Uint8Array | undefined
}

export function judgeHead(claim: HeadClaim): HeadVerdict {
  const { proof, told, position, came } = claim
  const wrong = findWrong(claim)
  if (wrong !== undefined) return { kind: 'wrong', reason: wrong }
  if (told !== undefined && proof.statement.index < told.index)
    return { kind: 'wrong', reason: `it was committed before the head told last, at ${told.index}` }
  if (told !== undefined && proof.seq < told.seq)
    return { kind: 'rewritten', reason: `it commits to ${proof.seq} items, and committed to ${told.seq} before` }
  if (told !== undefined && proof.seq === told.seq && !equalBytes(proof.hash, told.hash))
    return { kind: 'rewritten', reason: `it commits to another item ${proof.seq} than it did before` }
  if (came !== undefined && !equalBytes(proof.hash, came))
    return { kind: 'rewritten', reason: `it commits to another item ${proof.seq} than the one it sent` }
  return { kind: proof.seq > position.seq ? 'open' : 'kept' }
}

function findWrong({ proof, entry, author, recipient }: HeadClaim): string | undefined {
  const judged = judgeStatement(entry, proof.statement, author)
  if (judged.kind !== 'statement') return judged.reason
  const { header, parts } = judged.statement
  const [content] = isWhole(parts.content) ? parts.content.items : []
  if (header.kind !== HEADS_KIND || header.count !== 1 || content === undefined)
    return `statement ${proof.statement.index} does not commit to heads`
  return holdsHead(content, { recipient, seq: proof.seq, hash: proof.hash }, proof)
    ? undefined
    : `statement ${proof.statement.index} does not commit to the head it shows`
}
