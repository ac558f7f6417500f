// Whether what was made from the records still holds: the newest of them, and how often something happened to them that is
// more than a newer one (`noteChange` and `noteLate` in record-store.ts).
import type { Reader } from '#kernel/store/types.ts'

/** Where `changes` is the same, only records behind the earlier `newest` came. */
export type RecordState = { readonly changes: number; readonly newest: number }

export async function loadRecordState(reader: Reader): Promise<RecordState> {
  return (await reader.get<RecordState>(STATE_SQL)) ?? { changes: 0, newest: 0 }
}

const STATE_SQL = 'SELECT n AS changes, coalesce((SELECT max(seq) FROM record), 0) AS newest FROM record_changes'
