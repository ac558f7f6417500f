// The walk over the log that gives a peer what it came to be allowed: durable, in bounded steps, one job for each peer. A
// peer that asks is walked for ahead of the others.
import { Fault } from '#kernel/fault.ts'
import { enqueue } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { readEpoch, SELF } from '#kernel/standing.ts'
import { command, type Command, type Store, type Tx } from '#kernel/store/types.ts'
import { completeClasses, indexesToPassOn, indexesToWalk, lookAhead } from './classes.ts'
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
import { ENDED_LOGS } from './recovery.ts'
import {
  BROUGHT_SQL,
  isDisputed,
  mayGoOn,
  namedIn,
  readStored,
  stands,
  type Stored,
  type WithdrawnIn,
} from './stored.ts'
import { appendItem, placeOf, type Due, type Peer } from './streams.ts'

export const WIDEN_JOB = 'federation.widen'

/** Where a walk stands: behind a leaf of a log, our own where none is named. */
export type WidenStep = { readonly after: number; readonly epoch: number; readonly log?: number }

/** Asks for a walk over the log for every approved peer that has not been walked for since policy last changed. */
export const askToWiden = command('federation.ask-to-widen', (tx, _input: null): number => {
  const epoch = readEpoch(tx)
  const peers = tx.all<Peer>(`${APPROVED_SQL} AND widened_epoch < ?`, epoch)
  for (const peer of peers) enqueue(tx, { kind: WIDEN_JOB, key: peer.name, payload: { after: -1, epoch } })
  return peers.length
})

/** Peers that are being answered. Walks for the others wait for them before each step. */
export class Asking {
  readonly #answers = new Set<Promise<unknown>>()

  /** Answers a peer. */
  async first<T>(answer: () => Promise<T>): Promise<T> {
    const answered = answer()
    this.#answers.add(answered)
    try {
      return await answered
    } finally {
      this.#answers.delete(answered)
    }
  }

  /** Resolves when whoever asks now is answered; who asks after that waits for one step at most. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.#answers)
  }
}

/**
 * Goes ahead for a peer that asks now, while others wait, until there is something for it behind what it has; what is done
 * here its job does not do again. The first steps are short, so that something is found soon.
 */
export async function widenAhead(store: Store, peer: Peer, after: number): Promise<void> {
  const job = await store.get<{ payload: string }>(
    'SELECT payload FROM job WHERE kind = ? AND key = ?',
    WIDEN_JOB,
    peer.name,
  )
  let step = job === undefined ? undefined : (JSON.parse(job.payload) as WidenStep)
  let asks: number = LIMITS.walkAsksMin
  for (let n = 0; n < LIMITS.walkAheadMax && step !== undefined; n += 1) {
    if ((await lastSeq(store, peer)) > after) return
    step = await store.write(widen, { ...step, peer: peer.name, asks })
    asks = Math.min(LIMITS.walkAsksMax, asks * 2)
  }
}

async function lastSeq(store: Store, peer: Peer): Promise<number> {
  return (await store.get<{ seq: number }>('SELECT out_seq AS seq FROM peer WHERE id = ?', peer.id))?.seq ?? 0
}

/** Walks for one peer at once, where a walk is due. */
export async function widenNow(store: Store, peer: Peer): Promise<void> {
  const row = await store.get<{ due: number; epoch: number }>(
    'SELECT p.widened_epoch < m.policy_epoch AS due, m.policy_epoch AS epoch FROM peer p, meta m WHERE p.id = ?',
    peer.id,
  )
  let step: WidenStep | undefined = row?.due === 1 ? { after: -1, epoch: row.epoch } : undefined
  while (step !== undefined) step = await store.write(widen, { ...step, peer: peer.name })
}

type StepInput = WidenStep & { readonly peer: string; readonly asks?: number }

const WIDEN = 'federation.widen-step'

/** How whoever walks names the command, whose work the writer's thread knows. */
export const widen: Command<StepInput, WidenStep | undefined> = {
  name: WIDEN,
  run: () => {
    throw new Error('only the writer walks')
  },
}

/** One bounded step of the walk, with so many new decisions. Returns where to go on, or undefined at the end of the last log. */
export function widenCommand(withdrawnIn: WithdrawnIn): typeof widen {
  return command(WIDEN, (tx, input: StepInput): WidenStep | undefined => {
    const found = tx.get<Peer>(`${APPROVED_SQL} AND name = ?`, input.peer)
    if (found === undefined) return undefined
    const peer = asAsker(tx, found)
    const epoch = readEpoch(tx)
    // Policy changed under the walk: it begins again, and passes over what is complete.
    if (input.epoch !== epoch) return { after: -1, epoch }
    const { log = OWN_LOG, after, asks = LIMITS.walkAsksMax } = input
    if (input.log === undefined) tx.run('UPDATE peer SET widened_epoch = ? WHERE id = ?', WALKING, peer.id)
    const ours = log === OWN_LOG || isEnded(tx, log)
    const { rows, next } = ours ? ownRows(tx, peer, { log, after, asks }) : passedOnRows(tx, peer, { log, after })
    giveDue(tx, peer, { log, rows, kinds: ours ? DELIVERED : FORWARDED, withdrawnIn })
    if (next !== undefined) return { after: next, epoch, log }
    // What was given before came into doubt, perhaps of leaves that the walk has passed: it begins again.
    if (isAskedAnew(tx, peer)) return { after: -1, epoch }
    if (ours) completeClasses(tx, peer, log)
    const following = nextLog(tx, log, peer)
    if (following !== undefined) return { after: -1, epoch, log: following }
    tx.run('UPDATE peer SET widened_epoch = ? WHERE id = ?', epoch, peer.id)
    return undefined
  })
}

/** What a peer is marked with while it is walked for: whoever asks for a walk meanwhile marks it otherwise. */
const WALKING = -1

function isAskedAnew(tx: Tx, { id }: Peer): boolean {
  return tx.get('SELECT 1 FROM peer WHERE id = ? AND widened_epoch = 0', id) !== undefined
}

type Found = {
  readonly log: number
  readonly rows: readonly Stored[]
  readonly kinds: ReadonlySet<string>
  readonly withdrawnIn: WithdrawnIn
}

/** Puts into a peer's stream what is due of the statements that a step found. */
function giveDue(tx: Tx, peer: Asker, { log, rows, kinds, withdrawnIn }: Found): void {
  const judged = rows.map((row) => ({ ...row, named: namedIn(tx, row) }))
  const deciding = { desk: openDesk(tx, [peer], judged), undecided: tryAgain }
  const place = placeOf(tx, log)
  // One by one: what takes back records is due where they were given, a moment ago as well.
  for (const row of judged) {
    if (!kinds.has(row.kind) || (row.kind === 'records.put' && !stands(tx, row, withdrawnIn))) continue
    const due = dueInWalk(tx, deciding, peer, row)
    if (due === undefined) continue
    appendItem(tx, peer, [due], place)
    appendFollowing(tx, peer, row)
  }
}

/** What one step looks at, and behind which leaf the next one goes on; undefined at the end of the log. */
type Stretch = { readonly rows: readonly Stored[]; readonly next: number | undefined }

/** Of our own logs, which may be long, only what a change of policy is about. */
function ownRows(
  tx: Tx,
  peer: Asker,
  place: { readonly log: number; readonly after: number; readonly asks: number },
): Stretch {
  const limit = LIMITS.walkStatementsMax
  const outlook = lookAhead(tx, peer, place)
  const indexes = indexesToWalk(tx, peer.id, { ...place, limit, ...outlook })
  const rows = rowsAt(tx, place.log, indexes)
  const behind = outlook.until === undefined ? undefined : outlook.until - 1
  return { rows, next: rows.length === limit ? rows.at(-1)?.idx : behind }
}

/** Of another member's log, what the peer does not have yet; where it is not shared any more, what takes back alone. */
function passedOnRows(tx: Tx, peer: Peer, place: { readonly log: number; readonly after: number }): Stretch {
  const limit = LIMITS.walkStatementsMax
  const shared = tx.get(`SELECT 1 FROM log l WHERE l.id = ? AND ${SHARED}`, place.log) !== undefined
  const rows = rowsAt(tx, place.log, indexesToPassOn(tx, peer.id, { ...place, limit, shared }))
  return { rows, next: rows.length === limit ? rows.at(-1)?.idx : undefined }
}

function rowsAt(tx: Tx, log: number, indexes: readonly number[]): Stored[] {
  return indexes.flatMap((index) => readStored(tx, log, { after: index - 1, limit: 1 }))
}

/** Whether a log is one of ours that a recovery ended. */
function isEnded(tx: Tx, log: number): boolean {
  return tx.get(`SELECT 1 FROM log WHERE id = ? AND id IN (${ENDED_LOGS})`, log) !== undefined
}

/** Whether what stands in a log `l` of another member is passed on. */
const SHARED = `EXISTS (SELECT 1 FROM collection_share c WHERE c.share <> 'none' AND c.collection =
  (SELECT s.collection FROM statement s WHERE s.log = l.id AND s.collection IS NOT NULL ORDER BY s.idx LIMIT 1))`

/** Members of whom a peer, by its row id, was given something: it is told what they take back of it. */
const GIVEN_OF = `SELECT g.member FROM log g WHERE EXISTS (SELECT 1 FROM delivery_index d WHERE d.peer = ?2 AND d.log = g.id)`

/**
 * The next log: one of ours that ended, or one of another member, not the peer's own, that this one passes on or has passed
 * on to the peer.
 */
function nextLog(tx: Tx, log: number, peer: Peer): number | undefined {
  return tx.get<{ id: number }>(
    `SELECT l.id FROM log l WHERE l.id > ?1
       AND (l.id IN (${ENDED_LOGS}) OR l.member NOT IN (${SELF}, ?2) AND (${SHARED} OR l.member IN (${GIVEN_OF})))
     ORDER BY l.id LIMIT 1`,
    log,
    peer.id,
  )?.id
}

function dueInWalk(tx: Tx, deciding: Deciding, peer: Asker, row: Stored & Judged): Due | undefined {
  if (isDisputed(tx, row) || !mayGoOn(tx, row)) return undefined
  const given = hasOf(tx, peer, row)
  if (given !== undefined && (given.context === 1 || row.contextClass === null)) return undefined
  const rule = ruleFor(tx, deciding, peer, row)
  const context = mayHaveContext(deciding, peer, row)
  // What is there without its context is given once more where the context came to be allowed.
  if (rule === undefined || (given !== undefined && !context)) return undefined
  return { index: row.idx, rule, reason: row.kind === 'records.put' ? 'widened' : reasonOf(row.kind), context }
}

/** What a peer has of a statement: as it was given, or as it brought it itself where its context came later. */
function hasOf(tx: Tx, { id }: Peer, { log, idx, seq }: Stored): { readonly context: number } | undefined {
  const given = tx.get<{ context: number }>(
    'SELECT context FROM delivery_index WHERE peer = ? AND log = ? AND idx = ? AND narrowed = 0',
    id,
    log,
    idx,
  )
  return given ?? tx.get(`SELECT 0 AS context FROM statement s WHERE s.seq = ? AND EXISTS (${BROUGHT_SQL})`, seq, id)
}

/** A step that could not decide everything is undone and comes again. */
function tryAgain(): never {
  throw new Fault('busy', 'policy gave no clean answer for a statement in the log')
}
