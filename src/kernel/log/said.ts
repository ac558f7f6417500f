// Where something stands in all that its author said: one log follows another, and in each the leaves follow each other.
import { originNumber } from '../recovery-note.ts'
import type { Tx } from '../store/types.ts'

export type Said = {
  /** Row id of the statement. */
  readonly statement: number
  /** The statement here that it answers. */
  readonly about: number | null
  /** Row id of the log it stands in, and which of its author's logs that is, from 1. */
  readonly log: number
  readonly number: number
  readonly index: number
}

/** The statement that holds an item, by its sequence number. */
export function saidAt(tx: Pick<Tx, 'get'>, seq: number): Said | undefined {
  const row = tx.get<Omit<Said, 'number'> & { readonly origin: string; readonly name: string }>(
    `SELECT s.seq AS statement, s.about, s.log, s.idx AS "index", l.origin, m.name FROM statement s JOIN log l ON l.id = s.log
     JOIN member m ON m.id = l.member WHERE s.seq = (SELECT max(seq) FROM statement WHERE seq <= ?)`,
    seq,
  )
  if (row === undefined) return undefined
  const { origin, name, ...place } = row
  return { ...place, number: originNumber(name, origin) ?? 1 }
}

/** Of two statements of one author, whether the first was said before the other. */
export function saidBefore(first: Said, other: Said): boolean {
  return first.number === other.number ? first.index < other.index : first.number < other.number
}
