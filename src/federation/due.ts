// Whether a statement is for a peer, and by which rule: records by policy, what follows records to whom those were given.
import { LOG_END_KIND } from '#kernel/log/log-end.ts'
import type { Reason } from '#kernel/delivery-item.ts'
import { deliveryDesk, type DeliveryDesk } from '#kernel/egress.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { UNDECIDED } from '#kernel/policy/judge.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { readPrincipal } from '#kernel/standing.ts'
import type { LoggedStatement, Tx } from '#kernel/store/types.ts'
import { FOLLOWING_KINDS, FORWARDED_KINDS } from './classes.ts'
import { broughtSql, givenSql } from './stored.ts'
import type { Peer } from './streams.ts'

/** A peer as policy sees it. */
export type Asker = Peer & { readonly principal: Principal }

/** A statement as far as deciding about it goes. */
export type Judged = Pick<LoggedStatement, 'kind' | 'labelClass' | 'contextClass' | 'collection' | 'named' | 'about'>

export type Deciding = {
  readonly desk: DeliveryDesk
  /** What to do where there was no clean answer: the statement stays here for now. */
  readonly undecided: () => void
}

/**
 * A member that left has said all. Else, where nothing may be signed, it is not known here what was given since a backup
 * was made, or by a copy that runs elsewhere: another item would come in its place.
 */
const KNOWN = `EXISTS (SELECT 1 FROM meta WHERE restored_ms IS NULL AND (conflict IS NULL
  OR EXISTS (SELECT 1 FROM statement WHERE log = ${OWN_LOG} AND kind = '${LOG_END_KIND}')))`

/** Peers whose streams go on. */
export const APPROVED_SQL = `SELECT id, name FROM peer WHERE state = 'approved' AND unasked_ms IS NULL AND ${KNOWN}`

/** Kinds of statements of ours that go to anybody at all. */
export const DELIVERED: ReadonlySet<string> = new Set(['records.put', ...FOLLOWING_KINDS])

/** Kinds of statements that are passed on of other members. */
export const FORWARDED: ReadonlySet<string> = new Set(FORWARDED_KINDS)

export function asAsker(tx: Tx, peer: Peer): Asker {
  return { ...peer, principal: readPrincipal(tx, peer.name, 'peer') }
}

export function reasonOf(kind: string): Reason {
  return kind === 'records.withdraw' ? 'withdrawn' : kind === 'erase' ? 'erased' : 'new'
}

/** Has everything decided in one round that these peers and statements need. */
export function openDesk(tx: Tx, peers: readonly Asker[], statements: readonly Judged[]): DeliveryDesk {
  const puts = statements.filter(({ kind }) => kind === 'records.put')
  const offers = puts.flatMap(({ labelClass, contextClass, collection, named }) =>
    [labelClass, contextClass].flatMap((id) => (id === null ? [] : [{ labelClass: id, collection, to: named }])),
  )
  return deliveryDesk(
    tx,
    peers.flatMap(({ id, principal }) =>
      offers.map(({ to, ...offer }) => ({ principal, statement: { ...offer, named: to.includes(id) } })),
    ),
  )
}

/** The rule by which what takes back records goes to whom they went. */
export const FOLLOWS_DELIVERY = 'follows.delivery'

/** Whether it takes back records: then it goes where those went, whatever policy says by now. */
export function takesBack(kind: string): boolean {
  return kind === 'records.withdraw' || kind === 'erase'
}

/** The rule by which a peer gets a statement, or undefined where it does not. */
export function ruleFor(tx: Tx, { desk, undecided }: Deciding, peer: Asker, statement: Judged): string | undefined {
  if (statement.kind === 'evidence') return 'evidence.to-peers'
  if (statement.kind === LOG_END_KIND) return 'log-end.to-peers'
  if (statement.kind === 'receipt') return statement.named.includes(peer.id) ? 'receipt.to-author' : undefined
  if (takesBack(statement.kind)) return wasDelivered(tx, peer, statement.about) ? FOLLOWS_DELIVERY : undefined
  const decision = desk(peer.principal, { ...statement, named: statement.named.includes(peer.id) })
  if (decision.rule === UNDECIDED) undecided()
  return decision.allow ? decision.rule : undefined
}

/** The context has a marking of its own; without one it is ours alone. */
export function mayHaveContext({ desk, undecided }: Deciding, peer: Asker, statement: Judged): boolean {
  const { contextClass, collection, named } = statement
  if (contextClass === null) return false
  const decision = desk(peer.principal, { labelClass: contextClass, collection, named: named.includes(peer.id) })
  if (decision.rule === UNDECIDED) undecided()
  return decision.allow
}

/** Whether a peer was given a statement, or brought it: then it may know of what takes it back. */
function wasDelivered(tx: Tx, peer: Peer, statement: number | null): boolean {
  return statement !== null && tx.get(DELIVERED_SQL, peer.id, statement) !== undefined
}

const DELIVERED_SQL = `SELECT 1 WHERE ${givenSql('?2', '?1')} OR ${broughtSql('?2', '?1')}`
