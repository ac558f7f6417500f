// Offline receipts (c2sp.org/tlog-proof, files `.tlog-proof`): an entry's index, its inclusion proof and a signed
// checkpoint in one text, enough to verify an author without asking anybody.
import { formatBase64, parseBase64 } from '../base64.ts'
import { Fault } from '../fault.ts'
import { HASH_BYTES } from '../hash.ts'
import { LIMITS } from '../limits.ts'
import type { NoteVerifier } from '../note.ts'
import { openCheckpoint, parseSize, type OpenedCheckpoint, type OpenOptions } from './checkpoint.ts'
import { verifyInclusion } from './merkle.ts'

export type TlogProof = {
  readonly index: number
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Uint8Array[]
  /** The note, byte for byte. */
  readonly checkpoint: Uint8Array
  /** Whatever the sender put there; nothing authenticates it. */
  readonly extra?: Uint8Array
}

const HEAD_LINE = 'c2sp.org/tlog-proof@v1'

/** The file. Throws `log.invalid` for a proof that parseTlogProof would refuse. */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): Uint8Array {
  const lines = [
    HEAD_LINE,
    ...(extra === undefined ? [] : [`extra ${formatBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(formatBase64),
    '',
    '',
  ]
  const bytes = Buffer.concat([Buffer.from(lines.join('\n')), checkpoint])
  parseTlogProof(bytes)
  return new Uint8Array(bytes)
}

/** Takes a file apart without judging what it claims. Throws `log.invalid`. */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > LIMITS.tlogProofBytesMax) throw invalid(`a proof has at most ${LIMITS.tlogProofBytesMax} bytes`)
  const blank = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('\n\n')
  if (blank < 0) throw invalid('a proof has a blank line before its checkpoint')
  const lines = Buffer.from(bytes.subarray(0, blank)).toString('latin1').split('\n')
  if (lines.shift() !== HEAD_LINE) throw invalid(`a proof begins with ${HEAD_LINE}`)
  const extra = lines[0]?.startsWith('extra ') === true ? parseExtra(lines.shift() ?? '') : undefined
  const indexLine = lines.shift() ?? ''
  if (!indexLine.startsWith('index ')) throw invalid('a proof states the index of its entry')
  const index = parseSize(indexLine.slice('index '.length))
  if (lines.length > LIMITS.proofHashesMax) throw invalid(`a proof has at most ${LIMITS.proofHashesMax} hashes`)
  const proof = lines.map(parseHash)
  return { index, proof, checkpoint: bytes.slice(blank + 2), ...(extra === undefined ? {} : { extra }) }
}

export type TlogProofClaim = OpenOptions & {
  readonly leafHash: Uint8Array
  /** The own keys of the log that the entry is said to be in. */
  readonly verifiers: readonly NoteVerifier[]
}

/** Whether the leaf is where the proof says, in a log with these keys. The answer carries the checkpoint. */
export function verifyTlogProof(
  tlogProof: TlogProof,
  { leafHash, verifiers, ...options }: TlogProofClaim,
): OpenedCheckpoint {
  const opened = openCheckpoint(tlogProof.checkpoint, verifiers, options)
  if (!opened.ok) return opened
  const { size, root } = opened.checkpoint
  const { index, proof } = tlogProof
  if (verifyInclusion({ index, size, leafHash, root, proof })) return opened
  return { ok: false, reason: `the entry is not at index ${index} of this log of ${size}` }
}

function parseExtra(line: string): Uint8Array {
  const bytes = parseBase64(line.slice('extra '.length))
  if (bytes === undefined || bytes.length === 0) throw invalid('extra data is canonical base64, left out when empty')
  return bytes
}

function parseHash(line: string): Uint8Array {
  const hash = parseBase64(line)
  if (hash?.length !== HASH_BYTES) throw invalid('a proof line is 32 bytes in canonical base64')
  return hash
}

function invalid(message: string): Fault {
  return new Fault('log.invalid', message)
}
