// Who did what on this node: an append-only table, written in the same transaction as the deed.
import type { Asked } from './list-shape.ts'
import { LIMITS } from './limits.ts'
import { listing, type ListPage } from './listing.ts'
import type { Command, Reader, Tx } from './store/types.ts'
import { command } from './store/types.ts'

export type Deed = {
  /** Who: `admin`, `client:<name>`, `peer:<member>`, `witness:<url>`, `node`. */
  readonly actor: string
  /** What, as a stable word: `collection.set`, `peer.approve`. */
  readonly action: string
  /** To what: an id or a name. */
  readonly subject: string
  /** Plain data that explains it; never record content, secrets or salts. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export function audit(tx: Pick<Tx, 'run' | 'nowMs'>, deed: Deed): void {
  tx.run(
    'INSERT INTO audit (time_ms, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)',
    tx.nowMs,
    deed.actor,
    deed.action,
    deed.subject,
    JSON.stringify(deed.detail ?? {}),
  )
}

/** For deeds that change nothing else in the store. */
export const recordDeed: Command<Deed, void> = command('kernel.record-deed', audit)

/**
 * For what may come again and again: the same deed of the same actor to the same subject is written down once in
 * `LIMITS.deedAgainMs`. Returns whether it was.
 */
export function auditAtTimes(tx: Pick<Tx, 'get' | 'run' | 'nowMs'>, deed: Deed): boolean {
  const sinceMs = tx.nowMs - LIMITS.deedAgainMs
  if (tx.get(SAID_SQL, deed.action, sinceMs, tx.nowMs, deed.actor, deed.subject) !== undefined) return false
  audit(tx, deed)
  return true
}

/** Not by what was said while the clock was ahead. */
const SAID_SQL = 'SELECT 1 FROM audit WHERE action = ? AND time_ms > ? AND time_ms <= ? AND actor = ? AND subject = ?'

export const recordAtTimes: Command<Deed, boolean> = command('kernel.record-at-times', auditAtTimes)

/** Drops what is older than the retention setting, of deeds and of answers; itself a deed. */
export const pruneAudit = command('kernel.prune-audit', (tx, input: { readonly beforeMs: number }): number => {
  const deeds = tx.run('DELETE FROM audit WHERE time_ms < ?', input.beforeMs)
  const answers = tx.run('DELETE FROM answer WHERE time_ms < ?', input.beforeMs)
  if (deeds + answers > 0) audit(tx, { actor: 'node', action: 'audit.prune', subject: '', detail: { deeds, answers } })
  return deeds + answers
})

export type AuditRow = {
  readonly id: number
  readonly timeMs: number
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly detail: string
}

export type DeedQuery = {
  /** Exactly this actor, this subject; this action or all that begin with it and a dot. */
  readonly actor?: string
  readonly subject?: string
  readonly action?: string
  readonly sinceMs?: number
  readonly untilMs?: number
}

const readDeeds = listing<AuditRow>({
  columns: 'id, time_ms AS timeMs, actor, action, subject, detail',
  from: 'audit',
  key: 'id',
  order: 'newest first',
  where: `(?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR subject = ?2)
    AND (?3 IS NULL OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.') AND time_ms >= ?4 AND time_ms < ?5`,
  texts: ['actor', 'action', 'subject'],
})

/** Deeds, newest first, page by page. */
export function listDeeds(reader: Reader, query: DeedQuery, page: Asked): Promise<ListPage<AuditRow>> {
  const { actor = null, subject = null, action = null, sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER } = query
  return readDeeds(reader, page, actor, subject, action, sinceMs, untilMs)
}
