// Who gets what, as it is said: the items of each peer's stream are written in the transaction that commits the
// statements. What was delivered is followed by its withdrawal whatever policy says by then.
import { LIMITS } from '#kernel/limits.ts'
import { enqueue } from '#kernel/job.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { readEpoch, readShare } from '#kernel/standing.ts'
import type { SealingHook, Tx } from '#kernel/store/types.ts'
import { forgetClasses, withhold } from './classes.ts'
import {
  APPROVED_SQL,
  asAsker,
  DELIVERED,
  FORWARDED,
  mayHaveContext,
  openDesk,
  reasonOf,
  ruleFor,
  type Asker,
  type Deciding,
  type Judged,
} from './due.ts'
import { appendFollowing } from './following.ts'
import { contentBytes, mayGoOn, readStored, stands, type Stored, type WithdrawnIn } from './stored.ts'
import { appendDue, headsFollow, OWN, placeOf, type Peer, type Sized } from './streams.ts'
import { WIDEN_JOB, type WidenStep } from './walk.ts'

/** Appends what each approved peer may have of the statements just logged. */
export const deliverSealed: SealingHook = (tx, statements) => {
  const ours = statements.filter(({ kind }) => DELIVERED.has(kind))
  if (ours.length === 0) return
  headsFollow(tx)
  const peers = tx.all<Peer>(APPROVED_SQL).map((peer) => asAsker(tx, peer))
  const desk = openDesk(tx, peers, ours)
  for (const peer of peers) {
    const deciding = { desk, undecided: () => walkSoon(tx, peer) }
    const due = ours.flatMap((statement): Sized[] => {
      const rule = ruleFor(tx, deciding, peer, statement)
      const context = rule !== undefined && mayHaveContext(deciding, peer, statement)
      if (statement.kind === 'records.put')
        withhold(
          tx,
          peer.id,
          { ...statement, log: OWN_LOG },
          { content: rule === undefined, context: statement.contextClass !== null && !context },
        )
      if (rule === undefined) return []
      return [{ index: statement.index, rule, reason: reasonOf(statement.kind), bytes: statement.bytes, context }]
    })
    appendDue(tx, peer, due, OWN)
  }
}

export type Arrived = {
  readonly log: number
  readonly indexes: readonly number[]
  /** Row ids of members that are given none of it: its author, and who brought it. */
  readonly not: readonly number[]
}

/**
 * Appends what approved peers may have of another member's statements that were just stored here: by its marking, where
 * this member chose to forward its author; and always what withdraws or erases what a peer has from us.
 */
export function forwardStored(tx: Tx, arrived: Arrived): void {
  const passed = storedAt(tx, arrived).filter(
    (row) => FORWARDED.has(row.kind) && mayGoOn(tx, row) && (row.kind !== 'records.put' || isShared(tx, row)),
  )
  passOn(tx, arrived, passed)
}

/** The same where the context came alone, behind its record: for whoever may have it. */
export function forwardContexts(tx: Tx, arrived: Arrived, withdrawnIn: WithdrawnIn): void {
  const passed = storedAt(tx, arrived).filter(
    (row) => row.kind === 'records.put' && isShared(tx, row) && stands(tx, row, withdrawnIn),
  )
  passOn(tx, arrived, passed, ({ context }) => context)
}

function storedAt(tx: Tx, { log, indexes }: Arrived): Stored[] {
  return indexes.flatMap((index) => readStored(tx, log, { after: index - 1, limit: 1 }))
}

function passOn(tx: Tx, { log, not }: Arrived, rows: readonly Stored[], worth = (_due: Sized): boolean => true): void {
  if (rows.length === 0) return
  const judged = rows.map((row) => ({ ...row, named: [] }))
  const peers = tx.all<Peer>(APPROVED_SQL).filter(({ id }) => !not.includes(id))
  const askers = peers.map((peer) => asAsker(tx, peer))
  const desk = openDesk(tx, askers, judged)
  for (const peer of askers) {
    const deciding = { desk, undecided: () => walkSoon(tx, peer) }
    const due = judged.flatMap((row) => dueOnward(tx, deciding, peer, row)).filter(worth)
    appendDue(tx, peer, due, placeOf(tx, log))
    for (const { seq } of due) appendFollowing(tx, peer, { seq })
  }
}

function isShared(tx: Tx, { collection }: Stored): boolean {
  return collection !== null && (readShare(tx, collection)?.share ?? 'none') !== 'none'
}

function dueOnward(
  tx: Tx,
  deciding: Deciding,
  peer: Asker,
  row: Stored & Judged,
): (Sized & { readonly seq: number })[] {
  const rule = ruleFor(tx, deciding, peer, row)
  const context = rule !== undefined && row.kind === 'records.put' && mayHaveContext(deciding, peer, row)
  return rule === undefined
    ? []
    : [{ seq: row.seq, index: row.idx, rule, reason: reasonOf(row.kind), bytes: contentBytes(tx, row), context }]
}

/** What nobody could decide stays here, and is looked at again by a walk over the log. */
function walkSoon(tx: Tx, peer: Peer): void {
  forgetClasses(tx, peer.id)
  const payload: WidenStep = { after: -1, epoch: readEpoch(tx) }
  enqueue(tx, { kind: WIDEN_JOB, key: peer.name, payload, delayMs: LIMITS.policyPauseMs })
}
