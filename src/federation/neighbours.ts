// How each peer is, in numbers, and what about it needs a person.
import { decodeItem } from '#kernel/delivery-item.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseNote } from '#kernel/note.ts'
import type { Reader } from '#kernel/store/types.ts'
import { listPeers, type Peer } from './peers.ts'

export type Neighbour = {
  readonly name: string
  readonly state: string
  readonly stopped: string | null
  readonly lastContactMs: number | null
  readonly lastError: string | null
  /** Why it is not believed to give what it committed to, and since when. */
  readonly doubt: { readonly reason: string; readonly sinceMs: number } | undefined
  /** Items it committed to that have not come. */
  readonly behind: number
  /** Items of ours that it has not asked beyond. */
  readonly waiting: number
  /** Among those: what was taken back, and since when. */
  readonly withdrawals: { readonly count: number; readonly sinceMs: number | undefined }
  /** Others whose lines stand under its head here. */
  readonly witnesses: number
}

export async function neighbours(reader: Reader): Promise<Neighbour[]> {
  const all = []
  for (const peer of await listPeers(reader)) all.push(await describe(reader, peer))
  return all
}

async function describe(reader: Reader, peer: Peer): Promise<Neighbour> {
  const { name, state, stopped, lastContactMs, lastError } = peer
  const told = await reader.get<{ seq: number }>('SELECT seq FROM head_told WHERE peer = ?', peer.id)
  const doubt = await reader.get<{ reason: string; sinceMs: number }>(
    'SELECT reason, since_ms AS sinceMs FROM stream_doubt WHERE peer = ? AND told_ms IS NOT NULL',
    peer.id,
  )
  return {
    name,
    state,
    stopped,
    lastContactMs,
    lastError,
    doubt,
    behind: Math.max(0, (told?.seq ?? 0) - peer.streamSeq),
    waiting: Math.max(0, peer.outSeq - peer.confirmedSeq),
    withdrawals: await silentWithdrawals(reader, peer),
    witnesses: await countWitnesses(reader, peer),
  }
}

/** What was taken back and given since the peer last asked; of a long stream the newest are looked at. */
async function silentWithdrawals(reader: Reader, peer: Peer): Promise<Neighbour['withdrawals']> {
  if (peer.state !== 'approved') return { count: 0, sinceMs: undefined }
  const rows = await reader.all<{ timeMs: number; body: Uint8Array }>(
    'SELECT time_ms AS timeMs, body FROM delivery WHERE peer = ? AND seq > ? ORDER BY seq DESC LIMIT ?',
    peer.id,
    peer.confirmedSeq,
    LIMITS.pageMax,
  )
  const silent = rows.filter(({ body }) => /^(withdrawn|erased)$/.test(decodeItem(body).reason))
  return { count: silent.length, sinceMs: silent.at(-1)?.timeMs }
}

async function countWitnesses(reader: Reader, { log, document }: Peer): Promise<number> {
  const row = await reader.get<{ checkpoint: Uint8Array | null }>('SELECT checkpoint FROM log WHERE id = ?', log)
  if (row === undefined || row.checkpoint === null) return 0
  const names = parseNote(row.checkpoint).signatures.map(({ name }) => name)
  return new Set(names.filter((name) => name !== document.log.origin)).size
}
