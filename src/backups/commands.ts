// Backups in the audit log: who had one made or checked, and how it went.
import { audit } from '#kernel/audit.ts'
import { command } from '#kernel/store/types.ts'

type Outcome = {
  readonly actor: string
  readonly kind: 'make' | 'check'
  readonly name: string
  readonly damaged: readonly string[]
  /** Why it failed. */
  readonly reason?: string
}

export const noteBackup = command('backups.note', (tx, { actor, kind, name, damaged, reason }: Outcome): void => {
  const action = reason === undefined ? `backup.${kind}` : 'backup.failed'
  audit(tx, {
    actor,
    action,
    subject: name,
    detail: { ...(kind === 'check' ? { damaged } : {}), ...(reason === undefined ? {} : { reason }) },
  })
  tx.emit({ name: 'backup.done' })
})
