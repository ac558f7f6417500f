// After an erase: nothing of what was erased stays in a file. Deleting overwrites the rows themselves (secure_delete); this
// sees to what lies beside them: what capabilities derived, the write-ahead log, and copies that an upgrade left behind.
// A job, in bounded steps, tried again until it is done.
import { audit } from '../audit.ts'
import { Fault } from '../fault.ts'
import { enqueue, type JobHandler } from '../job.ts'
import { truncateJournal } from './dialect.ts'
import { command, type AnyCommand, type Store, type Tx } from './types.ts'

export const SCRUB_JOB = 'kernel.scrub'

/** One bounded step of tidying. Given what it answered before, first null; answers undefined at the end. */
export type Scrubber = (tx: Tx, place: unknown) => unknown

/** Asks for the job in the transaction that erases. */
export function askToScrub(tx: Tx): void {
  // The number tells this request from an earlier one whose work is just being finished.
  enqueue(tx, { kind: SCRUB_JOB, key: '', payload: tx.reserve(1) })
}

type Step = { readonly scrubber: number; readonly place: unknown }
const SCRUB = 'kernel.scrub-step'

export function scrubCommands(scrubbers: readonly Scrubber[]): AnyCommand[] {
  const step = command(SCRUB, (tx, { scrubber, place }: Step): Step | undefined => {
    const next = scrubbers[scrubber]?.(tx, place)
    if (next !== undefined) return { scrubber, place: next }
    return scrubber + 1 < scrubbers.length ? { scrubber: scrubber + 1, place: null } : undefined
  })
  return [step, emptyJournal, noteScrubbed] as unknown as AnyCommand[]
}

/** How the thread that runs jobs names the step, whose work the writer's thread knows. */
const scrubStep = command(SCRUB, (_tx, _input: Step): Step | undefined => {
  throw new Error('only the writer scrubs')
})

const emptyJournal = command('kernel.empty-journal', (tx, _input: null): { done: boolean } => {
  const answer = { done: false }
  tx.afterCommit(() => {
    answer.done = truncateJournal(tx)
  })
  return answer
})

const noteScrubbed = command('kernel.note-scrubbed', (tx, input: { readonly copies: readonly string[] }): void => {
  audit(tx, { actor: 'node', action: 'erase.done', subject: '', detail: { copiesRemoved: input.copies } })
})

/** What lies beside the database in a data folder. */
export type Beside = {
  /** Takes away what this node itself copied of its database, and answers what that was. */
  readonly removeCopies: () => readonly string[]
  /** Takes away the keys under which items lie in backups. */
  readonly forgetKeys: (seqs: readonly number[]) => void
}

/** Items that are erased, and writes that were kept and let go of, or said what is erased. */
const GONE_SQL = `WITH gone AS (
    SELECT s.seq + e.item AS seq FROM erased e JOIN statement s ON s.log = e.log AND s.idx = e.idx WHERE e.kept = 0
  )
  SELECT seq FROM gone UNION
  SELECT seq FROM kept_done WHERE first IS NULL UNION
  SELECT k.seq FROM gone g JOIN kept_done k ON k.last >= g.seq
    AND k.seq = (SELECT seq FROM kept_done WHERE first <= g.seq ORDER BY first DESC LIMIT 1)`

export function makeScrub(store: Store, beside: Beside | undefined): JobHandler {
  return async () => {
    for (let step: Step | undefined = { scrubber: 0, place: null }; step !== undefined;)
      step = await store.write(scrubStep, step)
    const gone = await store.all<{ seq: number }>(GONE_SQL)
    beside?.forgetKeys(gone.map(({ seq }) => seq))
    const copies = beside?.removeCopies() ?? []
    await store.write(noteScrubbed, { copies })
    const { done } = await store.write(emptyJournal, null)
    if (!done)
      throw new Fault('busy', 'somebody still reads what was there before, so the write-ahead log keeps it for now', {
        remedy: 'It is tried again by itself; a backup or “comity log verify” that runs holds it up.',
      })
    return undefined
  }
}
