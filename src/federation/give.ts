// Whether what was put into a stream is still given when it is asked for. Policy decided when it was appended, and decides
// once more by the same door when it leaves: what it no longer allows does not go out, and is not held to have been given.
import type { DeliveryItem } from '#kernel/delivery-item.ts'
import type { Egress } from '#kernel/egress.ts'
import { Fault } from '#kernel/fault.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { UNDECIDED } from '#kernel/policy/judge.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadPrincipal } from '#kernel/standing.ts'
import { command, type Store } from '#kernel/store/types.ts'
import { forgetClasses } from './classes.ts'
import { takesBack } from './due.ts'
import type { Peer } from './peers.ts'
import { broughtSql, givenSql, HELD_PLACES_SQL } from './stored.ts'

export type GiveDeps = {
  readonly store: Store
  readonly egress: Egress
  /** The places of the items of a statement of records that were withdrawn. */
  readonly withdrawnOf: (store: Store, statement: { seq: number; count: number }) => Promise<readonly number[]>
}

/** What may go out of an item. */
export type Given = {
  /** The row id of the log that its statements are in. */
  readonly log: number
  /** Indexes that do not go out any more. */
  readonly narrowed: ReadonlySet<number>
  /** Indexes whose context goes along. */
  readonly context: ReadonlySet<number>
  /** By index, the places of items that do not go out, because their records were withdrawn. */
  readonly withdrawn: ReadonlyMap<number, ReadonlySet<number>>
}

/** A leaf, by the row id of its log. */
type Place = { readonly log: number; readonly index: number }

type Row = {
  seq: number
  count: number
  kind: string
  labelClass: number
  contextClass: number | null
  collection: number | null
  about: number | null
  /** The item by which it was offered. */
  offered: number
  /** Whether an item before that one perhaps brought it. */
  perhapsHad: number
  narrowed: number
  context: number
  /** Whether something withdraws records of it. */
  withdrawn: number
}

/** Decides for one answer to one peer. What it decided counts once `settle` has written it down. */
export class GiveDesk {
  readonly #deps: GiveDeps
  readonly #peer: Peer
  readonly #principal: Principal
  readonly #epoch: number
  /** Row ids of statements that this answer is the first to leave out. */
  readonly #narrowed = new Set<number>()
  /** Those that an earlier answer brought, which perhaps never arrived, and that this one leaves out. */
  readonly #doubtful = new Set<number>()
  /** The same for contexts whose record does go out. */
  readonly #bare = new Set<number>()
  readonly #doubtfullyBare = new Set<number>()
  /** Those that this answer brings by an item before the one that offers them now. */
  readonly #early = new Set<number>()
  /** Whether policy is why something is left out: then it may come to be due again. */
  #refused = false
  #upTo = 0

  private constructor(deps: GiveDeps, peer: Peer, principal: Principal, epoch: number) {
    this.#deps = deps
    this.#peer = peer
    this.#principal = principal
    this.#epoch = epoch
  }

  static async open(deps: GiveDeps, peer: Peer): Promise<GiveDesk> {
    const { epoch = 0, state = 'removed' } =
      (await deps.store.get<{ epoch: number; state: string }>(STANDING_SQL, peer.id)) ?? {}
    if (state !== 'approved') throw new Fault('auth.denied', `${peer.name} is ${state} here; nothing is given to it`)
    return new GiveDesk(deps, peer, await loadPrincipal(deps.store, peer.name, 'peer'), epoch)
  }

  async give({ seq, origin, indexes }: DeliveryItem): Promise<Given> {
    const log = origin === undefined ? OWN_LOG : await this.#logOf(origin)
    const narrowed = new Set<number>()
    const context = new Set<number>()
    const withdrawn = new Map<number, ReadonlySet<number>>()
    for (const index of indexes) {
      const row = await this.#deps.store.get<Row>(ROW_SQL, this.#peer.id, log, index)
      if (row === undefined || !(await this.#mayHave(row)) || (await this.#isTakenBack(row, { log, index }, withdrawn)))
        narrowed.add(index)
      else {
        if (!this.#mayBeThere(row) && row.offered > seq) this.#early.add(row.seq)
        if (row.context === OFFERED && (await this.#mayHaveContext(row))) context.add(index)
      }
    }
    this.#upTo = Math.max(this.#upTo, seq)
    return { log, narrowed, context, withdrawn }
  }

  /** Writes down what goes out, before it does. False where policy changed meanwhile: then nothing goes out by this. */
  async settle(): Promise<boolean> {
    const leftOut = {
      narrowed: [...this.#narrowed],
      doubtful: [...this.#doubtful],
      bare: [...this.#bare],
      doubtfullyBare: [...this.#doubtfullyBare],
      early: [...this.#early],
    }
    if (this.#upTo <= this.#peer.givenSeq && Object.values(leftOut).flat().length === 0) return true
    const standing = { upTo: this.#upTo, epoch: this.#epoch, refused: this.#refused }
    return this.#deps.store.write(noteGiven, { peer: this.#peer.id, ...leftOut, ...standing })
  }

  async #logOf(origin: string): Promise<number> {
    return (await this.#deps.store.get<{ id: number }>('SELECT id FROM log WHERE origin = ?', origin))?.id ?? 0
  }

  async #mayHave(row: Row): Promise<boolean> {
    if (row.narrowed === 1) return false
    const may = row.kind === 'records.put' ? await this.#allows(row, row.labelClass) : await this.#follows(row)
    if (!may) this.#leaveOut(row)
    return may
  }

  /** Whether nothing of it stands any more. What was withdrawn beside records that stand is noted, and left out alone. */
  async #isTakenBack(row: Row, { log, index }: Place, withdrawn: Map<number, ReadonlySet<number>>): Promise<boolean> {
    if (row.withdrawn === 0) return false
    const { store, withdrawnOf } = this.#deps
    const places = new Set(await withdrawnOf(store, row))
    const held = await store.all<{ place: number }>(HELD_PLACES_SQL, row.seq, row.count, log, index)
    withdrawn.set(index, places)
    if (held.length === 0 || held.some(({ place }) => !places.has(place))) return false
    this.#leaveOut(row)
    return true
  }

  #leaveOut(row: Row): void {
    const out = this.#mayBeThere(row) ? this.#doubtful : this.#narrowed
    out.add(row.seq)
  }

  /** Whether an earlier answer brought it, or may have. */
  #mayBeThere({ offered, perhapsHad }: Row): boolean {
    return offered <= this.#peer.givenSeq || perhapsHad === 1
  }

  async #mayHaveContext(row: Row): Promise<boolean> {
    const may = await this.#allows(row, row.contextClass)
    if (!may) (this.#mayBeThere(row) ? this.#doubtfullyBare : this.#bare).add(row.seq)
    return may
  }

  async #allows({ seq, collection }: Row, labelClass: number | null): Promise<boolean> {
    if (labelClass === null) return false
    const decision = await this.#deps.egress.explain(this.#principal, collection ?? 0, { seq, labelClass })
    if (decision.rule === UNDECIDED)
      throw new Fault('busy', 'policy cannot be decided now', { remedy: 'Ask again in a moment.' })
    this.#refused ||= !decision.allow
    return decision.allow
  }

  /** What takes records back goes to whom they went, and to who brought them; this very answer may be what leaves them out. */
  async #follows({ kind, about }: Row): Promise<boolean> {
    if (!takesBack(kind) || about === null) return true
    const its = await this.#deps.store.get<{ given: number; brought: number }>(DELIVERED_SQL, this.#peer.id, about)
    return its?.brought === 1 || (its?.given === 1 && !this.#narrowed.has(about))
  }
}

/** As it is now: an answer in many pages may have begun before. Who is no peer any more has raised the epoch. */
const STANDING_SQL = 'SELECT m.policy_epoch AS epoch, p.state FROM meta m JOIN peer p ON p.id = ?'

const DELIVERED_SQL = `SELECT ${givenSql('?2', '?1')} AS given, ${broughtSql('?2', '?1')} AS brought`

const ROW_SQL = `SELECT s.seq, s.count, s.kind, s.label_class AS labelClass, s.context_class AS contextClass, s.collection, s.about,
    d.seq AS offered, d.perhaps_had AS perhapsHad, d.narrowed, d.context,
    EXISTS (SELECT 1 FROM statement w WHERE w.about = s.seq AND w.kind = 'records.withdraw') AS withdrawn
  FROM delivery_index d JOIN statement s ON s.log = d.log AND s.idx = d.idx
  WHERE d.peer = ? AND d.log = ? AND d.idx = ?`

/** Notes what an answer gives and what it leaves out; not where policy has changed since that was decided. */
export const noteGiven = command(
  'federation.note-given',
  (
    tx,
    input: {
      readonly peer: number
      readonly upTo: number
      readonly narrowed: readonly number[]
      readonly doubtful: readonly number[]
      readonly bare: readonly number[]
      readonly doubtfullyBare: readonly number[]
      readonly early: readonly number[]
      readonly epoch: number
      readonly refused: boolean
    },
  ): boolean => {
    if (tx.get<{ epoch: number }>('SELECT policy_epoch AS epoch FROM meta')?.epoch !== input.epoch) return false
    tx.run('UPDATE peer SET given_seq = ? WHERE id = ? AND given_seq < ?', input.upTo, input.peer, input.upTo)
    const { narrowed, doubtful, bare, doubtfullyBare, early } = input
    for (const statement of early) tx.run(EARLY_SQL, input.peer, statement)
    if (input.refused) forgetClasses(tx, input.peer)
    for (const statement of narrowed) tx.run(LEAVE_OUT_SQL, NARROWED, input.peer, statement)
    for (const statement of doubtful) tx.run(LEAVE_OUT_SQL, DOUBTFUL, input.peer, statement)
    for (const statement of bare) tx.run(BARE_SQL, 0, input.peer, statement)
    for (const statement of doubtfullyBare) tx.run(BARE_SQL, PERHAPS, input.peer, statement)
    return true
  },
)

/**
 * What a peer was never given, and what it perhaps was: both are given again where policy comes to allow them, but a
 * withdrawal follows what perhaps was given.
 */
const NARROWED = 1
const DOUBTFUL = 2
const LEAVE_OUT_SQL = `UPDATE delivery_index SET narrowed = ?1 WHERE peer = ?2 AND narrowed = 0
  AND (log, idx) = (SELECT log, idx FROM statement WHERE seq = ?3)`

/** Once given, by whichever item: what follows it does so even where the item that offers it is never fetched. */
const EARLY_SQL = `UPDATE delivery_index SET perhaps_had = 1 WHERE peer = ?1
  AND (log, idx) = (SELECT log, idx FROM statement WHERE seq = ?2)`

/** A context that is to be given with its record; one that an earlier answer brought, which perhaps never arrived. */
const OFFERED = 1
const PERHAPS = 2
const BARE_SQL = `UPDATE delivery_index SET context = ?1 WHERE peer = ?2 AND context = ${OFFERED}
  AND (log, idx) = (SELECT log, idx FROM statement WHERE seq = ?3)`
