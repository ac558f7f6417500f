// What peers sent and could not be used, as far as somebody may see it: the reasons quote it.
import { inSight, type Seen, type Sight } from '#kernel/sight.ts'
import type { Reader } from '#kernel/store/types.ts'

/** What is in quarantine, `q`, with the statement it came in, `s`: none where that was out of form, which quotes nothing. */
export const QUARANTINED = `quarantine q LEFT JOIN statement s
  ON s.seq = (SELECT seq FROM statement WHERE seq <= q.seq ORDER BY seq DESC LIMIT 1) AND q.seq < s.seq + max(s.count, 1)`

/** Whether it is in sight. */
export function quarantinedInSight(sight: Sight): Seen {
  const { sql, values } = inSight(sight, { collection: 's.collection', labelClass: 's.label_class' })
  return { sql: `(s.seq IS NULL OR ${sql})`, values }
}

export type Quarantined = {
  readonly member: string
  readonly n: number
  readonly sinceMs: number
  /** Of the oldest. */
  readonly reason: string
}

/** How much of whom is in quarantine and in sight; who sent most first. */
export function quarantinedByMember(reader: Reader, sight: Sight, limit: number): Promise<Quarantined[]> {
  const seen = quarantinedInSight(sight)
  return reader.all<Quarantined>(
    `SELECT m.name AS member, count(*) AS n, min(q.time_ms) AS sinceMs, q.reason
     FROM ${QUARANTINED} JOIN member m ON m.id = q.member WHERE ${seen.sql} GROUP BY q.member ORDER BY n DESC LIMIT ?`,
    ...seen.values,
    limit,
  )
}
