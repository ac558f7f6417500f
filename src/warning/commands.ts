// What changes warnings: the watch list, what the search found, what fell away, and what people did about it.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type AnyCommand, type Tx } from '#kernel/store/types.ts'
import type { Watch } from './watch.ts'
import { forgetLateRecords } from './late.ts'
import { assignWarning, endMutes, muteWarning, unmuteWarning } from './care-commands.ts'

export type NewWatch = Watch & { readonly asset: string; readonly note: string }

/** Adds entries; an entry that is there already keeps its id. */
export const addWatches = command(
  'warning.add-watches',
  (tx, input: { readonly actor: string; readonly watches: readonly NewWatch[] }): { added: number; known: number } => {
    const count = tx.get<{ n: number }>('SELECT count(*) AS n FROM watch')?.n ?? 0
    if (count + input.watches.length > LIMITS.watchValuesMax)
      throw new Fault('input.too-large', `a watch list holds at most ${LIMITS.watchValuesMax} values`, {
        remedy: 'Remove some, or watch whole domains and networks.',
      })
    let added = 0
    for (const { kind, value, asset, note } of input.watches)
      added += tx.run(
        'INSERT INTO watch (kind, value, asset, note, created_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        kind,
        value,
        asset,
        note,
        tx.nowMs,
      )
    if (added > 0) audit(tx, { actor: input.actor, action: 'watch.add', subject: `${added}`, detail: { added } })
    tx.emit({ name: 'warning.watch' })
    return { added, known: input.watches.length - added }
  },
)

export const removeWatch = command(
  'warning.remove-watch',
  (tx, input: { readonly actor: string; readonly id: number }): void => {
    if (tx.run('DELETE FROM watch WHERE id = ?', input.id) !== 1)
      throw new Fault('not-found', `nothing on the watch list has the number ${input.id}`, {
        remedy: 'See “comity watch list”.',
      })
    const touched = tx.all<{ warning: number }>('DELETE FROM evidence WHERE watch = ? RETURNING warning', input.id)
    retractEmpty(
      tx,
      touched.map((row) => row.warning),
      'no longer watched',
    )
    audit(tx, { actor: input.actor, action: 'watch.remove', subject: String(input.id) })
    tx.emit({ name: 'warning.watch', data: { removed: input.id } })
  },
)

export type Hit = {
  readonly record: number
  readonly author: string
  readonly object: string
  readonly watch: number
  readonly asset: string
  readonly kind: string
  readonly value: string
  readonly expiresMs: number | null
}

/** An object on which warnings rest, and what its author says about it now. */
export type Judged = {
  readonly author: string
  readonly object: string
  /** The records that hold its newest version. Evidence of any other falls away. */
  readonly standing: readonly number[]
  /** Why even the newest version accuses nothing any more. */
  readonly over: string | null
}

export type RecordMatches = {
  /** Cursors move with what was found, so that nothing is missed or told twice. */
  readonly upToRecord?: number
  /** Records behind the cursor that were searched. */
  readonly late?: readonly number[]
  readonly scanned?: readonly number[]
  readonly judged: readonly Judged[]
  readonly hits: readonly Hit[]
}

/** Stores what a bounded piece of the search found. A newer version of an indicator takes the place of the one before. */
export const recordMatches = command('warning.record-matches', (tx, input: RecordMatches): { fresh: number } => {
  for (const { author, object, standing, over } of input.judged) {
    const touched = tx.all<{ warning: number }>(
      `DELETE FROM evidence WHERE warning IN (SELECT id FROM warning WHERE author = ? AND object = ?)
         AND record NOT IN (SELECT value FROM json_each(?)) RETURNING warning`,
      author,
      object,
      JSON.stringify(over === null ? standing : []),
    )
    const again = new Set(input.hits.filter((hit) => standing.includes(hit.record)).map((hit) => hit.asset))
    const gone = touched.map((row) => row.warning).filter((id) => !again.has(assetOf(tx, id)))
    retractEmpty(tx, gone, over ?? 'a newer version no longer says so')
  }
  let fresh = 0
  for (const hit of input.hits) fresh += addHit(tx, hit)
  if (input.upToRecord !== undefined) tx.run('UPDATE match_cursor SET record = max(record, ?)', input.upToRecord)
  forgetLateRecords(tx, input.late ?? [])
  for (const id of input.scanned ?? []) tx.run('UPDATE watch SET scanned = 1 WHERE id = ?', id)
  return { fresh }
})

function assetOf(tx: Tx, id: number): string {
  return tx.get<{ asset: string }>('SELECT asset FROM warning WHERE id = ?', id)?.asset ?? ''
}

/** Answers 1 where this is new. An answered warning opens again only where nothing stood behind it any more. */
function addHit(tx: Tx, hit: Hit): number {
  if (tx.get('SELECT 1 FROM watch WHERE id = ? AND asset = ?', hit.watch, hit.asset) === undefined) return 0
  // Between the search and this moment it may have been taken back.
  if (tx.get('SELECT 1 FROM record WHERE seq = ? AND withdrawn IS NULL', hit.record) === undefined) return 0
  tx.run(
    `INSERT INTO warning (asset, author, object, state, first_ms, changed_ms) VALUES (?, ?, ?, 'new', ?, ?) ON CONFLICT DO NOTHING`,
    hit.asset,
    hit.author,
    hit.object,
    tx.nowMs,
    tx.nowMs,
  )
  const { id, state } = tx.get<{ id: number; state: string }>(
    'SELECT id, state FROM warning WHERE asset = ? AND author = ? AND object = ?',
    hit.asset,
    hit.author,
    hit.object,
  ) as { id: number; state: string }
  const stood = tx.get('SELECT 1 FROM evidence WHERE warning = ?', id) !== undefined
  const added = tx.run(
    `INSERT INTO evidence (warning, record, watch, kind, value, time_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    id,
    hit.record,
    hit.watch,
    hit.kind,
    hit.value,
    tx.nowMs,
    hit.expiresMs,
  )
  if (added === 0) return 0
  keepClass(tx, id)
  if (!stood && (state === 'closed' || state === 'retracted')) setState(tx, id, 'new', '')
  tx.emit({ name: 'warning.changed', data: { id } })
  return 1
}

/** Records that were taken back no longer stand for anything; what their authors still say of the same objects does. */
export const recordWithdrawals = command(
  'warning.record-withdrawals',
  (
    tx,
    input: {
      readonly upTo: number
      readonly withdrawn: readonly { readonly record: number; readonly reason: string }[]
      readonly hits: readonly Hit[]
    },
  ): void => {
    for (const hit of input.hits) addHit(tx, hit)
    for (const { record, reason } of input.withdrawn) {
      const touched = tx.all<{ warning: number }>('DELETE FROM evidence WHERE record = ? RETURNING warning', record)
      retractEmpty(
        tx,
        touched.map((row) => row.warning),
        `withdrawn by its author: ${reason}`,
      )
    }
    tx.run('UPDATE match_cursor SET withdrawal = max(withdrawal, ?)', input.upTo)
  },
)

/** What is being erased: items, and those of their objects whose ids are made of their values. */
export type Forgotten = {
  readonly seqs: readonly number[]
  readonly named: readonly { readonly author: string; readonly id: string }[]
}

/** Evidence from records that are being erased; and the warnings themselves where they name what was erased. */
export function forgetWarnings(tx: Tx, { seqs, named }: Forgotten): void {
  for (const seq of seqs) {
    const touched = tx.all<{ warning: number }>('DELETE FROM evidence WHERE record = ? RETURNING warning', seq)
    retractEmpty(
      tx,
      touched.map((row) => row.warning),
      'erased by its author',
    )
  }
  for (const { author, id } of named) {
    const gone = tx.all<{ id: number }>(
      `DELETE FROM warning WHERE author = ? AND object = ?
         AND NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.warning = warning.id) RETURNING id`,
      author,
      id,
    )
    for (const each of gone) tx.emit({ name: 'warning.changed', data: { id: each.id } })
  }
}

/** Evidence whose time has run out falls away. */
export const expireEvidence = command('warning.expire', (tx, _input: null): number => {
  const touched = tx.all<{ warning: number }>('DELETE FROM evidence WHERE expires_ms <= ? RETURNING warning', tx.nowMs)
  retractEmpty(
    tx,
    touched.map((row) => row.warning),
    'the indicator has expired',
  )
  return touched.length
})

function retractEmpty(tx: Tx, warnings: readonly number[], reason: string): void {
  for (const id of new Set(warnings)) {
    if (tx.get('SELECT 1 FROM evidence WHERE warning = ?', id) !== undefined) {
      keepClass(tx, id)
      continue
    }
    const { state } = tx.get<{ state: string }>('SELECT state FROM warning WHERE id = ?', id) ?? { state: 'retracted' }
    if (state !== 'retracted') setState(tx, id, 'retracted', reason)
  }
}

/** Keeps what the newest record behind a warning is marked with: by it the warning is shown or not once none is left. */
function keepClass(tx: Tx, id: number): void {
  const newest = tx.get<{ labelClass: number; collection: number }>(
    `SELECT r.label_class AS labelClass, r.collection FROM evidence e JOIN record r ON r.seq = e.record
     WHERE e.warning = ? ORDER BY e.record DESC LIMIT 1`,
    id,
  )
  if (newest === undefined) return
  const { labelClass, collection } = newest
  tx.run('UPDATE warning SET label_class = ?, collection = ? WHERE id = ?', labelClass, collection, id)
}

function setState(tx: Tx, id: number, state: string, reason: string): void {
  tx.run('UPDATE warning SET state = ?, reason = ?, changed_ms = ? WHERE id = ?', state, reason, tx.nowMs, id)
  tx.emit({ name: 'warning.changed', data: { id } })
}

/** Takes note of a warning, or closes it. Throws `input.invalid` where it is closed without saying why. */
export const answerWarning = command(
  'warning.answer',
  (
    tx,
    input: {
      readonly actor: string
      readonly id: number
      readonly state: 'acknowledged' | 'closed'
      readonly note: string
    },
  ): void => {
    const row = tx.get<{ state: string }>('SELECT state FROM warning WHERE id = ?', input.id)
    if (row === undefined)
      throw new Fault('not-found', `there is no warning ${input.id}`, { remedy: 'See “comity warnings”.' })
    if (row.state === 'retracted') throw new Fault('conflict', 'this warning was retracted; nothing is left to do')
    if (input.state === 'closed' && input.note.trim() === '')
      throw new Fault('input.invalid', 'a warning is closed with a reason', {
        place: 'note',
        remedy: 'Say what was done, or why nothing needs to be, in “note” (--note TEXT).',
      })
    setState(tx, input.id, input.state, input.note)
    audit(tx, {
      actor: input.actor,
      action: `warning.${input.state}`,
      subject: String(input.id),
      detail: { note: input.note },
    })
  },
)

export const warningCommands = [
  addWatches,
  removeWatch,
  recordMatches,
  recordWithdrawals,
  expireEvidence,
  answerWarning,
  assignWarning,
  muteWarning,
  unmuteWarning,
  endMutes,
] as unknown as AnyCommand[]
