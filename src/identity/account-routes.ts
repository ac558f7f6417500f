// What signed-in people see and change about themselves: name, password, second factor, sessions. Passkeys stand apart.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { FOR_USERS } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { accountById, toUserView, type Account } from './account.ts'
import type { Gate } from './gate.ts'
import { confirmTotp, proposeTotp, removeTotp, renewCodes, setDisplay, setPassword, type Own } from './own-commands.ts'
import { checkPassword, hashPassword, requireGoodPassword } from './password.ts'
import { aboutTotp, newRecoveryCodes } from './second-factor.ts'
import { digestOf, newSecret } from './secret.ts'
import { endSession, listSessions } from './session.ts'
import { describeTotp, stepOf, TOTP_SECRET_BYTES } from './totp.ts'
import {
  AccountChangeShape,
  AccountShape,
  CodeShape,
  PasswordChangeShape,
  RecoveryCodesShape,
  SessionRowShape,
  SessionShape,
  TotpShape,
  type AccountView,
} from './wire.ts'

const TAGS = { tags: ['account'] }

/** Who is signed in. Only behind `FOR_USERS`. */
export async function ownAccount(gate: Gate, { caller }: FastifyRequest): Promise<Account> {
  const account = await accountById(gate.deps.store, caller.user?.account ?? 0)
  if (account === undefined) throw new Fault('auth.required', 'this user is gone')
  return account
}

/** A renewed secret for the session in use; `finish` hands it to the browser once the change is made. */
export function renewOwn(
  gate: Gate,
  { caller }: FastifyRequest,
  reply: FastifyReply,
): { own: Own; finish: () => Promise<Static<typeof SessionShape>> } {
  const { account = 0, session = 0 } = caller.user ?? {}
  const secret = newSecret(gate.deps.random)
  return {
    own: { account, session, secretHash: digestOf(secret) },
    finish: () => gate.welcomeIn(reply, account, secret),
  }
}

export function accountRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store } = gate.deps
  const view = async (request: FastifyRequest): Promise<AccountView> => {
    const account = await ownAccount(gate, request)
    const passkeys = await store.all<{ id: number; title: string; createdMs: number; usedMs: number | null }>(
      'SELECT id, title, created_ms AS createdMs, used_ms AS usedMs FROM passkey WHERE account = ? ORDER BY id',
      account.id,
    )
    const codes = await store.get<{ n: number }>(
      'SELECT count(*) AS n FROM recovery_code WHERE account = ?',
      account.id,
    )
    return {
      user: toUserView(account),
      passkeys: passkeys.map(({ id, title, createdMs, usedMs }) => ({
        id,
        title,
        created: formatTime(createdMs),
        ...(usedMs === null ? {} : { lastUsed: formatTime(usedMs) }),
      })),
      recoveryCodes: codes?.n ?? 0,
    }
  }
  return async (app) => {
    app.get(
      '/account',
      { config: FOR_USERS, schema: { ...TAGS, summary: 'One’s own account', response: { 200: AccountShape } } },
      async (request) => view(request),
    )
    app.patch<{ Body: Static<typeof AccountChangeShape> }>(
      '/account',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'Change one’s name for people',
          body: AccountChangeShape,
          response: { 200: AccountShape },
        },
      },
      async (request) => {
        await store.write(setDisplay, { account: request.caller.user?.account ?? 0, display: request.body.display })
        return view(request)
      },
    )
    await app.register(passwordRoute(gate))
    await app.register(totpRoutes(gate))
    await app.register(ownSessionRoutes(gate))
  }
}

function passwordRoute(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store, random, member } = gate.deps
  return async (app) => {
    app.put<{ Body: Static<typeof PasswordChangeShape> }>(
      '/account/password',
      {
        config: FOR_USERS,
        bodyLimit: LIMITS.signInBytesMax,
        schema: {
          ...TAGS,
          summary: 'Choose another password; all other sessions end',
          body: PasswordChangeShape,
          response: { 200: SessionShape },
        },
      },
      async (request, reply) => {
        const account = await ownAccount(gate, request)
        const { current = '', password } = request.body
        const guess = { account: account.name, address: request.ip }
        gate.throttle.demand(guess)
        if (account.password !== null && !(await checkPassword(current, account.password)).ok) {
          gate.throttle.failed(guess)
          throw new Fault('auth.denied', 'the current password is another one', { place: 'current' })
        }
        requireGoodPassword(password, [account.name, member.id])
        const { own, finish } = renewOwn(gate, request, reply)
        await store.write(setPassword, { ...own, password: await hashPassword(password, random) })
        return finish()
      },
    )
  }
}

function totpRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store, random, clock, member } = gate.deps
  return async (app) => {
    app.post(
      '/account/totp',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'Begin with an authenticator; it counts once a code of it was shown',
          response: { 200: TotpShape },
        },
      },
      async (request) => {
        const account = await ownAccount(gate, request)
        const secret = random(TOTP_SECRET_BYTES)
        await store.write(proposeTotp, { account: account.id, sealed: gate.box.seal(secret, aboutTotp(account.id)) })
        return describeTotp(secret, { issuer: member.id, account: account.name })
      },
    )
    app.put<{ Body: Static<typeof CodeShape> }>(
      '/account/totp',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'Show a code of the authenticator; answers with recovery codes',
          body: CodeShape,
          response: { 200: RecoveryCodesShape },
        },
      },
      async (request, reply) => {
        const account = await ownAccount(gate, request)
        const sealed = account.totpPending
        if (sealed === null)
          throw new Fault('conflict', 'no authenticator was begun with', {
            remedy: 'Begin with POST /api/account/totp.',
          })
        const secret = gate.box.open(sealed, aboutTotp(account.id))
        const step = stepOf(secret, request.body.code, { nowMs: clock.nowMs(), lastStep: 0 })
        if (step === undefined)
          throw new Fault('auth.code', 'this is not the code of now', {
            place: 'code',
            remedy: 'Check the clock of the device with the authenticator.',
          })
        const { codes, hashes } = newRecoveryCodes(gate)
        const { own, finish } = renewOwn(gate, request, reply)
        await store.write(confirmTotp, { ...own, sealed, step, codes: hashes })
        return { recoveryCodes: codes, session: await finish() }
      },
    )
    app.post(
      '/account/recovery-codes',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'New recovery codes instead of those before',
          response: { 200: RecoveryCodesShape },
        },
      },
      async (request, reply) => {
        const account = await ownAccount(gate, request)
        if (account.totp === null)
          throw new Fault('conflict', 'there is no second factor that could be lost', {
            remedy: 'Begin with an authenticator first.',
          })
        const { codes, hashes } = newRecoveryCodes(gate)
        const { own, finish } = renewOwn(gate, request, reply)
        await store.write(renewCodes, { ...own, codes: hashes })
        return { recoveryCodes: codes, session: await finish() }
      },
    )
    app.delete(
      '/account/totp',
      {
        config: FOR_USERS,
        schema: { ...TAGS, summary: 'Sign in without the authenticator again', response: { 200: SessionShape } },
      },
      async (request, reply) => {
        const { own, finish } = renewOwn(gate, request, reply)
        await store.write(removeTotp, own)
        return finish()
      },
    )
  }
}

function ownSessionRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store, clock, sessions } = gate.deps
  return async (app) => {
    app.get(
      '/account/sessions',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'One’s own sessions, newest first',
          response: { 200: Type.Object({ items: Type.Array(SessionRowShape) }) },
        },
      },
      async ({ caller: { user } }) => {
        const own = { account: user?.account ?? 0, current: user?.session ?? 0 }
        const asked = { ...own, nowMs: clock.nowMs(), idleMs: sessions.idleMs }
        return { items: [...(await listSessions(store, asked, { limit: LIMITS.sessionsPerUserMax })).rows] }
      },
    )
    app.delete<{ Params: { id: number } }>(
      '/account/sessions/:id',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'End one of one’s own sessions',
          params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        },
      },
      async ({ caller, params }, reply) => {
        await store.write(endSession, { actor: caller.actor, id: params.id, account: caller.user?.account ?? 0 })
        return reply.code(204).send()
      },
    )
  }
}
