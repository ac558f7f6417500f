// What a peer has been given whole, by class: one log, one collection, one marking, one marking of contexts. A walk over a
// log looks only at classes of which the peer may have more than when they were last walked, so a change of policy costs
// what it changes, however long the log is.
import { LOG_END_KIND } from '#kernel/log/log-end.ts'
import { decideSome, type Offered } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { UNDECIDED } from '#kernel/policy/judge.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { readLabel } from '#kernel/standing.ts'
import type { LoggedStatement, Tx } from '#kernel/store/types.ts'
import { BROUGHT_SQL, BROUGHT_WHOLE_SQL, broughtSql, givenSql } from './stored.ts'

/** What a peer may have of a class, as bits: content and context, of what names nobody and of what names it. */
type Answer = number
const CONTENT = 1
const CONTENT_NAMED = 2
const CONTEXT = 4
const CONTEXT_NAMED = 8

/** Kinds that go to others besides records: what follows records, answers, and tells of logs. All others stay here. */
export const FOLLOWING_KINDS = ['records.withdraw', 'erase', 'receipt', 'evidence', LOG_END_KIND] as const

/** Kinds of statements that are passed on of other members. */
export const FORWARDED_KINDS = ['records.put', 'records.withdraw', 'erase'] as const

type Class = { readonly collection: number; readonly label: number; readonly context: number }
type Walker = { readonly id: number; readonly principal: Principal }
export type Grown = Class & { readonly answer: Answer }

/** What a walk knows before it goes on from a leaf. */
export type Outlook = {
  /** Classes of which the peer may have more than it was given. */
  readonly grown: readonly Grown[]
  /** The first leaf that may be of a class which is not decided yet: this far it can go, and then looks again. */
  readonly until?: number
}

/**
 * Looks at the classes of a log. What was never decided is decided a few questions at a time, in the order in which the
 * walk comes to it; what the peer may have less of is noted at once.
 */
export function lookAhead(
  tx: Tx,
  peer: Walker,
  place: { readonly log: number; readonly after: number; readonly asks: number },
): Outlook {
  const { log } = place
  const given = givenClasses(tx, peer, log)
  const classes = classesOf(tx, log).map((each) => ({ ...each, offers: offersOf(tx, each) }))
  const known = answersTo(tx, peer, classes, 0)
  const waiting = classes
    .filter((_, i) => known[i] === undefined)
    .map((each) => ({ ...each, leaf: nextLeaf(tx, peer, place, { ...each, given: given.get(keyOf(each)) ?? 0 }) }))
    .toSorted((a, b) => a.leaf - b.leaf)
  const fresh = answersTo(tx, peer, waiting, place.asks)
  const grown = []
  for (const [each, answer] of [...pairs(classes, known), ...pairs(waiting, fresh)]) {
    const before = given.get(keyOf(each)) ?? 0
    if (answer === undefined) continue
    if ((answer & ~before) !== 0) grown.push({ ...each, answer })
    else if (answer !== before) put(tx, { peer: peer.id, log }, { ...each, answer })
  }
  const until = waiting.find((_, i) => fresh[i] === undefined)?.leaf
  return { grown, ...(until === undefined ? {} : { until }) }
}

function pairs<A, B>(left: readonly A[], right: readonly B[]): (readonly [A, B])[] {
  return left.map((each, i) => [each, right[i] as B])
}

/** The walk is at the end of a log: whatever the peer may have of it now, it was given. */
export function completeClasses(tx: Tx, peer: Walker, log: number): void {
  const given = givenClasses(tx, peer, log)
  const classes = classesOf(tx, log).map((each) => ({ ...each, offers: offersOf(tx, each) }))
  for (const [each, answer] of pairs(classes, answersTo(tx, peer, classes, Number.POSITIVE_INFINITY)))
    if (answer !== undefined && (given.get(keyOf(each)) ?? 0) !== answer)
      put(tx, { peer: peer.id, log }, { ...each, answer })
}

/** Doubts what is known to be complete for a peer: the next walk looks at everything. */
export function forgetClasses(tx: Tx, peer: number): void {
  tx.run('DELETE FROM class_given WHERE peer = ?', peer)
}

/** A statement that a peer is not given, or not whole, makes its class incomplete for that peer. */
export function withhold(
  tx: Tx,
  peer: number,
  statement: Pick<LoggedStatement, 'labelClass' | 'contextClass' | 'collection' | 'named'> & { readonly log: number },
  what: { readonly content: boolean; readonly context: boolean },
): void {
  const { log, collection, labelClass, contextClass, named } = statement
  const toPeer = named.includes(peer)
  const bits =
    (what.content ? (toPeer ? CONTENT_NAMED : CONTENT) : 0) | (what.context ? (toPeer ? CONTEXT_NAMED : CONTEXT) : 0)
  if (bits === 0 || collection === null) return
  tx.run(
    `UPDATE class_given SET answer = answer & ~?1 WHERE peer = ?2 AND log = ?3 AND collection = ?4 AND label = ?5
       AND context = ?6 AND answer & ?1 <> 0`,
    bits,
    peer,
    log,
    collection,
    labelClass,
    contextClass ?? 0,
  )
}

/** The next leaves of a log, in its order, that a peer might be due: of grown classes, and what follows other statements. */
export function indexesToWalk(
  tx: Tx,
  peer: number,
  place: { readonly log: number; readonly after: number; readonly limit: number } & Outlook,
): number[] {
  const { log, after, limit, grown, until = Number.MAX_SAFE_INTEGER } = place
  const found = tx
    .all<{ idx: number }>(`${FOLLOWING_SQL} LIMIT ?`, log, after, peer, log, peer, peer, peer, limit)
    .map(({ idx }) => idx)
  for (const { collection, label, context, answer } of grown) {
    const open = (answer & (CONTENT | CONTEXT)) !== 0
    const rows = tx.all<{ idx: number }>(
      `${CLASS_SQL} ${open ? '' : NAMED_ONLY} ORDER BY s.idx LIMIT ?`,
      log,
      collection,
      label,
      context,
      after,
      peer,
      log,
      ...(open ? [] : [peer]),
      limit,
    )
    for (const { idx } of rows) found.push(idx)
  }
  return found
    .filter((index) => index < until)
    .toSorted((a, b) => a - b)
    .slice(0, limit)
}

/**
 * The next leaves of another member's log that a peer might be due by way of us: where it is not shared any more, of what
 * takes back alone. It is not due what it brought and still has.
 */
export function indexesToPassOn(
  tx: Tx,
  peer: number,
  {
    log,
    after,
    limit,
    shared,
  }: { readonly log: number; readonly after: number; readonly limit: number; readonly shared: boolean },
): number[] {
  const sql = shared ? PASSED_ON_SQL : TAKES_BACK_SQL
  return tx
    .all<{ idx: number }>(`${sql} LIMIT ?`, log, after, peer, log, peer, peer, peer, peer, limit)
    .map(({ idx }) => idx)
}

const GIVEN = `FROM delivery_index d WHERE d.peer = ? AND d.log = ? AND d.idx = s.idx AND d.narrowed = 0`
/** Receipts are for one member, and what takes back is for whom that was given to, or who brought it: a log may be full of both. */
const FOR_PEER = `CASE s.kind
    WHEN 'receipt' THEN EXISTS (SELECT 1 FROM named n WHERE n.statement = s.seq AND n.member = ?)
    WHEN 'evidence' THEN 1
    WHEN '${LOG_END_KIND}' THEN 1
    ELSE ${givenSql('s.about', '?')} OR ${broughtSql('s.about', '?')} END`
const FOLLOWING_SQL = `SELECT s.idx FROM statement s WHERE s.log = ? AND s.kind NOT IN ('records.put', 'heads')
  AND s.kind IN (${listed(FOLLOWING_KINDS)}) AND s.idx > ? AND NOT EXISTS (SELECT 1 ${GIVEN})
  AND ${FOR_PEER} ORDER BY s.idx`
const PASSED_ON_SQL = `SELECT s.idx FROM statement s WHERE s.log = ? AND s.kind IN (${listed(FORWARDED_KINDS)}) AND s.idx > ?
  AND NOT EXISTS (SELECT 1 ${GIVEN} AND (d.context = 1 OR s.context_class IS NULL))
  AND NOT EXISTS (${BROUGHT_WHOLE_SQL})
  AND (s.kind = 'records.put' OR ${FOR_PEER}) ORDER BY s.idx`
const TAKES_BACK_SQL = `SELECT s.idx FROM statement s WHERE s.log = ? AND s.kind NOT IN ('records.put', 'heads')
  AND s.kind IN ('records.withdraw', 'erase') AND s.idx > ? AND NOT EXISTS (SELECT 1 ${GIVEN})
  AND NOT EXISTS (${BROUGHT_SQL}) AND ${FOR_PEER} ORDER BY s.idx`
const CLASS_SQL = `SELECT s.idx FROM statement s WHERE s.log = ? AND s.kind = 'records.put' AND s.collection = ?
  AND s.label_class = ? AND coalesce(s.context_class, 0) = ? AND s.idx > ?
  AND NOT EXISTS (SELECT 1 ${GIVEN} AND (d.context = 1 OR s.context_class IS NULL))`
const NAMED_ONLY = 'AND EXISTS (SELECT 1 FROM named n WHERE n.statement = s.seq AND n.member = ?)'

/** What was given whole of each class, as far as it is known. */
function givenClasses(tx: Tx, peer: Walker, log: number): Map<string, Answer> {
  const rows = tx.all<Grown>(
    'SELECT collection, label, context, answer FROM class_given WHERE peer = ? AND log = ?',
    peer.id,
    log,
  )
  return new Map(rows.map((each) => [keyOf(each), each.answer]))
}

/** The next leaf of a class that the peer was not given; beyond all leaves where there is none. */
function nextLeaf(
  tx: Tx,
  peer: Walker,
  { log, after }: { readonly log: number; readonly after: number },
  { collection, label, context, offers, given }: Asked & { readonly given: Answer },
): number {
  if (offers.every(({ bit }) => (given & bit) !== 0)) return Number.MAX_SAFE_INTEGER
  const sql = `${CLASS_SQL} ORDER BY s.idx LIMIT 1`
  return (
    tx.get<{ idx: number }>(sql, log, collection, label, context, after, peer.id, log)?.idx ?? Number.MAX_SAFE_INTEGER
  )
}

/** What the peer may have of each class; undefined where that is still open after so many new decisions. */
function answersTo(tx: Tx, { principal }: Walker, classes: readonly Asked[], most: number): (Answer | undefined)[] {
  const offers = classes.flatMap((each) => each.offers)
  const decisions = decideSome(tx, principal, { offers, most })
  let next = 0
  return classes.map((each) => {
    let answer: Answer | undefined = 0
    for (const { bit } of each.offers) {
      const decision = decisions[next++]
      if (decision?.rule === UNDECIDED)
        throw new Fault('busy', 'policy gave no clean answer for a statement in the log')
      if (decision === undefined) answer = undefined
      else if (answer !== undefined && decision.allow) answer |= bit
    }
    return answer
  })
}

type Offer = Offered & { readonly bit: Answer }
type Asked = Class & { readonly offers: readonly Offer[] }

/** What there may be in a class: contexts, and statements that name somebody, only where its markings say so. */
function offersOf(tx: Tx, { collection, label, context }: Class): Offer[] {
  const parts = [
    { labelClass: label, open: CONTENT, narrow: CONTENT_NAMED },
    ...(context === 0 ? [] : [{ labelClass: context, open: CONTEXT, narrow: CONTEXT_NAMED }]),
  ]
  const naming = parts.some(({ labelClass }) => readLabel(tx, labelClass)?.audience.named === true)
  return parts.flatMap(({ labelClass, open, narrow }) => [
    { bit: open, labelClass, collection, named: false },
    ...(naming ? [{ bit: narrow, labelClass, collection, named: true }] : []),
  ])
}

/** Every class there is in a log, by stepping from one to the next in their index, which has them in this order. */
function classesOf(tx: Tx, log: number): Class[] {
  const found: Class[] = []
  let last: Class | undefined = { collection: -1, label: -1, context: -1 }
  for (;;) {
    const { collection, label, context }: Class = last
    last =
      tx.get<Class>(NEXT_CONTEXT_SQL, log, collection, label, context) ??
      tx.get<Class>(NEXT_LABEL_SQL, log, collection, label)
    if (last === undefined) return found
    found.push(last)
  }
}

const NEXT_SQL = `SELECT collection, label_class AS label, coalesce(context_class, 0) AS context FROM statement
  WHERE log = ? AND kind = 'records.put'`
const IN_ORDER = 'ORDER BY collection, label_class, coalesce(context_class, 0) LIMIT 1'
const NEXT_CONTEXT_SQL = `${NEXT_SQL} AND collection = ? AND label_class = ? AND coalesce(context_class, 0) > ? ${IN_ORDER}`
const NEXT_LABEL_SQL = `${NEXT_SQL} AND (collection, label_class) > (?, ?) ${IN_ORDER}`

function put(tx: Tx, { peer, log }: { readonly peer: number; readonly log: number }, each: Grown): void {
  tx.run(
    `INSERT INTO class_given (peer, log, collection, label, context, answer) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (peer, log, collection, label, context) DO UPDATE SET answer = excluded.answer`,
    peer,
    log,
    each.collection,
    each.label,
    each.context,
    each.answer,
  )
}

function keyOf({ collection, label, context }: Class): string {
  return `${collection} ${label} ${context}`
}

function listed(kinds: readonly string[]): string {
  return kinds.map((kind) => `'${kind}'`).join(', ')
}
