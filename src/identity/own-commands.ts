// What signed-in people change about how they sign in. Each ends their other sessions and renews the one they use.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { readAccountById } from './account.ts'
import { endSessionsOf, rotateSession } from './session.ts'
import { insertPasskey, type NewPasskey } from './welcome.ts'

export type Own = {
  readonly account: number
  readonly session: number
  /** The digest of the secret the session has from now on. */
  readonly secretHash: Uint8Array
}

export const setDisplay = command(
  'identity.set-display',
  (tx, input: { readonly account: number; readonly display: string }): void => {
    tx.run('UPDATE account SET display = ? WHERE id = ?', input.display, input.account)
    note(tx, input.account, 'account.display')
  },
)

export const setPassword = command('identity.set-password', (tx, input: Own & { readonly password: string }): void => {
  tx.run('UPDATE account SET password = ? WHERE id = ?', input.password, input.account)
  settle(tx, input, 'account.password')
})

/** A secret that counts once its first code was shown. */
export const proposeTotp = command(
  'identity.propose-totp',
  (tx, input: { readonly account: number; readonly sealed: Uint8Array }): void => {
    tx.run('UPDATE account SET totp_pending = ? WHERE id = ?', input.sealed, input.account)
  },
)

export const confirmTotp = command(
  'identity.confirm-totp',
  (
    tx,
    input: Own & { readonly sealed: Uint8Array; readonly step: number; readonly codes: readonly Uint8Array[] },
  ): void => {
    const changed = tx.run(
      'UPDATE account SET totp = totp_pending, totp_pending = NULL, totp_step = ? WHERE id = ? AND totp_pending = ?',
      input.step,
      input.account,
      input.sealed,
    )
    if (changed !== 1) throw new Fault('conflict', 'another code was begun meanwhile', { remedy: 'Begin again.' })
    replaceCodes(tx, input.account, input.codes)
    settle(tx, input, 'account.totp')
  },
)

export const removeTotp = command('identity.remove-totp', (tx, input: Own): void => {
  tx.run('UPDATE account SET totp = NULL, totp_pending = NULL WHERE id = ?', input.account)
  tx.run('DELETE FROM recovery_code WHERE account = ?', input.account)
  settle(tx, input, 'account.totp-removed')
})

export const renewCodes = command(
  'identity.renew-codes',
  (tx, input: Own & { readonly codes: readonly Uint8Array[] }): void => {
    replaceCodes(tx, input.account, input.codes)
    settle(tx, input, 'account.recovery-codes')
  },
)

export const addPasskey = command('identity.add-passkey', (tx, input: Own & { readonly passkey: NewPasskey }): void => {
  const count = tx.get<{ n: number }>('SELECT count(*) AS n FROM passkey WHERE account = ?', input.account)?.n ?? 0
  if (count >= LIMITS.passkeysPerUserMax)
    throw new Fault('busy', `there are ${count} passkeys, and that is the most`, { remedy: 'Remove one first.' })
  insertPasskey(tx, input.account, input.passkey)
  settle(tx, input, 'account.passkey', { title: input.passkey.title })
})

export const removePasskey = command('identity.remove-passkey', (tx, input: Own & { readonly id: number }): void => {
  const account = readAccountById(tx, input.account)
  const row = tx.get<{ title: string }>('SELECT title FROM passkey WHERE id = ? AND account = ?', input.id, account.id)
  if (row === undefined) throw new Fault('not-found', `there is no passkey ${input.id}`)
  if (account.passkeys === 1 && account.password === null && account.subject === null)
    throw new Fault('conflict', 'this is the only way you can sign in', { remedy: 'Add another one first.' })
  tx.run('DELETE FROM passkey WHERE id = ?', input.id)
  settle(tx, input, 'account.passkey-removed', { title: row.title })
})

/** A code of the authenticator was used: it and those before it are spent. */
export const spendTotp = command(
  'identity.spend-totp',
  (tx, input: { readonly account: number; readonly step: number }): boolean =>
    tx.run('UPDATE account SET totp_step = ? WHERE id = ? AND totp_step < ?', input.step, input.account, input.step) ===
    1,
)

/** A recovery code works once. */
export const spendRecoveryCode = command(
  'identity.spend-recovery-code',
  (tx, input: { readonly account: number; readonly codeHash: Uint8Array }): boolean => {
    if (tx.run('DELETE FROM recovery_code WHERE account = ? AND code_hash = ?', input.account, input.codeHash) !== 1)
      return false
    note(tx, input.account, 'account.recovery-code-used')
    return true
  },
)

export const spendPasskey = command(
  'identity.spend-passkey',
  (tx, input: { readonly id: number; readonly counter: number }): void => {
    tx.run('UPDATE passkey SET counter = ?, used_ms = ? WHERE id = ?', input.counter, tx.nowMs, input.id)
  },
)

function replaceCodes(tx: Tx, account: number, codes: readonly Uint8Array[]): void {
  tx.run('DELETE FROM recovery_code WHERE account = ?', account)
  for (const code of codes) tx.run('INSERT INTO recovery_code (account, code_hash) VALUES (?, ?)', account, code)
}

function settle(tx: Tx, own: Own, action: string, detail: Readonly<Record<string, unknown>> = {}): void {
  endSessionsOf(tx, own.account, own.session)
  rotateSession(tx, own.session, own.secretHash)
  note(tx, own.account, action, detail)
}

function note(tx: Tx, account: number, action: string, detail: Readonly<Record<string, unknown>> = {}): void {
  const { name } = readAccountById(tx, account)
  audit(tx, { actor: `user:${name}`, action, subject: name, detail })
}
