// Who asks, and which collections exist for them. Anonymous requests are the public, where anything is public at all.
import { hash } from 'node:crypto'
import { Fault } from '#kernel/fault.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { loadEnding, loadPrincipal, type Ending } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { listCollections, type Collection } from '../collection.ts'
import { grantsOf } from './client-commands.ts'

export type Access = {
  /** Row id of the client; 0 for anonymous requests. */
  readonly client: number
  readonly name: string
  readonly principal: Principal
  readonly collections: readonly (Collection & { readonly canRead: boolean; readonly canWrite: boolean })[]
}

/** A client that said who it is, and that nothing is for any more. */
export class ClientRefused extends Fault {
  readonly client: string

  constructor(client: string, member: string, why: Ending) {
    super(
      'auth.denied',
      why === 'left'
        ? `${member} has left, and nothing goes to its programs any more`
        : `the exchange with ${member} was ended here, and nothing goes to its programs any more`,
      {
        remedy:
          why === 'left'
            ? `This node’s people can revoke the client: comity client revoke ${client}`
            : `Ask this node’s people to take it up again: comity peer approve ${member}`,
      },
    )
    this.client = client
  }
}

/**
 * Reads HTTP Basic or a bearer token. Throws `auth.required` where neither fits and nothing is public, and `ClientRefused`
 * where the exchange with the member that the client acts for has ended.
 */
export async function authenticate(reader: Reader, authorization: string | undefined): Promise<Access> {
  const collections = await listCollections(reader)
  if (authorization === undefined || authorization === '') return anonymous(collections)
  const credentials = parseAuthorization(authorization)
  const row =
    credentials === undefined
      ? undefined
      : await reader.get<{ id: number; name: string; actsFor: string }>(
          'SELECT id, name, acts_for AS actsFor FROM client WHERE secret_hash = ? AND revoked_ms IS NULL',
          hash('sha256', credentials.secret, 'buffer'),
        )
  if (row === undefined || (credentials?.name !== undefined && credentials.name !== row.name)) throw unauthorised()
  const ended = await loadEnding(reader, row.actsFor)
  if (ended !== undefined) throw new ClientRefused(row.name, row.actsFor, ended)
  const grants = await grantsOf(reader, row.id)
  return {
    client: row.id,
    name: row.name,
    principal: await principalOf(reader, row.actsFor),
    collections: collections.flatMap((collection) => {
      const grant = grants.get(collection.id)
      if (grant === undefined) return collection.public ? [{ ...collection, canRead: true, canWrite: false }] : []
      if (!collection.own && row.actsFor !== 'self') return []
      return [{ ...collection, canRead: grant.read || collection.public, canWrite: grant.write && collection.own }]
    }),
  }
}

function anonymous(collections: readonly Collection[]): Access {
  const open = collections.filter((collection) => collection.public)
  if (open.length === 0) throw unauthorised()
  return {
    client: 0,
    name: 'public',
    principal: { kind: 'public' },
    collections: open.map((collection) => ({ ...collection, canRead: true, canWrite: false })),
  }
}

/** For a caller who has not said who they are. */
export function unauthorised(): Fault {
  return new Fault('auth.required', 'this needs the name and secret of a client', {
    remedy: 'Ask this node’s people for them: comity client add.',
  })
}

async function principalOf(reader: Reader, actsFor: string): Promise<Principal> {
  if (actsFor === 'self') return { kind: 'self', via: 'machine' }
  return actsFor === 'public' ? { kind: 'public' } : loadPrincipal(reader, actsFor, 'machine')
}

function parseAuthorization(
  header: string,
): { readonly name: string | undefined; readonly secret: string } | undefined {
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)\s*$/.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return { name: undefined, secret: value }
  if (scheme.toLowerCase() !== 'basic') return undefined
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { name: text.slice(0, colon), secret: text.slice(colon + 1) }
}

/** A collection as this client may know it: absent where it may not know of it at all. */
export function visibleCollection(access: Access, name: string): Access['collections'][number] {
  const found = access.collections.find((each) => each.uuid === name || each.alias === name)
  if (found !== undefined) return found
  // Whoever could still say who they are is asked to, whether or not there is such a collection.
  if (access.client === 0) throw unauthorised()
  throw new Fault('not-found', 'no such collection')
}
