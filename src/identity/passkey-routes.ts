// Passkeys over HTTP: signing in with one, adding and removing one's own, and beginning with one by a one-time code.
import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { recordDeed } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { FOR_ANYONE, FOR_USERS } from '#kernel/http/access.ts'
import { LIMITS } from '#kernel/limits.ts'
import { ownAccount, renewOwn } from './account-routes.ts'
import { accountById, type Account } from './account.ts'
import type { Gate } from './gate.ts'
import { addPasskey, removePasskey, spendPasskey } from './own-commands.ts'
import {
  creationOptions,
  credentialOf,
  readAssertion,
  readRegistration,
  requestOptions,
  type Expected,
} from './passkey.ts'
import { digestOfCode } from './secret.ts'
import { welcomeOf } from './welcome-routes.ts'
import { useWelcome } from './welcome.ts'
import {
  NewPasskeyShape,
  PasskeyAnswerShape,
  PasskeyOptionsShape,
  SessionShape,
  WelcomePasskeyOptionsShape,
  WelcomePasskeyShape,
} from './wire.ts'

const SIGN_IN = 'sign in'

export function passkeyRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(signInRoutes(gate))
    await app.register(ownPasskeyRoutes(gate))
    await app.register(welcomePasskeyRoutes(gate))
  }
}

/** What an answer must fit. Throws `conflict` where this node has no name a passkey could be bound to. */
function expect(gate: Gate, purpose: string): Expected {
  const { rpId, origins } = gate.site
  if (rpId === undefined)
    throw new Fault('conflict', 'passkeys need an address with a name and https', {
      remedy: 'Set publicUrl to https://… with a host name; an IP address will not do.',
    })
  return { rpId, origins, holds: (challenge) => gate.challenges.holds(challenge, purpose) }
}

function signInRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store } = gate.deps
  const TAGS = { tags: ['identity'] }
  return async (app) => {
    app.post(
      '/session/passkey/options',
      {
        config: FOR_ANYONE,
        schema: { ...TAGS, summary: 'What to ask the browser for', response: { 200: PasskeyOptionsShape } },
      },
      async () => {
        const { rpId } = expect(gate, SIGN_IN)
        return { options: requestOptions(rpId, gate.challenges.make(SIGN_IN)) }
      },
    )
    app.post<{ Body: Static<typeof PasskeyAnswerShape> }>(
      '/session/passkey',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: {
          ...TAGS,
          summary: 'Sign in with a passkey',
          body: PasskeyAnswerShape,
          response: { 200: SessionShape },
        },
      },
      async (request, reply) => {
        const expected = expect(gate, SIGN_IN)
        gate.throttle.demandAddress(request.ip)
        try {
          const account = await accountOfPasskey(gate, request.body.response, expected)
          return await gate.signIn(request, reply, account, 'passkey')
        } catch (error) {
          if (error instanceof Fault && error.code.startsWith('auth.') && gate.throttle.failedAddress(request.ip))
            await store.write(recordDeed, {
              actor: 'node',
              action: 'session.throttled',
              subject: '',
              detail: { address: request.ip },
            })
          throw error
        }
      },
    )
  }
}

type Stored = { id: number; account: number; public_key: Uint8Array; counter: number }

async function accountOfPasskey(gate: Gate, answer: unknown, expected: Expected): Promise<number> {
  const { store } = gate.deps
  const row = await store.get<Stored>(
    'SELECT id, account, public_key, counter FROM passkey WHERE credential = ?',
    credentialOf(answer),
  )
  const account = row === undefined ? undefined : await accountById(store, row.account)
  if (row === undefined || account === undefined || account.suspended === 1)
    throw new Fault('auth.required', 'this passkey belongs to nobody here', {
      remedy: 'It may have been removed. Sign in another way.',
    })
  const known = { publicKey: row.public_key, counter: row.counter }
  const { counter, challenge } = readAssertion(answer, known, expected)
  gate.challenges.use(challenge)
  await store.write(spendPasskey, { id: row.id, counter })
  return account.id
}

function ownPasskeyRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store } = gate.deps
  const TAGS = { tags: ['account'] }
  const purpose = ({ id }: Account): string => `add to ${id}`
  return async (app) => {
    app.post(
      '/account/passkeys/options',
      {
        config: FOR_USERS,
        schema: { ...TAGS, summary: 'What to ask the browser for', response: { 200: PasskeyOptionsShape } },
      },
      async (request) => {
        const account = await ownAccount(gate, request)
        return { options: await optionsFor(gate, account, account, purpose(account)) }
      },
    )
    app.post<{ Body: Static<typeof NewPasskeyShape> }>(
      '/account/passkeys',
      {
        config: FOR_USERS,
        bodyLimit: LIMITS.signInBytesMax,
        schema: { ...TAGS, summary: 'Add a passkey', body: NewPasskeyShape, response: { 200: SessionShape } },
      },
      async (request, reply) => {
        const account = await ownAccount(gate, request)
        const passkey = take(gate, request.body, purpose(account))
        const { own, finish } = renewOwn(gate, request, reply)
        await store.write(addPasskey, { ...own, passkey })
        return finish()
      },
    )
    app.delete<{ Params: { id: number } }>(
      '/account/passkeys/:id',
      {
        config: FOR_USERS,
        schema: {
          ...TAGS,
          summary: 'Remove a passkey',
          params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
          response: { 200: SessionShape },
        },
      },
      async (request, reply) => {
        const { own, finish } = renewOwn(gate, request, reply)
        await store.write(removePasskey, { ...own, id: request.params.id })
        return finish()
      },
    )
  }
}

function welcomePasskeyRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store } = gate.deps
  const TAGS = { tags: ['identity'] }
  const purpose = (code: string): string => `welcome ${Buffer.from(digestOfCode(code)).toString('hex')}`
  return async (app) => {
    app.post<{ Body: Static<typeof WelcomePasskeyOptionsShape> }>(
      '/welcome/passkey/options',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: {
          ...TAGS,
          summary: 'What to ask the browser for',
          body: WelcomePasskeyOptionsShape,
          response: { 200: PasskeyOptionsShape },
        },
      },
      async (request) => {
        const { code, name, display } = request.body
        const { account } = await welcomeOf(gate, code, request.ip)
        const called = account?.name ?? name
        if (called === undefined)
          throw new Fault('input.invalid', 'the first administrator needs a name', { place: 'name' })
        const shown = display ?? account?.display ?? called
        return { options: await optionsFor(gate, { name: called, display: shown }, account, purpose(code)) }
      },
    )
    app.post<{ Body: Static<typeof WelcomePasskeyShape> }>(
      '/welcome/passkey',
      {
        config: FOR_ANYONE,
        bodyLimit: LIMITS.signInBytesMax,
        schema: {
          ...TAGS,
          summary: 'Use a one-time code: begin with a passkey, and be signed in',
          body: WelcomePasskeyShape,
          response: { 200: SessionShape },
        },
      },
      async (request, reply) => {
        const { code, name, display } = request.body
        await welcomeOf(gate, code, request.ip)
        const { secret, session } = gate.newSession(request)
        const account = await store.write(useWelcome, {
          codeHash: digestOfCode(code),
          ...(name === undefined ? {} : { name }),
          ...(display === undefined ? {} : { display }),
          passkey: take(gate, request.body, purpose(code)),
          session,
        })
        return gate.welcomeIn(reply, account, secret)
      },
    )
  }
}

async function optionsFor(
  gate: Gate,
  user: { readonly name: string; readonly display: string },
  account: Account | undefined,
  purpose: string,
): Promise<Record<string, unknown>> {
  const { store, random, member } = gate.deps
  const { rpId } = expect(gate, purpose)
  const known =
    account === undefined
      ? []
      : await store.all<{ credential: string }>('SELECT credential FROM passkey WHERE account = ?', account.id)
  return creationOptions({
    rpId,
    rpName: member.id,
    challenge: gate.challenges.make(purpose),
    // Tells nothing about the user, and is the same each time, so that one device holds one passkey for one account.
    user: { ...user, id: account === undefined ? random(32) : handleOf(member.id, account) },
    known: known.map((row) => row.credential),
  })
}

function handleOf(member: string, { id, createdMs }: Account): Uint8Array {
  return createHmac('sha256', `comity user handle 1 ${member}`).update(`${id} ${createdMs}`).digest()
}

/** Reads a new passkey from what the browser answered. */
function take(gate: Gate, body: { readonly title: string; readonly response: unknown }, purpose: string) {
  const { challenge, ...passkey } = readRegistration(body.response, expect(gate, purpose))
  gate.challenges.use(challenge)
  return { ...passkey, title: body.title }
}
