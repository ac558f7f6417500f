// Erasing items of a statement (protocol section 9): their bytes, their salts, and the seed from which the salts come;
// the salts of the other items are derived first and kept, so that they can still be proven. Of a statement without any
// item left nothing stays but its leaf, unless its author keeps the header. What was erased is remembered by its place,
// and neither taken in nor given out again, also where this node kept its own copy.
import { discloseItems, isWhole, type ListPart } from '../list-part.ts'
import type { Reader, Tx } from '../store/types.ts'
import { PART } from '../commitment.ts'
import { askToScrub } from '../store/scrub.ts'
import { heldKey } from './erase.ts'
import { placesOf, readParts, storeList, type HeldParts } from './statement-store.ts'

type Sql = Pick<Tx, 'run' | 'get' | 'all'>
type Place = { readonly log: number; readonly index: number }

const ERASED_SQL = 'SELECT item FROM erased WHERE log = ? AND idx = ?'

/** The items of a statement that are erased, or that its author asked to erase. */
export function readErased(sql: Pick<Tx, 'all'>, { log, index }: Place): ReadonlySet<number> {
  return new Set(sql.all<{ item: number }>(ERASED_SQL, log, index).map(({ item }) => item))
}

export async function loadErased(reader: Reader, { log, index }: Place): Promise<ReadonlySet<number>> {
  return new Set((await reader.all<{ item: number }>(ERASED_SQL, log, index)).map(({ item }) => item))
}

/** What may be taken in or given out of a statement: everything but what is erased. */
export function withoutErased(parts: HeldParts, erased: ReadonlySet<number>): HeldParts {
  if (erased.size === 0) return parts
  const { context, ...rest } = parts
  const keep = (list: ListPart): ListPart => {
    const places = placesOf(list).filter((place) => !erased.has(place))
    return places.length === list.items.length ? list : discloseItems(list, places)
  }
  return { ...rest, content: keep(parts.content), ...(context === undefined ? {} : { context: keep(context) }) }
}

/** Notes items as erased, by their places. `kept`: their bytes stay here, and go to nobody. */
export function noteErased(
  sql: Sql,
  { log, index, items, kept }: Place & { readonly items: readonly number[]; readonly kept: boolean },
): void {
  for (const item of items)
    sql.run(
      `INSERT INTO erased (log, idx, item, kept) VALUES (?, ?, ?, ?)
       ON CONFLICT (log, idx, item) DO UPDATE SET kept = min(kept, excluded.kept)`,
      log,
      index,
      item,
      kept ? 1 : 0,
    )
}

/** Erases items of a stored statement. Returns the sequence numbers of those that were here. */
function eraseItems(
  sql: Sql,
  { seq, items, keepHeader }: { readonly seq: number; readonly items: readonly number[]; readonly keepHeader: boolean },
): number[] {
  const parts = readParts(sql, seq)
  if (parts === undefined) return []
  const doomed = new Set(items)
  const left = withoutErased(parts, doomed)
  const gone = placesOf(parts.content).filter((place) => doomed.has(place))
  for (const place of items) {
    sql.run('DELETE FROM item WHERE seq = ?', seq + place)
    sql.run('DELETE FROM item_context WHERE seq = ?', seq + place)
  }
  if (left.content.items.length === 0 && !keepHeader) eraseStatement(sql, seq)
  else {
    if (!isWhole(left.content)) storeList(sql, { seq, part: 'content', list: left.content })
    if (left.context !== undefined && !isWhole(left.context)) storeContext(sql, seq, left.context)
  }
  return gone.map((place) => seq + place)
}

/** Lets go of whatever a capability made from items, by their sequence numbers, while their bytes are still here. */
export type Forget = (tx: Tx, seqs: readonly number[]) => void

export type Doomed = {
  readonly log: number
  readonly index: number
  readonly items: readonly number[]
  /** Whether the header stays where no item does. */
  readonly keepHeader: boolean
}

/** Erases items of a statement wherever this node has something of them, and notes it. Returns how many were here. */
export function eraseHere(tx: Tx, { log, index, items, keepHeader }: Doomed, forget: Forget): number {
  noteErased(tx, { log, index, items, kept: false })
  const row = tx.get<{ seq: number }>('SELECT seq FROM statement WHERE log = ? AND idx = ?', log, index)
  if (row === undefined) return 0
  const { seq } = row
  forget(
    tx,
    items.map((item) => seq + item),
  )
  const gone = eraseItems(tx, { seq, items, keepHeader })
  askToScrub(tx)
  return gone.length
}

/** A context of which no item is left goes as a whole. */
function storeContext(sql: Sql, seq: number, list: ListPart): void {
  if (list.items.length > 0) return storeList(sql, { seq, part: 'context', list })
  sql.run('UPDATE statement SET context_seed = NULL WHERE seq = ?', seq)
  sql.run('DELETE FROM partial_list WHERE statement = ? AND part = ?', seq, PART.context)
}

/** Leaves the row of the statement, by which its leaf is known to have been something. */
function eraseStatement(sql: Sql, seq: number): void {
  const { salt } = sql.get<{ salt: Uint8Array }>('SELECT entry_salt AS salt FROM statement WHERE seq = ?', seq) as {
    salt: Uint8Array
  }
  sql.run('DELETE FROM partial_list WHERE statement = ?', seq)
  sql.run('DELETE FROM named WHERE statement = ?', seq)
  sql.run(
    `UPDATE statement SET uuid = '', time_ms = 0, header = x'', header_salt = x'', entry_salt = x'', part_commits = x'',
       content_seed = NULL, context_seed = NULL, context_class = NULL, audience = NULL, audience_salt = NULL,
       held_key = coalesce(held_key, ?) WHERE seq = ?`,
    salt.length === 0 ? null : heldKey(salt),
    seq,
  )
}
