// The second factor behind a password: a code of the authenticator, or one of the recovery codes. Each works once.
import { Fault } from '#kernel/fault.ts'
import type { Account } from './account.ts'
import type { Gate } from './gate.ts'
import { spendRecoveryCode, spendTotp } from './own-commands.ts'
import { digestOfCode, newCode } from './secret.ts'
import { stepOf } from './totp.ts'

const RECOVERY_CODES = 10

/** Throws `auth.code` where the account demands a code and this is none of its own. */
export async function demandCode(gate: Gate, account: Account, code: string | undefined): Promise<void> {
  if (account.totp === null) return
  if (code === undefined)
    throw new Fault('auth.code', 'this user also signs in with a code', {
      place: 'code',
      remedy: 'Give the six digits your authenticator shows, or a recovery code.',
    })
  if (await spend(gate, account, account.totp, code)) return
  throw new Fault('auth.code', 'this code is wrong, or was used before', {
    place: 'code',
    remedy: 'Wait for the next one. Where it stays wrong, the clock of your authenticator may be off.',
  })
}

async function spend(gate: Gate, account: Account, sealed: Uint8Array, code: string): Promise<boolean> {
  const { store, clock } = gate.deps
  const secret = gate.box.open(sealed, aboutTotp(account.id))
  const step = stepOf(secret, code, { nowMs: clock.nowMs(), lastStep: account.totpStep })
  if (step !== undefined) return store.write(spendTotp, { account: account.id, step })
  return store.write(spendRecoveryCode, { account: account.id, codeHash: digestOfCode(code) })
}

/** What a TOTP secret is sealed about: it opens for its own account only. */
export function aboutTotp(account: number): string {
  return `totp ${account}`
}

export function newRecoveryCodes(gate: Gate): { codes: string[]; hashes: Uint8Array[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => newCode(gate.deps.random))
  return { codes, hashes: codes.map(digestOfCode) }
}
