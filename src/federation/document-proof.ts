// What proves a node document, and the way from the keys a peer was known by to the keys it has now: each document that
// brought new keys, proven under those before it. So a member that was away for a whole rotation can follow it. Pure:
// whatever the bytes are, the answer is data.
import { Compile } from 'typebox/compile'
import { parseBase64 } from '#kernel/base64.ts'
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { parseTlogProof, verifyTlogProof } from '#kernel/log/tlog-proof.ts'
import { openRecovery, type Recovery, type ShownRecovery } from '#kernel/recovery-note.ts'
import { verifyStatement } from '#kernel/statement.ts'
import { logVerifiers, parseNodeDocument } from './document.ts'
import type { NodeDocument } from './wire.ts'
import { DocumentProofShape, type DocumentProof, type ShownStep } from './wire.ts'

const proofShape = Compile(DocumentProofShape)

/** A document that is its member's, and what the store needs to take it. */
export type ProvenStep = {
  readonly bytes: Uint8Array
  /** The statement of the log that it is. */
  readonly index: number
  /** Where the document is of another log than the one known: the recovery that leads there. */
  readonly recovery?: TakenRecovery
}

export type TakenRecovery = { readonly shown: ShownRecovery; readonly recovery: Recovery }

export type DocumentJudgement =
  /** The documents to take, in order; the last is the one that was shown. */
  { readonly ok: true; readonly steps: readonly ProvenStep[] } | { readonly ok: false; readonly reason: string }

/** Whether a document is that of the member known by `known`, by itself or by the steps that lead to it. */
export function judgeDocument(known: NodeDocument, bytes: Uint8Array, proofBytes: Uint8Array): DocumentJudgement {
  try {
    const proof: unknown = parseJson(proofBytes)
    if (!proofShape.Check(proof)) return refuse('its proof is out of form')
    const straight = judgeStep(known, bytes, proof)
    if (straight.ok || proof.steps === undefined) return straight
    return judgeWay(known, [...proof.steps, { ...proof, document: '' }], bytes) ?? straight
  } catch (error) {
    if (error instanceof Fault) return refuse(error.message)
    throw error
  }
}

/** Walks the steps that are newer than what is known. Undefined where none of them leads on. */
function judgeWay(known: NodeDocument, shown: readonly ShownStep[], last: Uint8Array): DocumentJudgement | undefined {
  const taken: ProvenStep[] = []
  let current = known
  for (const [i, step] of shown.entries()) {
    const bytes = i === shown.length - 1 ? last : bytesOf(step.document)
    const parsed = parseNodeDocument(bytes)
    if (!parsed.ok) return parsed
    if (parsed.document.version <= current.version) continue
    const judged = judgeStep(current, bytes, step)
    if (!judged.ok) return taken.length === 0 ? undefined : judged
    taken.push(...judged.steps)
    current = parsed.document
  }
  return taken.length === 0 ? undefined : { ok: true, steps: taken }
}

/** One document under the keys of the one before it. */
function judgeStep(known: NodeDocument, bytes: Uint8Array, proof: DocumentProof): DocumentJudgement {
  const parsed = parseNodeDocument(bytes)
  if (!parsed.ok) return parsed
  const { document } = parsed
  if (document.member !== known.member) return refuse(`it is the one of ${document.member}`)
  if (document.version <= known.version) return refuse(`its version ${document.version} is not newer`)
  if (document.log.origin !== known.log.origin) return judgeRecovered(known, { document, bytes, proof })
  if (known.recovery !== undefined && document.recovery !== known.recovery)
    return refuse('it names another recovery key')
  return judgeInclusion(known, { bytes, proof })
}

type Shown = { readonly bytes: Uint8Array; readonly proof: DocumentProof }

/** Another log is believed under the recovery key that was known, and then under the keys that its note names. */
function judgeRecovered(
  known: NodeDocument,
  { document, bytes, proof }: Shown & { readonly document: NodeDocument },
): DocumentJudgement {
  if (proof.recovery === undefined) return refuse('it names another log')
  const opened = openRecovery(proof.recovery, known.recovery)
  if (!opened.ok) return refuse(`its recovery does not hold: ${opened.reason}`)
  const { recovery } = opened
  if (recovery.member !== known.member || recovery.ends.origin !== known.log.origin)
    return refuse('its recovery is of another log than the one known')
  if (recovery.follows.origin !== document.log.origin) return refuse('its recovery leads to another log')
  if (recovery.recovery !== document.recovery) return refuse('it names another recovery key')
  const log = { ...known.log, origin: recovery.follows.origin, vkeys: [...recovery.follows.vkeys] }
  const judged = judgeInclusion({ ...known, log }, { bytes, proof })
  if (!judged.ok) return judged
  const taken = { shown: proof.recovery, recovery }
  return { ok: true, steps: judged.steps.map((step) => ({ ...step, recovery: taken })) }
}

function judgeInclusion(known: NodeDocument, { bytes: document, proof: shown }: Shown): DocumentJudgement {
  const entry = bytesOf(shown.entry)
  const verdict = verifyStatement({
    entry,
    entrySalt: bytesOf(shown.entrySalt),
    partCommits: shown.partCommits.map(bytesOf),
    header: { salt: bytesOf(shown.headerSalt), bytes: bytesOf(shown.header) },
    content: { seed: bytesOf(shown.contentSeed), items: [document] },
  })
  if (!verdict.ok) return verdict
  if (verdict.header.kind !== 'node' || verdict.header.member !== known.member)
    return refuse('its statement is of another kind')
  const proof = parseTlogProof(Buffer.from(shown.proof))
  const opened = verifyTlogProof(proof, { leafHash: hashLeaf(entry), verifiers: logVerifiers(known) })
  if (!opened.ok) return opened
  if (opened.checkpoint.origin !== known.log.origin) return refuse('its proof is of another log')
  return { ok: true, steps: [{ bytes: document, index: proof.index }] }
}

function bytesOf(text: string): Uint8Array {
  return parseBase64(text) ?? new Uint8Array(0)
}

function refuse(reason: string): DocumentJudgement {
  return { ok: false, reason }
}
