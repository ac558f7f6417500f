// Letting go of what others said: a member erases its own copy, for a reason of its own, and asks nobody. It is noted by its
// place, so that it does not come back, and is passed on to nobody any more; nothing is said in the log.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { eraseHere, type Forget } from '#kernel/log/erase-store.ts'
import { command, type Command, type Tx } from '#kernel/store/types.ts'
import { findDoomed, versionsIn, type EraseInput } from './erase-command.ts'
import { isNameOfValue } from './stix-id.ts'

export type LetGoInput = Omit<EraseInput, 'of'> & {
  /** STIX id. */
  readonly id: string
}

const LET_GO = 'sharing.let-go'

/** Erases this node's copies of a record that other members said. Returns how many versions are gone. */
export function letGoCommand(forget: Forget): Command<LetGoInput, number> {
  return command(LET_GO, (tx: Tx, { actor, id, reason, keepHeader, ...rest }: LetGoInput): number => {
    const doomed = findDoomed(tx, { ...rest, of: { id }, whose: 'others' })
    if (doomed.length === 0)
      throw new Fault('not-found', `no record ${id} of another member is here`, {
        place: id,
        remedy: 'What this member said itself is erased everywhere: without “only here”.',
      })
    for (const { log, index, items } of doomed) {
      eraseHere(tx, { log, index, items, keepHeader }, forget)
      const subject = isNameOfValue(id) ? `leaf ${index}` : id
      audit(tx, { actor, action: 'record.let-go', subject, detail: { reason, leaf: index, items } })
    }
    tx.emit({ name: 'sharing.withdrawn' })
    return versionsIn(doomed)
  })
}

/** How the rest of the program names the command, whose work the writer's thread knows. */
export const letGo: Command<LetGoInput, number> = {
  name: LET_GO,
  run: () => {
    throw new Error('only the writer erases')
  },
}
