// What was taken back, for people: what this member erased and what became of it, and what others took back here.
import { formatTime } from '#kernel/clock.ts'
import type { Candidate } from '#kernel/egress.ts'
import type { Asked as AskedFor } from '#kernel/list-shape.ts'
import { listing, type ListPage } from '#kernel/listing.ts'
import { parseErase } from '#kernel/log/erase.ts'
import { inSight, type Seen, type Sight } from '#kernel/sight.ts'
import { SELF } from '#kernel/standing.ts'
import { SCRUB_JOB } from '#kernel/store/scrub.ts'
import type { Reader } from '#kernel/store/types.ts'
import { answersTo } from './answers.ts'
import type { AskedPage, ErasuresPage } from './wire.ts'

/** A statement as it is shown or not: an erase has the class and the collection of what it erases. */
export type Held = Candidate & { readonly collection: number }
/** What whoever looks may see, and the door that decides about each row. */
export type Viewer = {
  readonly sight: Sight
  readonly visible: <T extends Held>(rows: readonly T[]) => Promise<T[]>
}

type Own = Held & { index: number; timeMs: number; leaf: number; subject: string | null; bytes: Uint8Array }
type OwnAsked = AskedFor & { readonly record?: string | null }

const COLLECTION = 'coalesce(s.collection, a.collection, -1)'

function ownErasures(reader: Reader, { record = null, ...asked }: OwnAsked, sight: Sight): Promise<ListPage<Own>> {
  const seen = inSight(sight, { collection: COLLECTION, labelClass: 's.label_class' })
  const read = listing<Own>({
    columns: `s.seq, s.label_class AS labelClass, ${COLLECTION} AS collection, s.idx AS "index", s.time_ms AS timeMs,
      a.idx AS leaf, e.subject, i.bytes`,
    from: 'erasure e JOIN statement s ON s.seq = e.statement JOIN statement a ON a.seq = s.about JOIN item i ON i.seq = s.seq',
    key: 'e.statement',
    order: 'newest first',
    where: `s.log IN (SELECT id FROM log WHERE member = ${SELF}) AND (? IS NULL OR e.subject = ?) AND ${seen.sql}`,
    texts: ['e.subject', 'CAST(i.bytes AS TEXT)'],
  })
  return read(reader, asked, record, record, ...seen.values)
}

/** Own erases of what whoever looks may see, newest first; only those of `record` where one is named. */
export async function listErasures(reader: Reader, asked: OwnAsked, { sight, visible }: Viewer): Promise<ErasuresPage> {
  const { rows, next } = await ownErasures(reader, asked, sight)
  const items = []
  for (const { seq, index, timeMs, leaf, subject, bytes } of await visible(rows)) {
    const { reason = '', items: places = [] } = parseErase(bytes) ?? {}
    const recipients = await answersTo(reader, seq)
    items.push({ index, leaf, items: [...places], record: subject, reason, at: formatTime(timeMs), recipients })
  }
  const job = await reader.get('SELECT 1 AS x FROM job WHERE kind = ?', SCRUB_JOB)
  return { items, scrubbing: job !== undefined, ...(next === undefined ? {} : { next }) }
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
  /** Of the statement that is taken back: its row id and how many items it has. */
  first: number | null
  count: number | null
}

/** What others took back, `t`: by which statement, `w`, and which one, `s`, where it is here. */
const TAKEN_BACK = `taken_back t JOIN member m ON m.id = t.member JOIN statement w ON w.seq = t.statement
  LEFT JOIN statement s ON s.log = t.log AND s.idx = t.idx`

/** Whether both are in sight: what takes a record back names it. */
function takenBackInSight(sight: Sight): Seen {
  const [by, of] = ['w', 's'].map((row) =>
    inSight(sight, { collection: `${row}.collection`, labelClass: `${row}.label_class` }),
  ) as [Seen, Seen]
  return { sql: `${by.sql} AND (s.seq IS NULL OR ${of.sql})`, values: [...by.values, ...of.values] }
}

type AllAsked = AskedFor & { readonly waiting: boolean }

function askedInSight(reader: Reader, { waiting, ...asked }: AllAsked, sight: Sight): Promise<ListPage<Asked>> {
  const seen = takenBackInSight(sight)
  const read = listing<Asked>({
    columns: `t.statement AS number, m.name AS member, t.kind, t.idx AS leaf, t.outcome, t.reason AS why,
      t.time_ms AS timeMs, t.receipt, i.bytes, s.seq AS first, s.count`,
    from: `${TAKEN_BACK} LEFT JOIN item i ON i.seq = t.statement`,
    key: 't.statement',
    order: 'newest first',
    where: `${waiting ? "t.outcome = 'asked' AND " : ''}${seen.sql}`,
    texts: ['m.name', 't.reason', 'CAST(i.bytes AS TEXT)'],
  })
  return read(reader, asked, ...seen.values)
}

export type AskingMember = { readonly member: string; readonly n: number; readonly sinceMs: number }

/** Who asks to erase something and waits for a person, whoever waits longest first; of what is in sight. */
export function membersAsking(reader: Reader, sight: Sight, limit: number): Promise<AskingMember[]> {
  const seen = takenBackInSight(sight)
  return reader.all<AskingMember>(
    `SELECT m.name AS member, count(*) AS n, min(t.time_ms) AS sinceMs FROM ${TAKEN_BACK}
     WHERE t.outcome = 'asked' AND ${seen.sql} GROUP BY m.name ORDER BY sinceMs LIMIT ?`,
    ...seen.values,
    limit,
  )
}

/** The items of a statement that another takes back: the first one's row id, how many, and the row id of that other. */
export type TakenBack = { readonly first: number; readonly count: number; readonly by: number }
/** What may be shown of the records of each, by what took them back. */
export type RecordsOf = (
  taken: readonly TakenBack[],
) => Promise<ReadonlyMap<number, AskedPage['items'][number]['records']>>

/** What others took back here, newest first, or what of it waits for a person; of what is in sight, with its records. */
export async function listAsked(
  reader: Reader,
  { waiting = false, ...asked }: AskedFor & { readonly waiting?: boolean },
  { sight, recordsOf }: { readonly sight: Sight; readonly recordsOf: RecordsOf },
): Promise<AskedPage> {
  const { rows, next } = await askedInSight(reader, { ...asked, waiting }, sight)
  const records = await recordsOf(
    rows.flatMap(({ first, count, number }) =>
      first === null || count === null ? [] : [{ first, count, by: number }],
    ),
  )
  const items = rows.map(({ number, member, kind, leaf, outcome, why, timeMs, receipt, bytes }) => ({
    number,
    member,
    kind,
    leaf,
    reason: reasonIn(bytes),
    answer: outcome,
    ...(why === '' ? {} : { why }),
    at: formatTime(timeMs),
    receipt: receipt !== null,
    records: [...(records.get(number) ?? [])],
  }))
  return { items, ...(next === undefined ? {} : { next }) }
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
