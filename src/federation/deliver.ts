// Who gets what: the streams of items, one per recipient, written in the transaction that commits the statements.
// What becomes allowed later is added by a durable walk over the log; what was delivered is followed by its withdrawal
// whatever policy says by then.
import { encodeItem, hashItem, type Reason } from '#kernel/delivery-item.ts'
import { deliveryDesk, type DeliveryDesk } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { enqueue } from '#kernel/job.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { UNDECIDED } from '#kernel/policy/judge.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { readEpoch, readPrincipal, readShare } from '#kernel/standing.ts'
import { command, type LoggedStatement, type SealingHook, type Store, type Tx } from '#kernel/store/types.ts'
import { LOG_END_KIND } from './leave.ts'
import { completeClasses, FOLLOWING_KINDS, forgetClasses, grownClasses, indexesToWalk, withhold } from './classes.ts'

/** An item names statements of at most this much content, so that a page always holds whole items. */
const ITEM_BYTES_MAX = 1 << 20
/** Statements looked at in one command of the walk. */
const WIDEN_STEP = 2000

type Peer = { id: number; name: string }
/** A peer as policy sees it. */
type Asker = Peer & { readonly principal: Principal }
type Due = {
  readonly index: number
  readonly rule: string
  readonly reason: Reason
  readonly bytes: number
  /** Whether the context goes along. */
  readonly context: boolean
}

const APPROVED_SQL = `SELECT id, name FROM peer WHERE state = 'approved'`

/** Appends what each approved peer may have of the statements just logged. */
export const deliverSealed: SealingHook = (tx, statements) => {
  const ours = statements.filter(({ kind }) => DELIVERED.has(kind))
  if (ours.length === 0) return
  const peers = tx.all<Peer>(APPROVED_SQL).map((peer) => asAsker(tx, peer))
  const desk = openDesk(tx, peers, ours)
  for (const peer of peers) {
    const deciding = { desk, undecided: () => walkSoon(tx, peer) }
    const due = ours.flatMap((statement): Due[] => {
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

/** A log, and how items name it: our own is not named. */
type Place = { readonly log: number; readonly origin?: string }
const OWN: Place = { log: OWN_LOG }

export type Stored = {
  readonly log: number
  readonly indexes: readonly number[]
  /** Row ids of members that are given none of it: its author, and who brought it. */
  readonly not: readonly number[]
}

/**
 * Appends what approved peers may have of another member's statements that were just stored here: by its marking, where
 * this member chose to forward its author; and always what withdraws or erases what a peer has from us.
 */
export function forwardStored(tx: Tx, { log, indexes, not }: Stored): void {
  const rows = indexes.flatMap((index) => readRows(tx, log, { after: index - 1, limit: 1 }))
  const passed = rows.filter((row) => FORWARDED.has(row.kind) && (row.kind !== 'records.put' || isShared(tx, row)))
  if (passed.length === 0) return
  const judged = passed.map((row) => ({ ...row, named: [] }))
  const peers = tx.all<Peer>(APPROVED_SQL).filter(({ id }) => !not.includes(id))
  const askers = peers.map((peer) => asAsker(tx, peer))
  const desk = openDesk(tx, askers, judged)
  for (const peer of askers) {
    const due = judged.flatMap((row) => dueOnward(tx, { desk, undecided: () => walkSoon(tx, peer) }, peer, row))
    appendDue(tx, peer, due, placeOf(tx, log))
  }
}

/** Kinds of statements that are passed on of other members. */
const FORWARDED: ReadonlySet<string> = new Set(['records.put', 'records.withdraw', 'erase'])

function isShared(tx: Tx, { collection }: Row): boolean {
  return collection !== null && (readShare(tx, collection)?.share ?? 'none') !== 'none'
}

function dueOnward(tx: Tx, deciding: Deciding, peer: Asker, row: Row & Judged): Due[] {
  const rule = ruleFor(tx, deciding, peer, row)
  const context = rule !== undefined && row.kind === 'records.put' && mayHaveContext(deciding, peer, row)
  return rule === undefined
    ? []
    : [{ index: row.idx, rule, reason: reasonOf(row.kind), bytes: contentBytes(tx, row), context }]
}

function placeOf(tx: Tx, log: number): Place {
  if (log === OWN_LOG) return OWN
  const row = tx.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', log)
  return row === undefined ? OWN : { log, origin: row.origin }
}

function asAsker(tx: Tx, peer: Peer): Asker {
  return { ...peer, principal: readPrincipal(tx, peer.name, 'peer') }
}

/** Has everything decided in one round that these peers and statements need. */
function openDesk(tx: Tx, peers: readonly Asker[], statements: readonly Judged[]): DeliveryDesk {
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

/** Kinds of statements that go to anybody at all. */
const DELIVERED: ReadonlySet<string> = new Set(['records.put', ...FOLLOWING_KINDS])

function reasonOf(kind: string): Reason {
  return kind === 'records.withdraw' ? 'withdrawn' : kind === 'erase' ? 'erased' : 'new'
}

type Judged = Pick<LoggedStatement, 'kind' | 'labelClass' | 'contextClass' | 'collection' | 'named' | 'about'>

type Deciding = {
  readonly desk: DeliveryDesk
  /** What to do where there was no clean answer: the statement stays here for now. */
  readonly undecided: () => void
}

/** The rule by which a peer gets a statement, or undefined where it does not. */
function ruleFor(tx: Tx, { desk, undecided }: Deciding, peer: Asker, statement: Judged): string | undefined {
  if (statement.kind === 'evidence') return 'evidence.to-peers'
  if (statement.kind === LOG_END_KIND) return 'log-end.to-peers'
  if (statement.kind === 'receipt') return statement.named.includes(peer.id) ? 'receipt.to-author' : undefined
  if (statement.kind === 'records.withdraw' || statement.kind === 'erase')
    return wasDelivered(tx, peer, statement.about) ? 'follows.delivery' : undefined
  const decision = desk(peer.principal, { ...statement, named: statement.named.includes(peer.id) })
  if (decision.rule === UNDECIDED) undecided()
  return decision.allow ? decision.rule : undefined
}

/** The context has a marking of its own; without one it is ours alone. */
function mayHaveContext({ desk, undecided }: Deciding, peer: Asker, statement: Judged): boolean {
  const { contextClass, collection, named } = statement
  if (contextClass === null) return false
  const decision = desk(peer.principal, { labelClass: contextClass, collection, named: named.includes(peer.id) })
  if (decision.rule === UNDECIDED) undecided()
  return decision.allow
}

/** What nobody could decide stays here, and is looked at again by a walk over the log. */
function walkSoon(tx: Tx, peer: Peer): void {
  forgetClasses(tx, peer.id)
  const payload: WidenStep = { after: -1, epoch: readEpoch(tx) }
  enqueue(tx, { kind: WIDEN_JOB, key: peer.name, payload, delayMs: LIMITS.policyPauseMs })
}

function wasDelivered(tx: Tx, peer: Peer, statement: number | null): boolean {
  if (statement === null) return false
  const found = tx.get(
    'SELECT 1 FROM delivery_index d JOIN statement s ON s.idx = d.idx AND s.log = d.log WHERE d.peer = ? AND s.seq = ? AND d.narrowed <> 1',
    peer.id,
    statement,
  )
  return found !== undefined
}

/** Items in the order of the log; a new item begins where the reason changes or the item would grow too large. */
function appendDue(tx: Tx, peer: Peer, due: readonly Due[], place: Place): void {
  let from = 0
  while (from < due.length) {
    const first = due[from] as Due
    let bytes = first.bytes
    let until = from + 1
    while (
      until < due.length &&
      until - from < LIMITS.deliveryIndexesMax &&
      (due[until] as Due).reason === first.reason
    ) {
      bytes += (due[until] as Due).bytes
      if (bytes > ITEM_BYTES_MAX) break
      until += 1
    }
    appendItem(tx, peer, { reason: first.reason, due: due.slice(from, until), place })
    from = until
  }
}

function appendItem(
  tx: Tx,
  peer: Peer,
  { reason, due, place }: { readonly reason: Reason; readonly due: readonly Due[]; readonly place: Place },
): void {
  const head = tx.get<{ seq: number; hash: Uint8Array }>(
    'SELECT out_seq AS seq, out_hash AS hash FROM peer WHERE id = ?',
    peer.id,
  )
  const seq = (head?.seq ?? 0) + 1
  const body = encodeItem({
    seq,
    prevHash: head?.hash ?? new Uint8Array(32),
    ...(place.origin === undefined ? {} : { origin: place.origin }),
    indexes: due.map((each) => each.index),
    reason,
  })
  tx.run('INSERT INTO delivery (peer, seq, time_ms, body) VALUES (?, ?, ?, ?)', peer.id, seq, tx.nowMs, body)
  for (const { index, rule, context } of due)
    tx.run(
      `INSERT INTO delivery_index (peer, log, idx, seq, rule, context) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (peer, log, idx) DO UPDATE SET context = excluded.context, narrowed = 0,
         seq = iif(narrowed, excluded.seq, seq), rule = iif(narrowed, excluded.rule, rule)`,
      peer.id,
      place.log,
      index,
      seq,
      rule,
      context ? 1 : 0,
    )
  tx.run('UPDATE heads_state SET due = 1 WHERE due = 0')
  tx.run('UPDATE peer SET out_seq = ?, out_hash = ? WHERE id = ?', seq, hashItem(body), peer.id)
  tx.emit({ name: 'federation.delivered', data: { peer: peer.name } })
}

export const WIDEN_JOB = 'federation.widen'

/** The next step for a peer that asks now, ahead of the others that wait; what it does its job does not do again. */
export async function widenAhead(store: Store, peer: Peer): Promise<void> {
  const job = await store.get<{ payload: string }>(
    'SELECT payload FROM job WHERE kind = ? AND key = ?',
    WIDEN_JOB,
    peer.name,
  )
  if (job !== undefined) await store.write(widen, { ...(JSON.parse(job.payload) as WidenStep), peer: peer.name })
}

/** Asks for a walk over the log for every approved peer that has not been walked for since policy last changed. */
export const askToWiden = command('federation.ask-to-widen', (tx, _input: null): number => {
  const epoch = readEpoch(tx)
  const peers = tx.all<Peer>(`${APPROVED_SQL} AND widened_epoch < ?`, epoch)
  for (const peer of peers) enqueue(tx, { kind: WIDEN_JOB, key: peer.name, payload: { after: -1, epoch } })
  return peers.length
})

/** Where a walk stands: behind a leaf of a log, our own where none is named. */
export type WidenStep = { readonly after: number; readonly epoch: number; readonly log?: number }

/** Walks for one peer at once, where a walk is due. */
export async function widenNow(store: Store, peer: Peer): Promise<void> {
  const row = await store.get<{ due: number; epoch: number }>(
    'SELECT p.widened_epoch < m.policy_epoch AS due, m.policy_epoch AS epoch FROM peer p, meta m WHERE p.id = ?',
    peer.id,
  )
  let step: WidenStep | undefined = row?.due === 1 ? { after: -1, epoch: row.epoch } : undefined
  while (step !== undefined) step = await store.write(widen, { ...step, peer: peer.name })
}

type Row = {
  log: number
  seq: number
  idx: number
  kind: string
  labelClass: number
  contextClass: number | null
  collection: number | null
  about: number | null
  count: number
  /** 0 where nothing of its content is left. */
  held: number
}

/** One bounded step of the walk. Returns where to go on, or undefined at the end of the last log. */
export const widen = command(
  'federation.widen-step',
  (tx, input: WidenStep & { readonly peer: string }): WidenStep | undefined => {
    const found = tx.get<Peer>(`${APPROVED_SQL} AND name = ?`, input.peer)
    if (found === undefined) return undefined
    const peer = asAsker(tx, found)
    const epoch = readEpoch(tx)
    // Policy changed under the walk: it begins again, and passes over what is complete.
    if (input.epoch !== epoch) return { after: -1, epoch }
    const { log = OWN_LOG, after } = input
    const rows = log === OWN_LOG ? ownRows(tx, peer, after) : readRows(tx, log, { after, limit: WIDEN_STEP })
    const judged = rows.map((row) => ({ ...row, named: namedIn(tx, row) }))
    const [desk, place] = [openDesk(tx, [peer], judged), placeOf(tx, log)]
    // One by one: whether a withdrawal is due follows from whether its record was given a moment ago.
    for (const row of judged) appendDue(tx, peer, dueInWalk(tx, desk, peer, row), place)
    const last = rows.at(-1)
    if (last !== undefined && rows.length === WIDEN_STEP) return { after: last.idx, epoch, log }
    if (log === OWN_LOG) completeClasses(tx, peer, log)
    const next = nextForwarded(tx, log, peer)
    if (next !== undefined) return { after: -1, epoch, log: next }
    tx.run('UPDATE peer SET widened_epoch = ? WHERE id = ?', epoch, peer.id)
    return undefined
  },
)

/** The next log of another member that this one forwards, and that is not the peer's own. */
function nextForwarded(tx: Tx, log: number, peer: Peer): number | undefined {
  return tx.get<{ id: number }>(
    `SELECT l.id FROM log l JOIN collection_share c ON c.share <> 'none' AND c.collection =
       (SELECT s.collection FROM statement s WHERE s.log = l.id AND s.collection IS NOT NULL ORDER BY s.idx LIMIT 1)
     WHERE l.id > ? AND l.id <> ? AND l.member <> ? ORDER BY l.id LIMIT 1`,
    log,
    OWN_LOG,
    peer.id,
  )?.id
}

function readRows(tx: Tx, log: number, { after, limit }: { readonly after: number; readonly limit: number }): Row[] {
  return tx.all<Row>(
    `SELECT s.log, s.seq, s.idx, s.kind, s.label_class AS labelClass, s.collection, s.about, s.count,
       CASE WHEN s.context_seed IS NOT NULL OR EXISTS (SELECT 1 FROM partial_list p WHERE p.statement = s.seq AND p.part = 2)
         THEN s.context_class END AS contextClass,
       s.content_seed IS NOT NULL OR EXISTS (SELECT 1 FROM partial_list p WHERE p.statement = s.seq) AS held
     FROM statement s WHERE s.log = ? AND s.idx > ? ORDER BY s.idx LIMIT ?`,
    log,
    after,
    limit,
  )
}

/** Of our own log, which may be long, only what a change of policy is about. */
function ownRows(tx: Tx, peer: Asker, after: number): Row[] {
  const grown = grownClasses(tx, peer, OWN_LOG)
  const indexes = indexesToWalk(tx, peer.id, { log: OWN_LOG, after, limit: WIDEN_STEP, grown })
  return indexes.flatMap((index) => readRows(tx, OWN_LOG, { after: index - 1, limit: 1 }))
}

function namedIn(tx: Tx, { seq }: Row): number[] {
  return tx.all<{ member: number }>('SELECT member FROM named WHERE statement = ?', seq).map(({ member }) => member)
}

function dueInWalk(tx: Tx, desk: DeliveryDesk, peer: Asker, row: Row & Judged): Due[] {
  if (!(row.log === OWN_LOG ? DELIVERED : FORWARDED).has(row.kind)) return []
  if (cameFrom(tx, peer, row)) return []
  const given = tx.get<{ context: number }>(
    'SELECT context FROM delivery_index WHERE peer = ? AND log = ? AND idx = ? AND narrowed = 0',
    peer.id,
    row.log,
    row.idx,
  )
  if (given !== undefined && (given.context === 1 || row.contextClass === null)) return []
  if (row.kind === 'records.put' && (row.held === 0 || isWithdrawn(tx, row))) return []
  const deciding = { desk, undecided: tryAgain }
  const rule = ruleFor(tx, deciding, peer, row)
  const context = mayHaveContext(deciding, peer, row)
  // What was given without its context is given once more where the context came to be allowed.
  if (rule === undefined || (given !== undefined && !context)) return []
  const bytes = contentBytes(tx, row)
  return [{ index: row.idx, rule, reason: row.kind === 'records.put' ? 'widened' : reasonOf(row.kind), bytes, context }]
}

function contentBytes(tx: Tx, { seq, count }: Row): number {
  return (
    tx.get<{ bytes: number }>(
      'SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM item WHERE seq >= ? AND seq < ?',
      seq,
      seq + count,
    )?.bytes ?? 0
  )
}

/** Whether the peer is who brought this statement of another member. */
function cameFrom(tx: Tx, peer: Peer, { log, seq }: Row): boolean {
  return log !== OWN_LOG && tx.get('SELECT 1 FROM via WHERE statement = ? AND peer = ?', seq, peer.id) !== undefined
}

/** A step that could not decide everything is undone and comes again. */
function tryAgain(): never {
  throw new Fault('busy', 'policy gave no clean answer for a statement in the log')
}

/** What was taken back whole is not given out anew. */
function isWithdrawn(tx: Tx, row: Row): boolean {
  const withdrawals = tx.all<{ bytes: Uint8Array }>(
    `SELECT i.bytes FROM statement s JOIN item i ON i.seq = s.seq WHERE s.about = ? AND s.log = ? AND s.kind = 'records.withdraw'`,
    row.seq,
    row.log,
  )
  const taken = withdrawals.reduce(
    (sum, { bytes }) =>
      sum + (JSON.parse(Buffer.from(bytes).toString('utf8')) as { records: unknown[] }).records.length,
    0,
  )
  return taken >= row.count
}
