// How many records there are of each class, and how many of these name whom: counted once, then only what came since, until
// a record goes or comes late. A million records take a third of a second to count.
import type { Reader } from '#kernel/store/types.ts'
import { loadRecordState, type RecordState } from './record-state.ts'

export type ClassCount = {
  readonly collection: number
  readonly labelClass: number
  readonly records: number
  /** By member, how many of these records name it. */
  readonly named: ReadonlyMap<string, number>
}

type Row = { readonly collection: number; readonly labelClass: number; readonly records: number }
type Counted = Row & { readonly named: Map<string, number> }

export class Tally {
  #state: RecordState = { changes: -1, newest: 0 }
  #counts: ReadonlyMap<string, Counted> = new Map()

  async count(reader: Reader): Promise<readonly ClassCount[]> {
    const state = await loadRecordState(reader)
    const { changes, newest } = this.#state
    if (changes === state.changes && newest === state.newest) return [...this.#counts.values()]
    const [before, from] = changes === state.changes ? [this.#counts, newest] : [new Map<string, Counted>(), 0]
    const counts = await countOn(reader, before, { from, to: state.newest })
    this.#state = state
    this.#counts = counts
    return [...counts.values()]
  }
}

/** Adds the records of a stretch of sequence numbers to what was counted before it. */
async function countOn(
  reader: Reader,
  before: ReadonlyMap<string, Counted>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Map<string, Counted>> {
  const counts = new Map([...before].map(([key, each]) => [key, { ...each, named: new Map(each.named) }]))
  for (const row of await reader.all<Row>(COUNT_SQL, from, to)) {
    const known = counts.get(keyOf(row))
    const records = (known?.records ?? 0) + row.records
    counts.set(keyOf(row), { ...row, records, named: known?.named ?? new Map<string, number>() })
  }
  for (const { name, records, ...row } of await reader.all<Row & { readonly name: string }>(NAMED_SQL, from, to)) {
    const named = counts.get(keyOf(row))?.named
    named?.set(name, (named.get(name) ?? 0) + records)
  }
  return counts
}

const keyOf = ({ collection, labelClass }: Omit<Row, 'records'>): string => `${collection} ${labelClass}`

const COUNT_SQL = `SELECT collection, label_class AS labelClass, count(*) AS records FROM record
  WHERE withdrawn IS NULL AND seq > ? AND seq <= ? GROUP BY collection, label_class`

/** Only what was not taken back, and only of this member's own collections, whose statements name recipients. */
const NAMED_SQL = `SELECT s.collection, s.label_class AS labelClass, m.name, count(*) AS records
  FROM named n JOIN member m ON m.id = n.member JOIN statement s ON s.seq = n.statement
    JOIN record r ON r.seq >= s.seq AND r.seq < s.seq + s.count AND r.withdrawn IS NULL AND r.seq > ? AND r.seq <= ?
  GROUP BY s.collection, s.label_class, m.name`
