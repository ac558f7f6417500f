// What was put into bundles, part by part: where each begins and ends, so that the next part goes on from there and
// people see what has left and was not answered yet.
import { audit } from '#kernel/audit.ts'
import { formatTime } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Reader } from '#kernel/store/types.ts'
import type { BundleView } from './wire.ts'

/** A part as it is begun: the head and the item that all parts lead to, and the place where this one begins. */
export type PartStart = {
  readonly id: string
  readonly part: number
  readonly peer: number
  readonly member: string
  readonly size: number
  /** The signed head, with the lines of witnesses. */
  readonly note: Uint8Array
  readonly untilSeq: number
  /** The page that shows the peer its place among the heads that were committed before `note`. */
  readonly proof: Uint8Array
  readonly leaf: number
  readonly seq: number
}

export type PartEnd = Pick<PartStart, 'id' | 'part'> & {
  readonly leaf: number
  readonly seq: number
  readonly bytes: number
  readonly last: boolean
}

/** Before anything of a part is handed out. */
export const beginPart = command(
  'federation.begin-bundle',
  (tx, input: PartStart & { readonly actor: string }): void => {
    const { id, part, peer, member, size, note, untilSeq, proof, leaf, seq } = input
    tx.run(
      `INSERT INTO bundle (id, part, peer, time_ms, size, note, until_seq, proof, leaf, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id, part) DO UPDATE SET time_ms = excluded.time_ms, end_leaf = NULL, end_seq = NULL, last = 0`,
      id,
      part,
      peer,
      tx.nowMs,
      size,
      note,
      untilSeq,
      proof,
      leaf,
      seq,
    )
    tx.run(
      'DELETE FROM bundle WHERE peer = ? AND time_ms < (SELECT time_ms FROM bundle WHERE peer = ? ORDER BY time_ms DESC LIMIT 1 OFFSET ?)',
      peer,
      peer,
      LIMITS.bundlesKept,
    )
    const detail = { id, part, leaves: [leaf, size], items: [seq, untilSeq] }
    audit(tx, { actor: input.actor, action: 'bundle.write', subject: member, detail })
  },
)

/** When all bytes of a part were handed out. */
export const endPart = command('federation.end-bundle', (tx, { id, part, leaf, seq, bytes, last }: PartEnd): void => {
  tx.run(
    'UPDATE bundle SET end_leaf = ?, end_seq = ?, bytes = ?, last = ? WHERE id = ? AND part = ?',
    leaf,
    seq,
    bytes,
    last ? 1 : 0,
    id,
    part,
  )
})

type Row = {
  id: string
  part: number
  member: string
  time_ms: number
  size: number
  note: Uint8Array
  until_seq: number
  proof: Uint8Array
  leaf: number
  seq: number
  end_leaf: number | null
  end_seq: number | null
  bytes: number
  last: number
  confirmed_seq: number
}

const ROWS = `SELECT b.*, p.name AS member, p.confirmed_seq FROM bundle b JOIN peer p ON p.id = b.peer`

/** The bundles written for a peer, newest first. */
export async function listBundles(reader: Reader, peer: number): Promise<BundleView[]> {
  const rows = await reader.all<Row>(
    `${ROWS} WHERE b.peer = ? ORDER BY b.time_ms DESC, b.part DESC LIMIT ?`,
    peer,
    LIMITS.bundlesKept,
  )
  return rows.map(toView)
}

function toView(row: Row): BundleView {
  const { id, part, member, leaf, seq, bytes } = row
  const [endLeaf, endSeq] = [row.end_leaf ?? leaf, row.end_seq ?? seq]
  const there = row.confirmed_seq >= endSeq
  return {
    id,
    part,
    member,
    at: formatTime(row.time_ms),
    leaves: { from: leaf, until: endLeaf },
    items: { after: seq, until: endSeq },
    bytes,
    state: row.end_seq === null ? 'begun' : there ? 'confirmed' : 'written',
    last: row.last === 1,
  }
}

/** Where the part behind the newest one of a bundle begins; undefined where there is none to go on with. */
export async function nextPart(
  reader: Reader,
  peer: number,
  id: string,
): Promise<Omit<PartStart, 'member'> | undefined> {
  const row = await reader.get<Row>(
    `${ROWS} WHERE b.peer = ? AND b.id = ? AND b.end_seq IS NOT NULL ORDER BY b.part DESC LIMIT 1`,
    peer,
    id,
  )
  if (row === undefined || row.last === 1) return undefined
  return {
    id,
    part: row.part + 1,
    peer,
    size: row.size,
    note: row.note,
    untilSeq: row.until_seq,
    proof: row.proof,
    leaf: row.end_leaf as number,
    seq: row.end_seq as number,
  }
}

export type BundledRange = { readonly after: number; readonly until: number; readonly timeMs: number }

/** When each item of a stream was last put into a bundle, newest first. */
export async function bundledRanges(reader: Reader, peer: number): Promise<readonly BundledRange[]> {
  return reader.all(
    `SELECT seq AS after, end_seq AS until, time_ms AS timeMs FROM bundle WHERE peer = ? AND end_seq IS NOT NULL ORDER BY time_ms DESC LIMIT ?`,
    peer,
    LIMITS.bundlesKept,
  )
}

export const noteRead = command(
  'federation.note-read-bundle',
  (
    tx,
    input: { readonly actor: string; readonly member: string; readonly detail: Readonly<Record<string, unknown>> },
  ): void => {
    audit(tx, { actor: input.actor, action: 'bundle.read', subject: input.member, detail: input.detail })
  },
)
