// What decisions need to know besides a label: which members are approved peers, in which communities they are,
// and how far each collection is shared. Written only here, so that no change can forget to raise the policy epoch.
import { memberId, type CommunityId, type MemberId } from './id.ts'
import { LIMITS } from './limits.ts'
import type { Marking } from './marking.ts'
import { labelKey, parseMarking } from './marking.ts'
import type { CollectionShare, Principal, Share, Standing } from './policy/types.ts'
import type { Reader, Tx } from './store/types.ts'

/** Row id of this member. */
export const SELF = 1

/** The row id of a member, made on first mention. */
export function internMember(tx: Tx, name: string): number {
  const row = tx.get<{ id: number }>('SELECT id FROM member WHERE name = ?', name)
  if (row !== undefined) return row.id
  tx.run('INSERT INTO member (name) VALUES (?)', name)
  return tx.get<{ id: number }>('SELECT id FROM member WHERE name = ?', name)?.id as number
}

export function setStanding(
  tx: Tx,
  member: MemberId,
  standing: { readonly approved: boolean; readonly communities: readonly CommunityId[] },
): void {
  const id = internMember(tx, member)
  const communities = JSON.stringify([...new Set(standing.communities)].toSorted())
  tx.run(
    'UPDATE member SET approved = ?1, communities = ?2, ended = iif(?1 = 1, NULL, ended) WHERE id = ?3',
    standing.approved ? 1 : 0,
    communities,
    id,
  )
  raiseEpoch(tx)
}

/** Why the exchange with a member ended: people of this one removed it, or it left. */
export type Ending = 'removed' | 'left'

/** The exchange with a member ends: all that people decided about it is undone, and is decided anew if it comes back. */
export function endStanding(tx: Tx, member: MemberId, why: Ending): void {
  tx.run(
    `UPDATE member SET approved = 0, communities = '[]', adequate = '[]', agreements = '{}', ended = ? WHERE id = ?`,
    why,
    internMember(tx, member),
  )
  raiseEpoch(tx)
}

/** Why the exchange with a member ended, until it is approved again; undefined for all others, also for those never met. */
export async function loadEnding(reader: Reader, member: string): Promise<Ending | undefined> {
  const row = await reader.get<{ ended: Ending | null }>('SELECT ended FROM member WHERE name = ?', member)
  return row?.ended ?? undefined
}

/** What a member says of itself, as its node document has it. Raises the epoch only where it is another than before. */
export function setDescription(
  tx: Tx,
  member: MemberId,
  { kind, country }: { readonly kind: string; readonly country?: string | undefined },
): void {
  const changed = tx.run(
    'UPDATE member SET kind = ?1, country = ?2 WHERE id = ?3 AND (kind IS NOT ?1 OR country IS NOT ?2)',
    kind,
    country ?? null,
    internMember(tx, member),
  )
  if (changed > 0) raiseEpoch(tx)
}

/** What this member decided about another's handling of personal data. */
export type Transfers = {
  /** Jurisdictions (ISO 3166-1 alpha-2) whose personal data is protected well enough there. */
  readonly adequate: readonly string[]
  /** Jurisdiction to the agreement by which its personal data may go there. */
  readonly agreements: Readonly<Record<string, string>>
}

export function setTransfers(tx: Tx, member: MemberId, { adequate, agreements }: Transfers): void {
  tx.run(
    'UPDATE member SET adequate = ?, agreements = ? WHERE id = ?',
    JSON.stringify([...new Set(adequate)].toSorted()),
    JSON.stringify(agreements),
    internMember(tx, member),
  )
  raiseEpoch(tx)
}

export async function loadTransfers(reader: Reader, member: string): Promise<Transfers> {
  const row = await reader.get<{ adequate: string; agreements: string }>(
    'SELECT adequate, agreements FROM member WHERE name = ?',
    member,
  )
  return {
    adequate: JSON.parse(row?.adequate ?? '[]') as string[],
    agreements: JSON.parse(row?.agreements ?? '{}') as Record<string, string>,
  }
}

export function setCollectionShare(tx: Tx, collection: number, setting: CollectionShare): void {
  tx.run(
    `INSERT INTO collection_share (collection, own, share, public) VALUES (?, ?, ?, ?)
     ON CONFLICT (collection) DO UPDATE SET own = excluded.own, share = excluded.share, public = excluded.public`,
    collection,
    setting.own ? 1 : 0,
    setting.share,
    setting.public ? 1 : 0,
  )
  raiseEpoch(tx)
}

export function raiseEpoch(tx: Tx): void {
  tx.run('UPDATE meta SET policy_epoch = policy_epoch + 1')
  const kept = tx.get<{ n: number }>('SELECT count(*) AS n FROM decision')?.n ?? 0
  if (kept > LIMITS.policyDecisionsMax) tx.run('DELETE FROM decision')
  tx.emit({ name: 'policy.changed' })
}

const EPOCH_SQL = 'SELECT policy_epoch AS epoch FROM meta'

/** Rises whenever something changes that decisions rest on. */
export function readEpoch(tx: Pick<Tx, 'get'>): number {
  return tx.get<{ epoch: number }>(EPOCH_SQL)?.epoch ?? 0
}

export async function loadEpoch(reader: Reader): Promise<number> {
  return (await reader.get<{ epoch: number }>(EPOCH_SQL))?.epoch ?? 0
}

/** The row id of a marking's label class, made on first use. */
export function internLabel(tx: Tx, marking: Marking): number {
  return findLabel(tx, marking) ?? makeLabel(tx, marking, null)
}

/** What a member beyond its bound marks anew is handled as: as strictly as there is. */
const BEYOND: Marking = { tlp: 'RED', audience: { named: false, communities: [] }, personal: 'present' }

/**
 * The same for a marking that another member chose. `LIMITS.memberLabelsMax` are told apart of each; what it marks otherwise
 * beyond them is TLP:RED here, seen by those who are named for it and passed on to nobody.
 */
export function internForeignLabel(tx: Tx, marking: Marking, member: number): number {
  const known = findLabel(tx, marking)
  if (known !== undefined) return known
  const made = tx.get<{ n: number }>('SELECT count(*) AS n FROM label_class WHERE maker = ?', member)?.n ?? 0
  return made < LIMITS.memberLabelsMax ? makeLabel(tx, marking, member) : internLabel(tx, BEYOND)
}

function findLabel(tx: Tx, marking: Marking): number | undefined {
  return tx.get<{ id: number }>('SELECT id FROM label_class WHERE key = ?', labelKey(marking))?.id
}

function makeLabel(tx: Tx, marking: Marking, maker: number | null): number {
  const [key, text] = [labelKey(marking), JSON.stringify(marking)]
  tx.run('INSERT INTO label_class (key, marking, maker) VALUES (?, ?, ?)', key, text, maker)
  return findLabel(tx, marking) as number
}

const LABEL_SQL = 'SELECT marking FROM label_class WHERE id = ?'
const SHARE_SQL = 'SELECT own, share, public FROM collection_share WHERE collection = ?'
const MEMBER_SQL = 'SELECT approved, communities, kind, country, adequate, agreements FROM member WHERE name = ?'

type ShareRow = { own: number; share: Share; public: number }
type MemberRow = {
  approved: number
  communities: string
  kind: string | null
  country: string | null
  adequate: string
  agreements: string
}

/** The marking of a label class; undefined (for nobody) where it cannot be read. */
export async function loadLabel(reader: Reader, id: number): Promise<Marking | undefined> {
  return toMarking(await reader.get<{ marking: string }>(LABEL_SQL, id))
}

export function readLabel(tx: Pick<Tx, 'get'>, id: number): Marking | undefined {
  return toMarking(tx.get<{ marking: string }>(LABEL_SQL, id))
}

export async function loadShare(reader: Reader, collection: number): Promise<CollectionShare | undefined> {
  return toShare(await reader.get<ShareRow>(SHARE_SQL, collection))
}

export function readShare(tx: Pick<Tx, 'get'>, collection: number): CollectionShare | undefined {
  return toShare(tx.get<ShareRow>(SHARE_SQL, collection))
}

/** A principal as records of what left name it: a member, `public`, or `self`. Throws for a name that is none. */
export async function loadNamedPrincipal(reader: Reader, name: string, via: 'peer' | 'machine'): Promise<Principal> {
  if (name === 'public') return { kind: 'public' }
  if (name === 'self') return via === 'machine' ? { kind: 'self', via } : { kind: 'self', via: 'person', red: false }
  return loadPrincipal(reader, memberId(name), via)
}

/** The principal behind a member's name; a name never met is a stranger: not approved, in no community. */
export async function loadPrincipal(reader: Reader, member: string, via: 'peer' | 'machine'): Promise<Principal> {
  return toPrincipal(member, via, await reader.get<MemberRow>(MEMBER_SQL, member))
}

export function readPrincipal(tx: Pick<Tx, 'get'>, member: string, via: 'peer' | 'machine'): Principal {
  return toPrincipal(member, via, tx.get<MemberRow>(MEMBER_SQL, member))
}

function toMarking(row: { marking: string } | undefined): Marking | undefined {
  if (row === undefined) return undefined
  const known = markings.get(row.marking)
  if (known !== undefined) return known
  const marking = parseMarking(JSON.parse(row.marking))
  if (marking === undefined) return undefined
  if (markings.size >= LIMITS.markingsKeptMax) markings.clear()
  markings.set(row.marking, marking)
  return marking
}

/** Markings that were read before, by their text. One text is one object, which decisions are found by. */
const markings = new Map<string, Marking>()

function toShare(row: ShareRow | undefined): CollectionShare | undefined {
  return row === undefined ? undefined : { own: row.own === 1, share: row.share, public: row.public === 1 }
}

function toPrincipal(member: string, via: 'peer' | 'machine', row: MemberRow | undefined): Principal {
  if (row === undefined) return { kind: 'member', member, approved: false, communities: [], via }
  const communities = JSON.parse(row.communities) as string[]
  return { kind: 'member', member, approved: row.approved === 1, communities, via, ...toStanding(row) }
}

function toStanding(row: MemberRow): Standing {
  return {
    ...(row.kind === null ? {} : { memberKind: row.kind }),
    ...(row.country === null ? {} : { country: row.country }),
    adequate: JSON.parse(row.adequate) as string[],
    agreements: Object.keys(JSON.parse(row.agreements) as Record<string, string>),
  }
}
