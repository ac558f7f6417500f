// Collections: what belongs together, under which marking it goes in unless it says otherwise, and how far it goes.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { memberId, uuidv4 } from '#kernel/id.ts'
import type { Asked } from '#kernel/list-shape.ts'
import { listing, type ListPage } from '#kernel/listing.ts'
import { DEFAULT_MARKING, parseMarking, type Marking } from '#kernel/marking.ts'
import { SHARES, type Share } from '#kernel/policy/types.ts'
import { readShare, SELF, setCollectionShare } from '#kernel/standing.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'

export type Strictness = 'strict' | 'lenient'

export type Collection = {
  readonly id: number
  readonly uuid: string
  readonly alias: string | null
  readonly title: string
  readonly description: string
  /** Whose records it holds; this member's own collections can be written to. */
  readonly author: string
  readonly own: boolean
  readonly marking: Marking
  /** How the context of its records may be handled; null: it is this member's alone. */
  readonly contextMarking: Marking | null
  /** Members named as recipients where the marking names recipients. */
  readonly named: readonly string[]
  readonly strictness: Strictness
  readonly share: Share
  readonly public: boolean
  /** Whether some object in it has versions under different markings, so that the newest is not for everyone who may have an older one. */
  readonly mixed: boolean
}

/** What may be changed. Absent: left as it is (or the default, for a new one). */
export type CollectionChange = {
  readonly alias?: string
  readonly title?: string
  readonly description?: string
  readonly marking?: Marking
  /** Null: context stays with this member. */
  readonly contextMarking?: Marking | null
  readonly named?: readonly string[]
  readonly strictness?: Strictness
  readonly share?: Share
  readonly public?: boolean
}

export const addCollection = command(
  'sharing.add-collection',
  (tx, input: { readonly actor: string; readonly change: CollectionChange & { readonly title: string } }): string => {
    const uuid = uuidv4(tx.random(16))
    const { change } = input
    checkChange(tx, change, { share: 'none', public: false }, undefined)
    const marking = withNamed(change.marking ?? DEFAULT_MARKING, change.named)
    tx.run(
      `INSERT INTO collection (uuid, alias, title, description, author, marking, context_marking, named, strictness, created_ms, mixed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      uuid,
      change.alias ?? null,
      change.title,
      change.description ?? '',
      SELF,
      JSON.stringify(marking),
      contextText(change.contextMarking, marking),
      JSON.stringify(change.named ?? []),
      change.strictness ?? 'lenient',
      tx.nowMs,
    )
    const id = tx.get<{ id: number }>('SELECT id FROM collection WHERE uuid = ?', uuid)?.id as number
    setCollectionShare(tx, id, { own: true, share: change.share ?? 'none', public: change.public ?? false })
    audit(tx, { actor: input.actor, action: 'collection.add', subject: change.alias ?? uuid, detail: { ...change } })
    return uuid
  },
)

export const setCollection = command(
  'sharing.set-collection',
  (tx, input: { readonly actor: string; readonly id: number; readonly change: CollectionChange }): void => {
    const row = tx.get<CollectionRow>(`${COLLECTION_SQL} WHERE c.id = ?`, input.id)
    if (row === undefined) throw new Fault('not-found', 'no such collection')
    const { change } = input
    if (row.author_id !== SELF) return forwardCollection(tx, row, input)
    const before = readShare(tx, input.id) ?? { own: true, share: 'none' as const, public: false }
    checkChange(tx, change, before, input.id)
    const named = change.named ?? (JSON.parse(row.named) as string[])
    const marking = withNamed(change.marking ?? (parseMarking(JSON.parse(row.marking)) as Marking), named)
    tx.run(
      `UPDATE collection SET alias = coalesce(?, alias), title = coalesce(?, title), description = coalesce(?, description),
         marking = ?, context_marking = ?, named = ?, strictness = coalesce(?, strictness), mixed = max(mixed, ?) WHERE id = ?`,
      change.alias ?? null,
      change.title ?? null,
      change.description ?? null,
      JSON.stringify(marking),
      contextText(change.contextMarking === undefined ? contextOf(row) : change.contextMarking, marking),
      JSON.stringify(named),
      change.strictness ?? null,
      // Versions from before the change keep the recipients they had.
      change.named === undefined ? 0 : 1,
      input.id,
    )
    if (change.share !== undefined || change.public !== undefined)
      setCollectionShare(tx, input.id, {
        own: true,
        share: change.share ?? before.share,
        public: change.public ?? before.public,
      })
    audit(tx, { actor: input.actor, action: 'collection.set', subject: row.alias ?? row.uuid, detail: { ...change } })
  },
)

/** Of what another member says, only whether it is passed on is this member's to choose. */
function forwardCollection(
  tx: Tx,
  row: CollectionRow,
  { actor, id, change }: { readonly actor: string; readonly id: number; readonly change: CollectionChange },
): void {
  const { share, ...rest } = change
  if (share === undefined || Object.keys(rest).length > 0 || (share !== 'none' && share !== 'community'))
    throw new Fault('auth.denied', 'of what another member sends, only whether it is passed on can be changed', {
      remedy: 'Use share none, or community: to members of the communities that each marking lists.',
    })
  setCollectionShare(tx, id, { own: false, share, public: false })
  audit(tx, { actor, action: 'collection.forward', subject: row.alias ?? row.uuid, detail: { share } })
}

/** Named recipients and the marking's bit say the same thing. */
function withNamed(marking: Marking, named: readonly string[] | undefined): Marking {
  return { ...marking, audience: { ...marking.audience, named: (named ?? []).length > 0 } }
}

/** Whoever is named for the records is named for their context. */
function contextText(context: Marking | null | undefined, marking: Marking): string | null {
  if (context === null || context === undefined) return null
  return JSON.stringify({ ...context, audience: { ...context.audience, named: marking.audience.named } })
}

function contextOf({ context_marking: text }: Pick<CollectionRow, 'context_marking'>): Marking | null {
  return text === null ? null : (parseMarking(JSON.parse(text)) ?? null)
}

function checkChange(
  tx: Tx,
  change: CollectionChange,
  before: { readonly share: Share; readonly public: boolean },
  id: number | undefined,
): void {
  const share = change.share ?? before.share
  if (!SHARES.includes(share))
    throw new Fault('input.invalid', `“${share}” is no way to share`, {
      place: 'share',
      remedy: `Use one of ${SHARES.join(', ')}.`,
    })
  if ((change.public ?? before.public) && share !== 'peers')
    throw new Fault('input.invalid', 'a public collection must be shared with peers too', {
      place: 'public',
      remedy: 'Set share to peers as well; records not marked TLP:CLEAR still do not become public.',
    })
  for (const name of change.named ?? []) memberId(name)
  if (change.alias !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(change.alias))
    throw new Fault('input.invalid', 'an alias has lower-case letters, digits and hyphens, at most 63', {
      place: 'alias',
    })
  const taken =
    change.alias === undefined
      ? undefined
      : tx.get<{ id: number }>('SELECT id FROM collection WHERE alias = ?', change.alias)
  if (taken !== undefined && taken.id !== id)
    throw new Fault('conflict', `another collection is called ${change.alias}`, { place: 'alias' })
}

type CollectionRow = {
  id: number
  uuid: string
  alias: string | null
  title: string
  description: string
  author_id: number
  author: string
  marking: string
  context_marking: string | null
  named: string
  strictness: Strictness
  share: Share | null
  public: number | null
  mixed: number
}

const COLUMNS = `c.id, c.uuid, c.alias, c.title, c.description, c.author AS author_id, m.name AS author, c.marking,
  c.context_marking, c.named, c.strictness, c.mixed, s.share, s.public`
const FROM = `collection c JOIN member m ON m.id = c.author LEFT JOIN collection_share s ON s.collection = c.id`
const COLLECTION_SQL = `SELECT ${COLUMNS} FROM ${FROM}`
const readPage = listing<CollectionRow>({
  columns: COLUMNS,
  from: FROM,
  key: 'c.id',
  order: 'oldest first',
  where: '? IS NULL OR (c.author = ?) = ?',
  texts: ['c.title', 'c.alias', 'c.description', 'm.name', 'c.uuid'],
})

/** All collections in a stable order: the order in which they were made. */
export async function listCollections(reader: Reader): Promise<Collection[]> {
  return (await reader.all<CollectionRow>(`${COLLECTION_SQL} ORDER BY c.id`)).map(toCollection)
}

/** The same, page by page; with `own`, this member's alone, or those of others alone. */
export async function collectionPage(reader: Reader, asked: Asked, own?: boolean): Promise<ListPage<Collection>> {
  const wanted = own === undefined ? null : Number(own)
  const { rows, next } = await readPage(reader, asked, wanted, SELF, wanted)
  return { rows: rows.map(toCollection), next }
}

/** Finds a collection by UUID or alias. */
export async function findCollection(reader: Reader, name: string): Promise<Collection | undefined> {
  const row = await reader.get<CollectionRow>(`${COLLECTION_SQL} WHERE c.uuid = ? OR c.alias = ?`, name, name)
  return row === undefined ? undefined : toCollection(row)
}

export async function requireCollection(reader: Reader, name: string): Promise<Collection> {
  const collection = await findCollection(reader, name)
  if (collection !== undefined) return collection
  throw new Fault('not-found', `no collection “${name.slice(0, 80)}”`, { remedy: 'See “comity collection list”.' })
}

/** How a collection marks what goes into it, and whom it names, in this transaction. */
export type Handling = Pick<Collection, 'marking' | 'contextMarking' | 'named'>

export function handlingOf(tx: Pick<Tx, 'get'>, id: number): Handling {
  const row = tx.get<CollectionRow>(`${COLLECTION_SQL} WHERE c.id = ?`, id)
  if (row === undefined) throw new Fault('not-found', 'no such collection')
  return toCollection(row)
}

function toCollection(row: CollectionRow): Collection {
  return {
    id: row.id,
    uuid: row.uuid,
    alias: row.alias,
    title: row.title,
    description: row.description,
    author: row.author,
    own: row.author_id === SELF,
    marking: parseMarking(JSON.parse(row.marking)) ?? DEFAULT_MARKING,
    contextMarking: contextOf(row),
    named: JSON.parse(row.named) as string[],
    strictness: row.strictness,
    share: row.share ?? 'none',
    public: row.public === 1,
    mixed: row.mixed === 1,
  }
}
