// One-time codes: they let somebody who was invited, or whose sign-in was reset, or the first administrator, choose how
// to sign in. A code works once and for a while.
import { audit } from '#kernel/audit.ts'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import { insertAccount, offer } from './account-commands.ts'
import { accountById, readAccountById, toUserView, type Account } from './account.ts'
import { insertSession, type NewSession } from './session.ts'
import type { WELCOME_KINDS, UserView } from './wire.ts'

export type WelcomeKind = (typeof WELCOME_KINDS)[number]

/** A code for a first administrator; the one before no longer works. */
export const offerFirst = command(
  'identity.offer-first',
  (tx, input: { readonly codeHash: Uint8Array; readonly expiresMs: number }): void =>
    offer(tx, { kind: 'first-administrator', account: null, ...input }),
)

export type WelcomeUse = {
  readonly codeHash: Uint8Array
  /** A first administrator chooses a name; others have one. */
  readonly name?: string
  readonly display?: string
  readonly password?: string
  readonly passkey?: NewPasskey
  readonly session: Omit<NewSession, 'account' | 'way'>
}

export type NewPasskey = {
  readonly credential: string
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly title: string
}

/** Uses up a code: the account can sign in from now on, and is signed in. Returns its id. */
export const useWelcome = command('identity.use-welcome', (tx, input: WelcomeUse): number => {
  const row = tx.get<{ kind: WelcomeKind; account: number | null }>(
    'SELECT kind, account FROM welcome WHERE code_hash = ? AND expires_ms > ?',
    input.codeHash,
    tx.nowMs,
  )
  if (row === undefined) throw unknownCode()
  tx.run('DELETE FROM welcome WHERE code_hash = ?', input.codeHash)
  const account = readAccountById(tx, row.account ?? insertFirst(tx, input))
  if (account.suspended === 1) throw new Fault('auth.denied', 'this user is suspended')
  tx.run(
    'UPDATE account SET password = coalesce(?, password), display = ?, last_sign_in_ms = ? WHERE id = ?',
    input.password ?? null,
    input.display ?? account.display,
    tx.nowMs,
    account.id,
  )
  if (input.passkey !== undefined) insertPasskey(tx, account.id, input.passkey)
  audit(tx, {
    actor: `user:${account.name}`,
    action: 'user.welcome',
    subject: account.name,
    detail: { kind: row.kind },
  })
  insertSession(tx, { ...input.session, account: account.id, way: 'welcome' })
  return account.id
})

function insertFirst(tx: Tx, { name, display }: WelcomeUse): number {
  if (name === undefined) throw new Fault('input.invalid', 'the first administrator needs a name', { place: 'name' })
  return insertAccount(tx, { actor: 'node', name, display: display ?? name, role: 'administrator', red: false })
}

export function insertPasskey(tx: Tx, account: number, passkey: NewPasskey): void {
  tx.run(
    'INSERT INTO passkey (account, credential, public_key, counter, title, created_ms) VALUES (?, ?, ?, ?, ?, ?)',
    account,
    passkey.credential,
    passkey.publicKey,
    passkey.counter,
    passkey.title,
    tx.nowMs,
  )
}

function unknownCode(): Fault {
  return new Fault('auth.denied', 'this code is not known, was used already or has expired', {
    place: 'code',
    remedy: 'Ask an administrator for a new one: comity user reset NAME.',
  })
}

export type WelcomeInfo = {
  readonly kind: WelcomeKind
  readonly account: Account | undefined
  readonly user?: UserView
  readonly expires: string
}

/** What a code is for. Throws `auth.denied` where it is for nothing. */
export async function lookUpWelcome(reader: Reader, codeHash: Uint8Array, nowMs: number): Promise<WelcomeInfo> {
  const row = await reader.get<{ kind: WelcomeKind; account: number | null; expires: number }>(
    'SELECT kind, account, expires_ms AS expires FROM welcome WHERE code_hash = ? AND expires_ms > ?',
    codeHash,
    nowMs,
  )
  if (row === undefined) throw unknownCode()
  const account = row.account === null ? undefined : await accountById(reader, row.account)
  return {
    kind: row.kind,
    account,
    ...(account === undefined ? {} : { user: toUserView(account) }),
    expires: formatTime(row.expires),
  }
}
