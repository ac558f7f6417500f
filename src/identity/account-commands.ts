// How users come, change and go. Each is a deed in the audit log; whose rights change is signed out everywhere.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Role } from '#kernel/role.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { ADMINISTRATOR_SQL, readAccount, toUserView, type Account } from './account.ts'
import { forgetSearchesOf } from './saved-search.ts'
import { endSessionsOf } from './session.ts'

export type NewAccount = {
  readonly actor: string
  readonly name: string
  readonly display: string
  readonly role: Role
  readonly red: boolean
}

export const addUser = command('identity.add-user', (tx, input: NewAccount): number => insertAccount(tx, input))

/** A name is used once: the audit log says what its owner did. */
export function insertAccount(tx: Tx, { actor, name, display, role, red }: NewAccount): number {
  if (tx.get('SELECT 1 FROM account WHERE name = ?', name) !== undefined)
    throw new Fault('conflict', `a user is or was called ${name}`, {
      place: 'name',
      remedy: 'Use another name: the audit log refers to it.',
    })
  const count = tx.get<{ n: number }>('SELECT count(*) AS n FROM account')?.n ?? 0
  if (count >= LIMITS.accountsMax) throw new Fault('busy', `there are ${count} users, and that is the most`)
  tx.run(
    'INSERT INTO account (name, display, role, red, created_ms) VALUES (?, ?, ?, ?, ?)',
    name,
    display,
    role,
    red ? 1 : 0,
    tx.nowMs,
  )
  audit(tx, { actor, action: 'user.add', subject: name, detail: { role, red } })
  return readAccount(tx, name).id
}

export type AccountChange = {
  readonly display?: string
  readonly role?: Role
  readonly red?: boolean
  readonly suspended?: boolean
}

export const setUser = command(
  'identity.set-user',
  (tx, input: { readonly actor: string; readonly name: string; readonly change: AccountChange }): void => {
    const before = readAccount(tx, input.name)
    const { display = before.display, role = before.role } = input.change
    const red = input.change.red ?? before.red === 1
    const suspended = input.change.suspended ?? before.suspended === 1
    tx.run(
      'UPDATE account SET display = ?, role = ?, red = ?, suspended = ? WHERE id = ?',
      display,
      role,
      red ? 1 : 0,
      suspended ? 1 : 0,
      before.id,
    )
    if (role !== 'administrator' || suspended) keepAnAdministrator(tx, before)
    if (role !== before.role || red !== (before.red === 1) || suspended !== (before.suspended === 1))
      endSessionsOf(tx, before.id)
    audit(tx, { actor: input.actor, action: 'user.set', subject: input.name, detail: { ...input.change } })
  },
)

/** Forgets how a user signs in; a one-time code lets them choose again. */
export const resetUser = command(
  'identity.reset-user',
  (
    tx,
    input: { readonly actor: string; readonly name: string; readonly codeHash: Uint8Array; readonly expiresMs: number },
  ): void => {
    const account = readAccount(tx, input.name)
    forgetWays(tx, account)
    offer(tx, { kind: account.lastSignInMs === null ? 'invitation' : 'reset', account: account.id, ...input })
    audit(tx, { actor: input.actor, action: 'user.reset', subject: input.name })
  },
)

export const removeUser = command(
  'identity.remove-user',
  (tx, input: { readonly actor: string; readonly name: string }): void => {
    const account = readAccount(tx, input.name)
    forgetWays(tx, account)
    tx.run('DELETE FROM welcome WHERE account = ?', account.id)
    forgetSearchesOf(tx, account.id)
    tx.run('UPDATE account SET removed_ms = ?, display = name WHERE id = ?', tx.nowMs, account.id)
    keepAnAdministrator(tx, account)
    audit(tx, { actor: input.actor, action: 'user.remove', subject: input.name })
  },
)

/** The same password under a hash of today's parameters. */
export const setPasswordHash = command(
  'identity.set-password-hash',
  (tx, input: { readonly id: number; readonly password: string }): void => {
    tx.run('UPDATE account SET password = ? WHERE id = ? AND password IS NOT NULL', input.password, input.id)
  },
)

function forgetWays(tx: Tx, account: Account): void {
  tx.run(
    'UPDATE account SET password = NULL, totp = NULL, totp_pending = NULL, issuer = NULL, subject = NULL WHERE id = ?',
    account.id,
  )
  tx.run('DELETE FROM passkey WHERE account = ?', account.id)
  tx.run('DELETE FROM recovery_code WHERE account = ?', account.id)
  endSessionsOf(tx, account.id)
}

/** Refuses, after the change, what would leave a node that people run without anybody who may. */
function keepAnAdministrator(tx: Tx, account: Account): void {
  if (account.role !== 'administrator' || toUserView(account).state !== 'active') return
  if ((tx.get<{ n: number }>(ADMINISTRATOR_SQL)?.n ?? 0) > 0) return
  throw new Fault('conflict', `${account.name} is the last administrator who can sign in`, {
    remedy: 'Make another one first: comity user add NAME --role administrator',
  })
}

export type Offer = {
  readonly kind: 'first-administrator' | 'invitation' | 'reset'
  readonly account: number | null
  readonly codeHash: Uint8Array
  readonly expiresMs: number
}

/** One code at a time for each account, and one for a first administrator. */
export function offer(tx: Tx, { kind, account, codeHash, expiresMs }: Offer): void {
  tx.run('DELETE FROM welcome WHERE account IS ? OR expires_ms <= ?', account, tx.nowMs)
  tx.run(
    'INSERT INTO welcome (code_hash, kind, account, expires_ms) VALUES (?, ?, ?, ?)',
    codeHash,
    kind,
    account,
    expiresMs,
  )
}
