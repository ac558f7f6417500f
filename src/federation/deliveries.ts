// What went to a peer and what came from it, item by item, for people: which statements, why, by which rule, and whether
// the other side has them.
import { formatTime } from '#kernel/clock.ts'
import { decodeItem } from '#kernel/delivery-item.ts'
import { LIMITS } from '#kernel/limits.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Sight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { bundledRanges, type BundledRange } from './bundle/store.ts'
import { indexesInSight, statementInSight } from './delivery-sight.ts'
import { requirePeer } from './peers.ts'
import type { GivenPage, TakenPage } from './wire.ts'

export type Page = {
  readonly limit?: number | undefined
  readonly cursor?: number | undefined
  /** Only what holds this leaf. */
  readonly leaf?: number | undefined
  /** Only what went or came before. */
  readonly untilMs?: number | undefined
}

/**
 * The items of our stream to a peer, newest first, with those of their statements that are in sight. Who sees little of it
 * gets short pages, and a cursor: each looks at so many items at most.
 */
export async function listGiven(reader: Reader, name: string, page: Page, sight: Sight): Promise<GivenPage> {
  const peer = await requirePeer(reader, name)
  const limit = page.limit ?? LIMITS.pageDefault
  const leafSql = 'SELECT seq FROM delivery_index WHERE peer = ? AND log = 1 AND idx = ?'
  const [from, end] = await spanOf(reader, page, { sql: leafSql, of: peer.id })
  const before = page.untilMs === undefined ? end : Math.min(end, await firstSince(reader, peer.id, page.untilMs))
  const pieceFrom = Math.max(from, await beginOfPiece(reader, peer.id, before))
  const seen = indexesInSight(sight)
  const rows = await reader.all<{ seq: number; timeMs: number; body: Uint8Array; shown: string }>(
    `SELECT * FROM (SELECT seq, time_ms AS timeMs, body, ${seen.sql} AS shown FROM delivery d
       WHERE peer = ? AND seq >= ? AND seq < ?)
     WHERE shown <> '[]' ORDER BY seq DESC LIMIT ?`,
    ...seen.values,
    peer.id,
    pieceFrom,
    before,
    limit + 1,
  )
  const onPage = rows.slice(0, limit)
  const bundles = await bundledRanges(reader, peer.id)
  const items = []
  for (const { seq, timeMs, body, shown } of onPage) {
    const indexes = JSON.parse(shown) as number[]
    if (page.leaf !== undefined && !indexes.includes(page.leaf)) continue
    const rules = await reader.all<{ rule: string }>(RULES_SQL, peer.id, seq, shown)
    items.push({
      seq,
      at: formatTime(timeMs),
      reason: decodeItem(body).reason,
      indexes,
      rules: rules.map(({ rule }) => rule),
      confirmed: seq <= peer.confirmedSeq,
      ...(seq <= peer.confirmedSeq ? {} : bundledAt(bundles, seq)),
    })
  }
  const next = rows.length > limit ? onPage.at(-1)?.seq : pieceFrom > from ? pieceFrom : undefined
  return {
    member: peer.name,
    confirmed: peer.confirmedSeq,
    ...(peer.confirmedMs === null ? {} : { confirmedAt: formatTime(peer.confirmedMs) }),
    items,
    ...(next === undefined ? {} : { next: String(next) }),
  }
}

/** By which rules some statements of ours went with an item. */
export const RULES_SQL = `SELECT DISTINCT rule FROM delivery_index
  WHERE peer = ? AND log = ${OWN_LOG} AND seq = ? AND idx IN (SELECT value FROM json_each(?)) ORDER BY rule`

/** Between which numbers a page lies, as far as its cursor and the leaf that is asked for say. */
async function spanOf(
  reader: Reader,
  { leaf, cursor = Number.MAX_SAFE_INTEGER }: Page,
  where: { readonly sql: string; readonly of: number },
): Promise<readonly [from: number, before: number]> {
  if (leaf === undefined) return [0, cursor]
  const row = await reader.get<{ seq: number }>(where.sql, where.of, leaf)
  return row === undefined ? [0, 0] : [row.seq, Math.min(cursor, row.seq + 1)]
}

/** From which number on items before another one are looked at in one go; 0 where that is all of them. */
async function beginOfPiece(reader: Reader, peer: number, before: number): Promise<number> {
  const sql = 'SELECT seq + 1 AS seq FROM delivery WHERE peer = ? AND seq < ? ORDER BY seq DESC LIMIT 1 OFFSET ?'
  return (await reader.get<{ seq: number }>(sql, peer, before, LIMITS.listPiece))?.seq ?? 0
}

/** The first item from a time on, found by halves: later items are numbered higher. */
export async function firstSince(reader: Reader, peer: number, timeMs: number): Promise<number> {
  const sql = 'SELECT seq, time_ms AS timeMs FROM delivery WHERE peer = ? AND seq >= ? ORDER BY seq LIMIT 1'
  const last = await reader.get<{ seq: number }>('SELECT max(seq) AS seq FROM delivery WHERE peer = ?', peer)
  let [from, to] = [0, (last?.seq ?? 0) + 1]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    const item = await reader.get<{ seq: number; timeMs: number }>(sql, peer, middle)
    if (item === undefined || item.timeMs >= timeMs) to = middle
    else from = item.seq + 1
  }
  return from
}

function bundledAt(ranges: readonly BundledRange[], seq: number): { readonly bundled?: string } {
  const range = ranges.find(({ after, until }) => seq > after && seq <= until)
  return range === undefined ? {} : { bundled: formatTime(range.timeMs) }
}

/** The statements that came from a peer and are in sight, newest first. */
export async function listTaken(reader: Reader, name: string, page: Page, sight: Sight): Promise<TakenPage> {
  const peer = await requirePeer(reader, name)
  const limit = page.limit ?? LIMITS.pageDefault
  const leafSql = 'SELECT seq FROM statement WHERE log = ? AND idx = ?'
  const [from, before] = await spanOf(reader, page, { sql: leafSql, of: peer.log })
  const seen = statementInSight(sight)
  const rows = await reader.all<{ seq: number; index: number; kind: string; count: number; timeMs: number }>(
    `SELECT seq, idx AS "index", kind, count, time_ms AS timeMs FROM statement s
     WHERE log = ? AND seq >= ? AND seq < ? AND ${seen.sql} ORDER BY seq DESC LIMIT ?`,
    peer.log,
    from,
    // Numbers of statements are the microseconds in which they came.
    page.untilMs === undefined ? before : Math.min(before, page.untilMs * 1000),
    ...seen.values,
    limit + 1,
  )
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    member: peer.name,
    received: peer.streamSeq,
    items: shown.map(({ index, kind, count, timeMs, seq }) => ({
      index,
      kind,
      records: count,
      said: formatTime(timeMs),
      received: formatTime(Math.floor(seq / 1000)),
    })),
    ...(last === undefined ? {} : { next: String(last.seq) }),
  }
}
