// Warnings as they are read out: those that rest, or rested last, on what the reader may look at.
import { formatTime } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import { inSight, loadSight, type Seen, type Sight } from '#kernel/sight.ts'
import type { Store } from '#kernel/store/types.ts'
import { recordFacts, visible } from '#sharing/api.ts'
import type { WarningView } from './wire.ts'

export type WarningQuery = {
  /** A state, or `open` for what is neither closed nor retracted. */
  readonly state?: string
  readonly asset?: string
  /** Whose they are; an empty name: nobody's. */
  readonly assigned?: string
  readonly muted?: boolean
  readonly limit: number
  readonly before?: number
}

type Row = {
  id: number
  asset: string
  author: string
  object: string
  state: WarningView['state']
  reason: string
  firstMs: number
  changedMs: number
  assigned: string
  mutedUntilMs: number | null
  mutedReason: string
  /** Whether anything stands behind it; where nothing does, what did last. */
  stands: number
  labelClass: number | null
  collection: number | null
}
type EvidenceRow = {
  record: number
  kind: string
  value: string
  timeMs: number
  watched: string
  seq: number
  labelClass: number
  collection: number
}
type Looking = { readonly store: Store; readonly egress: Egress; readonly principal: Principal }
type Look = Looking & { readonly sight: Sight }

/** A page of warnings, newest first. Only those in sight are read, so where a page ends tells of no other. */
export async function listWarnings(
  looking: Looking,
  query: WarningQuery,
): Promise<{ items: WarningView[]; next?: string }> {
  const limit = Math.min(query.limit, LIMITS.pageMax)
  const look = { ...looking, sight: await loadSight(looking, looking.principal) }
  const { sql, values } = conditionOf(query)
  const seen = warningInSight(look.sight)
  const rows = await looking.store.all<Row>(
    `SELECT id, asset, author, object, state, reason, first_ms AS firstMs, changed_ms AS changedMs, assigned,
       muted_until_ms AS mutedUntilMs, muted_reason AS mutedReason, ${STANDS} AS stands,
       label_class AS labelClass, collection FROM warning w WHERE ${sql} AND ${seen.sql} ORDER BY id DESC LIMIT ?`,
    ...values,
    ...seen.values,
    limit + 1,
  )
  const page = rows.slice(0, limit)
  const items = []
  for (const row of page) items.push(await describe(look, row))
  const next = rows.length > limit ? page.at(-1)?.id : undefined
  const shown = items.filter((each) => each !== undefined)
  return { items: shown, ...(next === undefined ? {} : { next: String(next) }) }
}

const STANDS = 'EXISTS (SELECT 1 FROM evidence e WHERE e.warning = w.id)'

/** By any record behind it; where none is left, by what it rested on last. */
function warningInSight(sight: Sight): Seen {
  const record = inSight(sight, { collection: 'r.collection', labelClass: 'r.label_class' })
  const last = inSight(sight, { collection: 'w.collection', labelClass: 'w.label_class' })
  return {
    sql: `CASE WHEN ${STANDS} THEN EXISTS (SELECT 1 FROM evidence e JOIN record r ON r.seq = e.record
      WHERE e.warning = w.id AND ${record.sql}) ELSE ${last.sql} END`,
    values: [...record.values, ...last.values],
  }
}

/** Words stand in the text where an index is made for them. */
function conditionOf({ before, state, asset, assigned, muted }: WarningQuery): {
  readonly sql: string
  readonly values: readonly (string | number)[]
} {
  const parts: string[] = ['id < ?']
  const values: (string | number)[] = [before ?? Number.MAX_SAFE_INTEGER]
  const equal = (column: string, value: string | undefined): void => {
    if (value === undefined) return
    parts.push(`${column} = ?`)
    values.push(value)
  }
  if (state === 'open') parts.push("state IN ('new', 'acknowledged')")
  else equal('state', state)
  equal('asset', asset)
  equal('assigned', assigned)
  if (muted !== undefined) parts.push(`muted_until_ms IS ${muted ? 'NOT ' : ''}NULL`)
  return { sql: parts.join(' AND '), values }
}

/** What of its evidence may be looked at, oldest first. */
async function evidenceOf({ store, egress, principal, sight }: Look, row: Row): Promise<EvidenceRow[]> {
  const seen = inSight(sight, { collection: 'r.collection', labelClass: 'r.label_class' })
  const rows = await store.all<EvidenceRow>(
    `SELECT e.record, e.kind, e.value, e.time_ms AS timeMs, w.value AS watched, r.seq, r.label_class AS labelClass, r.collection
     FROM evidence e JOIN watch w ON w.id = e.watch JOIN record r ON r.seq = e.record
     WHERE e.warning = ? AND ${seen.sql} ORDER BY e.time_ms LIMIT 100`,
    row.id,
    ...seen.values,
  )
  return visible(egress, { principal, route: 'warning', cursor: String(row.id) }, rows)
}

/** Whether what a warning rested on last may be looked at: no record of it needs to be here any more. */
async function restedInSight({ egress, principal }: Look, { id, labelClass, collection }: Row): Promise<boolean> {
  const last = { seq: 0, labelClass: labelClass ?? -1, collection: collection ?? -1 }
  return (await visible(egress, { principal, route: 'warning', cursor: String(id) }, [last])).length > 0
}

/** Undefined where all that it rests on, or rested on last, is hidden from whoever looks. */
async function describe(look: Look, row: Row): Promise<WarningView | undefined> {
  const evidence = await evidenceOf(look, row)
  if (evidence.length === 0 && (row.stands === 1 || !(await restedInSight(look, row)))) return undefined
  const { store } = look
  const record = evidence[0]?.record
  const facts = record === undefined ? undefined : await recordFacts(store, record)
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    asset: row.asset,
    what: facts?.name ?? row.object,
    object: row.object,
    type: row.object.split('--', 1)[0] ?? '',
    author: row.author,
    tlp: facts?.marking.tlp ?? '',
    ...(row.assigned === '' ? {} : { assigned: row.assigned }),
    ...(row.mutedUntilMs === null ? {} : { muted: { until: formatTime(row.mutedUntilMs), reason: row.mutedReason } }),
    firstSeen: formatTime(row.firstMs),
    changed: formatTime(row.changedMs),
    matches: evidence.map(({ watched, kind, value, timeMs }) => ({ watched, kind, value, at: formatTime(timeMs) })),
    ...(facts === undefined ? {} : { proof: facts.proof }),
  }
}
