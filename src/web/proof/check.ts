// A proof, checked in the browser by the kernel's own code, without asking anybody: the bytes against their commitment,
// the commitment against the leaf, the leaf against the tree, the tree against the signed head, the head against the
// lines of witnesses. What the node said about all this is not believed.
import { parseBase64 } from '#kernel/base64.ts'
import { entryCommitment, envelopeCommit, itemCommit, listCommit, PART, partCommit } from '#kernel/commitment.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { formatCheckpoint, openCheckpoint } from '#kernel/log/checkpoint.ts'
import { hashLeaf, verifyInclusion } from '#kernel/log/merkle.ts'
import { knownVerifiers, noteVerifier } from '#kernel/note-verifier.ts'
import { parseSignatureLine, verifyNote } from '#kernel/note.ts'
import type { RecordProof } from '#sharing/wire.ts'

export const STEPS = ['record', 'statement', 'leaf', 'tree', 'checkpoint'] as const
export type Step = (typeof STEPS)[number]

export type WitnessVerdict = {
  readonly member: string
  /** Seconds since 1970 that its line states; undefined where it gave no line that holds. */
  readonly timeSec: number | undefined
  readonly broken: boolean
}

export type ProofVerdict = {
  /** The first step that does not hold; undefined where all do. */
  readonly broken: Step | undefined
  readonly witnesses: readonly WitnessVerdict[]
  /** Enough witnesses hold, as the trust policy here counts. */
  readonly enough: boolean
  readonly held: number
}

/** `shown` is the record as the page shows it: the proof must be about this and nothing else. */
export function checkProof(proof: RecordProof, shown: unknown): ProofVerdict {
  const checks: Readonly<Record<Step, () => boolean>> = {
    record: () => holdsRecord(proof, shown),
    statement: () => holdsStatement(proof),
    leaf: () => holdsLeaf(proof),
    tree: () => proof.trees.length > 0 && proof.trees.every((tree) => holdsTree(proof, tree)),
    checkpoint: () => holdsCheckpoint(proof),
  }
  const broken = STEPS.find((step) => !tried(checks[step]))
  const witnesses = broken === undefined ? checkWitnesses(proof) : []
  const held = witnesses.filter(({ timeSec }) => timeSec !== undefined).length
  return { broken, witnesses, held, enough: held >= proof.needed }
}

/** Foreign bytes never break the page: what cannot be read does not hold. */
function tried(check: () => boolean): boolean {
  try {
    return check()
  } catch (error) {
    if (error instanceof Fault || error instanceof SyntaxError || error instanceof TypeError) return false
    throw error
  }
}

function bytes(text: string): Uint8Array {
  const parsed = parseBase64(text)
  if (parsed === undefined) throw new Fault('input.malformed', 'this is not base64')
  return parsed
}

function holdsRecord({ item }: RecordProof, shown: unknown): boolean {
  const said = bytes(item.bytes)
  const commit = item.commits[item.place]
  const same = JSON.stringify(JSON.parse(new TextDecoder().decode(said))) === JSON.stringify(shown)
  return same && commit !== undefined && equalBytes(itemCommit(bytes(item.salt), item.place, said), bytes(commit))
}

function holdsStatement({ item, statement: { header, partCommits } }: RecordProof): boolean {
  const [headerCommit, contentCommit] = partCommits.map(bytes)
  if (headerCommit === undefined || contentCommit === undefined) return false
  return (
    equalBytes(listCommit(PART.content, item.commits.map(bytes)), contentCommit) &&
    equalBytes(partCommit(PART.header, bytes(header.salt), bytes(header.bytes)), headerCommit)
  )
}

function holdsLeaf({ statement, leaf }: RecordProof): boolean {
  const commitment = entryCommitment(bytes(leaf.entry))
  return (
    commitment !== undefined &&
    equalBytes(envelopeCommit(bytes(statement.entrySalt), statement.partCommits.map(bytes)), commitment)
  )
}

function holdsTree({ leaf }: RecordProof, { size, root, path }: RecordProof['trees'][number]): boolean {
  const leafHash = hashLeaf(bytes(leaf.entry))
  return verifyInclusion({ index: leaf.index, size, leafHash, root: bytes(root), proof: path.map(bytes) })
}

function holdsCheckpoint({ log, checkpoint, trees }: RecordProof): boolean {
  const opened = openCheckpoint(new TextEncoder().encode(checkpoint), knownVerifiers(log.vkeys))
  if (!opened.ok || opened.checkpoint.origin !== log.origin) return false
  const { size, root } = opened.checkpoint
  return trees.some((tree) => tree.size === size && equalBytes(bytes(tree.root), root))
}

/** One verdict a member: a member with two keys holds where one of its lines does, and is broken where one does not. */
function checkWitnesses(proof: RecordProof): WitnessVerdict[] {
  const verdicts = new Map<string, WitnessVerdict>()
  for (const witness of proof.witnesses) {
    const before = verdicts.get(witness.member)
    const timeSec = timeOfLine(proof, witness)
    const broken = witness.line !== undefined && timeSec === undefined
    verdicts.set(witness.member, {
      member: witness.member,
      timeSec: timeSec ?? before?.timeSec,
      broken: broken || before?.broken === true,
    })
  }
  return [...verdicts.values()].map((each) => (each.broken ? { ...each, timeSec: undefined } : each))
}

function timeOfLine(proof: RecordProof, { vkey, size, line }: RecordProof['witnesses'][number]): number | undefined {
  const tree = proof.trees.find((each) => each.size === size)
  if (tree === undefined || line === undefined) return undefined
  let timeSec: number | undefined
  tried(() => {
    const text = formatCheckpoint({ origin: proof.log.origin, size: tree.size, root: bytes(tree.root) })
    const verdict = verifyNote({ text, signatures: [parseSignatureLine(line)] }, [noteVerifier(vkey)])
    if (verdict.ok) timeSec = verdict.verified[0]?.timeSec
    return verdict.ok
  })
  return timeSec
}
