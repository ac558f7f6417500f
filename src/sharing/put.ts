// Saying something: objects as received become records of one collection, each checked by itself, so that one bad
// object never costs the good ones. When this returns, what it reports as added survives a crash.
import { formatMicros } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'
import { stricterTlp } from '#kernel/marking.ts'
import type { Reader, Writer } from '#kernel/store/types.ts'
import type { Collection } from './collection.ts'
import type { Contexts } from './context.ts'
import { findDefinitions, type Definitions } from './definitions.ts'
import type { FeedPut } from './feeds/put.ts'
import type { SentLabel } from './handling.ts'
import { acceptObject, prepareRecord, type Accepted, type ObjectBytes } from './prepare.ts'
import { putRecords, type PutInput } from './put-command.ts'
import type { PreparedRecord } from './record-store.ts'
import type { Strictness } from './stix/check.ts'
import type { Finding } from './stix/finding.ts'
import { markingOf } from './stix/marking.ts'

export type PutDeps = { readonly store: Reader & Writer; readonly now: () => number }

/** One object's exact bytes and its place in what was sent. */
export type PutPiece = ObjectBytes & { readonly index: number }

export type PutResult = {
  readonly index: number
  readonly id?: string
  /** RFC 3339; absent for objects without versions. */
  readonly version?: string
  readonly outcome: 'added' | 'known' | 'conflict' | 'refused' | 'kept'
  /** Why it was refused, or what was forgiven. */
  readonly findings: readonly Finding[]
  /** What stands here under the same id and version, where that is another value. */
  readonly stored?: Uint8Array
  /** The record that stands there; absent where it came in the same input. */
  readonly storedAt?: number
}

export type PutRequest = {
  readonly collection: Collection
  readonly pieces: readonly PutPiece[]
  /** Stricter or laxer than the collection's own setting. */
  readonly strictness?: Strictness
  readonly progress?: NonNullable<PutInput['progress']>
  /** What belongs to the records, by their ids. */
  readonly contexts?: Contexts
  /**
   * Set for what a feed brings: the collection's marking is then the least that holds, and what an object says of itself
   * can only make it stricter.
   */
  readonly feed?: FeedPut
}

/** Checks, seals and stores up to `LIMITS.groupRecordsMax` objects. The results are in the order of the pieces. */
export async function putObjects(deps: PutDeps, request: PutRequest): Promise<PutResult[]> {
  const { collection, pieces } = request
  const strictness = request.strictness ?? collection.strictness
  const accepted = pieces.map((piece) => refuseFuture(acceptObject(piece, strictness), deps.now()))
  const objects = accepted.flatMap((each) => (each.ok ? [each.value] : []))
  const definitions = await findDefinitions(deps.store, objects, collection.id)
  const { input, places } = assemble(request, accepted, definitions)
  const output =
    input.records.length === 0 && request.progress === undefined
      ? { outcomes: [], conflicts: [] }
      : await deps.store.write(putRecords, input, [input.bytes.buffer as ArrayBuffer])
  const conflicts = new Map(output.conflicts.map(({ record, ...conflict }) => [record, conflict]))
  const results: PutResult[] = pieces.map((piece, i) => describe(piece, accepted[i] as ReturnType<typeof acceptObject>))
  for (const [record, i] of places.entries()) {
    const outcome = output.outcomes[record]
    results[i] = {
      ...(results[i] as PutResult),
      ...(outcome === 'elsewhere' ? { outcome: 'refused', findings: [ELSEWHERE] } : { outcome: outcome ?? 'refused' }),
      ...conflicts.get(record),
    }
  }
  return results
}

const ELSEWHERE: Finding = {
  code: 'feed.elsewhere',
  path: '/id',
  message: 'this member says this object in another collection, and a feed does not speak over it',
  remedy: 'Let the feed go to that collection if it may change what stands there.',
  clause: '3.4',
}

type Judged = ReturnType<typeof acceptObject>

/** Protocol section 10: what is dated more than a day ahead is refused. */
function refuseFuture(judged: Judged, nowMs: number): Judged {
  if (!judged.ok || (judged.summary.versionMicros ?? 0) <= (nowMs + LIMITS.futureMsMax) * 1000) return judged
  const path = judged.value['modified'] === undefined ? '/created' : '/modified'
  return {
    ok: false,
    id: judged.summary.id,
    findings: [
      {
        code: 'time.future',
        path,
        message: 'this is dated more than 24 hours ahead',
        remedy: 'Check the clock of whoever made it.',
        clause: '3.2',
      },
    ],
  }
}

const NO_CONTEXT = new Uint8Array(0)

/** One buffer with the bytes of all accepted records, and the distinct labels they are sent under. */
function assemble(
  { collection, pieces, progress, contexts, feed }: PutRequest,
  judged: readonly Judged[],
  definitions: Definitions,
): { input: PutInput; places: number[] } {
  const labels: SentLabel[] = []
  const labelIndex = new Map<string, number>()
  const records: PreparedRecord[] = []
  const places: number[] = []
  const bytes = new Uint8Array(
    pieces.reduce((sum, piece, i) => sum + (judged[i]?.ok === true ? piece.bytes.length : 0), 0),
  )
  let start = 0
  for (const [i, piece] of pieces.entries()) {
    const each = judged[i] as Judged
    if (!each.ok) continue
    const { marking: said, own } = markingOf(each.value, definitions, {
      marking: collection.marking,
      personal: collection.marking.personal,
    })
    const tlp = feed === undefined ? said.tlp : stricterTlp(said.tlp, collection.marking.tlp)
    const key = `${tlp} ${own}`
    let label = labelIndex.get(key)
    if (label === undefined) labelIndex.set(key, (label = labels.push({ tlp, own }) - 1))
    bytes.set(piece.bytes, start)
    records.push(prepareRecord(each, { label, start, end: start + piece.bytes.length }))
    places.push(i)
    start += piece.bytes.length
  }
  const input: PutInput = {
    collection: collection.id,
    labels,
    marking: collection.marking,
    named: collection.named,
    records,
    bytes,
    ...(contexts === undefined
      ? {}
      : {
          contexts: records.map(({ id }) => contexts.get(id) ?? NO_CONTEXT),
          contextMarking: collection.contextMarking,
        }),
    ...(progress === undefined ? {} : { progress }),
    ...(feed === undefined ? {} : { feed }),
  }
  return { input, places }
}

function describe(
  piece: PutPiece,
  judged: Accepted | { ok: false; id?: string; findings: readonly Finding[] },
): PutResult {
  if (!judged.ok)
    return {
      index: piece.index,
      ...(judged.id === undefined ? {} : { id: judged.id }),
      outcome: 'refused',
      findings: judged.findings,
    }
  const { id, versionMicros } = judged.summary
  return {
    index: piece.index,
    id,
    ...(versionMicros === undefined ? {} : { version: formatMicros(versionMicros) }),
    outcome: 'refused',
    findings: judged.forgiven,
  }
}
