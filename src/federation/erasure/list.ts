// Who erased what, for people: each recipient of an own erase confirmed it, refused with a reason, or is silent since.
import { formatTime } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseErase } from '#kernel/log/erase.ts'
import { SELF } from '#kernel/standing.ts'
import { SCRUB_JOB } from '#kernel/store/scrub.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { AskedPage, ErasuresPage } from './wire.ts'

export type Page = { readonly limit?: number | undefined; readonly cursor?: number | undefined }

type Own = {
  seq: number
  log: number
  index: number
  timeMs: number
  leaf: number
  subject: string | null
  bytes: Uint8Array
}

/** Own erases, newest first. */
export async function listErasures(
  reader: Reader,
  page: Page & { readonly record?: string | undefined },
): Promise<ErasuresPage> {
  const limit = page.limit ?? LIMITS.pageDefault
  const rows = await reader.all<Own>(
    `SELECT s.seq, s.log, s.idx AS "index", s.time_ms AS timeMs, a.idx AS leaf, e.subject, i.bytes
     FROM erasure e JOIN statement s ON s.seq = e.statement JOIN statement a ON a.seq = s.about JOIN item i ON i.seq = s.seq
     WHERE s.log IN (SELECT id FROM log WHERE member = ?) AND s.seq < ? AND (? IS NULL OR e.subject = ?) ORDER BY s.seq DESC LIMIT ?`,
    SELF,
    page.cursor ?? Number.MAX_SAFE_INTEGER,
    page.record ?? null,
    page.record ?? null,
    limit + 1,
  )
  const shown = rows.slice(0, limit)
  const items = []
  for (const { seq, log, index, timeMs, leaf, subject, bytes } of shown) {
    const { reason = '', items: places = [] } = parseErase(bytes) ?? {}
    const recipients = await recipientsOfErase(reader, { seq, log, index })
    items.push({ index, leaf, items: [...places], record: subject, reason, at: formatTime(timeMs), recipients })
  }
  const last = rows.length > limit ? shown.at(-1) : undefined
  const job = await reader.get('SELECT 1 AS x FROM job WHERE kind = ?', SCRUB_JOB)
  return { items, scrubbing: job !== undefined, ...(last === undefined ? {} : { next: String(last.seq) }) }
}

type Recipient = {
  member: string
  /** Null where another member passed it on. */
  sentMs: number | null
  confirmed: number
  outcome: 'erased' | 'refused' | null
  reason: string | null
  answerMs: number | null
}

async function recipientsOfErase(
  reader: Reader,
  { seq, log, index }: Pick<Own, 'seq' | 'log' | 'index'>,
): Promise<ErasuresPage['items'][number]['recipients']> {
  const rows = await reader.all<Recipient>(
    `SELECT p.name AS member, d.time_ms AS sentMs, p.confirmed_seq >= d.seq AS confirmed, r.outcome, r.reason, r.time_ms AS answerMs
     FROM delivery_index x JOIN peer p ON p.id = x.peer JOIN delivery d ON d.peer = x.peer AND d.seq = x.seq
       LEFT JOIN receipt r ON r.statement = ?1 AND r.member = x.peer WHERE x.log = ?3 AND x.idx = ?2
     UNION ALL SELECT m.name, NULL, 1, r.outcome, r.reason, r.time_ms FROM receipt r JOIN member m ON m.id = r.member
       WHERE r.statement = ?1 AND NOT EXISTS
         (SELECT 1 FROM delivery_index x WHERE x.peer = r.member AND x.log = ?3 AND x.idx = ?2)
     ORDER BY 1`,
    seq,
    index,
    log,
  )
  return rows.map(({ member, sentMs, confirmed, outcome, reason, answerMs }) => ({
    member,
    ...(sentMs === null ? { passedOn: true } : {}),
    answer: outcome ?? 'none',
    ...(reason === null || reason === '' ? {} : { reason }),
    since: formatTime(answerMs ?? sentMs ?? 0),
    received: confirmed === 1 || outcome !== null,
  }))
}

type Asked = {
  number: number
  member: string
  kind: 'erase' | 'withdraw'
  leaf: number
  outcome: AskedPage['items'][number]['answer']
  why: string
  timeMs: number
  receipt: number | null
  bytes: Uint8Array | null
}

/** What others asked of this node, newest first. */
export async function listAsked(reader: Reader, page: Page): Promise<AskedPage> {
  const limit = page.limit ?? LIMITS.pageDefault
  const rows = await reader.all<Asked>(
    `SELECT t.statement AS number, m.name AS member, t.kind, t.idx AS leaf, t.outcome, t.reason AS why, t.time_ms AS timeMs,
       t.receipt, i.bytes FROM taken_back t JOIN member m ON m.id = t.member LEFT JOIN item i ON i.seq = t.statement
     WHERE t.statement < ? ORDER BY t.statement DESC LIMIT ?`,
    page.cursor ?? Number.MAX_SAFE_INTEGER,
    limit + 1,
  )
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(({ outcome, why, timeMs, receipt, bytes, ...rest }) => ({
      ...rest,
      reason: reasonIn(bytes),
      answer: outcome,
      ...(why === '' ? {} : { why }),
      at: formatTime(timeMs),
      receipt: receipt !== null,
    })),
    ...(last === undefined ? {} : { next: String(last.number) }),
  }
}

function reasonIn(bytes: Uint8Array | null): string {
  if (bytes === null) return ''
  try {
    const { reason } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { reason?: unknown }
    return typeof reason === 'string' ? reason : ''
  } catch {
    return ''
  }
}
