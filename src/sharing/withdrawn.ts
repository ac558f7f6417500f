// Which records of a statement were taken back: a peer that comes to be given the statement is not given those.
import type { Reader } from '#kernel/store/types.ts'

/** The places of a statement's items whose records are withdrawn, in order. */
export async function withdrawnOf(
  reader: Reader,
  { seq, count }: { readonly seq: number; readonly count: number },
): Promise<number[]> {
  const rows = await reader.all<{ place: number }>(
    'SELECT seq - ?1 AS place FROM record WHERE seq >= ?1 AND seq < ?1 + ?2 AND withdrawn IS NOT NULL ORDER BY seq',
    seq,
    count,
  )
  return rows.map(({ place }) => place)
}
