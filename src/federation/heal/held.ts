// What a peer holds of our log, without its content: after a restore it is no longer known here who received what, and
// whoever received something is owed what comes after it, such as a withdrawal.
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { parseJson } from '#kernel/json.ts'
import { Fault } from '#kernel/fault.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { command, type Reader } from '#kernel/store/types.ts'

/** Ranges of leaf indexes in one answer, and statements looked at for it. */
const RANGES_MAX = 10_000

const Index = Type.Integer({ minimum: 0 })
const HeldShape = Type.Object({
  ranges: Type.Array(Type.Tuple([Index, Index]), { maxItems: RANGES_MAX }),
  next: Type.Optional(Index),
})
const held = Compile(HeldShape)

/** First and last index of each run of statements held. */
export type Ranges = readonly (readonly [number, number])[]

/** The statements of a log that are held here behind `after`, as runs. `next` is where to go on. */
export async function heldRanges(
  reader: Reader,
  log: number,
  after: number,
): Promise<{ readonly ranges: Ranges; readonly next?: number }> {
  const rows = await reader.all<{ idx: number }>(
    'SELECT idx FROM statement WHERE log = ? AND idx > ? ORDER BY idx LIMIT ?',
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
  return { ranges, ...(last === undefined || rows.length < RANGES_MAX ? {} : { next: last.idx }) }
}

/** Reads a peer's answer. Throws `peer.invalid` where it is none, or does not get on. */
export function parseHeld(bytes: Uint8Array, after: number): { readonly ranges: Ranges; readonly next?: number } {
  const value: unknown = parseJson(bytes)
  if (!held.Check(value) || (value.next ?? after + 1) <= after || value.ranges.some(([from, to]) => from > to))
    throw new Fault('peer.invalid', 'what a peer holds of this log is not told as it should be')
  return value
}

/** Notes that a peer has these of our statements, as far as they are here. Returns how many that was news of. */
export const noteHeld = command(
  'federation.note-held',
  (tx, input: { readonly peer: number; readonly streamSeq: number; readonly ranges: Ranges }): number => {
    let noted = 0
    for (const [from, to] of input.ranges)
      noted += tx.run(
        `INSERT INTO delivery_index (peer, log, idx, seq, rule)
         SELECT ?, log, idx, ?, 'follows.returned' FROM statement WHERE log = ? AND idx BETWEEN ? AND ?
         ON CONFLICT DO NOTHING`,
        input.peer,
        input.streamSeq,
        OWN_LOG,
        from,
        to,
      )
    return noted
  },
)
