// People and programs of a node in a world, each with what they send to be known; and the routes a server has.
import type { FastifyInstance } from 'fastify'
import { hash } from 'node:crypto'
import { csrfOf } from '#identity/browser.ts'
import { addUser } from '#identity/account-commands.ts'
import { beginSession, endSession } from '#identity/session.ts'
import { requireAccount } from '#identity/account.ts'
import { ROLES, type Role } from '#kernel/role.ts'
import type { World, WorldMember } from './world/world.ts'

export type Person = {
  readonly role: Role
  readonly headers: Readonly<Record<string, string>>
  /** By a session, not by a token. */
  readonly signedIn: boolean
  /** Still known: neither ended, expired, revoked nor suspended. */
  readonly works: boolean
}

/** A signed-in user with a role; a session of `lifeMs` was begun without asking for a password. */
export async function signedIn(
  node: WorldMember,
  { name, role, lifeMs = 3600_000, red = false }: { name: string; role: Role; lifeMs?: number; red?: boolean },
): Promise<Record<string, string>> {
  const known = await node.store.get('SELECT 1 AS x FROM account WHERE name = ?', name)
  if (known === undefined) await node.store.write(addUser, { actor: 'test', name, display: name, role, red })
  const account = await requireAccount(node.store, name)
  const secret = Buffer.from(node.random(32)).toString('base64url')
  await node.store.write(beginSession, {
    account: account.id,
    secretHash: hash('sha256', secret, 'buffer'),
    way: 'password',
    address: '192.0.2.1',
    agent: 'test',
    lifeMs,
  })
  return { cookie: `${node.gate.site.cookie}=${secret}`, 'x-comity-csrf': csrfOf(secret) }
}

/** Everybody who might try something: by name, what they send and whether it still counts. */
export async function makePeople(world: World, node: WorldMember): Promise<[string, Person][]> {
  const people: [string, Person][] = []
  const token = async (name: string, role: Role): Promise<Record<string, string>> => {
    const { secret } = await world.api<{ secret: string }>(node, 'POST', '/tokens', { name, role, days: 1 })
    return { authorization: `Bearer ${secret}` }
  }
  const add = (title: string, role: Role, headers: Record<string, string>, works: boolean): void =>
    void people.push([title, { role, headers, signedIn: headers['cookie'] !== undefined, works }])

  add('expired token', 'administrator', await token('expired', 'administrator'), false)
  add('expired session', 'administrator', await signedIn(node, { name: 'late', role: 'administrator' }), false)
  world.clock.advance(25 * 3600_000)
  for (const role of ROLES) {
    add(`${role} by session`, role, await signedIn(node, { name: `one-${role}`, role }), true)
    add(`${role} by token`, role, await token(`token-${role}`, role), true)
  }
  add('revoked token', 'administrator', await token('revoked', 'administrator'), false)
  await world.api(node, 'DELETE', '/tokens/revoked')
  add('suspended user', 'administrator', await signedIn(node, { name: 'out', role: 'administrator' }), false)
  await world.api(node, 'PATCH', '/users/out', { suspended: true })
  add('ended session', 'administrator', await signedIn(node, { name: 'gone', role: 'administrator' }), false)
  const { id } = (await node.store.get<{ id: number }>('SELECT max(id) AS id FROM session')) as { id: number }
  await node.store.write(endSession, { actor: 'test', id })
  add('stranger', 'administrator', {}, false)
  add('wrong token', 'administrator', { authorization: 'Bearer comity_wrong' }, false)
  add('wrong cookie', 'administrator', { cookie: `${node.gate.site.cookie}=${'A'.repeat(43)}` }, false)
  return people
}

/** Every route of a server as `METHOD path`, from what the server itself says. */
export function routesOf(app: FastifyInstance): string[] {
  const found = new Set<string>()
  const parents: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', path = '', methods] = /^([│ ]*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? []
    if (path === '') continue
    parents.length = indent.length / 4
    parents.push(path)
    for (const method of methods?.split(', ') ?? []) found.add(`${method} ${parents.join('')}`)
  }
  return [...found]
}
