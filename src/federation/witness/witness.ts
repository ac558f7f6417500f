// This node as a witness: it cosigns what it has checked to have only grown, and persists that before it says so.
// What is signed is written anew from what was parsed; nothing of a request is ever signed as it came.
import type { Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes, sha256 } from '#kernel/hash.ts'
import type { Cosigner } from '#kernel/key.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint, type Checkpoint } from '#kernel/log/checkpoint.ts'
import { parseNote, type NoteVerifier } from '#kernel/note.ts'
import type { Store } from '#kernel/store/types.ts'
import { judgeCheckpoint, parseAddCheckpoint } from '#kernel/witness.ts'
import { saveWitnessed, seenOf } from './store.ts'

export type WitnessDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly cosigners: readonly Cosigner[]
}

/** A log this node knows: the keys that sign its heads. */
export type KnownLog = {
  readonly verifiers: readonly NoteVerifier[]
  /** Signature types of which a head must show a line of the log's own. One of any type is always asked for. */
  readonly types: readonly number[]
  /** It was found to have forked. */
  readonly frozen: boolean
}

export type AddCheckpointAnswer =
  | { readonly status: 200; readonly lines: readonly string[] }
  | { readonly status: 409; readonly size: number; readonly reason: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly reason: string }

/** Answers an add-checkpoint request (c2sp.org/tlog-witness), whoever sends it. Never throws for foreign bytes. */
export async function addCheckpoint(
  deps: WitnessDeps,
  body: Uint8Array,
  knownLog: (origin: string) => Promise<KnownLog | undefined>,
): Promise<AddCheckpointAnswer> {
  const request = readRequest(body)
  if (request instanceof Fault) return { status: 400, reason: request.message }
  const log = await knownLog(request.origin)
  if (log === undefined) return { status: 404, reason: 'this log is not known here' }
  const opened = openCheckpoint(request.checkpoint, log.verifiers, log)
  if (!opened.ok) return { status: 403, reason: opened.reason }
  if (log.frozen) return { status: 403, reason: 'this log was found to have forked; a person must look first' }
  const seen = await seenOf(deps.store, request.origin)
  const verdict = judgeCheckpoint(seen, opened.checkpoint, request)
  if (!verdict.ok && verdict.status === 409) return { status: 409, size: seen.size, reason: verdict.reason }
  if (!verdict.ok) return { status: verdict.status as 400 | 422, reason: verdict.reason }
  const ownLines = opened.own.map(({ line }) => line)
  const lines = await cosign(deps, { checkpoint: opened.checkpoint, expected: seen.size, ownLines })
  if (lines !== undefined) return { status: 200, lines }
  return { status: 409, size: (await seenOf(deps.store, request.origin)).size, reason: 'another request was faster' }
}

function readRequest(body: Uint8Array): (ReturnType<typeof parseAddCheckpoint> & { readonly origin: string }) | Fault {
  try {
    const request = parseAddCheckpoint(body)
    return { ...request, origin: parseCheckpoint(parseNote(request.checkpoint).text).origin }
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

/**
 * Cosigns the head of a log that this node mirrors and has just verified to have grown. Undefined where something
 * larger was cosigned already. `rootAt` is the mirror's own root at a size it holds; a checkpoint cosigned earlier that
 * the mirror does not contain is a fork, and thrown as one.
 */
export async function cosignMirrored(
  deps: WitnessDeps,
  head: { readonly checkpoint: Checkpoint; readonly ownLines: readonly string[] },
  rootAt: (size: number) => Promise<Uint8Array>,
): Promise<readonly string[] | undefined> {
  const { checkpoint } = head
  const seen = await seenOf(deps.store, checkpoint.origin)
  if (seen.size > checkpoint.size) return undefined
  if (seen.size > 0 && !equalBytes(await rootAt(seen.size), seen.root))
    throw new Fault(
      'log.fork',
      `its log of ${checkpoint.size} does not contain the ${seen.size} that this node cosigned`,
    )
  return cosign(deps, { ...head, expected: seen.size })
}

/** Lines for a checkpoint, durable before they are returned. */
async function cosign(
  { store, clock, cosigners }: WitnessDeps,
  {
    checkpoint,
    expected,
    ownLines,
  }: { readonly checkpoint: Checkpoint; readonly expected: number; readonly ownLines: readonly string[] },
): Promise<readonly string[] | undefined> {
  const text = formatCheckpoint(checkpoint)
  const timeSec = Math.floor(clock.nowMs() / 1000)
  const lines = cosigners.map((each) => each.cosign(text, timeSec))
  const saved = await store.write(saveWitnessed, {
    origin: checkpoint.origin,
    originHash: sha256(Buffer.from(checkpoint.origin)),
    expected,
    size: checkpoint.size,
    root: checkpoint.root,
    text,
    lines: [...ownLines, ...lines],
  })
  return saved ? lines : undefined
}
