// What somebody did with the folder itself, beside its node, in the audit log of that node.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { audit, type Deed } from '#kernel/audit.ts'
import type { CliContext } from '../args.ts'

/** The longest that a running node may be busy writing. */
const TIMEOUT_MS = 10_000

/**
 * Writes a deed down after it was done. A node that runs is let finish what it writes. Where the store is not there or
 * does not take it, that is said, and the deed stays done: a backup of what is broken must still be possible.
 */
export function noteDeed(
  { dataDir, clock, out }: Pick<CliContext, 'dataDir' | 'clock' | 'out'>,
  deed: Omit<Deed, 'actor'>,
): void {
  const path = join(dataDir, 'comity.db')
  try {
    if (!existsSync(path)) throw new Error('there is no database yet')
    using database = new DatabaseSync(path, { timeout: TIMEOUT_MS })
    const run = (sql: string, ...values: SQLInputValue[]): number =>
      Number(database.prepare(sql).run(...values).changes)
    audit({ run, nowMs: clock.nowMs() }, { actor: 'admin', ...deed })
  } catch (error) {
    out.line(`This does not stand in the audit log: ${(error as Error).message}.`)
  }
}
