// Users and API tokens, for administrators; who may look is also the auditor.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { needs, type Caller } from '#kernel/http/access.ts'
import { NamedQuery, NumberedQuery, pageShape } from '#kernel/list-shape.ts'
import { pageView } from '#kernel/listing.ts'
import { ROLE_RIGHTS, type Role } from '#kernel/role.ts'
import { addUser, removeUser, resetUser, setUser } from './account-commands.ts'
import { listAccounts, requireAccount, toUserView } from './account.ts'
import type { Gate } from './gate.ts'
import { digestOf, newSecret } from './secret.ts'
import { addToken, listTokens, revokeToken, TOKEN_PREFIX, tokenByName, toTokenView } from './token.ts'
import {
  MadeTokenShape,
  NewTokenShape,
  NewUserShape,
  TokenShape,
  UserChangeShape,
  UserShape,
  WelcomeShape,
  type TokenView,
  type UserView,
  type Welcome,
} from './wire.ts'

const TAGS = { tags: ['identity'] }
const DAY_MS = 24 * 3600 * 1000
const TOKEN_DAYS = 90
type Named = { Params: { name: string } }

export function userRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store } = gate.deps
  const view = async (name: string): Promise<UserView> => toUserView(await requireAccount(store, name))
  const offer = async (actor: string, name: string): Promise<Welcome> => {
    const { code, codeHash, link, expiresMs } = gate.newCode()
    await store.write(resetUser, { actor, name, codeHash, expiresMs })
    return { user: await view(name), code, link, expires: formatTime(expiresMs) }
  }
  return async (app) => {
    app.get<{ Querystring: Static<typeof NamedQuery> }>(
      '/users',
      {
        config: needs('audit', 'identity'),
        schema: {
          ...TAGS,
          summary: 'All users, by name',
          querystring: NamedQuery,
          response: { 200: pageShape(UserShape) },
        },
      },
      async ({ query }) => pageView(await listAccounts(store, query), toUserView),
    )
    app.get<Named>(
      '/users/:name',
      { config: needs('audit', 'identity'), schema: { ...TAGS, summary: 'One user', response: { 200: UserShape } } },
      async (request) => view(request.params.name),
    )
    app.post<{ Body: Static<typeof NewUserShape> }>(
      '/users',
      {
        config: needs('administer', 'identity'),
        schema: {
          ...TAGS,
          summary: 'Invite a user; answers with a one-time link by which they choose how to sign in',
          body: NewUserShape,
          response: { 201: WelcomeShape },
        },
      },
      async (request, reply) => {
        const { actor } = request.caller
        const { name, display = name, role, red = false } = request.body
        await store.write(addUser, { actor, name, display, role, red })
        return reply.code(201).send(await offer(actor, name))
      },
    )
    app.patch<Named & { Body: Static<typeof UserChangeShape> }>(
      '/users/:name',
      {
        config: needs('administer', 'identity'),
        schema: {
          ...TAGS,
          summary: 'Change a user; whose rights change is signed out',
          body: UserChangeShape,
          response: { 200: UserShape },
        },
      },
      async (request) => {
        const { params, body, caller } = request
        await store.write(setUser, { actor: caller.actor, name: params.name, change: body })
        return view(params.name)
      },
    )
    app.post<Named>(
      '/users/:name/reset',
      {
        config: needs('administer', 'identity'),
        schema: {
          ...TAGS,
          summary: 'Forget how a user signs in; answers with a one-time link',
          response: { 200: WelcomeShape },
        },
      },
      async (request) => offer(request.caller.actor, request.params.name),
    )
    app.delete<Named>(
      '/users/:name',
      { config: needs('administer', 'identity'), schema: { ...TAGS, summary: 'Remove a user' } },
      async (request, reply) => {
        await store.write(removeUser, { actor: request.caller.actor, name: request.params.name })
        return reply.code(204).send()
      },
    )
    await app.register(tokenRoutes(gate))
  }
}

function tokenRoutes(gate: Gate): (app: FastifyInstance) => Promise<void> {
  const { store, clock, random } = gate.deps
  return async (app) => {
    app.get<{ Querystring: Static<typeof NumberedQuery> }>(
      '/tokens',
      {
        config: needs('audit', 'identity'),
        schema: {
          ...TAGS,
          summary: 'API tokens, newest first',
          querystring: NumberedQuery,
          response: { 200: pageShape(TokenShape) },
        },
      },
      async ({ query }) => pageView(await listTokens(store, query), toTokenView),
    )
    app.post<{ Body: Static<typeof NewTokenShape> }>(
      '/tokens',
      {
        config: needs('administer', 'identity'),
        schema: {
          ...TAGS,
          summary: 'Make an API token; answers with its secret, once',
          body: NewTokenShape,
          response: { 201: MadeTokenShape },
        },
      },
      async (request, reply) => {
        const { name, role, parts = [], days = TOKEN_DAYS } = request.body
        demandNotMore(request.caller, role, parts)
        const secret = `${TOKEN_PREFIX}${newSecret(random)}`
        const expiresMs = days === null ? null : clock.nowMs() + days * DAY_MS
        const { actor } = request.caller
        await store.write(addToken, { actor, name, role, parts, secretHash: digestOf(secret), expiresMs })
        const token = (await tokenByName(store, name)) as TokenView
        return reply.code(201).send({ token, secret })
      },
    )
    app.delete<Named>(
      '/tokens/:name',
      { config: needs('administer', 'identity'), schema: { ...TAGS, summary: 'Revoke an API token' } },
      async (request, reply) => {
        await store.write(revokeToken, { actor: request.caller.actor, name: request.params.name })
        return reply.code(204).send()
      },
    )
  }
}

/** Nobody gives away more than they have: a token that is bound to parts makes tokens for those only. */
function demandNotMore(caller: Caller, role: Role, parts: readonly string[]): void {
  const within = caller.parts === undefined || (parts.length > 0 && parts.every((part) => caller.parts?.includes(part)))
  if (within && ROLE_RIGHTS[role].every((right) => caller.rights.includes(right))) return
  throw new Fault('auth.denied', 'a token cannot make one that may do more than it may itself', { place: 'parts' })
}
