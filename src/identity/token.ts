// API tokens: programs that act on this node under a name, with a role, for some of its parts, until a day. The secret is
// shown once. A token is never a person, so it never sees TLP:RED.
import { audit } from '#kernel/audit.ts'
import { formatTime, type Clock } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import type { Caller } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { listing } from '#kernel/listing.ts'
import { ROLE_RIGHTS, type Role } from '#kernel/role.ts'
import { command, type Reader, type Store } from '#kernel/store/types.ts'
import { digestOf } from './secret.ts'
import type { TokenView } from './wire.ts'

/** So that a token that lies about somewhere is known for what it is. */
export const TOKEN_PREFIX = 'comity_'

export type NewToken = {
  readonly actor: string
  readonly name: string
  readonly secretHash: Uint8Array
  readonly role: Role
  readonly parts: readonly string[]
  /** Null: never. */
  readonly expiresMs: number | null
}

export const addToken = command('identity.add-token', (tx, input: NewToken): void => {
  const { actor, name, secretHash, role, parts, expiresMs } = input
  if (tx.get('SELECT 1 FROM api_token WHERE name = ?', name) !== undefined)
    throw new Fault('conflict', `a token is or was called ${name}`, {
      place: 'name',
      remedy: 'Use another name: the audit log refers to it.',
    })
  const count = tx.get<{ n: number }>('SELECT count(*) AS n FROM api_token WHERE revoked_ms IS NULL')?.n ?? 0
  if (count >= LIMITS.tokensMax) throw new Fault('busy', `there are ${count} tokens, and that is the most`)
  tx.run(
    `INSERT INTO api_token (name, secret_hash, role, parts, made_by, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    name,
    secretHash,
    role,
    JSON.stringify(parts),
    actor,
    tx.nowMs,
    expiresMs,
  )
  audit(tx, {
    actor,
    action: 'token.add',
    subject: name,
    detail: { role, parts, expires: expiresMs === null ? 'never' : formatTime(expiresMs) },
  })
})

export const revokeToken = command(
  'identity.revoke-token',
  (tx, input: { readonly actor: string; readonly name: string }): void => {
    if (tx.run('UPDATE api_token SET revoked_ms = ? WHERE name = ? AND revoked_ms IS NULL', tx.nowMs, input.name) !== 1)
      throw new Fault('not-found', `there is no token “${input.name.slice(0, 80)}”`, {
        remedy: 'See “comity token list”.',
      })
    audit(tx, { actor: input.actor, action: 'token.revoke', subject: input.name })
  },
)

/** Written at most once in `LIMITS.sessionSeenMs` for a token. */
export const touchToken = command('identity.touch-token', (tx, input: { readonly id: number }): void => {
  tx.run('UPDATE api_token SET used_ms = ? WHERE id = ?', tx.nowMs, input.id)
})

type Row = {
  id: number
  name: string
  role: Role
  parts: string
  madeBy: string
  createdMs: number
  expiresMs: number | null
  usedMs: number | null
  revokedMs: number | null
}
const COLUMNS = `id, name, role, parts, made_by AS madeBy, created_ms AS createdMs, expires_ms AS expiresMs,
  used_ms AS usedMs, revoked_ms AS revokedMs`
const TOKEN_SQL = `SELECT ${COLUMNS} FROM api_token`

/** The program behind a bearer token. Throws `auth.required` where there is none, or it expired or was revoked. */
export async function callerOfToken(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  authorization: string,
): Promise<Caller> {
  const secret = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1]
  const row =
    secret?.startsWith(TOKEN_PREFIX) === true
      ? await store.get<Row>(`${TOKEN_SQL} WHERE secret_hash = ?`, digestOf(secret))
      : undefined
  const nowMs = clock.nowMs()
  const why = whyEnded(row, nowMs)
  if (row === undefined || why !== undefined)
    throw new Fault('auth.required', why ?? '', { remedy: 'Make one: comity token add NAME --role ROLE.' })
  if (nowMs - (row.usedMs ?? 0) >= LIMITS.sessionSeenMs) await store.write(touchToken, { id: row.id })
  const parts = JSON.parse(row.parts) as string[]
  return {
    actor: `token:${row.name}`,
    rights: ROLE_RIGHTS[row.role],
    ...(parts.length === 0 ? {} : { parts }),
    still: async () => whyEnded(await store.get<Row>(`${TOKEN_SQL} WHERE id = ?`, row.id), clock.nowMs()) === undefined,
    principal: { kind: 'self', via: 'machine' },
  }
}

function whyEnded(row: Row | undefined, nowMs: number): string | undefined {
  if (row === undefined) return 'this token is not known here'
  if (row.revokedMs !== null) return 'this token was revoked'
  return row.expiresMs !== null && row.expiresMs <= nowMs ? 'this token has expired' : undefined
}

/** Tokens, newest first, page by page. */
export const listTokens = listing<Row>({
  columns: COLUMNS,
  from: 'api_token',
  key: 'id',
  order: 'newest first',
  texts: ['name', 'made_by'],
})

export async function tokenByName(reader: Reader, name: string): Promise<TokenView | undefined> {
  const row = await reader.get<Row>(`${TOKEN_SQL} WHERE name = ?`, name)
  return row === undefined ? undefined : toTokenView(row)
}

export function toTokenView(row: Row): TokenView {
  return {
    name: row.name,
    role: row.role,
    parts: JSON.parse(row.parts) as string[],
    made: row.madeBy,
    created: formatTime(row.createdMs),
    ...(row.expiresMs === null ? {} : { expires: formatTime(row.expiresMs) }),
    ...(row.usedMs === null ? {} : { lastUsed: formatTime(row.usedMs) }),
    ...(row.revokedMs === null ? {} : { revoked: formatTime(row.revokedMs) }),
  }
}
