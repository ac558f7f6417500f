// Sessions of people who signed in. The secret is the browser's; here only its digest stands. A session ends by itself
// when nothing was asked for a while, at a fixed time in any case, and when its user's rights change.
import { audit } from '#kernel/audit.ts'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Asked } from '#kernel/list-shape.ts'
import { listing, type ListPage } from '#kernel/listing.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import { readAccountById } from './account.ts'
import type { SessionRow } from './wire.ts'

/** How somebody signed in. */
export type Way = 'password' | 'passkey' | 'oidc' | 'welcome'

export type NewSession = {
  readonly account: number
  readonly secretHash: Uint8Array
  readonly way: Way
  readonly address: string
  /** What the browser calls itself; anybody may claim anything. */
  readonly agent: string
  readonly lifeMs: number
}

export const beginSession = command('identity.begin-session', (tx, input: NewSession): number => {
  const account = readAccountById(tx, input.account)
  if (account.suspended === 1) throw new Fault('auth.denied', 'this user is suspended')
  tx.run('UPDATE account SET last_sign_in_ms = ? WHERE id = ?', tx.nowMs, account.id)
  return insertSession(tx, input)
})

/** The oldest make room: a user has so many sessions at most. */
export function insertSession(tx: Tx, input: NewSession): number {
  const { name } = readAccountById(tx, input.account)
  tx.run('DELETE FROM session WHERE expires_ms <= ?', tx.nowMs)
  tx.run(
    `DELETE FROM session WHERE account = ? AND id NOT IN
       (SELECT id FROM session WHERE account = ? ORDER BY id DESC LIMIT ?)`,
    input.account,
    input.account,
    LIMITS.sessionsPerUserMax - 1,
  )
  tx.run(
    `INSERT INTO session (account, secret_hash, way, address, agent, created_ms, seen_ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    input.account,
    input.secretHash,
    input.way,
    input.address,
    input.agent.slice(0, LIMITS.agentCharsMax),
    tx.nowMs,
    tx.nowMs,
    tx.nowMs + input.lifeMs,
  )
  const { way, address } = input
  audit(tx, { actor: `user:${name}`, action: 'session.begin', subject: name, detail: { way, address } })
  return tx.get<{ id: number }>('SELECT id FROM session WHERE secret_hash = ?', input.secretHash)?.id ?? 0
}

/** Written at most once in `LIMITS.sessionSeenMs` for a session. */
export const touchSession = command('identity.touch-session', (tx, input: { readonly id: number }): void => {
  tx.run('UPDATE session SET seen_ms = ? WHERE id = ?', tx.nowMs, input.id)
})

/** Ends a session: of one account only where that is given. */
export const endSession = command(
  'identity.end-session',
  (tx, input: { readonly actor: string; readonly id: number; readonly account?: number }): void => {
    const row = tx.get<{ account: number; name: string }>(
      'SELECT s.account, a.name FROM session s JOIN account a ON a.id = s.account WHERE s.id = ?',
      input.id,
    )
    if (row === undefined || (input.account !== undefined && row.account !== input.account))
      throw new Fault('not-found', `there is no session ${input.id}`, { remedy: 'It may have ended already.' })
    tx.run('DELETE FROM session WHERE id = ?', input.id)
    audit(tx, { actor: input.actor, action: 'session.end', subject: row.name })
    tx.emit({ name: 'identity.ended', data: { account: row.account } })
  },
)

/** All of a user's, or all but the one that is kept. */
export function endSessionsOf(tx: Tx, account: number, keep = 0): void {
  tx.run('DELETE FROM session WHERE account = ? AND id <> ?', account, keep)
  tx.emit({ name: 'identity.ended', data: { account } })
}

/** Puts a new secret under a session that goes on, when what its user may do or knows has changed. */
export function rotateSession(tx: Tx, id: number, secretHash: Uint8Array): void {
  tx.run('UPDATE session SET secret_hash = ? WHERE id = ?', secretHash, id)
}

export type LiveSession = {
  readonly id: number
  readonly account: number
  readonly seenMs: number
  readonly expiresMs: number
}

/** The session of a secret, where it has not ended. */
export function findSession(
  reader: Reader,
  query: { readonly secretHash: Uint8Array; readonly nowMs: number; readonly idleMs: number },
): Promise<LiveSession | undefined> {
  return reader.get<LiveSession>(
    `SELECT id, account, seen_ms AS seenMs, expires_ms AS expiresMs FROM session
     WHERE secret_hash = ? AND expires_ms > ? AND seen_ms > ?`,
    query.secretHash,
    query.nowMs,
    query.nowMs - query.idleMs,
  )
}

type Row = {
  id: number
  user: string
  way: string
  address: string
  agent: string
  createdMs: number
  seenMs: number
  expiresMs: number
}

/** Live sessions, newest first: of everybody, or of one account. */
const readSessions = listing<Row>({
  columns: `s.id, a.name AS user, s.way, s.address, s.agent, s.created_ms AS createdMs, s.seen_ms AS seenMs,
    s.expires_ms AS expiresMs`,
  from: 'session s JOIN account a ON a.id = s.account',
  key: 's.id',
  order: 'newest first',
  where: '(?1 IS NULL OR s.account = ?1) AND s.expires_ms > ?2 AND s.seen_ms > ?3',
  texts: ['a.name', 's.address', 's.agent'],
})

export async function listSessions(
  reader: Reader,
  query: {
    readonly account?: number
    readonly current?: number
    readonly nowMs: number
    readonly idleMs: number
  },
  page: Asked,
): Promise<ListPage<SessionRow>> {
  const { account = null, nowMs, idleMs } = query
  const { rows, next } = await readSessions(reader, page, account, nowMs, nowMs - idleMs)
  const views = rows.map(({ createdMs, seenMs, expiresMs, ...row }) => ({
    ...row,
    created: formatTime(createdMs),
    lastSeen: formatTime(seenMs),
    expires: formatTime(expiresMs),
    current: row.id === query.current,
  }))
  return { rows: views, next }
}
