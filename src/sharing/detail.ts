// Everything known about one record: its versions, what they say, the proof behind each, and who has it.
import type { AnswerView } from '#kernel/answer-shape.ts'
import { formatTime } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { openCheckpoint } from '#kernel/log/checkpoint.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { loadParts } from '#kernel/log/statement-store.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { keptAbout } from '#kernel/log/kept.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { parseTlogProof, verifyTlogProof } from '#kernel/log/tlog-proof.ts'
import { proveStored } from '#kernel/log/stored-proof.ts'
import type { NoteVerifier } from '#kernel/note.ts'
import { loadLabel, SELF } from '#kernel/standing.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadSight } from '#kernel/sight.ts'
import { verifyStatement } from '#kernel/statement.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Marking } from '#kernel/marking.ts'
import { listCollections } from './collection.ts'
import { readContext } from './context.ts'
import { bytesOfRecord, placeOfObject, versionsOfObject, type RecordRow } from './find.ts'
import type { ProofDeps } from './proof.ts'
import { mayLookAt, visible } from './visible.ts'
import type { RecordDetail } from './wire.ts'

type Version = RecordDetail['versions'][number]
/** How another member's statement came by way of a third. */
export type Via = {
  readonly member: string
  readonly at: string
  /** When its author brought it, too. */
  readonly direct?: string
  readonly entry: Uint8Array
  readonly proof: Uint8Array
}
export type Witnessed = NonNullable<Version['proof']['witnessed']>
export type Recipients = Pick<Version, 'recipients' | 'refused'>

export type DetailDeps = {
  readonly store: Reader
  readonly egress: Egress
  /** The keys of a log, by its row id; known for our own and every peer's. */
  readonly verifiersOf: (log: number) => Promise<readonly NoteVerifier[]>
  /** By whose way a statement came, with the proof that came along, where its author did not bring it. */
  readonly viaOf: (statement: number) => Promise<Via | undefined>
  /** Where its author ended the log that it lies beyond. */
  readonly disputeOf: (statement: number) => Promise<Version['proof']['disputed']>
  /** Who received a statement of ours, and which peers did not; the replication knows. */
  readonly recipientsOf: (statement: number) => Promise<Recipients>
  /** What those answered whom a withdrawal of ours was meant for. */
  readonly answersTo: (statement: number) => Promise<AnswerView[]>
  /** How far our own log is witnessed at an index. */
  readonly witnessedOf: (index: number) => Promise<Witnessed>
  /** Who witnesses a log, each with the size its newest line is about, and how many are enough. */
  readonly witnessesOf: ProofDeps['witnessesOf']
}

type StatementRow = {
  seq: number
  log: number
  member: number
  idx: number
  origin: string
  size: number
  time_ms: number
  contextClass: number | null
  checkpoint: Uint8Array | null
}

const STATEMENT_SQL = `SELECT s.seq, s.log, l.member, s.idx, s.time_ms, s.context_class AS contextClass, l.origin, l.size, l.checkpoint FROM statement s JOIN log l ON l.id = s.log`

export type Looking = {
  readonly principal: Principal
  /** Whether it may know what waits to be logged. */
  readonly decides: boolean
}

/** What `principal` may look at of it: versions it may not are as if they were not here. */
export async function describeRecord(
  deps: DetailDeps,
  id: string,
  { principal, decides }: Looking,
): Promise<RecordDetail> {
  const kept = decides ? await keptAbout(deps.store, id, await loadSight(deps, principal)) : []
  const here = await versionsOfObject(deps.store, id)
  const rows = await visible(deps.egress, { principal, route: 'record', cursor: placeOfObject(id, here) }, here)
  const waiting = kept
    .filter(({ marked }) => marked === 1 || rows.length > 0)
    .map(({ number, timeMs, what }) => ({ number, what, at: formatTime(timeMs) }))
  const [first] = waiting
  if (rows.length === 0 && first !== undefined)
    throw new Fault('not-found', `${id} is received, ${first.at}, and waits to be logged`, {
      remedy: `It is number ${first.number} of “comity kept list”, and is said once the log is resumed.`,
    })
  if (rows.length === 0)
    throw new Fault('not-found', `no record ${id} is here`, { remedy: 'Search for it: comity search WORDS.' })
  const titles = new Map((await listCollections(deps.store)).map((each) => [each.id, each.alias ?? each.uuid]))
  const versions: Version[] = []
  for (const row of rows)
    versions.push(await describeVersion({ ...deps, principal }, row, titles.get(row.collection) ?? ''))
  return { id, ...(waiting.length === 0 ? {} : { waiting }), versions }
}

async function describeVersion(
  deps: DetailDeps & { readonly principal: Principal },
  row: RecordRow,
  collection: string,
): Promise<Version> {
  const statement = await deps.store.get<StatementRow>(
    `${STATEMENT_SQL} WHERE s.seq <= ? ORDER BY s.seq DESC LIMIT 1`,
    row.seq,
  )
  const bytes = await bytesOfRecord(deps.store, row.seq)
  const marking = await loadLabel(deps.store, row.labelClass)
  if (statement === undefined || bytes === undefined || marking === undefined)
    throw new Fault('storage.failed', 'a record lies here without its statement', {
      remedy: 'Run “comity log verify”.',
    })
  const object = JSON.parse(Buffer.from(bytes).toString('utf8')) as { name?: unknown }
  const via = await deps.viaOf(statement.seq)
  const verdict = await verifyStored(deps, statement, via)
  const disputed = await deps.disputeOf(statement.seq)
  const own = statement.log === OWN_LOG
  const witnessed = own ? await deps.witnessedOf(statement.idx) : undefined
  return {
    id: row.id,
    type: row.type,
    ...(row.version === undefined ? {} : { version: row.version }),
    author: row.author,
    collection,
    addedAt: row.addedAt,
    latest: row.latest,
    withdrawn: row.withdrawnBy !== null,
    tlp: marking.tlp,
    ...(marking.exercise === undefined ? {} : { exercise: true }),
    ...(typeof object.name === 'string' ? { name: object.name } : {}),
    marking: toView(marking),
    object,
    ...(await describeContext(deps, row, statement.contextClass)),
    proof: {
      origin: statement.origin,
      index: statement.idx,
      size: statement.size,
      verified: verdict === undefined,
      ...(verdict === undefined ? {} : { reason: verdict }),
      ...(disputed === undefined ? {} : { disputed }),
      ladder: await climbed(deps, statement, { verified: verdict === undefined, witnessed }),
      ...(witnessed === undefined ? {} : { witnessed }),
    },
    ...(row.withdrawnBy === null ? {} : { withdrawal: await describeWithdrawal(deps, row.withdrawnBy) }),
    ...(via === undefined || via.direct !== undefined ? {} : { via: { member: via.member, at: via.at } }),
    ...(await deps.recipientsOf(statement.seq)),
    ...(own ? {} : { refused: [] }),
  }
}

/** How far a statement has come. Nothing is witnessed that does not hold here, and nothing by nobody. */
async function climbed(
  deps: DetailDeps,
  { log, idx }: StatementRow,
  { verified, witnessed }: { readonly verified: boolean; readonly witnessed: Witnessed | undefined },
): Promise<Version['proof']['ladder']> {
  const { k, n, needed, enough } = witnessed ?? (await witnessedElsewhere(deps, log, idx))
  return { step: !verified ? 'received' : enough && k > 0 ? 'witnessed' : 'logged', k, n, needed }
}

/** The same of another member's log, as far as its witnesses are known here. */
async function witnessedElsewhere(
  { witnessesOf }: DetailDeps,
  log: number,
  index: number,
): Promise<Omit<Witnessed, 'by'>> {
  const { needed, witnesses } = await witnessesOf(log)
  const covering = witnesses.filter(({ size = 0, line }) => line !== undefined && size > index)
  const count = (of: typeof witnesses): number => new Set(of.map(({ member }) => member)).size
  return { k: count(covering), n: count(witnesses), needed, enough: count(covering) >= needed }
}

async function describeContext(
  { store, egress, principal }: DetailDeps & { readonly principal: Principal },
  { seq, labelClass, collection }: RecordRow,
  contextClass: number | null,
): Promise<Pick<Version, 'context'>> {
  const row = await store.get<{ bytes: Uint8Array }>('SELECT bytes FROM item_context WHERE seq = ?', seq)
  if (row === undefined) return {}
  if (!(await mayLookAt(egress, principal, { seq, collection, labelClass: contextClass ?? labelClass }))) return {}
  const marking = contextClass === null ? undefined : await loadLabel(store, contextClass)
  return { context: { object: readContext(row.bytes), marking: marking === undefined ? null : toView(marking) } }
}

function toView(marking: Marking): Version['marking'] {
  return { ...marking, audience: { ...marking.audience, communities: [...marking.audience.communities] } }
}

async function describeWithdrawal(deps: DetailDeps, seq: number): Promise<NonNullable<Version['withdrawal']>> {
  const statement = await deps.store.get<StatementRow>(`${STATEMENT_SQL} WHERE s.seq = ?`, seq)
  const content = await bytesOfRecord(deps.store, seq)
  const reason =
    content === undefined
      ? undefined
      : (JSON.parse(Buffer.from(content).toString('utf8')) as { reason?: unknown }).reason
  return {
    reason: typeof reason === 'string' ? reason : 'unknown',
    at: formatTime(statement?.time_ms ?? 0),
    index: statement?.idx ?? 0,
    answers: statement?.member === SELF ? await deps.answersTo(seq) : [],
  }
}

/** From the stored bytes to the signed head: items, parts, leaf, tree, signatures. Undefined where all holds, else why not. */
async function verifyStored(deps: DetailDeps, row: StatementRow, via: Via | undefined): Promise<string | undefined> {
  if (via !== undefined && row.idx >= row.size) return verifyVia(deps, row, via)
  if (row.checkpoint === null) return 'there is no signed head yet'
  const opened = openCheckpoint(row.checkpoint, await deps.verifiersOf(row.log))
  if (!opened.ok) return `the checkpoint does not verify: ${opened.reason}`
  const entry = await loadEntry(deps.store, row.log, row.idx)
  if (entry === undefined) return 'its leaf is not in the stored log'
  const parts = await loadParts(deps.store, row.seq)
  if (parts === undefined) return 'its content was erased'
  const verdict = verifyStatement({ entry, ...parts })
  if (!verdict.ok) return verdict.reason
  return proveStored(deps.store, row.log, { index: row.idx, entry, checkpoint: opened.checkpoint })
}

/** What another member passed on rests on the proof that came with it, where the mirror of its author's log does not reach. */
async function verifyVia(deps: DetailDeps, row: StatementRow, via: Via): Promise<string | undefined> {
  const verifiers = await deps.verifiersOf(row.log)
  const claim = { leafHash: hashLeaf(via.entry), verifiers, types: [] }
  const opened = verifyTlogProof(parseTlogProof(via.proof), claim)
  if (!opened.ok) return opened.reason
  const parts = await loadParts(deps.store, row.seq)
  if (parts === undefined) return 'its content was erased'
  const verdict = verifyStatement({ entry: via.entry, ...parts })
  return verdict.ok ? undefined : verdict.reason
}
