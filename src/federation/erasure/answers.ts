// What those who had something answered when it was taken back: each confirmed it, refused with a reason, or is silent since.
import type { AnswerView } from '#kernel/answer-shape.ts'
import { formatTime } from '#kernel/clock.ts'
import type { Reader } from '#kernel/store/types.ts'

type Row = {
  member: string
  sentMs: number
  /** Whether another member passed it on. */
  passedOn: number
  confirmed: number
  outcome: Exclude<AnswerView['answer'], 'none'> | null
  reason: string | null
  answerMs: number | null
}

const ANSWERS_SQL = `WITH s AS (SELECT seq, log, idx, time_ms FROM statement WHERE seq = ?)
  SELECT p.name AS member, coalesce(d.time_ms, s.time_ms) AS sentMs, 0 AS passedOn,
      p.confirmed_seq >= x.seq AS confirmed, r.outcome, r.reason, r.time_ms AS answerMs
    FROM s CROSS JOIN peer p JOIN delivery_index x ON x.peer = p.id AND x.log = s.log AND x.idx = s.idx
    LEFT JOIN delivery d ON d.peer = x.peer AND d.seq = x.seq LEFT JOIN receipt r ON r.statement = s.seq AND r.member = x.peer
  UNION ALL SELECT m.name, s.time_ms, 1, 1, r.outcome, r.reason, r.time_ms
    FROM s JOIN receipt r ON r.statement = s.seq JOIN member m ON m.id = r.member
    WHERE NOT EXISTS (SELECT 1 FROM delivery_index x WHERE x.peer = r.member AND x.log = s.log AND x.idx = s.idx)
  ORDER BY 1`

/** Everybody whom an own erase or withdrawal was meant for, by the row id of its statement. */
export async function answersTo(reader: Reader, statement: number): Promise<AnswerView[]> {
  const rows = await reader.all<Row>(ANSWERS_SQL, statement)
  return rows.map(({ member, sentMs, passedOn, confirmed, outcome, reason, answerMs }) => ({
    member,
    ...(passedOn === 1 ? { passedOn: true } : {}),
    answer: outcome ?? 'none',
    ...(reason === null || reason === '' ? {} : { reason }),
    since: formatTime(answerMs ?? sentMs),
    received: confirmed === 1 || outcome !== null,
  }))
}
