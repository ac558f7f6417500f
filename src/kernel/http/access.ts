// Who calls this node's own interface, and what each route asks of them. A route says which right it needs and which
// part of the node it belongs to; one that says nothing keeps the node from starting. Who a caller is, the composition
// answers: this file knows the token of the data folder and nothing of users.
import { hash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Fault } from '../fault.ts'
import type { Principal } from '../policy/types.ts'
import { RIGHTS, ROLE_RIGHTS, ROLES, type Right } from '../role.ts'

/** What a route needs: a right in a part of the node; a signed-in user, whatever the role; or nothing. */
export type Access = { readonly right: Right; readonly part: string } | 'user' | 'anyone'

export type Caller = {
  /** As it stands in the audit log: `admin` (the command line), `user:NAME`, `token:NAME`. */
  readonly actor: string
  readonly rights: readonly Right[]
  /** The parts of the node a token is for; absent where there is no such bound. */
  readonly parts?: readonly string[]
  /** Whom the door decides for. */
  readonly principal: Principal
  /** Whether what let them in still holds, for answers that go on; absent where nothing ends it. */
  readonly still?: () => Promise<boolean>
  /** Present for people who signed in. */
  readonly user?: { readonly account: number; readonly session: number }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Who calls; on routes open to anyone it is there where somebody is signed in. */
    caller: Caller
  }
}

/** For a route's `config`. */
export function needs(right: Right, part: string): { readonly access: Access } {
  return { access: { right, part } }
}
export const FOR_USERS: { readonly access: Access } = { access: 'user' }
export const FOR_ANYONE: { readonly access: Access } = { access: 'anyone' }

/** The command line: whoever may read the data folder may do everything, and is a person named for TLP:RED: it lies there. */
export const LOCAL_CALLER: Caller = {
  actor: 'admin',
  rights: RIGHTS,
  principal: { kind: 'self', via: 'person', red: true },
}

/** Tells whether a request carries the token of the data folder. Compared by digest, so length and time tell nothing. */
export function holdsToken(token: string): (request: Pick<FastifyRequest, 'headers'>) => boolean {
  const expected = hash('sha256', `Bearer ${token}`, 'buffer')
  return ({ headers }) => timingSafeEqual(expected, hash('sha256', headers.authorization ?? '', 'buffer'))
}

/**
 * Guards every route registered on `app` after this. `callerOf` answers who sent a request, undefined for a stranger, and
 * may throw its own refusal. Throws at registration for a route that does not say what it needs.
 */
export function guardRoutes(
  app: FastifyInstance,
  callerOf: (request: FastifyRequest) => Promise<Caller | undefined>,
): void {
  app.decorateRequest('caller')
  app.addHook('onRoute', ({ method, path, config }) => {
    if (config?.access === undefined) throw new Error(`${String(method)} ${path} does not say who may use it`)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const access = request.routeOptions.config.access
    const caller = await callerOf(request)
    const refusal = refuse(caller, access)
    if (refusal !== undefined) throw refusal
    if (caller !== undefined) request.caller = caller
  })
}

/** Why a caller may not use a route, or undefined. What is not declared is for nobody. */
export function refuse(caller: Caller | undefined, access: Access | undefined): Fault | undefined {
  if (access === 'anyone') return undefined
  if (caller === undefined)
    return new Fault('auth.required', 'this needs somebody who is signed in, or a token', {
      remedy: 'Sign in, or send “Authorization: Bearer …” with a token of this node.',
    })
  if (access === undefined) return new Fault('auth.denied', 'nobody may do this')
  if (access === 'user')
    return caller.user === undefined
      ? new Fault('auth.denied', 'this is for people who are signed in', { remedy: 'Sign in with a browser.' })
      : undefined
  if (caller.parts !== undefined && !caller.parts.includes(access.part))
    return new Fault('auth.denied', `this token is not for ${access.part}`, {
      remedy: `Make one that is: comity token add NAME --part ${access.part}`,
    })
  if (caller.rights.includes(access.right)) return undefined
  return new Fault('auth.denied', `this needs the right to ${access.right}, and ${caller.actor} does not have it`, {
    remedy: `It belongs to: ${ROLES.filter((role) => ROLE_RIGHTS[role].includes(access.right)).join(', ')}.`,
  })
}
