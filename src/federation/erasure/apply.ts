// What erases, withdrawals and receipts of other members do here. An erase is its author's word about its own statement:
// it is honoured at once, or held for a person where this member decided so, and answered either way.
import { audit } from '#kernel/audit.ts'
import type { StatementRef } from '#kernel/header.ts'
import { enqueue } from '#kernel/job.ts'
import { parseErase, parseReceipt, toldHash, type EraseContent, type ReceiptContent } from '#kernel/log/erase.ts'
import { eraseHere, noteErased, type Forget } from '#kernel/log/erase-store.ts'
import { saidAt } from '#kernel/log/said.ts'
import { logNamed, referTo } from '#kernel/log/say.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { originNumber } from '#kernel/recovery-note.ts'
import type { Tx } from '#kernel/store/types.ts'
import type { AppliedStatement } from '../apply.ts'
import { referToHeld } from '../forward/via.ts'
import { internLog } from '../peers.ts'

export const RECEIPTS_JOB = 'federation.receipts'

/** The other items that hold what stands in these. */
export type Copies = (tx: Tx, seqs: readonly number[]) => number[]

/** What capabilities do about items that are erased. */
export type EraseHooks = {
  readonly forget: Forget
  /** Takes items out of sight while nobody has answered: `by` is the statement that asks. */
  readonly hide: (tx: Tx, seqs: readonly number[], by: number) => void
  readonly copies: Copies
  readonly quarantine: (tx: Tx, member: number, seq: number, reason: string) => void
}

/** Statements that take something back, or say what became of it, stand: else who erased what could be erased. */
const LASTING: ReadonlySet<string> = new Set([
  'node',
  'erase',
  'receipt',
  'records.withdraw',
  'heads',
  'evidence',
  'log-end',
])

/** What an author takes back goes whatever the rules here say, and also where they say nothing now: nothing here asks them. */
export function applyErase({ forget, hide, copies, quarantine }: EraseHooks) {
  return (tx: Tx, statement: AppliedStatement, prepared: unknown): void => {
    const content = prepared as EraseContent | undefined
    const target = content === undefined ? 'it names no items' : judgeTarget(tx, statement)
    if (content === undefined || typeof target === 'string')
      return quarantine(tx, statement.member, statement.seq, `this erase cannot be followed: ${String(target)}`)
    const asks = statement.erasure === 'ask'
    noteAsked(tx, statement, { ...target, kind: 'erase', outcome: asks ? 'asked' : 'erased' })
    for (const place of placesToErase(tx, { ...target, items: content.items, by: statement.seq }, copies))
      if (asks) {
        noteErased(tx, { ...place, kept: true })
        hide(tx, seqsOf(place), statement.seq)
      } else eraseHere(tx, { ...place, keepHeader: content.keepHeader === true }, forget)
    audit(tx, {
      actor: `peer:${statement.memberName}`,
      action: asks ? 'erase.asked' : 'erase.honoured',
      subject: `leaf ${target.index}`,
      detail: { reason: content.reason, items: content.items },
    })
  }
}

type Place = Target & { readonly seq: number | undefined; readonly items: readonly number[] }

const seqsOf = ({ seq, items }: Place): number[] => (seq === undefined ? [] : items.map((item) => seq + item))

/** What an erase names: `by` is its row id. */
type Doomed = Target & { readonly items: readonly number[]; readonly by: number }

/**
 * What an erase names, and copies of it in earlier logs of the same author: what it said there last it may have lost with
 * its disk, so that it cannot name it any more. In the log it speaks in, it names each statement itself.
 */
export function placesToErase(tx: Tx, { log, index, items, by }: Doomed, copies: Copies): Place[] {
  const row = tx.get<{ seq: number }>('SELECT seq FROM statement WHERE log = ? AND idx = ?', log, index)
  const named = { log, index, seq: row?.seq, items }
  return [named, ...inEarlierLogs(tx, copies(tx, seqsOf(named)), { log, by })]
}

function inEarlierLogs(tx: Tx, seqs: readonly number[], { log, by }: Pick<Doomed, 'log' | 'by'>): Place[] {
  const asked = saidAt(tx, by)
  return seqs.flatMap((seq) => {
    const said = saidAt(tx, seq)
    if (said === undefined || asked === undefined || said.log === log || said.number >= asked.number) return []
    const { statement, index } = said
    return [{ log: said.log, index, seq: statement, items: [seq - statement] }]
  })
}

type Target = { readonly log: number; readonly index: number }

/** The log of its author that a statement is about, also one that ended before they met and of which nothing came yet. */
function logAbout(tx: Tx, { log, member, memberName }: AppliedStatement, { origin }: StatementRef): number | undefined {
  const known = logNamed(tx, log, origin)
  if (known !== undefined || originNumber(memberName, origin) === undefined) return known
  return internLog(tx, member, origin)
}

/** The statement an erase is about, or why it is about none. One that is not here may come later, by another way. */
function judgeTarget(tx: Tx, statement: AppliedStatement): Target | string {
  const { re } = statement
  if (re === undefined) return 'it names no statement'
  const named = logAbout(tx, statement, re)
  if (named === undefined) return 'it is about a log that is not its author’s'
  const held = referToHeld(tx, named, re.index)
  const wasSaid = held === undefined ? mayCome(statement, named, re) : sameRef(held, re)
  if (!wasSaid) return 'it is about what was never said'
  const row = tx.get<{ kind: string }>('SELECT kind FROM statement WHERE log = ? AND idx = ?', named, re.index)
  if (row !== undefined && LASTING.has(row.kind)) return `a statement of kind ${row.kind} stands`
  return { log: named, index: re.index }
}

/** Whether what is not here may have been said before the statement that names it. */
function mayCome({ log, index }: AppliedStatement, named: number, re: StatementRef): boolean {
  return named !== log || re.index < index
}

/** A withdrawal that was followed is answered too, and holds for what it is about also where that comes later. */
export function noteWithdrawal(tx: Tx, statement: AppliedStatement): void {
  const { re } = statement
  const log = re === undefined ? undefined : logAbout(tx, statement, re)
  if (re === undefined || log === undefined || !mayCome(statement, log, re)) return
  noteAsked(tx, statement, { kind: 'withdraw', log, index: re.index, outcome: 'withdrawn' })
}

type Asked = Target & { readonly kind: 'erase' | 'withdraw'; readonly outcome: string }

function noteAsked(tx: Tx, statement: AppliedStatement, { kind, log, index, outcome }: Asked): void {
  tx.run(
    'INSERT INTO taken_back (statement, member, kind, log, idx, outcome, time_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    statement.seq,
    statement.member,
    kind,
    log,
    index,
    outcome,
    tx.nowMs,
  )
  if (outcome !== 'asked') askForReceipts(tx)
}

export function askForReceipts(tx: Tx): void {
  enqueue(tx, { kind: RECEIPTS_JOB, key: '', payload: tx.reserve(1) })
}

/** What a peer says became of an erase or a withdrawal of ours: kept where it is about one that it was given. */
export function applyReceipt({ quarantine }: Pick<EraseHooks, 'quarantine'>) {
  return (tx: Tx, statement: AppliedStatement, prepared: unknown): void => {
    const receipt = parseReceipt(prepared as Uint8Array | undefined)
    const about = receipt === undefined ? 'it says nothing' : judgeReceipt(tx, statement, receipt)
    if (receipt === undefined || typeof about === 'string')
      return quarantine(tx, statement.member, statement.seq, `this receipt is of no use: ${String(about)}`)
    tx.run(
      `INSERT INTO receipt (statement, member, outcome, reason, time_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (statement, member) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason, time_ms = excluded.time_ms`,
      about,
      statement.member,
      receipt.outcome,
      receipt.reason ?? '',
      tx.nowMs,
    )
    tx.emit({ name: 'federation.receipt', data: { member: statement.memberName } })
  }
}

/** The row of our statement that a receipt is about, or why it is about none. */
function judgeReceipt(
  tx: Tx,
  { member, memberName, re }: AppliedStatement,
  { outcome, told }: ReceiptContent,
): number | string {
  const log = re === undefined ? undefined : logNamed(tx, OWN_LOG, re.origin)
  if (re === undefined || log === undefined || !sameRef(referTo(tx, log, re.index), re))
    return 'it is about nothing that was said here'
  const row = tx.get<{ seq: number; kind: string; salt: Uint8Array }>(
    'SELECT seq, kind, entry_salt AS salt FROM statement WHERE log = ? AND idx = ?',
    log,
    re.index,
  )
  const answers: Readonly<Record<string, readonly string[]>> = {
    erase: ['erased', 'refused'],
    'records.withdraw': ['withdrawn', 'refused'],
  }
  if (row === undefined || answers[row.kind]?.includes(outcome) !== true) return `nothing here can be ${outcome}`
  if (told === toldHash(row.salt, memberName) || wasGiven(tx, member, { log, index: re.index })) return row.seq
  return 'it is about what nobody showed to its author'
}

function wasGiven(tx: Tx, member: number, { log, index }: Target): boolean {
  const sql = 'SELECT 1 FROM delivery_index WHERE peer = ? AND log = ? AND idx = ?'
  return tx.get(sql, member, log, index) !== undefined
}

function sameRef(a: StatementRef | undefined, b: StatementRef): boolean {
  return a?.origin === b.origin && a.commitment === b.commitment
}

/** What an erase or a receipt says, outside the writer; undefined for other kinds. */
export function prepareErasure(kind: string, items: readonly (Uint8Array | undefined)[]): unknown {
  if (kind === 'erase') return parseErase(items[0])
  return kind === 'receipt' ? items[0] : undefined
}

/** An own erase that came back after a restore holds for what came back with it, and for what comes back later. */
export function returnErase(forget: Forget) {
  return (tx: Tx, { seq, re }: { readonly seq: number; readonly re?: StatementRef }, prepared: unknown): void => {
    const content = prepared as EraseContent | undefined
    const log = re === undefined ? undefined : logNamed(tx, OWN_LOG, re.origin)
    if (content === undefined || re === undefined || log === undefined) return
    if (!sameRef(referTo(tx, log, re.index), re)) return
    const { items, keepHeader = false } = content
    tx.run('INSERT INTO erasure (statement, subject) VALUES (?, NULL) ON CONFLICT DO NOTHING', seq)
    eraseHere(tx, { log, index: re.index, items, keepHeader }, forget)
  }
}
