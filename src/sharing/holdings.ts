// What this node holds, by collection and marking: how many records, how many of them name whom, and a few of each. For
// people who want to know what a change of policy would do.
import type { Candidate } from '#kernel/egress.ts'
import { principalName } from '#kernel/egress.ts'
import type { Tlp } from '#kernel/marking.ts'
import type { Intent } from '#kernel/policy/reach.ts'
import type { Holding, Recipient } from '#kernel/policy/preview.ts'
import { loadLabel, loadNamedPrincipal } from '#kernel/standing.ts'
import type { Reader } from '#kernel/store/types.ts'
import { listCollections, requireCollection } from './collection.ts'
import { versionsOfObject } from './find.ts'
import { objectId } from './stix-id.ts'
import type { Tally } from './tally.ts'

const EXAMPLES = 3

export async function loadHoldings(reader: Reader, tally: Tally): Promise<Holding[]> {
  const collections = new Map((await listCollections(reader)).map((each) => [each.id, each]))
  const holdings: Holding[] = []
  for (const { collection: id, labelClass, records, named } of await tally.count(reader)) {
    const [collection, marking] = [collections.get(id), await loadLabel(reader, labelClass)]
    if (collection === undefined || marking === undefined) continue
    const { own, share, public: open } = collection
    const title = collection.alias ?? collection.uuid
    holdings.push({ collection: id, title, labelClass, marking, records, named, own, share, public: open })
  }
  return holdings
}

/** The newest records of a class, by id. */
export async function examplesOf(reader: Reader, { collection, labelClass }: Holding): Promise<string[]> {
  const rows = await reader.all<{ oid: Uint8Array; type: string }>(
    `SELECT r.oid, t.name AS type FROM record r JOIN stix_type t ON t.id = r.type
     WHERE r.collection = ? AND r.label_class = ? AND r.withdrawn IS NULL ORDER BY r.seq DESC LIMIT ?`,
    collection,
    labelClass,
    EXAMPLES,
  )
  return rows.map(objectId)
}

/** Whom clients act for and are let in for, each once, and the public where something is public. */
export async function loadClientPrincipals(reader: Reader): Promise<Recipient[]> {
  const rows = await reader.all<{ actsFor: string }>(
    `SELECT DISTINCT c.acts_for AS actsFor FROM client c LEFT JOIN member m ON m.name = c.acts_for
     WHERE c.revoked_ms IS NULL AND m.ended IS NULL ORDER BY c.acts_for`,
  )
  const names = new Set(rows.map(({ actsFor }) => actsFor))
  if ((await listCollections(reader)).some((each) => each.public)) names.add('public')
  const recipients: Recipient[] = []
  for (const name of names) {
    const principal = await loadNamedPrincipal(reader, name, 'machine')
    const title = principalName(principal)
    recipients.push({ name: principal.kind === 'member' ? `${title}/machine` : title, principal })
  }
  return recipients
}

/** How a record with this label would stand in a collection, as an import would store it. */
export async function intentOf(reader: Reader, collection: string, tlp: Tlp): Promise<Intent> {
  const { marking, named, own, share, public: open } = await requireCollection(reader, collection)
  return { marking: { ...marking, tlp }, names: named, own, share, public: open }
}

/** The versions of a record as policy looks at them. */
export async function versionsForPolicy(
  reader: Reader,
  id: string,
): Promise<(Candidate & { version?: string; collection: number; title: string })[]> {
  const titles = new Map((await listCollections(reader)).map((each) => [each.id, each.alias ?? each.uuid]))
  const rows = await versionsOfObject(reader, id)
  return rows.map(({ seq, labelClass, version, collection }) => ({
    seq,
    labelClass,
    ...(version === undefined ? {} : { version }),
    collection,
    title: titles.get(collection) ?? '',
  }))
}
