// Stopping to sign, for good until a person or the peers have cleared it: written down, so that a restart does not forget.
import { audit } from '../audit.ts'
import { command } from '../store/types.ts'

export const freezeLog = command(
  'kernel.freeze-log',
  (tx, input: { readonly peer: string; readonly reason: string }): void => {
    tx.run('UPDATE meta SET conflict = ?', input.reason)
    audit(tx, { actor: `peer:${input.peer}`, action: 'log.frozen', subject: '', detail: { reason: input.reason } })
    tx.emit({ name: 'log.replaced' })
  },
)
