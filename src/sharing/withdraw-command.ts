// Taking back: a withdrawal is a statement of its own, one for each statement it concerns, under that statement's
// marking and for whoever that statement went to. So nobody learns of a record it never had.
import { formatMicros } from '#kernel/clock.ts'
import { audit } from '#kernel/audit.ts'
import { lookedAt, type Looked } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { appendOwn, referTo, type OwnStatement } from '#kernel/log/say.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { readLabel, SELF } from '#kernel/standing.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { CLASS_OF_HOLDER, HOLDERS, withdrawCopy, withdrawRecord, type Holder } from './record-store.ts'
import { isNameOfValue, objectKey } from './stix-id.ts'

/** Protocol section 9. */
export const WITHDRAW_REASONS = ['false-positive', 'expired', 'revoked', 'sent-in-error', 'legal'] as const
export type WithdrawReason = (typeof WITHDRAW_REASONS)[number]

export const WITHDRAW_MEDIA_TYPE = 'application/vnd.comity.withdraw+json'

export type WithdrawInput = {
  readonly actor: string
  /** Who asks: what it may not look at is not there. Absent where that was looked at before. */
  readonly principal?: Principal
  /** STIX id. */
  readonly id: string
  /** Versions in microseconds; absent for all. */
  readonly versions?: readonly number[]
  /** Row id of the one collection it goes from; absent for all of this member's own. */
  readonly collection?: number
  readonly reason: WithdrawReason
}

type Target = Pick<Holder, 'seq' | 'version' | 'collection' | 'copy'> & { readonly statement: number }

export type WithdrawOutput = { readonly withdrawn: number; readonly kept?: boolean }

/** Withdraws versions of a record this member said, and their copies, in one or every collection of its own. Returns how many went. */
export const withdrawRecords = command('sharing.withdraw', withdraw, {
  kept: {
    about: ({ id }) => [id],
    answer: () => ({ withdrawn: 0, kept: true }),
    outcome: ({ withdrawn }) => ({ withdrawn }),
  },
})

function withdraw(tx: Tx, input: WithdrawInput): WithdrawOutput {
  const targets = findTargets(tx, input)
  const withdrawn = targets.filter(({ copy }) => copy === 0).length
  if (withdrawn === 0)
    throw new Fault('not-found', `this member has no record ${input.id} that could be withdrawn`, { place: input.id })
  const byStatement = Map.groupBy(targets, (target) => target.statement)
  const leaves: number[] = []
  for (const [statement, group] of byStatement) {
    const like = likeStatement(tx, statement)
    const withdrawal = appendWithdrawal(tx, like, group, input)
    for (const { seq, copy } of group) (copy === 1 ? withdrawCopy : withdrawRecord)(tx, seq, withdrawal)
    leaves.push(like.about.index)
  }
  const subject = isNameOfValue(input.id) ? `leaf ${leaves.join(', ')}` : input.id
  audit(tx, { actor: input.actor, action: 'record.withdraw', subject, detail: { reason: input.reason } })
  tx.emit({ name: 'sharing.withdrawn' })
  return { withdrawn }
}

function findTargets(tx: Tx, input: WithdrawInput): Target[] {
  const key = objectKey(input.id)
  if (key === undefined) return []
  const rows = tx.all<Omit<Target, 'statement'> & Looked>(
    `SELECT r.seq, r.version, r.collection, r.copy, ${CLASS_OF_HOLDER} AS labelClass FROM ${HOLDERS} r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection
     WHERE r.oid = ? AND t.name = ? AND c.author = ? AND r.withdrawn IS NULL`,
    key.oid,
    key.type,
    SELF,
  )
  const there = input.principal === undefined ? rows : lookedAt(tx, input.principal, rows)
  return there
    .filter((row) => input.versions === undefined || input.versions.includes(row.version))
    .filter((row) => input.collection === undefined || input.collection === row.collection)
    .map((row) => ({ ...row, statement: statementOf(tx, row.seq) }))
}

/** The statement whose items hold a sequence number. */
export function statementOf(tx: Pick<Tx, 'get'>, seq: number): number {
  return tx.get<{ seq: number }>('SELECT seq FROM statement WHERE seq <= ? ORDER BY seq DESC LIMIT 1', seq)
    ?.seq as number
}

function appendWithdrawal(tx: Tx, like: Like, group: readonly Target[], input: WithdrawInput): number {
  const content = {
    reason: input.reason,
    records: group.map(({ version }) => ({
      id: input.id,
      ...(version === 0 ? {} : { version: formatMicros(version) }),
    })),
  }
  return appendOwn(tx, {
    ...like,
    kind: 'records.withdraw',
    mediaType: WITHDRAW_MEDIA_TYPE,
    items: [Buffer.from(JSON.stringify(content))],
  }).seq
}

type Like = Pick<OwnStatement, 'marking' | 'labelClass' | 'named' | 'collection'> & {
  readonly about: NonNullable<OwnStatement['about']>
}

/** What a statement about an earlier one has in common with it: its marking, and whom it is for. */
export function likeStatement(tx: Tx, statement: number): Like {
  const original = tx.get<{ log: number; idx: number; labelClass: number; collection: number | null }>(
    'SELECT log, idx, label_class AS labelClass, collection FROM statement WHERE seq = ?',
    statement,
  )
  const marking = original === undefined ? undefined : readLabel(tx, original.labelClass)
  const about = original === undefined ? undefined : referTo(tx, original.log, original.idx)
  if (original === undefined || marking === undefined || about === undefined)
    throw new Fault('internal', 'a record without its statement')
  const named = tx.all<{ name: string }>(
    'SELECT m.name FROM named n JOIN member m ON m.id = n.member WHERE n.statement = ?',
    statement,
  )
  return {
    marking,
    labelClass: original.labelClass,
    named: named.map(({ name }) => name),
    collection: original.collection,
    about: { ...about, statement },
  }
}
