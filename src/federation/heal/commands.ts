// What healing changes in the store: statements of our own that came back, where the streams to peers stand, and the end
// of the mark that stops signing.
import { audit } from '#kernel/audit.ts'
import type { StatementRef } from '#kernel/header.ts'
import { listCount } from '#kernel/list-part.ts'
import { readErased, withoutErased } from '#kernel/log/erase-store.ts'
import { extendStatement, placesOf, proveAnew, storeStatement } from '#kernel/log/statement-store.ts'
import { OWN_LOG, truncateLog } from '#kernel/log/tile-store.ts'
import { internLabel } from '#kernel/standing.ts'
import { command, type Command, type Reader, type Tx } from '#kernel/store/types.ts'
import { asSaid, preparedAt, tellContext, type Appliers, type VerifiedStatement } from '../apply.ts'
import { forgetClasses } from '../classes.ts'
import { statementAt } from '../stored.ts'
import { noteReturnedEarly, takeBackEarly } from './returned-early.ts'
import { ASK_HELD, ASK_RETURNS } from './wire.ts'

export type StreamHead = {
  readonly peer: number
  readonly seq: number
  readonly hash: Uint8Array
  /** Up to where it came, where what was committed to behind that is lost. */
  readonly applied?: number
}

/** What it holds a file does not say: it is asked that as soon as it can be. */
type Said = { readonly byFile: boolean }

/** An own statement that came back, as a capability gets it. */
export type ReturnedStatement = {
  readonly seq: number
  readonly labelClass: number
  readonly collection: number
  /** What its header says it answers. */
  readonly re?: StatementRef
}

/** What capabilities make of own statements that came back. */
export type Returners = {
  /** The own collection they go to. */
  readonly collection: (tx: Tx) => number
  readonly kinds: Readonly<Record<string, (tx: Tx, statement: ReturnedStatement, prepared: unknown) => void>>
  readonly context: Appliers['context']
}

export type TakeBackInput = {
  /** Who gave it back, and so has it. */
  readonly peer: number
  readonly streamSeq: number
  readonly statements: readonly VerifiedStatement[]
}

const TAKE_BACK = 'federation.take-back'

/** Stores own statements that are not here. Returns how many were new. */
export function takeBackCommand({ collection, kinds, context }: Returners): Command<TakeBackInput, number> {
  return command(TAKE_BACK, (tx, input: TakeBackInput): number => {
    let taken = 0
    for (const statement of input.statements) {
      tx.run(
        `INSERT INTO delivery_index (peer, log, idx, seq, rule) VALUES (?, 1, ?, ?, 'follows.returned') ON CONFLICT DO NOTHING`,
        input.peer,
        statement.index,
        input.streamSeq,
      )
      const { header, index } = statement
      const { re } = header
      const erased = readErased(tx, { log: OWN_LOG, index })
      const parts = withoutErased(statement.parts, erased)
      const prepared =
        erased.size === 0 ? statement.prepared : preparedAt(statement.prepared, new Set(placesOf(parts.content)))
      const known = tx.get<{ seq: number; collection: number | null }>(
        'SELECT seq, collection FROM statement WHERE log = ? AND idx = ?',
        OWN_LOG,
        index,
      )
      const said = asSaid(header, parts, (marking) => internLabel(tx, marking))
      if (known !== undefined) {
        proveAnew(tx, { ...said, seq: known.seq })
        const { content: fresh } = extendStatement(tx, known.seq, parts)
        const place = { labelClass: internLabel(tx, header.marking), collection: known.collection ?? collection(tx) }
        if (fresh.size > 0) kinds[header.kind]?.(tx, { ...place, seq: known.seq }, preparedAt(prepared, fresh))
        tellContext(tx, known.seq, parts, { context })
        continue
      }
      const placed = {
        seq: tx.reserve(Math.max(1, listCount(parts.content))),
        labelClass: internLabel(tx, header.marking),
        collection: collection(tx),
        ...(re === undefined ? {} : { re }),
      }
      const about = re === undefined ? undefined : statementAt(tx, re)
      storeStatement(tx, {
        ...said,
        ...placed,
        log: OWN_LOG,
        index,
        kind: header.kind,
        ...(about === undefined ? {} : { about }),
      })
      kinds[header.kind]?.(tx, placed, prepared)
      tellContext(tx, placed.seq, parts, { context })
      if (about === undefined) noteReturnedEarly(tx, header.kind, placed)
      takeBackEarly(tx, { ...placed, index }, kinds)
      taken += 1
    }
    return taken
  })
}

/** How the thread that heals names the command, whose work the writer's thread knows. */
export const takeBack: Command<TakeBackInput, number> = {
  name: TAKE_BACK,
  run: () => {
    throw new Error('only the writer takes statements back')
  },
}

/** Leaves are about to come back: what they stand for is asked for then, however often healing breaks off before its end. */
export const beginHealing = command(
  'federation.begin-healing',
  (tx, { from, to }: { readonly from: number; readonly to: number }): void => {
    tx.run(
      `INSERT INTO healed (from_idx, to_idx, time_ms) VALUES (?, ?, ${NOT_ENDED})
       ON CONFLICT (from_idx) DO UPDATE SET to_idx = excluded.to_idx, time_ms = excluded.time_ms`,
      from,
      to,
    )
  },
)

/** The time of what was begun and has not ended. */
const NOT_ENDED = 0

/** The first leaf that came back in this healing, or in one before it that broke off. */
export async function begunAt(reader: Reader): Promise<number | undefined> {
  const sql = 'SELECT min(from_idx) AS first FROM healed WHERE time_ms = ?'
  return (await reader.get<{ first: number | null }>(sql, NOT_ENDED))?.first ?? undefined
}

/** Leaves that nobody gave after all did not come back. */
function endHealing(tx: Tx, size: number): void {
  tx.run('DELETE FROM healed WHERE time_ms = ? AND from_idx >= ?', NOT_ENDED, size)
  tx.run('UPDATE healed SET to_idx = min(to_idx, ?), time_ms = ? WHERE time_ms = ?', size, tx.nowMs, NOT_ENDED)
}

/** Takes away leaves that turned out to be of a history somebody else contradicts: the log is as it was before. */
export const giveUpLeaves = command(
  'federation.give-up-leaves',
  (tx, input: { readonly size: number; readonly root: Uint8Array; readonly checkpoint: Uint8Array | null }): void => {
    truncateLog(tx, OWN_LOG, input.size)
    tx.run('DELETE FROM healed WHERE from_idx >= ?', input.size)
    tx.run(
      'UPDATE log SET size = ?, root = ?, checkpoint = ?, staged = 0 WHERE id = ?',
      input.size,
      input.root,
      input.checkpoint,
      OWN_LOG,
    )
  },
)

/** Of items that never came and never will, what stood in them is offered again as far as it is here. */
const LOST_SQL = `UPDATE delivery_index SET narrowed = 2 WHERE peer = ? AND seq > ? AND narrowed = 0 AND rule <> 'follows.returned'`

/** Where the stream to a peer goes on, as that says. */
function setStream(tx: Tx, { peer, seq, hash, applied }: StreamHead): void {
  tx.run('UPDATE peer SET out_seq = ?, out_hash = ? WHERE id = ? AND out_seq < ?', seq, hash, peer, seq)
  if (applied !== undefined) tx.run(LOST_SQL, peer, applied)
  tx.run('UPDATE peer SET unasked_ms = NULL, last_error = NULL WHERE id = ?', peer)
}

/** A peer that could not be asked when the log was resumed has said where it stands, or has written it into a bundle. */
export const settleStream = command('federation.settle-stream', (tx, stream: StreamHead & Said): void => {
  setStream(tx, stream)
  const open = stream.byFile ? ASK_HELD | ASK_RETURNS : 0
  tx.run('UPDATE peer SET widened_epoch = 0, accept_gap = accept_gap | ? WHERE id = ?', open, stream.peer)
  forgetClasses(tx, stream.peer)
  tx.run('UPDATE heads_state SET due = 1')
  tx.emit({ name: 'federation.heads-due' })
  tx.emit({ name: 'policy.changed' })
})

/** What is said of a peer that was not asked. */
const UNASKED =
  'this node was put back to a backup and has not asked this peer yet what came: it gives nothing until then'

/** Ends the mark, sets each stream where its recipient has it, and has the writer look at its log again, for all peers. */
export const finishHealing = command(
  'federation.finish-healing',
  (
    tx,
    input: {
      readonly actor: string
      readonly streams: readonly StreamHead[]
      /** Of the log as it came back, some of its leaves perhaps without their content. */
      readonly size: number
      readonly detail: Readonly<Record<string, unknown>>
    },
  ): void => {
    // Also one that is removed: it may be approved again.
    tx.run(`UPDATE peer SET unasked_ms = ?, last_error = iif(state = 'removed', last_error, ?)`, tx.nowMs, UNASKED)
    for (const stream of input.streams) setStream(tx, stream)
    endHealing(tx, input.size)
    tx.run('UPDATE peer SET widened_epoch = 0')
    tx.run('DELETE FROM class_given')
    tx.run('DELETE FROM head_place')
    tx.run('UPDATE heads_state SET due = 1')
    tx.run('UPDATE meta SET restored_ms = NULL, conflict = NULL')
    audit(tx, { actor: input.actor, action: 'log.healed', subject: '', detail: input.detail })
    tx.emit({ name: 'log.replaced' })
    tx.emit({ name: 'policy.changed' })
  },
)
