// Signing in with a name and a password, signing out, and who is signed in.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import Type from 'typebox'
import { recordDeed } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { FOR_ANYONE, FOR_USERS, needs } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { NumberedQuery, pageShape } from '#kernel/list-shape.ts'
import { pageView } from '#kernel/listing.ts'
import { findAccount } from './account.ts'
import { setPasswordHash } from './account-commands.ts'
import { dropCookie } from './browser.ts'
import type { Gate } from './gate.ts'
import { checkPassword, hashPassword } from './password.ts'
import { demandCode } from './second-factor.ts'
import { endSession, listSessions } from './session.ts'
import { SessionRowShape, SessionShape, SignInShape, type SignIn } from './wire.ts'

const TAGS = { tags: ['identity'] }

export function sessionRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store, clock, sessions } = gate.deps
  return async (app) => {
    app.get(
      '/session',
      {
        config: FOR_ANYONE,
        schema: { ...TAGS, summary: 'Who is signed in, and how one signs in', response: { 200: SessionShape } },
      },
      async (request) => gate.view(request),
    )
    app.post<{ Body: SignIn }>(
      '/session',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: { ...TAGS, summary: 'Sign in', body: SignInShape, response: { 200: SessionShape } },
      },
      async (request, reply) => {
        const account = await passwordAccount(gate, request.body, request.ip)
        return gate.signIn(request, reply, account, 'password')
      },
    )
    app.delete('/session', { config: FOR_USERS, schema: { ...TAGS, summary: 'Sign out' } }, async (request, reply) => {
      const { caller } = request
      await store.write(endSession, { actor: caller.actor, id: caller.user?.session ?? 0 })
      return reply.header('set-cookie', dropCookie(gate.site)).code(204).send()
    })
    app.get<{ Querystring: Static<typeof NumberedQuery> }>(
      '/sessions',
      {
        config: needs('audit', 'identity'),
        schema: {
          ...TAGS,
          summary: 'Everybody’s sessions, newest first',
          querystring: NumberedQuery,
          response: { 200: pageShape(SessionRowShape) },
        },
      },
      async ({ caller: { user }, query }) => {
        const current = user === undefined ? {} : { current: user.session }
        const asked = { ...current, nowMs: clock.nowMs(), idleMs: sessions.idleMs }
        return pageView(await listSessions(store, asked, query), (session) => session)
      },
    )
    app.delete<{ Params: { id: number } }>(
      '/sessions/:id',
      {
        config: needs('administer', 'identity'),
        schema: { ...TAGS, summary: 'End a session', params: Type.Object({ id: Type.Integer({ minimum: 1 }) }) },
      },
      async (request, reply) => {
        await store.write(endSession, { actor: request.caller.actor, id: request.params.id })
        return reply.code(204).send()
      },
    )
  }
}

/** The account a name and a password belong to. One refusal for every reason, and failures are counted. */
async function passwordAccount(gate: Gate, given: SignIn, address: string): Promise<number> {
  const { store, random } = gate.deps
  const guess = { account: given.name, address }
  gate.throttle.demand(guess)
  const account = await findAccount(store, given.name)
  const { ok, stale } = await checkPassword(given.password, account?.password ?? undefined)
  if (!ok || account === undefined || account.suspended === 1) {
    await refused(gate, guess, account?.name)
    throw new Fault('auth.required', 'this name and password do not belong to anybody here', {
      remedy: 'Check both. An administrator can give you a new start: comity user reset NAME.',
    })
  }
  try {
    await demandCode(gate, account, given.code)
  } catch (error) {
    if (given.code !== undefined) await refused(gate, guess, account.name)
    throw error
  }
  if (stale)
    await store.write(setPasswordHash, { id: account.id, password: await hashPassword(given.password, random) })
  gate.throttle.succeeded(guess)
  return account.id
}

/** Names nobody has are not written down: people type passwords there by mistake. */
async function refused(
  gate: Gate,
  guess: { account: string; address: string },
  known: string | undefined,
): Promise<void> {
  const began = gate.throttle.failed(guess)
  if (known === undefined && !began) return
  await gate.deps.store.write(recordDeed, {
    actor: 'node',
    action: began ? 'session.throttled' : 'session.refused',
    subject: known ?? '',
    detail: { address: guess.address },
  })
}
