// A witness's side of c2sp.org/tlog-witness, pure: what an add-checkpoint request says, and whether the log it is about
// only grew. Who may ask and what is stored is the caller's.
import { formatBase64, parseBase64 } from './base64.ts'
import { Fault } from './fault.ts'
import { equalBytes, HASH_BYTES } from './hash.ts'
import { LIMITS } from './limits.ts'
import { parseSize, type Checkpoint } from './log/checkpoint.ts'
import { EMPTY_ROOT, verifyConsistency } from './log/merkle.ts'

export type AddCheckpoint = {
  /** The size that the log believes this witness has seen. */
  readonly old: number
  readonly proof: readonly Uint8Array[]
  /** The note, byte for byte. */
  readonly checkpoint: Uint8Array
}

/** Reads a request's body. Throws `log.invalid` for anything that is not exactly one. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  if (body.length > LIMITS.addCheckpointBytesMax)
    throw invalid(`an add-checkpoint request has at most ${LIMITS.addCheckpointBytesMax} bytes`)
  const blank = Buffer.from(body.buffer, body.byteOffset, body.length).indexOf('\n\n')
  if (blank < 0) throw invalid('an add-checkpoint request has a blank line before its checkpoint')
  const [head = '', ...lines] = Buffer.from(body.subarray(0, blank)).toString('latin1').split('\n')
  if (!head.startsWith('old ')) throw invalid('an add-checkpoint request begins with the old size')
  if (lines.length > LIMITS.proofHashesMax) throw invalid(`a proof has at most ${LIMITS.proofHashesMax} hashes`)
  return { old: parseSize(head.slice('old '.length)), proof: lines.map(parseHash), checkpoint: body.slice(blank + 2) }
}

export function formatAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): Uint8Array {
  return Buffer.concat([Buffer.from(`${[`old ${old}`, ...proof.map(formatBase64)].join('\n')}\n\n`), checkpoint])
}

function parseHash(line: string): Uint8Array {
  const hash = parseBase64(line)
  if (hash?.length !== HASH_BYTES) throw invalid('a proof line is 32 bytes in canonical base64')
  return hash
}

export type WitnessVerdict =
  | { readonly ok: true }
  /** The status that tlog-witness gives the case. */
  | { readonly ok: false; readonly status: 400 | 409 | 422; readonly reason: string }

/** Whether a signed checkpoint continues what was seen of its log. `seen` is size 0 for a log seen for the first time. */
export function judgeCheckpoint(
  seen: { readonly size: number; readonly root: Uint8Array },
  checkpoint: Checkpoint,
  { old, proof }: Pick<AddCheckpoint, 'old' | 'proof'>,
): WitnessVerdict {
  if (old > checkpoint.size) return refuse(400, 'the old size is larger than the checkpoint’s')
  if (old !== seen.size) return refuse(409, `this witness has seen ${seen.size}`)
  const { size, root } = checkpoint
  if (size === 0 && !equalBytes(root, EMPTY_ROOT)) return refuse(422, 'an empty log has another root')
  if (old === size)
    return proof.length === 0 && (old === 0 || equalBytes(root, seen.root))
      ? { ok: true }
      : refuse(422, 'another root for the same size was seen')
  if (old === 0) return proof.length === 0 ? { ok: true } : refuse(422, 'a proof from size 0 is empty')
  const consistent = verifyConsistency({
    from: BigInt(old),
    to: BigInt(size),
    fromRoot: seen.root,
    toRoot: root,
    proof,
  })
  return consistent ? { ok: true } : refuse(422, 'the proof does not show that the log only grew')
}

function refuse(status: 400 | 409 | 422, reason: string): WitnessVerdict {
  return { ok: false, status, reason }
}

function invalid(message: string): Fault {
  return new Fault('log.invalid', message)
}
