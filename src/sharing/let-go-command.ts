// Letting go of what others said: a member erases its own copy, for a reason of its own, and asks nobody. It is noted by its
// place, so that it does not come back, and is passed on to nobody any more; nothing is said in the log.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import type { EraseReason } from '#kernel/log/erase.ts'
import { eraseHere, type Forget } from '#kernel/log/erase-store.ts'
import { command, type Command, type Tx } from '#kernel/store/types.ts'
import { findDoomed, isNameOfValue } from './erase-command.ts'
import { forgetRecords } from './forget.ts'

export type LetGoInput = {
  readonly actor: string
  /** STIX id. */
  readonly id: string
  /** Versions in microseconds; absent for all. */
  readonly versions?: readonly number[]
  readonly reason: EraseReason
}

const LET_GO = 'sharing.let-go'

/** Erases this node's copies of a record that other members said. Returns how many versions are gone. */
export function letGoCommand(others: Forget): Command<LetGoInput, number> {
  const forget: Forget = (tx, seqs) => {
    forgetRecords(tx, seqs)
    others(tx, seqs)
  }
  return command(LET_GO, (tx: Tx, { actor, id, versions, reason }: LetGoInput): number => {
    const doomed = findDoomed(tx, { of: { id }, whose: 'others', ...(versions === undefined ? {} : { versions }) })
    if (doomed.length === 0)
      throw new Fault('not-found', `no record ${id} of another member is here`, {
        place: id,
        remedy: 'What this member said itself is erased everywhere: without “only here”.',
      })
    for (const [statement, group] of Map.groupBy(doomed, (each) => each.statement)) {
      const { log, index } = tx.get<{ log: number; index: number }>(
        'SELECT log, idx AS "index" FROM statement WHERE seq = ?',
        statement,
      ) as { log: number; index: number }
      const items = group.map(({ seq }) => seq - statement).toSorted((a, b) => a - b)
      eraseHere(tx, { log, index, items, keepHeader: false }, forget)
      const subject = isNameOfValue(id) ? `leaf ${index}` : id
      audit(tx, { actor, action: 'record.let-go', subject, detail: { reason, leaf: index, items } })
    }
    tx.emit({ name: 'sharing.withdrawn' })
    return doomed.filter(({ copy }) => copy === 0).length
  })
}

/** How the rest of the program names the command, whose work the writer's thread knows. */
export const letGo: Command<LetGoInput, number> = {
  name: LET_GO,
  run: () => {
    throw new Error('only the writer erases')
  },
}
