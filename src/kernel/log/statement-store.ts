// Statements as they are held here: everything that opens a leaf, with each list whole or in part. Of our own all is
// held until it is erased; of another member's what it, or who forwards it, gave. The bytes of items go in as they came.
// A part that is gone, or was never here, has neither seed nor commitments.
import { HASH_BYTES } from '../hash.ts'
import { isWhole, itemsOf, joinLists, listCount, type ListPart, type ShownItem } from '../list-part.ts'
import { PART } from '../commitment.ts'
import type { SinglePart } from '../statement.ts'
import type { Reader, Tx } from '../store/types.ts'

/** The parts of a statement that somebody holds. */
export type HeldParts = {
  readonly entrySalt: Uint8Array
  /** Four commitments, 32 bytes each. */
  readonly partCommits: readonly Uint8Array[]
  readonly header: SinglePart
  readonly content: ListPart
  readonly context?: ListPart
  readonly audience?: SinglePart
}

/** A statement with its place in a log, own or a peer's. */
export type PlacedStatement = {
  readonly log: number
  readonly index: number
  /** Row id of the statement = sequence number of its first item. */
  readonly seq: number
  readonly id: string
  readonly kind: string
  readonly timeMs: number
  readonly labelClass: number
  /** Label class of the context's marking; absent: the context is its author's alone. */
  readonly contextClass?: number
  readonly collection: number | null
  /** The statement here that this one answers. */
  readonly about?: number
  readonly parts: HeldParts
  /** Row ids of the named members, where they are known. */
  readonly named?: readonly number[]
}

type Sql = Pick<Tx, 'run' | 'get' | 'all'>

/** Stores a statement with all that is held of it. */
export function storeStatement(sql: Sql, statement: PlacedStatement): void {
  const { seq, parts } = statement
  sql.run(
    `INSERT INTO statement (seq, log, idx, uuid, kind, time_ms, label_class, context_class, collection, about, count,
       header, header_salt, entry_salt, part_commits, content_seed, context_seed, audience, audience_salt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?)`,
    seq,
    statement.log,
    statement.index,
    statement.id,
    statement.kind,
    statement.timeMs,
    statement.labelClass,
    statement.contextClass ?? null,
    statement.collection,
    statement.about ?? null,
    listCount(parts.content),
    parts.header.bytes,
    parts.header.salt,
    parts.entrySalt,
    Buffer.concat(parts.partCommits),
    parts.audience?.bytes ?? null,
    parts.audience?.salt ?? null,
  )
  storeList(sql, { seq, part: 'content', list: parts.content })
  if (parts.context !== undefined) storeList(sql, { seq, part: 'context', list: parts.context })
  for (const member of statement.named ?? [])
    sql.run('INSERT INTO named (statement, member) VALUES (?, ?)', seq, member)
}

type ListName = 'content' | 'context'
const PUT_ITEM = {
  content: 'INSERT INTO item (seq, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING',
  context: 'INSERT INTO item_context (seq, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING',
}
const SET_SEED = {
  content: 'UPDATE statement SET content_seed = ? WHERE seq = ?',
  context: 'UPDATE statement SET context_seed = ? WHERE seq = ?',
}
const DROP_LIST = 'DELETE FROM partial_list WHERE statement = ? AND part = ?'

/** Stores a list part of a statement that is here, in place of what was held of it; items that are here stay. */
export function storeList(
  sql: Sql,
  { seq, part, list }: { readonly seq: number; readonly part: ListName; readonly list: ListPart },
): void {
  for (const { index, bytes } of itemsOf(list))
    // Most records have no context: an empty one is known by its salt, and takes no row.
    if (part === 'content' || bytes.length > 0) sql.run(PUT_ITEM[part], seq + index, bytes)
  if (isWhole(list)) {
    sql.run(DROP_LIST, seq, PART[part])
    sql.run(SET_SEED[part], list.seed, seq)
    return
  }
  const salts = Buffer.alloc(list.itemCommits.length * HASH_BYTES)
  for (const { index, salt } of list.items) salts.set(salt, index * HASH_BYTES)
  sql.run(
    `INSERT INTO partial_list (statement, part, commits, salts) VALUES (?, ?, ?, ?)
     ON CONFLICT (statement, part) DO UPDATE SET commits = excluded.commits, salts = excluded.salts`,
    seq,
    PART[part],
    Buffer.concat(list.itemCommits),
    salts,
  )
  sql.run(SET_SEED[part], null, seq)
}

/** The places of what came later of a statement that is here: more items, or their context. */
export type FreshPlaces = { readonly content: ReadonlySet<number>; readonly context: ReadonlySet<number> }

/** Adds what came later of a statement. Returns what is new. */
export function extendStatement(sql: Sql, seq: number, parts: Pick<HeldParts, 'content' | 'context'>): FreshPlaces {
  const held = readParts(sql, seq) ?? {}
  const extend = (part: ListName): Set<number> => {
    const more = parts[part]
    if (more === undefined) return new Set()
    const before = (held as Partial<HeldParts>)[part]
    const known = new Set(before === undefined ? [] : placesOf(before))
    const fresh = new Set(placesOf(more).filter((place) => !known.has(place)))
    if (fresh.size > 0) storeList(sql, { seq, part, list: before === undefined ? more : joinLists(before, more) })
    return fresh
  }
  return { context: extend('context'), content: extend('content') }
}

const PROVE_ANEW = `UPDATE statement SET uuid = ?, time_ms = ?, context_class = ?, header = ?, header_salt = ?, entry_salt = ?,
  part_commits = ? WHERE seq = ? AND length(entry_salt) = 0`

/** Of a statement that was erased as far as it was here nothing stayed that proves it: what comes later brings that anew. */
export function proveAnew(
  sql: Sql,
  { seq, id, timeMs, contextClass, parts }: Pick<PlacedStatement, 'seq' | 'id' | 'timeMs' | 'contextClass' | 'parts'>,
): void {
  if (placesOf(parts.content).length === 0) return
  const { header, entrySalt, partCommits } = parts
  const proof = [header.bytes, header.salt, entrySalt, Buffer.concat(partCommits)]
  sql.run(PROVE_ANEW, id, timeMs, contextClass ?? null, ...proof, seq)
}

export function placesOf(list: ListPart): number[] {
  return itemsOf(list).map(({ index }) => index)
}

type StatementRow = {
  seq: number
  count: number
  header: Uint8Array
  header_salt: Uint8Array
  entry_salt: Uint8Array
  part_commits: Uint8Array
  content_seed: Uint8Array | null
  context_seed: Uint8Array | null
  audience: Uint8Array | null
  audience_salt: Uint8Array | null
}
type ItemRow = { seq: number; bytes: Uint8Array }
type ListRow = { part: number; commits: Uint8Array; salts: Uint8Array }

const STATEMENT_SQL = `SELECT seq, count, header, header_salt, entry_salt, part_commits, content_seed, context_seed, audience,
  audience_salt FROM statement WHERE seq = ?`
const ITEMS_SQL = 'SELECT seq, bytes FROM item WHERE seq >= ? AND seq < ? ORDER BY seq'
const CONTEXTS_SQL = 'SELECT seq, bytes FROM item_context WHERE seq >= ? AND seq < ? ORDER BY seq'
const LISTS_SQL = 'SELECT part, commits, salts FROM partial_list WHERE statement = ?'

/** All that is held of a statement, by its row id; undefined where it is not here, or its content is gone. */
export async function loadParts(reader: Reader, seq: number): Promise<HeldParts | undefined> {
  const row = await reader.get<StatementRow>(STATEMENT_SQL, seq)
  if (row === undefined) return undefined
  const items = await reader.all<ItemRow>(ITEMS_SQL, seq, seq + row.count)
  const contexts = await reader.all<ItemRow>(CONTEXTS_SQL, seq, seq + row.count)
  const lists = row.content_seed !== null && row.context_seed !== null ? [] : await reader.all<ListRow>(LISTS_SQL, seq)
  return assemble(row, { items, contexts, lists })
}

/** The same inside a command. */
export function readParts(sql: Pick<Tx, 'get' | 'all'>, seq: number): HeldParts | undefined {
  const row = sql.get<StatementRow>(STATEMENT_SQL, seq)
  if (row === undefined) return undefined
  return assemble(row, {
    items: sql.all<ItemRow>(ITEMS_SQL, seq, seq + row.count),
    contexts: sql.all<ItemRow>(CONTEXTS_SQL, seq, seq + row.count),
    lists: sql.all<ListRow>(LISTS_SQL, seq),
  })
}

function assemble(
  row: StatementRow,
  stored: { readonly items: readonly ItemRow[]; readonly contexts: readonly ItemRow[]; readonly lists: ListRow[] },
): HeldParts | undefined {
  const content = listOf(row, { part: PART.content, seed: row.content_seed, rows: stored.items, lists: stored.lists })
  const context = listOf(row, {
    part: PART.context,
    seed: row.context_seed,
    rows: stored.contexts,
    lists: stored.lists,
  })
  if (content === undefined) return undefined
  const { audience, audience_salt: audienceSalt } = row
  return {
    entrySalt: row.entry_salt,
    partCommits: split(row.part_commits),
    header: { salt: row.header_salt, bytes: row.header },
    content,
    ...(context === undefined ? {} : { context }),
    ...(audience === null || audienceSalt === null ? {} : { audience: { salt: audienceSalt, bytes: audience } }),
  }
}

type StoredList = {
  readonly part: number
  readonly seed: Uint8Array | null
  readonly rows: readonly ItemRow[]
  readonly lists: readonly ListRow[]
}

function listOf({ seq, count }: StatementRow, { part, seed, rows, lists }: StoredList): ListPart | undefined {
  const bytes = new Map(rows.map((row) => [row.seq - seq, row.bytes]))
  const itemAt = (index: number): Uint8Array | undefined =>
    bytes.get(index) ?? (part === PART.context ? new Uint8Array(0) : undefined)
  if (seed !== null) {
    const items = Array.from({ length: count }, (_, index) => itemAt(index)).filter((item) => item !== undefined)
    return { seed, items }
  }
  const list = lists.find((each) => each.part === part)
  if (list === undefined) return undefined
  const items: ShownItem[] = []
  for (const [index, salt] of split(list.salts).entries()) {
    const item = itemAt(index)
    if (item !== undefined && salt.some((byte) => byte !== 0)) items.push({ index, salt, bytes: item })
  }
  return { itemCommits: split(list.commits), items }
}

function split(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.length / HASH_BYTES }, (_, i) =>
    hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}
