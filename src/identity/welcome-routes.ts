// One-time codes over HTTP: what a code is for, and using it with a password. The code travels in bodies, never in a URL.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { Fault } from '#kernel/fault.ts'
import { FOR_ANYONE } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Gate } from './gate.ts'
import { hashPassword, requireGoodPassword } from './password.ts'
import { digestOfCode } from './secret.ts'
import { lookUpWelcome, useWelcome, type WelcomeInfo } from './welcome.ts'
import { SessionShape, WelcomeInfoShape, WelcomeLookShape, WelcomeUseShape } from './wire.ts'

const TAGS = { tags: ['identity'] }

export function welcomeRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store, random } = gate.deps
  return async (app) => {
    app.post<{ Body: Static<typeof WelcomeLookShape> }>(
      '/welcome/look',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: {
          ...TAGS,
          summary: 'What a one-time code is for',
          body: WelcomeLookShape,
          response: { 200: WelcomeInfoShape },
        },
      },
      async (request) => {
        const { kind, user, expires } = await welcomeOf(gate, request.body.code, request.ip)
        return { kind, ...(user === undefined ? {} : { user }), expires }
      },
    )
    app.post<{ Body: Static<typeof WelcomeUseShape> }>(
      '/welcome',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: {
          ...TAGS,
          summary: 'Use a one-time code: choose a password, and be signed in',
          body: WelcomeUseShape,
          response: { 200: SessionShape },
        },
      },
      async (request, reply) => {
        const { code, password, name, display } = request.body
        const info = await welcomeOf(gate, code, request.ip)
        requireGoodPassword(password, namesOf(gate, info, name))
        const { secret, session } = gate.newSession(request)
        const account = await store.write(useWelcome, {
          codeHash: digestOfCode(code),
          ...(name === undefined ? {} : { name }),
          ...(display === undefined ? {} : { display }),
          password: await hashPassword(password, random),
          session,
        })
        return gate.welcomeIn(reply, account, secret)
      },
    )
  }
}

/** A code cannot be guessed, but whoever tries is made to wait all the same. */
export async function welcomeOf(gate: Gate, code: string, address: string): Promise<WelcomeInfo> {
  const guess = { account: `code from ${address}`, address }
  gate.throttle.demand(guess)
  try {
    return await lookUpWelcome(gate.deps.store, digestOfCode(code), gate.deps.clock.nowMs())
  } catch (error) {
    if (error instanceof Fault) gate.throttle.failed(guess)
    throw error
  }
}

function namesOf(gate: Gate, { account }: WelcomeInfo, chosen: string | undefined): string[] {
  return [account?.name ?? chosen ?? '', gate.deps.member.id].filter((each) => each !== '')
}
