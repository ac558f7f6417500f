// Checkpoints (c2sp.org/tlog-checkpoint): the signed head of a log, as a note of three lines: origin, size, root.
// Every checkpoint of ours carries an Ed25519 and an ML-DSA-44 signature under the log's origin, and never an
// extension line, because ML-DSA-44 would not cover it.
import { formatBase64, parseBase64 } from '../base64.ts'
import { Fault } from '../fault.ts'
import { HASH_BYTES } from '#kernel/hash.ts'
import {
  formatNote,
  parseNote,
  SIGNATURE_TYPE,
  verifyNote,
  type Note,
  type NoteSigner,
  type NoteVerifier,
  type VerifiedSignature,
} from '../note.ts'

export type Checkpoint = {
  /** The log's name: 1 to 255 bytes of UTF-8, one line. */
  readonly origin: string
  /** Number of leaves, a safe integer. */
  readonly size: number
  readonly root: Uint8Array
}

export type OpenedCheckpoint =
  | {
      readonly ok: true
      readonly checkpoint: Checkpoint
      readonly note: Note
      /** The log's own lines, one of each key. */
      readonly own: readonly VerifiedSignature[]
      /** Lines of the given cosigners that hold and state a time. */
      readonly cosignatures: readonly VerifiedSignature[]
    }
  | { readonly ok: false; readonly reason: string }

export type OpenOptions = {
  /** Signature types of which the log's own keys must each show one. Gossiped heads carry Ed25519 alone. */
  readonly types?: readonly number[]
  /** Witnesses whose lines to check as well; one that does not hold makes this copy of the note invalid. */
  readonly cosigners?: readonly NoteVerifier[]
}

const BOTH_TYPES = [SIGNATURE_TYPE.ed25519, SIGNATURE_TYPE.mldsa44]

/** The text that is signed. Throws `log.invalid` for what parseCheckpoint would refuse. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${formatBase64(root)}\n`
  parseCheckpoint(text)
  return text
}

/**
 * Reads a checkpoint text. Throws `log.invalid` for anything but three lines in their one spelling: extension lines,
 * sizes that are not safe integers, roots that are not 32 bytes. That the root of an empty tree is the right one is
 * for the caller to check.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n', 5)
  const [origin = '', sizeText = '', rootText = '', end] = lines
  if (lines.length !== 4 || end !== '') throw invalid('a checkpoint has exactly three lines, no extension lines')
  const originBytes = new TextEncoder().encode(origin).length
  if (originBytes === 0 || originBytes > 255) throw invalid('an origin has 1 to 255 bytes')
  const root = parseBase64(rootText)
  if (root?.length !== HASH_BYTES) throw invalid('a root is 32 bytes in canonical base64')
  return { origin, size: parseSize(sizeText), root }
}

/** A count in its one decimal spelling. Throws `log.invalid`, also beyond 2^53 - 1, which no log here reaches. */
export function parseSize(text: string): number {
  const size = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(size)) throw invalid('a size is a decimal number of at most 2^53 - 1, no leading zeros')
  return size
}

/** The checkpoint as a note with one line per signer. Whoever calls this has made sure that the log only grew. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): Uint8Array {
  const text = formatCheckpoint(checkpoint)
  return formatNote(
    text,
    signers.map((signer) => signer.sign(text)),
  )
}

/**
 * Opens a note as a checkpoint of the log whose own keys `verifiers` are. It must be signed under the origin it
 * states, by every type in `types` (Ed25519 and ML-DSA-44 unless said otherwise). Never throws for foreign bytes.
 */
export function openCheckpoint(
  bytes: Uint8Array,
  verifiers: readonly NoteVerifier[],
  { types = BOTH_TYPES, cosigners = [] }: OpenOptions = {},
): OpenedCheckpoint {
  try {
    const note = parseNote(bytes)
    const checkpoint = parseCheckpoint(note.text)
    const verdict = verifyNote(note, verifiers)
    if (!verdict.ok) return verdict
    const own = verdict.verified.filter(({ name }) => name === checkpoint.origin)
    const missing = types.find((type) => !own.some((signature) => signature.type === type))
    if (missing !== undefined || own.length === 0) {
      return { ok: false, reason: `no signature of type ${missing} under the name ${checkpoint.origin}` }
    }
    const others = verifyNote(note, cosigners, { demand: 'none' })
    if (!others.ok) return others
    return { ok: true, checkpoint, note, own, cosignatures: others.verified.filter(({ timeSec }) => timeSec > 0) }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, reason: error.message }
    throw error
  }
}

function invalid(message: string): Fault {
  return new Fault('log.invalid', message)
}
