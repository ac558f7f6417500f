// What arrived and was verified goes in, by compare-and-swap on the stream's cursor. A crash between two pages repeats one
// of them, and repeating changes nothing.
import { Fault } from '#kernel/fault.ts'
import type { Header, StatementRef } from '#kernel/header.ts'
import { readErased, withoutErased } from '#kernel/log/erase-store.ts'
import {
  extendStatement,
  placesOf,
  proveAnew,
  storeStatement,
  type HeldParts,
  type PlacedStatement,
} from '#kernel/log/statement-store.ts'
import { readLogKeys, setLogKeys } from '#kernel/log/key-history.ts'
import type { Marking } from '#kernel/marking.ts'
import { internForeignLabel, internMember } from '#kernel/standing.ts'
import { itemsOf, listCount } from '#kernel/list-part.ts'
import { forwardContexts, forwardStored } from './deliver.ts'
import { isEarly, noteEarly } from './early.ts'
import type { LeafProof } from './forward/prove.ts'
import { noteRefused } from './not-taken.ts'
import { demandTaken } from './peer-standing.ts'
import { internLog } from './peers.ts'
import { isBehindEnd, statementAt, type WithdrawnIn } from './stored.ts'
import { withdrawBefore, type WithdrawAgain } from './withdrawn-before.ts'
import { command, type Command, type Tx } from '#kernel/store/types.ts'

/** A statement of a peer whose parts were checked against its leaf. */
export type VerifiedStatement = {
  readonly index: number
  readonly header: Header
  /** What was shown of it. */
  readonly parts: HeldParts
  /** What the capability of its kind made of the items outside the writer; a list of them is aligned with the items. */
  readonly prepared: unknown
  /** From when on it is used, where it is dated too far ahead. It is kept all the same. */
  readonly dueMs?: number
  /** That it is in its author's log, where somebody else brought it. */
  readonly proof?: LeafProof
}

/** Whose statements an item brings, where they are not the peer's own. */
export type Author = {
  readonly name: string
  readonly origin: string
  /** The keys of a log that its author ended, and that nobody here may have met. */
  readonly vkeys?: readonly string[]
}

/** What this member does when another asks it to erase what it gave: honour it at once, or let a person answer. */
export type Erasure = 'honour' | 'ask'

export type ApplyInput = {
  readonly erasure: Erasure
  readonly peer: number
  readonly name: string
  readonly log: number
  readonly items: readonly {
    readonly seq: number
    readonly hash: Uint8Array
    readonly body: Uint8Array
    readonly author?: Author
    /** The log that the peer passed on, where it is not its own. */
    readonly origin?: string
    readonly statements: readonly VerifiedStatement[]
    /** Statements that are in the log and out of form: why each. */
    readonly malformed: readonly string[]
    /** Of what was passed on, what was not taken. */
    readonly refused?: readonly number[]
  }[]
}

/** A statement as a capability gets it inside the writer. */
export type AppliedStatement = {
  readonly seq: number
  /** Where it stands: row id of the log, and its index there. */
  readonly log: number
  readonly index: number
  /** What its header says it answers. */
  readonly re?: StatementRef
  /** What this member does when another asks it to erase. */
  readonly erasure: Erasure
  readonly member: number
  readonly memberName: string
  readonly labelClass: number
}

/** What capabilities do with kinds of statements; kinds without one are stored and nothing else. */
export type Appliers = {
  readonly kinds: Readonly<Record<string, (tx: Tx, statement: AppliedStatement, prepared: unknown) => void>>
  /** Called with the context of an item, by its sequence number, when it is stored. */
  readonly context: (tx: Tx, seq: number, bytes: Uint8Array) => void
  readonly quarantine: (tx: Tx, member: number, seq: number, reason: string) => void
  /** What was put aside is used after all. */
  readonly release: (tx: Tx, seq: number) => void
  /** Called where records come after their withdrawal. */
  readonly withdraw: WithdrawAgain
  /** Which records of a statement are withdrawn. */
  readonly withdrawn: WithdrawnIn
  /** The collection that holds what a member says. */
  readonly collection: (tx: Tx, member: number, name: string) => number
}

export type ApplyCommand = Command<ApplyInput, { readonly applied: number }>

/** The command that applies pages of deliveries; what each kind means is given in `src/writer.ts`. */
export function applyDeliveries(appliers: Appliers): ApplyCommand {
  return command(
    APPLY,
    (tx, input: ApplyInput) => {
      demandTaken(tx, 'id', input.peer)
      let applied = 0
      for (const item of input.items) {
        const swapped = tx.run(
          'UPDATE peer SET stream_seq = ?, stream_hash = ? WHERE id = ? AND stream_seq = ?',
          item.seq,
          item.hash,
          input.peer,
          item.seq - 1,
        )
        if (swapped !== 1) throw new Fault('conflict', 'another round applied these deliveries already')
        tx.run('INSERT INTO taken_item (peer, seq, body) VALUES (?, ?, ?)', input.peer, item.seq, item.body)
        applied += applyItem(tx, input, item, appliers)
        for (const reason of item.malformed) appliers.quarantine(tx, input.peer, tx.reserve(1), reason)
      }
      noteRefused(tx, input)
      return { applied }
    },
    {
      weigh: (input) =>
        input.items.reduce((sum, item) => sum + item.statements.reduce((n, { header }) => n + header.count, 0), 0),
    },
  )
}

const APPLY = 'federation.apply'

/** How the thread that pulls names the command, whose work the writer's thread knows. */
export const applyCommand: ApplyCommand = {
  name: APPLY,
  run: () => {
    throw new Error('only the writer applies deliveries')
  },
  weigh: (input) => input.items.length,
}

/** Returns how many statements were new, and passes on what this member forwards of them. */
function applyItem(tx: Tx, input: ApplyInput, item: ApplyInput['items'][number], appliers: Appliers): number {
  const { author, statements } = item
  const source = author === undefined ? input : { ...input, ...sourceOf(tx, author) }
  const indexes: number[] = []
  const contexts: number[] = []
  let applied = 0
  for (const statement of statements) {
    const came = applyOne(tx, source, statement, appliers)
    if (came === 'first' && author !== undefined) noteVia(tx, { giver: input.peer, source, statement })
    else if (source.peer === input.peer) tx.run(CAME_ITSELF, tx.nowMs, source.log, statement.index)
    if (came === 'context') tx.run(CAME_BARE, input.peer, source.log, statement.index)
    if (came === 'before') continue
    applied += 1
    if (came === 'context') contexts.push(statement.index)
    else indexes.push(statement.index)
  }
  const not = [source.peer, input.peer]
  forwardStored(tx, { log: source.log, indexes, not })
  forwardContexts(tx, { log: source.log, indexes: contexts, not }, appliers.withdrawn)
  return applied
}

/** The author of what a peer passes on, who may not have been met. */
function sourceOf(tx: Tx, { name, origin, vkeys }: Author): { peer: number; name: string; log: number } {
  const peer = internMember(tx, name)
  const log = internLog(tx, peer, origin)
  if (vkeys !== undefined && readLogKeys(tx, log).length === 0)
    setLogKeys(tx, log, { vkeys, index: -1, nowMs: tx.nowMs })
  return { peer, name, log }
}

const CAME_ITSELF = `UPDATE via SET direct_ms = ? WHERE direct_ms IS NULL
  AND statement = (SELECT seq FROM statement WHERE log = ? AND idx = ?)`

const CAME_BARE = `UPDATE via SET bare = 1 WHERE peer <> ? AND statement = (SELECT seq FROM statement WHERE log = ? AND idx = ?)`

function noteVia(
  tx: Tx,
  {
    giver,
    source,
    statement,
  }: {
    readonly giver: number
    readonly source: { readonly peer: number; readonly log: number }
    readonly statement: VerifiedStatement
  },
): void {
  if (statement.proof === undefined) return
  tx.run(
    `INSERT INTO via (statement, peer, time_ms, direct_ms, entry, proof)
     SELECT seq, ?, ?, ?, ?, ? FROM statement WHERE log = ? AND idx = ? ON CONFLICT DO NOTHING`,
    giver,
    tx.nowMs,
    giver === source.peer ? tx.nowMs : null,
    statement.proof.entry,
    statement.proof.proof,
    source.log,
    statement.index,
  )
}

/** What a statement brought: itself, more of what was here, its context alone, or nothing new. */
type Came = 'first' | 'more' | 'context' | 'before'

function applyOne(tx: Tx, input: ApplyInput, statement: VerifiedStatement, appliers: Appliers): Came {
  const { header, index } = statement
  const refusal = isBehindEnd(tx, input.log, statement) ? 'it lies behind the end of its log' : undefined
  const erased = readErased(tx, { log: input.log, index })
  const parts = withoutErased(statement.parts, erased)
  const prepared =
    erased.size === 0 ? statement.prepared : preparedAt(statement.prepared, new Set(placesOf(parts.content)))
  const labelOf = (marking: Marking): number => internForeignLabel(tx, marking, input.peer)
  const labelClass = labelOf(header.marking)
  const { re } = header
  const target = {
    log: input.log,
    index,
    ...(re === undefined ? {} : { re }),
    erasure: input.erasure,
    member: input.peer,
    memberName: input.name,
    labelClass,
  }
  const said = asSaid(header, parts, labelOf)
  const known = tx.get<{ seq: number }>('SELECT seq FROM statement WHERE log = ? AND idx = ?', input.log, index)
  if (known !== undefined) {
    proveAnew(tx, { ...said, seq: known.seq })
    const fresh = extendStatement(tx, known.seq, parts)
    tellContext(tx, known.seq, parts, appliers)
    if (refusal !== undefined) return 'before'
    if (fresh.content.size === 0) return fresh.context.size === 0 ? 'before' : 'context'
    const more = { kind: header.kind, prepared: preparedAt(prepared, fresh.content) }
    // Where the rest of it waits for its date, this waits with it.
    if (!isEarly(tx, known.seq)) applyKind(tx, appliers, { ...target, seq: known.seq }, more)
    return 'more'
  }
  const seq = tx.reserve(Math.max(1, listCount(parts.content)))
  const about = aboutOf(tx, input.peer, header)
  storeStatement(tx, {
    ...said,
    log: input.log,
    index,
    seq,
    kind: header.kind,
    labelClass,
    collection: appliers.collection(tx, input.peer, input.name),
    ...(about === undefined ? {} : { about }),
  })
  if (refusal !== undefined) appliers.quarantine(tx, input.peer, seq, refusal)
  else if (statement.dueMs !== undefined) appliers.quarantine(tx, input.peer, seq, noteEarly(tx, seq, statement.dueMs))
  else applyKind(tx, appliers, { ...target, seq }, { kind: header.kind, prepared })
  tellContext(tx, seq, parts, appliers)
  return 'first'
}

type Said = Pick<PlacedStatement, 'id' | 'timeMs' | 'contextClass' | 'parts'>

/** Of a statement what its header tells, and what was shown of it. */
export function asSaid(
  { id, time, contextMarking }: Header,
  parts: HeldParts,
  labelOf: (marking: Marking) => number,
): Said {
  const contextClass = contextMarking === undefined ? {} : { contextClass: labelOf(contextMarking) }
  return { id, timeMs: Date.parse(time), ...contextClass, parts }
}

export function applyKind(
  tx: Tx,
  { kinds, withdraw }: Appliers,
  statement: AppliedStatement,
  { kind, prepared }: { readonly kind: string; readonly prepared: unknown },
): void {
  kinds[kind]?.(tx, statement, prepared)
  if (kind === 'records.put') withdrawBefore(tx, statement, withdraw)
}

/** Hands on the context that was shown of a statement. */
export function tellContext(tx: Tx, seq: number, { context }: HeldParts, appliers: Pick<Appliers, 'context'>): void {
  if (context !== undefined) for (const { index, bytes } of itemsOf(context)) appliers.context(tx, seq + index, bytes)
}

/** The statement here that another's is about: one of its author, for nobody takes back what others said. A receipt answers. */
function aboutOf(tx: Tx, member: number, { kind, re }: Header): number | undefined {
  if (re === undefined) return undefined
  const its = 'SELECT 1 FROM log WHERE origin = ? AND member = ?'
  return kind === 'receipt' || tx.get(its, re.origin, member) !== undefined ? statementAt(tx, re) : undefined
}

/** Of what was made of a statement's items only that of the places which are new. */
export function preparedAt(prepared: unknown, places: ReadonlySet<number>): unknown {
  if (!Array.isArray(prepared)) return prepared
  return prepared.map((each: unknown, place) => (places.has(place) ? each : undefined))
}
