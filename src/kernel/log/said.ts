// Where something stands in all that its author said: one log follows another, and in each the leaves follow each other.
import { originNumber } from '../recovery-note.ts'
import type { Tx } from '../store/types.ts'

export type Said = {
  /** Row id of the statement. */
  readonly statement: number
  /** The statement here that it answers. */
  readonly about: number | null
  /** Which of its author's logs it stands in, from 1. */
  readonly log: number
  readonly index: number
}

/** The statement that holds an item, by its sequence number. */
export function saidAt(tx: Pick<Tx, 'get'>, seq: number): Said | undefined {
  const row = tx.get<{ seq: number; about: number | null; idx: number; origin: string; name: string }>(
    `SELECT s.seq, s.about, s.idx, l.origin, m.name FROM statement s JOIN log l ON l.id = s.log
     JOIN member m ON m.id = l.member WHERE s.seq = (SELECT max(seq) FROM statement WHERE seq <= ?)`,
    seq,
  )
  if (row === undefined) return undefined
  const { seq: statement, about, idx: index, origin, name } = row
  return { statement, about, log: originNumber(name, origin) ?? 1, index }
}

/** Of two statements of one author, whether the first was said before the other. */
export function saidBefore(first: Said, other: Said): boolean {
  return first.log === other.log ? first.index < other.index : first.log < other.log
}
