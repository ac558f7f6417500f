// What a conflicting object met may stand where whoever sent it cannot read: it is quoted only through the door.
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Reader } from '#kernel/store/types.ts'
import { recordsAt } from './find.ts'
import type { PutResult } from './put.ts'
import { visible } from './visible.ts'

/** Who is told of conflicts, by which door. */
export type Teller = { readonly egress: Egress; readonly principal: Principal }

/** The results without what stands here, where nobody is told or who is told may not read it. */
export async function quoteReadable(
  reader: Reader,
  teller: Teller | undefined,
  results: readonly PutResult[],
): Promise<PutResult[]> {
  const asked = results.flatMap(({ storedAt }) => storedAt ?? [])
  if (asked.length === 0) return [...results]
  const readable = teller === undefined ? new Set() : await readableOf(reader, teller, asked)
  return results.map((result) => {
    if (result.storedAt === undefined || readable.has(result.storedAt)) return result
    const { stored: _, ...rest } = result
    return rest
  })
}

async function readableOf(
  reader: Reader,
  { egress, principal }: Teller,
  seqs: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await recordsAt(reader, seqs)
  const shown = await visible(egress, { principal, route: 'import/conflict', cursor: '' }, rows)
  return new Set(shown.map(({ seq }) => seq))
}
