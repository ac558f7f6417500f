// What happened around a record, as rows on a line of time: spans from one time to another, and moments. Pure, so that the
// drawing and the list beside it say the same.
import type { TimelineItem } from '#sharing/picture/wire.ts'

/** `seen` is what happened, `valid` how long something counts, `said` when its author said it. */
export type SpanKind = 'seen' | 'valid'
export type MomentKind = 'seen' | 'published' | 'said' | 'warning'
export type Span = { readonly kind: SpanKind; readonly fromMs: number; readonly toMs: number | undefined }
export type Moment = { readonly kind: MomentKind; readonly property: string; readonly atMs: number }
export type Row = {
  readonly id: string
  readonly item: TimelineItem
  readonly spans: readonly Span[]
  readonly moments: readonly Moment[]
  readonly firstMs: number
  readonly lastMs: number
}
/** Moments that other parts of the page know of: versions of the record, warnings about it or its neighbours. */
export type Known = { readonly id: string; readonly moment: Moment }

const SPANS: readonly (readonly [from: string, to: string, kind: SpanKind])[] = [
  ['first_seen', 'last_seen', 'seen'],
  ['first_observed', 'last_observed', 'seen'],
  ['start_time', 'stop_time', 'seen'],
  ['valid_from', 'valid_until', 'valid'],
]
const MOMENTS: Readonly<Record<string, MomentKind>> = {
  published: 'published',
  submitted: 'published',
  modified: 'said',
}
/** Outside of these a time is a slip of somebody's pen, and would make everything else a dot. */
const [EARLIEST_MS, LATEST_MS] = [Date.UTC(1980, 0), Date.UTC(2100, 0)]

/** The record itself first, then by when each began. What has no time at all is left out. */
export function rowsOf(items: readonly TimelineItem[], known: readonly Known[] = []): Row[] {
  const rows = items.flatMap((item): Row[] => {
    const spans = [...spansOf(item.times), ...spansOf(item.joined ?? [])]
    const others = known.filter(({ id }) => id === item.id).map(({ moment }) => moment)
    const moments = [...momentsOf(item.times, spans), ...others]
    const all = [...spans.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? fromMs]), ...moments.map(({ atMs }) => atMs)]
    if (all.length === 0) return []
    return [{ id: item.id, item, spans, moments, firstMs: Math.min(...all), lastMs: Math.max(...all) }]
  })
  const isSelf = ({ item }: Row): number => (item.word === undefined ? 0 : 1)
  return rows.toSorted((a, b) => isSelf(a) - isSelf(b) || a.firstMs - b.firstMs || (a.id < b.id ? -1 : 1))
}

function spansOf(times: TimelineItem['times']): Span[] {
  return SPANS.flatMap(([from, to, kind]) => {
    const [fromMs, toMs] = [timeOf(times, from), timeOf(times, to)]
    if (fromMs === undefined) return []
    return [{ kind, fromMs, toMs: toMs === undefined || toMs < fromMs ? undefined : toMs }]
  })
}

function momentsOf(times: TimelineItem['times'], spans: readonly Span[]): Moment[] {
  const moments = Object.entries(MOMENTS).flatMap(([property, kind]): Moment[] => {
    const atMs = timeOf(times, property)
    return atMs === undefined ? [] : [{ kind, property, atMs }]
  })
  const last = timeOf(times, 'last_seen') ?? timeOf(times, 'last_observed')
  const lone = spans.some(({ kind }) => kind === 'seen') || last === undefined
  return lone ? moments : [...moments, { kind: 'seen', property: 'last_seen', atMs: last }]
}

function timeOf(times: TimelineItem['times'], property: string): number | undefined {
  const ms = Date.parse(times.find((each) => each.property === property)?.at ?? '')
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : undefined
}

/** What the whole line spans, with a little room on both sides. */
export function extentOf(rows: readonly Row[], nowMs: number): View {
  const [first, last] = [Math.min(nowMs, ...rows.map((row) => row.firstMs)), Math.max(...rows.map((row) => row.lastMs))]
  const end = Math.max(last, rows.some(({ spans }) => spans.some(({ toMs }) => toMs === undefined)) ? nowMs : last)
  const room = Math.max(DAY_MS / 2, (end - first) * 0.04)
  return rows.length === 0 ? { fromMs: nowMs - DAY_MS, toMs: nowMs } : { fromMs: first - room, toMs: end + room }
}

/** The part of time that is looked at. */
export type View = { readonly fromMs: number; readonly toMs: number }

const DAY_MS = 86_400_000
const SPAN_MS_MIN = 60_000

/** Nearer or farther; the time at `around` (0 at the beginning, 1 at the end) stays where it is. */
export function zoomedTo({ fromMs, toMs }: View, by: number, around = 0.5): View {
  const span = Math.min(LATEST_MS - EARLIEST_MS, Math.max(SPAN_MS_MIN, (toMs - fromMs) / by))
  const still = fromMs + (toMs - fromMs) * around
  return { fromMs: still - span * around, toMs: still + span * (1 - around) }
}

export function movedBy({ fromMs, toMs }: View, part: number): View {
  const by = (toMs - fromMs) * part
  return { fromMs: fromMs + by, toMs: toMs + by }
}

export type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute'
export type Tick = { readonly atMs: number; readonly unit: Unit }
const STEPS: readonly (readonly [unit: Unit, step: number, ms: number])[] = [
  ['minute', 1, 60_000],
  ['minute', 10, 600_000],
  ['hour', 1, 3_600_000],
  ['hour', 6, 6 * 3_600_000],
  ['day', 1, DAY_MS],
  ['day', 7, 7 * DAY_MS],
  ['month', 1, 30 * DAY_MS],
  ['month', 3, 91 * DAY_MS],
  ['year', 1, 365 * DAY_MS],
  ['year', 5, 5 * 365 * DAY_MS],
  ['year', 20, 20 * 365 * DAY_MS],
]

/** Round times within the view, at most so many, in UTC. */
export function ticksOf({ fromMs, toMs }: View, most: number): Tick[] {
  const [unit, step] = STEPS.find(([, , ms]) => (toMs - fromMs) / ms <= most) ?? (['year', 20] as const)
  const ticks: Tick[] = []
  for (let atMs = floorTo(fromMs, unit, step); atMs <= toMs && ticks.length <= most * 2; atMs = next(atMs, unit, step))
    if (atMs >= fromMs) ticks.push({ atMs, unit })
  return ticks
}

const MS: Readonly<Record<'day' | 'hour' | 'minute', number>> = { day: DAY_MS, hour: 3_600_000, minute: 60_000 }

function floorTo(ms: number, unit: Unit, step: number): number {
  const date = new Date(ms)
  if (unit === 'year') return Date.UTC(Math.floor(date.getUTCFullYear() / step) * step, 0)
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / step) * step)
  return Math.floor(ms / (MS[unit] * step)) * MS[unit] * step
}

function next(ms: number, unit: Unit, step: number): number {
  const date = new Date(ms)
  if (unit === 'year') return Date.UTC(date.getUTCFullYear() + step, 0)
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + step)
  return ms + MS[unit] * step
}
