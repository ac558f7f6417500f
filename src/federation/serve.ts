// What a peer may read here: our log, byte for byte, and its own stream of deliveries.
import { decodeItem, type DeliveryItem } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { loadErased, withoutErased } from '#kernel/log/erase-store.ts'
import { loadParts, type HeldParts } from '#kernel/log/statement-store.ts'
import { loadEntries, loadTile, OWN_LOG } from '#kernel/log/tile-store.ts'
import { bundlePrefix, hashesAtLevel, parseTilePath, TILE_WIDTH } from '#kernel/log/tile.ts'
import { parseNote } from '#kernel/note.ts'
import type { Reader } from '#kernel/store/types.ts'
import { proveLeaf } from './forward/prove.ts'
import { GiveDesk, type GiveDeps, type Given } from './give.ts'
import { encodeDelivery, type DeliveredStatement } from './frames.ts'
import type { Peer } from './peers.ts'
import { linesAt } from './witness/store.ts'

export type Head = {
  readonly size: number
  readonly checkpoint: Uint8Array
  /** The newest version of the own node document; 0 before there is one. */
  readonly documentVersion: number
}

/** Our head as it is shown to others: with lines of witnesses for this size, as many as a note may hold, and what to call it. */
export async function loadShownHead(
  reader: Reader,
): Promise<(Head & { readonly note: Uint8Array; readonly etag: string }) | undefined> {
  const head = await loadHead(reader)
  if (head === undefined) return undefined
  const room = LIMITS.noteSignaturesMax - parseNote(head.checkpoint).signatures.length
  const { lines, inAll } = await linesAt(reader, { size: head.size, room })
  const note = Buffer.concat([head.checkpoint, ...lines.map((line) => Buffer.from(`${line}\n`))])
  return { ...head, note, etag: `"${head.size}${inAll === 0 ? '' : `.${inAll}`}"` }
}

export async function loadHead(reader: Reader): Promise<Head | undefined> {
  const row = await reader.get<Head & { checkpoint: Uint8Array | null }>(
    'SELECT size, checkpoint, (SELECT coalesce(max(version), 0) FROM node_document) AS documentVersion FROM log WHERE id = ?',
    OWN_LOG,
  )
  return row === undefined || row.checkpoint === null ? undefined : row
}

/** The bytes at a tile path such as `tile/0/001` or `tile/entries/000.p/7`. Partial widths are served while they are true. */
export async function readTilePath(reader: Reader, path: string, log: number = OWN_LOG): Promise<Uint8Array> {
  const coordinate = parseTilePath(path)
  const absent = new Fault('not-found', 'the log has no such tile')
  if (coordinate === undefined) throw absent
  const { level, index, width } = coordinate
  const size = (await reader.get<{ size: number }>('SELECT size FROM log WHERE id = ?', log))?.size ?? 0
  const available = hashesAtLevel(level === 'entries' ? 0 : level, size) - index * TILE_WIDTH
  if (width > available) throw absent
  const bytes = level === 'entries' ? await loadEntries(reader, log, index) : await loadTile(reader, log, level, index)
  if (bytes === undefined) throw absent
  return level === 'entries' ? bundlePrefix(bytes, width) : bytes.subarray(0, width * 32)
}

type ItemRow = { seq: number; body: Uint8Array }
type Page = {
  readonly after: number
  readonly maxBytes: number
  readonly until?: number
  /** Ends before the first item with more content than this. */
  readonly itemBytesMax?: number
}

export type DeliveryPage = {
  readonly bytes: Uint8Array
  /** The last item in it; `after` where there is none. */
  readonly last: number
}

/** Whole deliveries behind `after`, up to `until`, at least one where there is one; more only within `maxBytes`. */
export async function readDeliveries(deps: GiveDeps, peer: Peer, page: Page): Promise<DeliveryPage> {
  for (let round = 0; round < GIVE_ROUNDS; round += 1) {
    const desk = await GiveDesk.open(deps, peer)
    const read = await readPage(deps.store, { peer, desk, page })
    if (await desk.settle()) return read
  }
  throw new Fault('busy', 'policy changes faster than this can be answered', { remedy: 'Ask again in a moment.' })
}

/** How often a page is read again where policy changed under it. */
const GIVE_ROUNDS = 5

/** What a statement brings besides its content, more or less. */
const STATEMENT_BYTES = 2048

async function readPage(
  reader: Reader,
  { peer, desk, page }: { readonly peer: Peer; readonly desk: GiveDesk; readonly page: Page },
): Promise<DeliveryPage> {
  const chunks: Uint8Array[] = []
  const limit = Math.min(page.maxBytes, LIMITS.deliveryPageBytesMax)
  let bytes = 0
  let last = page.after
  while (bytes < limit) {
    const row = await reader.get<ItemRow>(
      'SELECT seq, body FROM delivery WHERE peer = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT 1',
      peer.id,
      last,
      page.until ?? Number.MAX_SAFE_INTEGER,
    )
    if (row === undefined) break
    const item = decodeItem(row.body)
    const content = await contentBytes(reader, item)
    if (page.itemBytesMax !== undefined && content > page.itemBytesMax) break
    if (bytes > 0 && bytes + content + item.indexes.length * STATEMENT_BYTES > limit) break
    const given = await desk.give(item)
    const disclosed = await discloseAll(reader, item.indexes, given)
    const statements = item.origin === undefined ? disclosed : await withProofs(reader, given.log, disclosed)
    for (const chunk of encodeDelivery(row.body, statements)) {
      chunks.push(chunk)
      bytes += chunk.length
    }
    last = row.seq
  }
  return { bytes: Buffer.concat(chunks), last }
}

/** Statements of another member's log, each with the proof that it is there. */
async function withProofs(
  reader: Reader,
  log: number,
  statements: readonly DeliveredStatement[],
): Promise<DeliveredStatement[]> {
  const proven: DeliveredStatement[] = []
  for (const statement of statements)
    proven.push(
      'gone' in statement ? statement : { ...statement, proof: await proveLeaf(reader, log, statement.index) },
    )
  return proven
}

/** How much content the statements of an item have. */
async function contentBytes(reader: Reader, { origin, indexes }: DeliveryItem): Promise<number> {
  const row = await reader.get<{ bytes: number }>(
    `SELECT coalesce(sum(length(i.bytes)), 0) AS bytes FROM log l JOIN statement s ON s.log = l.id
     JOIN item i ON i.seq >= s.seq AND i.seq < s.seq + s.count
     WHERE l.id = CASE WHEN ?1 IS NULL THEN ${OWN_LOG} ELSE (SELECT id FROM log WHERE origin = ?1) END
       AND s.idx IN (SELECT value FROM json_each(?2))`,
    origin ?? null,
    JSON.stringify(indexes),
  )
  return row?.bytes ?? 0
}

/** Statements of a log with what is held of them, and the context of those named. What is not given stands as gone. */
export async function discloseAll(
  reader: Reader,
  indexes: readonly number[],
  { log, context, narrowed, withdrawn }: Pick<Given, 'log' | 'context'> & Partial<Given>,
): Promise<DeliveredStatement[]> {
  const disclosed: DeliveredStatement[] = []
  for (const index of indexes) {
    if (narrowed?.has(index) === true) {
      disclosed.push({ index, gone: 'narrowed' })
      continue
    }
    const row = await reader.get<{ seq: number }>('SELECT seq FROM statement WHERE log = ? AND idx = ?', log, index)
    if (row === undefined)
      throw new Fault('storage.failed', `statement ${index} is missing`, { remedy: 'Run “comity log verify”.' })
    const held = await loadParts(reader, row.seq)
    const erased = await loadErased(reader, { log, index })
    const left = withdrawn?.get(index)
    const gone = left === undefined ? erased : erased.union(left)
    const parts = held === undefined ? undefined : withoutErased(held, gone)
    disclosed.push(
      parts === undefined ? { index, gone: 'erased' } : { index, ...shownParts(parts, context.has(index)) },
    )
  }
  return disclosed
}

/** The named recipients stay with the author, and context goes only where somebody decided that it may. */
function shownParts({ entrySalt, partCommits, header, content, context }: HeldParts, withContext: boolean): HeldParts {
  return { entrySalt, partCommits, header, content, ...(withContext && context !== undefined ? { context } : {}) }
}
