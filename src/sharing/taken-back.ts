// What another member took back, for the person who decides about it: the records that are out of sight since.
import type { Egress } from '#kernel/egress.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Reader } from '#kernel/store/types.ts'
import { recordsWhere } from './find.ts'
import { toRecordViews } from './record-view.ts'
import { visible } from './visible.ts'
import type { RecordView } from './wire.ts'

/** Of one thing that was taken back so many records are shown. */
const RECORDS_SHOWN = 5

type Shown = Pick<RecordView, 'id' | 'type' | 'tlp' | 'name'>

/**
 * The first records among the items of each statement that another took back, as far as `principal` may look at them:
 * `first` and `count` are the sequence numbers of the items, `by` is that of the statement that took them back, by which the
 * records are found in the answer.
 */
export async function recordsTakenBack(
  { store, egress }: { readonly store: Reader; readonly egress: Egress },
  principal: Principal,
  taken: readonly { readonly first: number; readonly count: number; readonly by: number }[],
): Promise<ReadonlyMap<number, Shown[]>> {
  const rows = []
  for (const { first, count, by } of taken)
    rows.push(
      ...(await recordsWhere(
        store,
        'r.seq >= ? AND r.seq < ? AND r.withdrawn = ? ORDER BY r.seq LIMIT ?',
        first,
        first + count,
        by,
        RECORDS_SHOWN,
      )),
    )
  const cursor = String(taken.at(-1)?.by ?? '')
  const shown = await visible(egress, { principal, route: 'taken-back', cursor }, rows)
  const views = await toRecordViews(store, shown)
  const records = new Map<number, Shown[]>(taken.map(({ by }) => [by, []]))
  for (const [at, { withdrawnBy }] of shown.entries()) {
    const { id, type, tlp, name } = views[at] as RecordView
    records.get(withdrawnBy as number)?.push({ id, type, tlp, ...(name === undefined ? {} : { name }) })
  }
  return records
}
