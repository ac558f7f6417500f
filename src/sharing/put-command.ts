// The command that adds records: decides what is new, seals what is new into statements (one per label and at most
// 1,000 records or 256 KiB), and stores both in the transaction that grows the log.
import { LIMITS } from '#kernel/limits.ts'
import type { Marking, Tlp } from '#kernel/marking.ts'
import { internLabel, SELF } from '#kernel/standing.ts'
import { appendOwn } from '#kernel/log/say.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import type { Handling } from './collection.ts'
import { indexContext } from './context.ts'
import { standsAgainstFeed, takeForFeed, type FeedPut } from './feeds/put.ts'
import { handlingNow, underLabel, type SentLabel } from './handling.ts'
import { insertRecord, internType, versionsOf, type PreparedRecord, type StoredVersion } from './record-store.ts'
import { sameJson } from './stix/equal.ts'

/** The media type of STIX 2.1 content in a statement's header. */
export const STIX_MEDIA_TYPE = 'application/stix+json;version=2.1'

export type PutInput = {
  readonly collection: number
  readonly labels: readonly SentLabel[]
  /** How the collection was marked when this was sent; not noted in what an earlier version kept. */
  readonly marking?: Marking
  /** Whom it named then. */
  readonly named: readonly string[]
  readonly records: readonly PreparedRecord[]
  /** The bytes of all records, as received. */
  readonly bytes: Uint8Array
  /** As long as the records: what belongs to each, empty where there is nothing. */
  readonly contexts?: readonly Uint8Array[]
  /** How the collection marked context when this was sent; null: it is ours alone. */
  readonly contextMarking?: Marking | null
  /** For imports: how far the source has been read once this is stored. */
  readonly progress?: {
    readonly digest: string
    readonly offset: number
    readonly objects: number
    readonly line: number
    readonly done: boolean
  }
  /** For what a feed brings. */
  readonly feed?: FeedPut
}

/** The stored bytes, and the record they are of; without one they came in the same input. */
type Met = { readonly stored: Uint8Array; readonly storedAt?: number }

export type PutOutput = {
  /** Per record, in order: what became of it. */
  readonly outcomes: readonly ('added' | 'known' | 'conflict' | 'kept' | 'elsewhere')[]
  /** What each record in conflict met, by its place in the input. */
  readonly conflicts: readonly (Met & { readonly record: number })[]
  readonly statements: number
}

export const putRecords = command('sharing.put', put, {
  weigh: ({ records }: PutInput) => records.length,
  kept: {
    about: ({ records }) => records.map(({ id }) => id),
    marked: (tx, input) => {
      const { marking } = handlingNow(tx, input)
      const { collection, labels, records } = input
      return { collection, markings: records.map(({ label }) => underLabel(marking, labels[label] as SentLabel)) }
    },
    answer: ({ records }): PutOutput => ({ outcomes: records.map(() => 'kept'), conflicts: [], statements: 0 }),
    outcome: ({ outcomes }) => ({
      added: outcomes.filter((each) => each === 'added').length,
      conflict: outcomes.filter((each) => each === 'conflict').length,
    }),
  },
})

type Fresh = {
  readonly type: number
  readonly record: PreparedRecord
  readonly context: Uint8Array
  readonly siblings: StoredVersion[]
}

const NO_CONTEXT = new Uint8Array(0)

function put(tx: Tx, input: PutInput): PutOutput {
  const handling = handlingNow(tx, input)
  const markings = input.labels.map((label) => underLabel(handling.marking, label))
  const own = new Set(tx.all<{ id: number }>('SELECT id FROM collection WHERE author = ?', SELF).map((row) => row.id))
  const outcomes: PutOutput['outcomes'][number][] = []
  const conflicts: PutOutput['conflicts'][number][] = []
  const fresh = new Map<Tlp, Group>()
  const inBatch = new Map<string, PreparedRecord>()
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const [i, record] of input.records.entries()) {
    const type = internType(tx, record.type)
    const versions = versionsOf(tx, record.oid, type).filter((each) => own.has(each.collection))
    const verdict =
      (input.feed === undefined ? undefined : standsAgainstFeed(input.collection, record, versions)) ??
      compare(tx, input, record, versions, inBatch)
    outcomes.push(verdict.outcome)
    if (verdict.outcome === 'conflict') conflicts.push({ record: i, ...verdict.met })
    if (verdict.outcome !== 'added') continue
    inBatch.set(`${record.id} ${record.version}`, record)
    if (seen.has(record.id)) repeated.add(record.id)
    seen.add(record.id)
    const siblings = versions.filter((each) => each.collection === input.collection)
    const one = { type, record, context: input.contexts?.[i] ?? NO_CONTEXT, siblings }
    const marking = markings[record.label] as Marking
    const group = fresh.get(marking.tlp)
    if (group === undefined) fresh.set(marking.tlp, { marking, records: [one] })
    else group.records.push(one)
  }
  let statements = 0
  for (const group of fresh.values()) statements += putGroup(tx, input, { handling, group, repeated })
  if (input.progress !== undefined) saveProgress(tx, input.collection, input.progress)
  if (input.feed !== undefined) takeForFeed(tx, input.feed, { records: input.records, outcomes })
  if (statements > 0) tx.emit({ name: 'sharing.put' })
  return { outcomes, conflicts, statements }
}

type Verdict =
  | { readonly outcome: 'added' | 'known' | 'elsewhere' }
  | { readonly outcome: 'conflict'; readonly met: Met }

/** The same id and version must be the same JSON value, wherever this member said it. */
function compare(
  tx: Tx,
  input: PutInput,
  record: PreparedRecord,
  versions: readonly StoredVersion[],
  inBatch: ReadonlyMap<string, PreparedRecord>,
): Verdict {
  const bytes = bytesOf(input, record)
  const twin = inBatch.get(`${record.id} ${record.version}`)
  if (twin !== undefined) {
    const stored = bytesOf(input, twin)
    return sameBytesOrJson(bytes, stored)
      ? { outcome: 'known' }
      : { outcome: 'conflict', met: { stored: Uint8Array.from(stored) } }
  }
  let known = false
  for (const each of versions) {
    if (each.version !== record.version || each.withdrawn !== null) continue
    const stored = tx.get<{ bytes: Uint8Array }>('SELECT bytes FROM item WHERE seq = ?', each.seq)?.bytes
    if (stored === undefined || !sameBytesOrJson(bytes, stored))
      return { outcome: 'conflict', met: { stored: stored ?? new Uint8Array(0), storedAt: each.seq } }
    known ||= each.collection === input.collection
  }
  return { outcome: known ? 'known' : 'added' }
}

/** Fresh records of one marking. */
type Group = { readonly marking: Marking; readonly records: Fresh[] }

type Sealing = {
  readonly handling: Handling
  readonly group: Group
  /** Ids of which this input holds several versions: what stands beside them changes while they go in. */
  readonly repeated: ReadonlySet<string>
}

function putGroup(tx: Tx, input: PutInput, { handling, group, repeated }: Sealing): number {
  const { marking, records } = group
  const { contextMarking, named } = handling
  const labelClass = internLabel(tx, marking)
  let statements = 0
  for (let from = 0; from < records.length;) {
    const until = endOfStatement(records, from)
    const chunk = records.slice(from, until)
    const items = chunk.map(({ record }) => bytesOf(input, record))
    const contexts = chunk.map(({ context }) => context)
    const logged = appendOwn(tx, {
      kind: 'records.put',
      marking,
      labelClass,
      ...(contexts.some(({ length }) => length > 0)
        ? { context: { items: contexts, marking: contextMarking ?? undefined } }
        : {}),
      named,
      collection: input.collection,
      mediaType: STIX_MEDIA_TYPE,
      items,
    })
    for (const [j, { type, record, context, siblings }] of chunk.entries()) {
      insertRecord(tx, {
        seq: logged.seq + j,
        type,
        collection: input.collection,
        labelClass,
        record,
        siblings: repeated.has(record.id)
          ? versionsOf(tx, record.oid, type).filter((each) => each.collection === input.collection)
          : siblings,
      })
      indexContext(tx, logged.seq + j, context)
    }
    from = until
    statements += 1
  }
  return statements
}

function endOfStatement(group: readonly Fresh[], from: number): number {
  let [bytes, contextBytes] = [0, 0]
  let until = from
  while (until < group.length && until - from < LIMITS.statementRecordsMax) {
    const { record, context } = group[until] as Fresh
    bytes += record.end - record.start
    contextBytes += context.length
    if (until > from && Math.max(bytes, contextBytes) > LIMITS.statementContentBytesMax) break
    until += 1
  }
  return until
}

function saveProgress(tx: Tx, collection: number, progress: NonNullable<PutInput['progress']>): void {
  tx.run(
    `INSERT INTO import_progress (digest, collection, offset, objects, line, done, time_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (digest, collection) DO UPDATE SET offset = excluded.offset, objects = excluded.objects, line = excluded.line,
       done = excluded.done, time_ms = excluded.time_ms`,
    progress.digest,
    collection,
    progress.offset,
    progress.objects,
    progress.line,
    progress.done ? 1 : 0,
    tx.nowMs,
  )
}

function bytesOf(input: PutInput, record: PreparedRecord): Uint8Array {
  return input.bytes.subarray(record.start, record.end)
}

function sameBytesOrJson(a: Uint8Array, b: Uint8Array): boolean {
  if (Buffer.compare(a, b) === 0) return true
  return sameJson(JSON.parse(Buffer.from(a).toString('utf8')), JSON.parse(Buffer.from(b).toString('utf8')))
}
