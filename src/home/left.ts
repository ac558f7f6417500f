// What left this node since a time, summed up: answers by whom and way, deliveries by peer with the rules that let them go.
import { formatTime } from '#kernel/clock.ts'
import { decodeItem } from '#kernel/delivery-item.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Sight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'
import { firstSince, indexesInSight, RULES_SQL } from '#federation/api.ts'
import type { LeftView } from './wire.ts'

type Item = LeftView['items'][number]

/** Deliveries that one answer sums up; what is beyond stands in the list of deliveries of each peer. */
const DELIVERIES_MAX = 1000

/** Of deliveries what is in sight. */
export async function whatLeft(reader: Reader, sinceMs: number, sight: Sight): Promise<LeftView> {
  const items = [...(await delivered(reader, sinceMs, sight)), ...(await answered(reader, sinceMs))]
  return { since: formatTime(sinceMs), items: items.toSorted((a, b) => (a.last < b.last ? 1 : -1)) }
}

async function answered(reader: Reader, sinceMs: number): Promise<Item[]> {
  const rows = await reader.all<{ principal: string; route: string; count: number; lastMs: number }>(
    `SELECT principal, route, sum(count) AS count, max(time_ms) AS lastMs FROM answer
     WHERE time_ms >= ? AND count > 0 GROUP BY principal, route LIMIT 1000`,
    sinceMs,
  )
  return rows.map(({ principal, route, count, lastMs }) => ({
    to: principal,
    way: route,
    count,
    last: formatTime(lastMs),
    rules: [],
  }))
}

type Delivery = { peer: number; name: string; seq: number; timeMs: number; body: Uint8Array; shown: string }

async function delivered(reader: Reader, sinceMs: number, sight: Sight): Promise<Item[]> {
  const byPeer = new Map<string, Item & { readonly rules: string[] }>()
  for (const { peer, name, seq, timeMs, body, shown } of await newest(reader, sinceMs, sight)) {
    const { reason } = decodeItem(body)
    const rules = await reader.all<{ rule: string }>(RULES_SQL, peer, seq, shown)
    if (reason !== 'new' && reason !== 'widened') continue
    const known = byPeer.get(name)
    const all = new Set([...(known?.rules ?? []), ...rules.map(({ rule }) => rule)])
    byPeer.set(name, {
      to: `member:${name}`,
      way: 'delivery',
      count: (known?.count ?? 0) + (JSON.parse(shown) as number[]).length,
      last: known?.last ?? formatTime(timeMs),
      rules: [...all].toSorted(),
    })
  }
  return [...byPeer.values()]
}

/** Peer by peer from the newest back, so that no list is read that is older; of each so many are looked at, seen or not. */
async function newest(reader: Reader, sinceMs: number, sight: Sight): Promise<Delivery[]> {
  const seen = indexesInSight(sight)
  const peers = await reader.all<{ id: number; name: string }>(GIVEN_TO_SQL, sinceMs)
  const found: Delivery[] = []
  for (const { id, name } of peers) {
    if (found.length >= DELIVERIES_MAX) break
    const rows = await reader.all<Omit<Delivery, 'peer' | 'name'>>(
      `SELECT * FROM (SELECT seq, timeMs, body, ${seen.sql} AS shown FROM (
         SELECT seq, time_ms AS timeMs, body FROM delivery WHERE peer = ? AND seq >= ? ORDER BY seq DESC LIMIT ?) d)
       WHERE shown <> '[]' ORDER BY seq DESC LIMIT ?`,
      ...seen.values,
      id,
      await firstSince(reader, id, sinceMs),
      Math.ceil(LIMITS.listPiece / peers.length),
      Math.ceil(DELIVERIES_MAX / peers.length),
    )
    for (const row of rows) found.push({ ...row, peer: id, name })
  }
  return found
}

/** Peers that were given something since a time. */
const GIVEN_TO_SQL = `SELECT id, name FROM peer p WHERE state = 'approved'
  AND (SELECT time_ms FROM delivery WHERE peer = p.id ORDER BY seq DESC LIMIT 1) >= ?`
