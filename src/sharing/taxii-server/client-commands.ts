// TAXII clients: programs with a name and a secret, each acting for somebody, each with what it may read and write.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { memberId } from '#kernel/id.ts'
import { listing } from '#kernel/listing.ts'
import { SELF } from '#kernel/standing.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import { objectKey } from '../stix-id.ts'

export type NewClient = {
  readonly actor: string
  readonly name: string
  /** `self`, `public`, or a member id: whom the door decides for. */
  readonly actsFor: string
  /** SHA-256 of the secret; the secret itself is shown once and kept nowhere. */
  readonly secretHash: Uint8Array
  readonly grants: readonly { readonly collection: string; readonly read: boolean; readonly write: boolean }[]
}

export const addClient = command('sharing.add-client', (tx, input: NewClient): void => {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(input.name))
    throw new Fault('input.invalid', 'a client’s name has lower-case letters, digits, dots, hyphens, underscores', {
      place: 'name',
    })
  if (input.actsFor !== 'self' && input.actsFor !== 'public') memberId(input.actsFor)
  if (tx.get('SELECT 1 FROM client WHERE name = ?', input.name) !== undefined)
    throw new Fault('conflict', `a client is or was called ${input.name}`, {
      place: 'name',
      remedy: 'Use another name: records of what left refer to it.',
    })
  tx.run(
    'INSERT INTO client (name, acts_for, secret_hash, created_ms) VALUES (?, ?, ?, ?)',
    input.name,
    input.actsFor,
    input.secretHash,
    tx.nowMs,
  )
  const { id } = tx.get<{ id: number }>('SELECT id FROM client WHERE name = ?', input.name) as { id: number }
  for (const grant of input.grants) addGrant(tx, id, input.actsFor, grant)
  audit(tx, {
    actor: input.actor,
    action: 'client.add',
    subject: input.name,
    detail: { actsFor: input.actsFor, grants: input.grants },
  })
})

function addGrant(tx: Tx, client: number, actsFor: string, grant: NewClient['grants'][number]): void {
  const row = tx.get<{ id: number; author: number }>(
    'SELECT id, author FROM collection WHERE uuid = ? OR alias = ?',
    grant.collection,
    grant.collection,
  )
  if (row === undefined)
    throw new Fault('not-found', `no collection “${grant.collection.slice(0, 80)}”`, { place: 'grants' })
  const own = row.author === SELF
  if (grant.write && (!own || actsFor !== 'self'))
    throw new Fault(
      'input.invalid',
      own
        ? 'only a client of this member writes into its collections'
        : 'what another member sends cannot be written to',
      { place: 'grants' },
    )
  tx.run(
    `INSERT INTO client_grant (client, collection, can_read, can_write) VALUES (?, ?, ?, ?)
     ON CONFLICT (client, collection) DO UPDATE SET can_read = max(can_read, excluded.can_read), can_write = max(can_write, excluded.can_write)`,
    client,
    row.id,
    grant.read ? 1 : 0,
    grant.write ? 1 : 0,
  )
}

/** Other grants instead of those a client had; its secret and whom it acts for stay. */
export const setGrants = command(
  'sharing.set-grants',
  (tx, input: { readonly actor: string; readonly name: string; readonly grants: NewClient['grants'] }): void => {
    const client = tx.get<{ id: number; actsFor: string }>(
      'SELECT id, acts_for AS actsFor FROM client WHERE name = ? AND revoked_ms IS NULL',
      input.name,
    )
    if (client === undefined)
      throw new Fault('not-found', `no client “${input.name.slice(0, 80)}”`, { remedy: 'See “comity client list”.' })
    tx.run('DELETE FROM client_grant WHERE client = ?', client.id)
    for (const grant of input.grants) addGrant(tx, client.id, client.actsFor, grant)
    audit(tx, { actor: input.actor, action: 'client.set', subject: input.name, detail: { grants: input.grants } })
  },
)

export const revokeClient = command(
  'sharing.revoke-client',
  (tx, input: { readonly actor: string; readonly name: string }): void => {
    if (tx.run('UPDATE client SET revoked_ms = ? WHERE name = ? AND revoked_ms IS NULL', tx.nowMs, input.name) !== 1)
      throw new Fault('not-found', `no client “${input.name.slice(0, 80)}”`, { remedy: 'See “comity client list”.' })
    audit(tx, { actor: input.actor, action: 'client.revoke', subject: input.name })
  },
)

export type NewStatus = {
  readonly uuid: string
  readonly client: number
  readonly body: Uint8Array
  /** The versions that it names and that stood here when it was made. */
  readonly about: readonly StandingVersion[]
  readonly keepMs: number
}
/** `version` in microseconds, 0 for objects without versions. */
export type StandingVersion = { readonly id: string; readonly version: number }

/** Keeps a status to be asked for again, unless something that it names was erased since. */
export const saveStatus = command('sharing.save-status', (tx, input: NewStatus): void => {
  tx.run('DELETE FROM taxii_status WHERE time_ms < ?', tx.nowMs - input.keepMs)
  if (!input.about.every((each) => isHere(tx, each))) return
  tx.run(
    'INSERT INTO taxii_status (uuid, client, time_ms, body) VALUES (?, ?, ?, ?)',
    input.uuid,
    input.client,
    tx.nowMs,
    input.body,
  )
})

function isHere(tx: Tx, { id, version }: StandingVersion): boolean {
  const key = objectKey(id)
  const sql = `SELECT 1 FROM record r JOIN stix_type t ON t.id = r.type JOIN collection c ON c.id = r.collection
    WHERE r.oid = ? AND t.name = ? AND r.version = ? AND c.author = ?`
  return key !== undefined && tx.get(sql, key.oid, key.type, version, SELF) !== undefined
}

export type ClientRow = {
  readonly id: number
  readonly name: string
  readonly actsFor: string
  readonly createdMs: number
  readonly revokedMs: number | null
}

/** Clients in the order in which they were made, page by page. */
export const listClients = listing<ClientRow>({
  columns: 'id, name, acts_for AS actsFor, created_ms AS createdMs, revoked_ms AS revokedMs',
  from: 'client',
  key: 'id',
  order: 'oldest first',
  texts: ['name', 'acts_for'],
})

export type NamedGrant = { readonly collection: string; readonly read: boolean; readonly write: boolean }

/** What these clients were granted, by the client's row id, with collections by alias where they have one. */
export async function grantsOfClients(reader: Reader, clients: readonly number[]): Promise<Map<number, NamedGrant[]>> {
  const rows = await reader.all<{ client: number; collection: string; can_read: number; can_write: number }>(
    `SELECT g.client, coalesce(c.alias, c.uuid) AS collection, g.can_read, g.can_write
     FROM client_grant g JOIN collection c ON c.id = g.collection
     WHERE g.client IN (SELECT value FROM json_each(?)) ORDER BY g.client, c.id`,
    JSON.stringify(clients),
  )
  const grants = new Map<number, NamedGrant[]>()
  for (const { client, collection, can_read, can_write } of rows) {
    const list = grants.get(client) ?? []
    grants.set(client, list)
    list.push({ collection, read: can_read === 1, write: can_write === 1 })
  }
  return grants
}

export type Grant = { readonly collection: number; readonly read: boolean; readonly write: boolean }

export async function grantsOf(reader: Reader, client: number): Promise<Map<number, Grant>> {
  const rows = await reader.all<{ collection: number; can_read: number; can_write: number }>(
    'SELECT collection, can_read, can_write FROM client_grant WHERE client = ?',
    client,
  )
  return new Map(
    rows.map((row) => [
      row.collection,
      { collection: row.collection, read: row.can_read === 1, write: row.can_write === 1 },
    ]),
  )
}
