// Who may come in, as one object: it finds the caller of a request, begins sessions, and says what a page needs to know.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatTime, type Clock, type Random } from '#kernel/clock.ts'
import { makeBox, type Box } from '#kernel/box.ts'
import { Fault } from '#kernel/fault.ts'
import { holdsToken, LOCAL_CALLER, type Caller } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { ROLE_RIGHTS, ROLES } from '#kernel/role.ts'
import type { Store } from '#kernel/store/types.ts'
import { accountById, hasAdministrator, toUserView, type Account } from './account.ts'
import { csrfOf, demandCsrf, demandOwnPage, isWrite, sessionCookie, setCookie, siteOf, type Site } from './browser.ts'
import { Challenges } from './challenge.ts'
import type { Oidc } from './oidc.ts'
import { digestOf, digestOfCode, newCode, newSecret } from './secret.ts'
import { beginSession, endSession, findSession, touchSession, type NewSession, type Way } from './session.ts'
import { Throttle } from './throttle.ts'
import { callerOfToken } from './token.ts'
import { offerFirst } from './welcome.ts'
import { BACKGROUND_HEADER, WELCOME_PATH, type SessionView } from './wire.ts'

export type GateDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** The address people open, without a trailing slash. */
  readonly publicUrl: string
  /** What the command line of this machine sends. */
  readonly adminToken: string
  readonly version: string
  readonly member: {
    readonly id: string
    /** What it says of itself now. */
    readonly says: () => { readonly names: Readonly<Record<string, string>>; readonly country?: string }
  }
  /** A seed of this node's keys, from which what seals TOTP secrets is derived. */
  readonly boxSeed: Uint8Array
  /** The member's own provider, where people sign in with one. */
  readonly oidc?: Oidc
  readonly sessions: { readonly idleMs: number; readonly lifeMs: number }
  /** Where the news of this node stand now. */
  readonly newsPosition: () => string
}

export type Gate = {
  readonly deps: GateDeps
  readonly site: Site
  readonly throttle: Throttle
  readonly box: Box
  readonly challenges: Challenges
  /** Who sent a request; undefined for a stranger. Throws what is wrong with the credentials it carries. */
  readonly callerOf: (request: FastifyRequest) => Promise<Caller | undefined>
  /** What `beginSession` and `useWelcome` need, and the secret that goes to the browser. */
  readonly newSession: (request: FastifyRequest) => { secret: string; session: Omit<NewSession, 'account' | 'way'> }
  /** Signs somebody in: a new session, its cookie, and the answer. */
  readonly signIn: (request: FastifyRequest, reply: FastifyReply, account: number, way: Way) => Promise<SessionView>
  /** Gives the browser the session that was just begun with `secret`. */
  readonly welcomeIn: (reply: FastifyReply, account: number, secret: string) => Promise<SessionView>
  /** The users who may decide for the member, by name. */
  readonly assignees: () => Promise<readonly { readonly name: string; readonly display: string }[]>
  /** What a page needs to know before anything else. */
  readonly view: (request: FastifyRequest) => Promise<SessionView>
  /** A one-time code for an existing account or a first administrator, as people get it. */
  readonly newCode: (given?: string) => { code: string; codeHash: Uint8Array; link: string; expiresMs: number }
  /** Where nobody could sign in as administrator yet, a code that makes one: the given one, or a new one. */
  readonly firstAdministrator: (given?: string) => Promise<{ readonly code: string; readonly link: string } | undefined>
}

function sayOf({ id, says }: GateDeps['member']): NonNullable<SessionView['member']> {
  const { names, country } = says()
  return { id, names: { ...names }, ...(country === undefined ? {} : { country }) }
}

export function makeGate(deps: GateDeps): Gate {
  const { store, clock, random, sessions } = deps
  const site = siteOf(deps.publicUrl)
  const isLocal = holdsToken(deps.adminToken)

  const find = (secret: string) =>
    findSession(store, { secretHash: digestOf(secret), nowMs: clock.nowMs(), idleMs: sessions.idleMs })

  const callerOf: Gate['callerOf'] = async (request) => {
    if (isLocal(request)) return LOCAL_CALLER
    if (request.headers.authorization !== undefined) return callerOfToken(deps, request.headers.authorization)
    const secret = sessionCookie(request, site)
    const open = request.routeOptions.config.access === 'anyone'
    if (isWrite(request) || (secret !== undefined && !open)) demandOwnPage(request, site)
    const session = secret === undefined ? undefined : await find(secret)
    if (secret === undefined || session === undefined) return undefined
    const account = await accountById(store, session.account)
    if (account === undefined || account.suspended === 1) return undefined
    if (isWrite(request) && !open) demandCsrf(request, secret)
    const meant = request.headers[BACKGROUND_HEADER] === undefined
    if (meant && clock.nowMs() - session.seenMs >= LIMITS.sessionSeenMs)
      await store.write(touchSession, { id: session.id })
    const still = async (): Promise<boolean> => {
      const [now, then] = [await find(secret), await accountById(store, account.id)]
      return now?.id === session.id && then?.suspended === 0
    }
    return { ...callerOfUser(account, session.id), still }
  }

  const base = (): Pick<SessionView, 'member' | 'version' | 'ways'> => ({
    member: sayOf(deps.member),
    version: deps.version,
    ways: {
      password: true,
      ...(site.rpId === undefined ? {} : { passkey: site.rpId }),
      ...(deps.oidc === undefined ? {} : { oidc: { title: deps.oidc.title, start: '/api/oidc/start' } }),
    },
  })

  const signedIn = async (secret: string): Promise<SessionView | undefined> => {
    const session = await find(secret)
    const account = session === undefined ? undefined : await accountById(store, session.account)
    if (session === undefined || account === undefined || account.suspended === 1) return undefined
    return {
      ...base(),
      state: 'signed-in',
      user: toUserView(account),
      rights: [...ROLE_RIGHTS[account.role]],
      csrf: csrfOf(secret),
      news: deps.newsPosition(),
      idleExpires: formatTime(Math.min(session.expiresMs, session.seenMs + sessions.idleMs)),
      expires: formatTime(session.expiresMs),
    }
  }

  const newSession: Gate['newSession'] = (request) => {
    const secret = newSecret(random)
    const session = {
      secretHash: digestOf(secret),
      address: request.ip,
      agent: request.headers['user-agent'] ?? '',
      lifeMs: sessions.lifeMs,
    }
    return { secret, session }
  }

  /** Whoever signs in again in the same browser leaves the session they had there. */
  const leaveBefore = async (request: FastifyRequest): Promise<void> => {
    const secret = sessionCookie(request, site)
    const session = secret === undefined ? undefined : await find(secret)
    if (session !== undefined) await store.write(endSession, { actor: 'node', id: session.id })
  }

  const welcomeIn: Gate['welcomeIn'] = async (reply, account, secret) => {
    reply.header('set-cookie', setCookie(site, secret, Math.floor(sessions.lifeMs / 1000)))
    const view = await signedIn(secret)
    if (view === undefined) throw new Fault('auth.denied', `the session of account ${account} has ended already`)
    return view
  }

  const makeCode: Gate['newCode'] = (code = newCode(random)) => {
    return {
      code,
      codeHash: digestOfCode(code),
      link: `${site.origins[0] ?? ''}${WELCOME_PATH}#${code}`,
      expiresMs: clock.nowMs() + LIMITS.welcomeLifeMs,
    }
  }

  return {
    deps,
    site,
    throttle: new Throttle(clock.nowMs),
    box: makeBox(deps.boxSeed, random, {
      name: 'identity',
      otherwise: 'let the user start anew: comity user reset NAME',
    }),
    challenges: new Challenges(deps),
    callerOf,
    newSession,
    signIn: async (request, reply, account, way) => {
      const { secret, session } = newSession(request)
      await store.write(beginSession, { ...session, account, way })
      await leaveBefore(request)
      return welcomeIn(reply, account, secret)
    },
    welcomeIn,
    view: async (request) => {
      const secret = sessionCookie(request, site)
      const view = secret === undefined ? undefined : await signedIn(secret)
      if (view !== undefined) return view
      return { ...base(), state: (await hasAdministrator(store)) ? 'signed-out' : 'first-administrator' }
    },
    newCode: makeCode,
    assignees: () =>
      store.all(DECIDERS_SQL, JSON.stringify(ROLES.filter((role) => ROLE_RIGHTS[role].includes('decide')))),
    firstAdministrator: async (given) => {
      if (await hasAdministrator(store)) return undefined
      const { code, codeHash, link, expiresMs } = makeCode(given)
      await store.write(offerFirst, { codeHash, expiresMs })
      return { code, link }
    },
  }
}

const DECIDERS_SQL = `SELECT name, display FROM account
  WHERE removed_ms IS NULL AND suspended = 0 AND role IN (SELECT value FROM json_each(?)) ORDER BY name LIMIT 1000`

function callerOfUser(account: Account, session: number): Caller {
  return {
    actor: `user:${account.name}`,
    rights: ROLE_RIGHTS[account.role],
    principal: { kind: 'self', via: 'person', red: account.red === 1 },
    user: { account: account.id, session },
  }
}
