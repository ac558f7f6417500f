// Proof that a log forked: two heads that its own keys signed and that cannot both be true. Anyone can check it anywhere,
// with nothing but the file; whose keys they are is for people to know.
import { formatBase64, parseBase64 } from './base64.ts'
import { Fault } from './fault.ts'
import { equalBytes, HASH_BYTES } from '#kernel/hash.ts'
import { parseJson } from './json.ts'
import { knownVerifiers } from './note-verifier.ts'
import { LIMITS } from './limits.ts'
import { openCheckpoint } from './log/checkpoint.ts'
import { foldSubtrees } from './log/fold.ts'
import { SIGNATURE_TYPE } from './note.ts'

export type ForkEvidence = {
  /** The log's keys, as its member announced them. */
  readonly vkeys: readonly string[]
  /** Two signed notes, the one of the smaller log first. */
  readonly older: Uint8Array
  readonly newer: Uint8Array
  /**
   * What the newer log says about its own first leaves: roots of the complete subtrees before and behind the older size.
   * Empty where both sizes are the same.
   */
  readonly left: readonly Uint8Array[]
  readonly right: readonly Uint8Array[]
}

export type EvidenceVerdict =
  | { readonly ok: true; readonly origin: string; readonly olderSize: number; readonly newerSize: number }
  | { readonly ok: false; readonly reason: string }

export const EVIDENCE_MEDIA_TYPE = 'application/vnd.comity.fork-evidence+json'
const HEAD = 'comity/fork-evidence/v1'

export function formatEvidence({ vkeys, older, newer, left, right }: ForkEvidence): Uint8Array {
  const document = {
    about: HEAD,
    vkeys,
    older: new TextDecoder().decode(older),
    newer: new TextDecoder().decode(newer),
    left: left.map(formatBase64),
    right: right.map(formatBase64),
  }
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, 2)}\n`)
}

/** Reads a file of evidence. Throws `input.invalid` for anything that cannot be one. */
export function parseEvidence(bytes: Uint8Array): ForkEvidence {
  if (bytes.length > LIMITS.evidenceBytesMax)
    throw new Fault('input.too-large', `evidence has at most ${LIMITS.evidenceBytesMax} bytes`)
  const value = parseJson(bytes)
  const { about, vkeys, older, newer, left, right } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Record<string, unknown>
  if (about !== HEAD || !isTexts(vkeys, 8) || typeof older !== 'string' || typeof newer !== 'string') throw noEvidence()
  if (!isTexts(left, LIMITS.proofHashesMax) || !isTexts(right, 2 * LIMITS.proofHashesMax)) throw noEvidence()
  return {
    vkeys,
    older: new TextEncoder().encode(older),
    newer: new TextEncoder().encode(newer),
    left: left.map(parseHash),
    right: right.map(parseHash),
  }
}

function isTexts(value: unknown, most: number): value is string[] {
  return Array.isArray(value) && value.length <= most && value.every((each) => typeof each === 'string')
}

function parseHash(text: string): Uint8Array {
  const hash = parseBase64(text)
  if (hash?.length !== HASH_BYTES) throw noEvidence()
  return hash
}

function noEvidence(): Fault {
  return new Fault('input.invalid', 'this is no evidence of a fork', {
    remedy: 'Use a file that “comity log evidence” wrote.',
  })
}

/** Whether it proves a fork. Pure; never throws for foreign bytes. */
export function judgeEvidence({ vkeys, older, newer, left, right }: ForkEvidence): EvidenceVerdict {
  try {
    const verifiers = knownVerifiers(vkeys)
    const opened = [older, newer].map((note) => openCheckpoint(note, verifiers, { types: [SIGNATURE_TYPE.ed25519] }))
    const [first, second] = opened
    if (first?.ok !== true) return refuse(`the older head does not verify: ${first?.reason ?? ''}`)
    if (second?.ok !== true) return refuse(`the newer head does not verify: ${second?.reason ?? ''}`)
    const [a, b] = [first.checkpoint, second.checkpoint]
    if (a.origin !== b.origin) return refuse('the two heads are of different logs')
    if (a.size > b.size || a.size === 0) return refuse('the heads are not in their order')
    const proven = { ok: true as const, origin: a.origin, olderSize: a.size, newerSize: b.size }
    if (a.size === b.size) return equalBytes(a.root, b.root) ? refuse('the two heads say the same') : proven
    const roots = foldSubtrees({ from: a.size, to: b.size }, left, right)
    if (roots === undefined || !equalBytes(roots.toRoot, b.root))
      return refuse('the hashes are not those of the newer head')
    return equalBytes(roots.fromRoot, a.root) ? refuse('the newer log contains the older one') : proven
  } catch (error) {
    if (error instanceof Fault) return refuse(error.message)
    throw error
  }
}

function refuse(reason: string): EvidenceVerdict {
  return { ok: false, reason }
}
