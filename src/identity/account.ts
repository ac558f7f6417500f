// Accounts as they stand in the store, and as people see them.
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { listing } from '#kernel/listing.ts'
import type { Role } from '#kernel/role.ts'
import type { Reader, Tx } from '#kernel/store/types.ts'
import type { UserView } from './wire.ts'

export type Account = {
  readonly id: number
  readonly name: string
  readonly display: string
  readonly role: Role
  readonly red: 0 | 1
  readonly suspended: 0 | 1
  readonly password: string | null
  readonly totp: Uint8Array | null
  readonly totpPending: Uint8Array | null
  /** The time step of the last code that was used: no code works twice. */
  readonly totpStep: number
  readonly subject: string | null
  readonly createdMs: number
  readonly lastSignInMs: number | null
  readonly passkeys: number
}

const COLUMNS = `a.id, a.name, a.display, a.role, a.red, a.suspended, a.password, a.totp, a.totp_pending AS totpPending,
  a.totp_step AS totpStep, a.subject, a.created_ms AS createdMs, a.last_sign_in_ms AS lastSignInMs,
  (SELECT count(*) FROM passkey p WHERE p.account = a.id) AS passkeys`
const ACCOUNT_SQL = `SELECT ${COLUMNS} FROM account a WHERE a.removed_ms IS NULL`

/** Accounts by name, page by page. */
export const listAccounts = listing<Account>({
  columns: COLUMNS,
  from: 'account a',
  key: 'a.name',
  order: 'by name',
  where: 'a.removed_ms IS NULL',
  texts: ['a.name', 'a.display'],
})

export function findAccount(reader: Reader, name: string): Promise<Account | undefined> {
  return reader.get<Account>(`${ACCOUNT_SQL} AND a.name = ?`, name)
}

export function accountById(reader: Reader, id: number): Promise<Account | undefined> {
  return reader.get<Account>(`${ACCOUNT_SQL} AND a.id = ?`, id)
}

export async function requireAccount(reader: Reader, name: string): Promise<Account> {
  return (await findAccount(reader, name)) ?? throwUnknown(name)
}

/** The same, inside the writer. */
export function readAccount(tx: Pick<Tx, 'get'>, name: string): Account {
  return tx.get<Account>(`${ACCOUNT_SQL} AND a.name = ?`, name) ?? throwUnknown(name)
}

export function readAccountById(tx: Pick<Tx, 'get'>, id: number): Account {
  return tx.get<Account>(`${ACCOUNT_SQL} AND a.id = ?`, id) ?? throwUnknown(String(id))
}

function throwUnknown(name: string): never {
  throw new Fault('not-found', `there is no user “${name.slice(0, 80)}”`, { remedy: 'See “comity user list”.' })
}

/** Somebody who may run this node and can sign in: without one, a first administrator is made. */
export const ADMINISTRATOR_SQL = `SELECT count(*) AS n FROM account a WHERE a.removed_ms IS NULL AND a.suspended = 0
  AND a.role = 'administrator' AND (a.password IS NOT NULL OR a.subject IS NOT NULL
    OR EXISTS (SELECT 1 FROM passkey p WHERE p.account = a.id))`

export async function hasAdministrator(reader: Reader): Promise<boolean> {
  return ((await reader.get<{ n: number }>(ADMINISTRATOR_SQL))?.n ?? 0) > 0
}

export function toUserView(account: Account): UserView {
  const { name, display, role, createdMs, lastSignInMs } = account
  const ways = {
    password: account.password !== null,
    totp: account.totp !== null,
    passkeys: account.passkeys,
    oidc: account.subject !== null,
  }
  const invited = !ways.password && ways.passkeys === 0 && !ways.oidc
  return {
    name,
    display,
    role,
    state: account.suspended === 1 ? 'suspended' : invited ? 'invited' : 'active',
    red: account.red === 1,
    created: formatTime(createdMs),
    ...(lastSignInMs === null ? {} : { lastSignIn: formatTime(lastSignInMs) }),
    ways,
  }
}
