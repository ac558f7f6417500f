// What is different where a feed brings records: it must still be there and wanted, it speaks for its own collection
// alone, and what was taken back here is not said again because the source still has it.
import { Fault } from '#kernel/fault.ts'
import { DEFAULT_MARKING, parseMarking, type Marking } from '#kernel/marking.ts'
import type { Tx } from '#kernel/store/types.ts'
import type { PreparedRecord, StoredVersion } from '../record-store.ts'

export type FeedPut = {
  readonly id: number
  /** For a list: the value that each record says, by the record's id. */
  readonly values?: readonly { readonly object: string; readonly kind: string; readonly value: string }[]
}

/** The feed's marking. Throws where it was removed or paused since its run began: nothing more of it goes in. */
export function demandReading(tx: Pick<Tx, 'get'>, { id }: FeedPut): Marking {
  const row = tx.get<{ paused: number; marking: string }>('SELECT paused, marking FROM feed WHERE id = ?', id)
  if (row === undefined || row.paused === 1)
    throw new Fault('conflict', 'this feed was paused or removed while it was read')
  return parseMarking(JSON.parse(row.marking)) ?? DEFAULT_MARKING
}

/** Why a feed may not say this, or that it need not; undefined where it is judged as anybody's. */
export function standsAgainstFeed(
  collection: number,
  record: PreparedRecord,
  versions: readonly StoredVersion[],
): { readonly outcome: 'known' | 'elsewhere' } | undefined {
  const here = versions.filter((each) => each.collection === collection)
  if (here.some((each) => each.version === record.version && each.withdrawn !== null)) return { outcome: 'known' }
  const elsewhere = versions.filter((each) => each.collection !== collection && each.withdrawn === null)
  if (elsewhere.length === 0 || elsewhere.some((each) => each.version === record.version)) return undefined
  return { outcome: 'elsewhere' }
}

/** In the transaction that adds the records, so that neither is known without the other. */
export function takeForFeed(
  tx: Tx,
  { id, values = [] }: FeedPut,
  { records, outcomes }: { readonly records: readonly PreparedRecord[]; readonly outcomes: readonly string[] },
): void {
  const added = new Map(records.filter((_, i) => outcomes[i] === 'added').map((record) => [record.id, record.oid]))
  for (const { object, kind, value } of values) {
    const oid = added.get(object)
    if (oid === undefined) continue
    tx.run(
      `INSERT OR REPLACE INTO feed_value (feed, kind, value, object, seq)
       SELECT ?, ?, ?, ?, seq FROM record WHERE oid = ?`,
      id,
      kind,
      value,
      object,
      oid,
    )
  }
}
