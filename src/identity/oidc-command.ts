// Who comes in by the member's provider: an account of its own at the first time, with the role the provider says now.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { insertAccount } from './account-commands.ts'
import { readAccountById, type Account } from './account.ts'
import type { Arrival } from './oidc.ts'
import { endSessionsOf, insertSession, type NewSession } from './session.ts'

/** Returns the account's id; it is signed in. */
export const arriveByOidc = command(
  'identity.arrive-by-oidc',
  (tx, input: Arrival & { readonly session: Omit<NewSession, 'account' | 'way'> }): number => {
    const known = tx.get<{ id: number }>(
      'SELECT id FROM account WHERE issuer = ? AND subject = ?',
      input.issuer,
      input.subject,
    )
    const account = readAccountById(tx, known?.id ?? insert(tx, input))
    if (account.suspended === 1) throw new Fault('auth.denied', 'this user is suspended here', { place: 'suspended' })
    if (account.role !== input.role) changeRole(tx, account, input)
    tx.run('UPDATE account SET display = ?, last_sign_in_ms = ? WHERE id = ?', input.display, tx.nowMs, account.id)
    insertSession(tx, { ...input.session, account: account.id, way: 'oidc' })
    return account.id
  },
)

/** Never joined to an account by its name: whoever may choose a name at the provider would choose an administrator's. */
function insert(tx: Tx, { name, display, role, issuer, subject }: Arrival): number {
  if (tx.get('SELECT 1 FROM account WHERE name = ?', name) !== undefined)
    throw new Fault('auth.denied', `a user is or was called ${name} here`, { place: 'name' })
  const id = insertAccount(tx, { actor: 'node', name, display, role, red: false })
  tx.run('UPDATE account SET issuer = ?, subject = ? WHERE id = ?', issuer, subject, id)
  return id
}

function changeRole(tx: Tx, account: Account, { role }: Arrival): void {
  tx.run('UPDATE account SET role = ? WHERE id = ?', role, account.id)
  endSessionsOf(tx, account.id)
  audit(tx, { actor: 'node', action: 'user.set', subject: account.name, detail: { role, by: 'provider' } })
}
