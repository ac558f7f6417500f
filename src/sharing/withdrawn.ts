// Which records of a statement were taken back, also those for which another statement's stand: a peer that comes to be
// given the statement is not given those.
import type { Reader, Tx } from '#kernel/store/types.ts'

type Items = { readonly seq: number; readonly count: number }

const IN_STATEMENT = 'seq >= ?1 AND seq < ?1 + ?2 AND withdrawn IS NOT NULL'
const WITHDRAWN_SQL = `SELECT seq - ?1 AS place FROM record WHERE ${IN_STATEMENT}
  UNION ALL SELECT seq - ?1 AS place FROM record_copy WHERE ${IN_STATEMENT} ORDER BY place`

/** The places of a statement's items whose records are withdrawn, in order. */
export async function withdrawnOf(reader: Reader, { seq, count }: Items): Promise<number[]> {
  return (await reader.all<{ place: number }>(WITHDRAWN_SQL, seq, count)).map(({ place }) => place)
}

/** The same inside a transaction. */
export function withdrawnIn(tx: Tx, { seq, count }: Items): number[] {
  return tx.all<{ place: number }>(WITHDRAWN_SQL, seq, count).map(({ place }) => place)
}
