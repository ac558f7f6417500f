// What a peer holds of our log, without its content: after a restore it is no longer known here who received what, and
// whoever received something is owed what comes after it, such as a withdrawal.
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { parseJson } from '#kernel/json.ts'
import { Fault } from '#kernel/fault.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { command, type Reader, type Store } from '#kernel/store/types.ts'
import type { Caller } from '../call.ts'
import { forgetClasses } from '../classes.ts'
import type { Peer } from '../peers.ts'

/** Ranges of leaf indexes in one answer, and statements looked at for it. */
const RANGES_MAX = 10_000

const Index = Type.Integer({ minimum: 0 })
const HeldShape = Type.Object({
  origin: Type.String({ maxLength: 300 }),
  ranges: Type.Array(Type.Tuple([Index, Index]), { maxItems: RANGES_MAX }),
  next: Type.Optional(Index),
})
const held = Compile(HeldShape)

/** First and last index of each run of statements held. */
export type Ranges = readonly (readonly [number, number])[]

export type Held = {
  /** Of which log this is told. */
  readonly origin: string
  readonly ranges: Ranges
  /** Where to go on. */
  readonly next?: number
}

/**
 * The statements of a log that are held here behind `after`, as runs; not what came by way of others alone: what follows
 * that comes by the same way, and its author need not learn by whom it was passed on.
 */
export async function heldRanges(reader: Reader, log: number, after: number): Promise<Held> {
  const { origin = '' } = (await reader.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', log)) ?? {}
  const rows = await reader.all<{ idx: number }>(
    `SELECT s.idx FROM statement s WHERE s.log = ? AND s.idx > ?
       AND NOT EXISTS (SELECT 1 FROM via v WHERE v.statement = s.seq AND v.direct_ms IS NULL) ORDER BY s.idx LIMIT ?`,
    log,
    after,
    RANGES_MAX,
  )
  const ranges: [number, number][] = []
  for (const { idx } of rows) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === idx - 1) last[1] = idx
    else ranges.push([idx, idx])
  }
  const last = rows.at(-1)
  return { origin, ranges, ...(last === undefined || rows.length < RANGES_MAX ? {} : { next: last.idx }) }
}

/** Reads a peer's answer. Throws `peer.invalid` where it is none, or does not get on. */
export function parseHeld(bytes: Uint8Array, after: number): Held {
  const value: unknown = parseJson(bytes)
  if (!held.Check(value) || (value.next ?? after + 1) <= after || !areRuns(value.ranges, after))
    throw new Fault('peer.invalid', 'what a peer holds of this log is not told as it should be')
  return value
}

/** Ascending, behind `after`, and none within another. */
function areRuns(ranges: Ranges, after: number): boolean {
  let last = after
  return ranges.every(([from, to]) => {
    const follows = from > last && from <= to
    last = to
    return follows
  })
}

export type HeldNow = {
  readonly peer: number
  /** The last item of our stream that came to it. */
  readonly streamSeq: number
  readonly ranges: Ranges
  /** Which leaves this tells of: behind the first, up to the second. */
  readonly after: number
  readonly until: number
}

/**
 * Notes that a peer has these of our statements, as far as they are here, and that it does not have the others of which it
 * was held to: it lost them, or went without them after a backup of ours was made. Those are offered again.
 */
export const noteHeld = command('federation.note-held', (tx, input: HeldNow): void => {
  const { peer, streamSeq, ranges } = input
  let news = 0
  let last = input.after
  for (const [from, to] of [...ranges, [input.until + 1, input.until] as const]) {
    news += tx.run(NOT_HELD_SQL, peer, OWN_LOG, last + 1, from - 1, streamSeq)
    if (from <= to) news += tx.run(HELD_SQL, peer, streamSeq, OWN_LOG, from, to)
    last = to
  }
  if (news === 0) return
  tx.run('UPDATE peer SET widened_epoch = 0 WHERE id = ?', peer)
  forgetClasses(tx, peer)
  tx.emit({ name: 'policy.changed' })
})

const HELD_SQL = `INSERT INTO delivery_index (peer, log, idx, seq, rule)
  SELECT ?, log, idx, ?, 'follows.returned' FROM statement WHERE log = ? AND idx BETWEEN ? AND ?
  ON CONFLICT DO NOTHING`
const NOT_HELD_SQL = `UPDATE delivery_index SET narrowed = 2
  WHERE peer = ? AND log = ? AND idx BETWEEN ? AND ? AND seq <= ? AND narrowed = 0`

type AskDeps = { readonly store: Store; readonly caller: Caller; readonly origin: string }

/**
 * Asks a peer what it holds of our log, page by page. Whoever holds something of ours is owed what comes after it, also
 * where the record of giving it was lost. False where the peer knows another log of ours than this one, as yet.
 */
export async function askWhatIsHeld(
  { store, caller, origin }: AskDeps,
  peer: Peer,
  streamSeq: number,
): Promise<boolean> {
  for (let after: number | undefined = -1; after !== undefined;) {
    const response = await caller.call(peer.document, {
      method: 'GET',
      url: `${peer.document.endpoint}/peer/returns/held?after=${after}`,
    })
    if (response.status !== 200) return true
    const { ranges, next, ...held } = parseHeld(response.body, after)
    if (held.origin !== origin) return false
    const until = next ?? Number.MAX_SAFE_INTEGER - 1
    await store.write(noteHeld, { peer: peer.id, streamSeq, ranges, after, until })
    after = next
  }
  return true
}
