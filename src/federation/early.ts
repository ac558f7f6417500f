// Records dated far ahead of this node’s clock: put aside, and used by themselves when their time has come, for the clock
// that is wrong may be this one. What takes something back waits for nothing.
import type { Header } from '#kernel/header.ts'
import { enqueue } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Tx } from '#kernel/store/types.ts'

export const EARLY_JOB = 'federation.use-early'
/** How often is looked whether the time has come: this clock may be put right meanwhile. */
export const EARLY_LOOK_MS = 3600 * 1000

/** From when on a statement is used; undefined where it is used at once. */
export function dueOf({ kind, time }: Header, nowMs: number): number | undefined {
  const dueMs = Date.parse(time) - LIMITS.futureMsMax
  return kind === 'records.put' && dueMs > nowMs ? dueMs : undefined
}

/** Puts a statement aside until its time has come. Returns the reason, for people. */
export function noteEarly(tx: Tx, statement: number, dueMs: number): string {
  tx.run('INSERT INTO early (statement, due_ms) VALUES (?, ?) ON CONFLICT DO NOTHING', statement, dueMs)
  askForEarly(tx, Math.min(EARLY_LOOK_MS, dueMs - tx.nowMs))
  return `it is dated more than 24 hours ahead, and used from ${new Date(dueMs).toISOString()} on`
}

/** Each asking is another, so that none is lost to a look that has begun. */
export function askForEarly(tx: Tx, delayMs = 0): void {
  enqueue(tx, { kind: EARLY_JOB, key: '', payload: tx.reserve(1), delayMs })
}

export function isEarly(tx: Pick<Tx, 'get'>, statement: number): boolean {
  return tx.get('SELECT 1 FROM early WHERE statement = ?', statement) !== undefined
}
