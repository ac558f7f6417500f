// The line of time around a record: what happened, how long things count, when they were said, and what warned here.
import { useMemo, useState, type ReactNode } from 'react'
import type { TimelineItem } from '#sharing/picture/wire.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import type { WarningView } from '#warning/wire.ts'
import { Axis, shapeOf } from '../time/axis.tsx'
import { lanesOf, linesOf, type Line } from '../time/lanes.ts'
import { extentOf, rowsOf, zoomedTo, type Known, type MomentKind, type Row, type View } from '../time/rows.ts'
import { useGet, usePages } from '../load.ts'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import type { Page } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import { to } from '../paths.ts'
import { Link, useAddress } from '../router.tsx'
import { fullTime, hasKey, t } from '../text/language.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { defang } from '../ui/harmless.ts'
import { Empty } from '../ui/quiet.tsx'
import { Block, PageHead } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign } from '../ui/value.tsx'
import '../style/time.css'

const NoTimes = (): ReactNode => (
  <Empty icon="clock" title={t('time.none')}>
    {t('time.noneWhy')}
  </Empty>
)

const PAGE = 100

export function TimelinePage(): ReactNode {
  const id = useAddress().search.get('id') ?? ''
  const path = `/records/${encodeURIComponent(id)}`
  const items = usePages<TimelineItem>(id === '' ? undefined : `${path}/timeline?limit=${PAGE}`)
  const detail = useGet<RecordDetail>(id === '' ? undefined : path).value
  const warnings = useGet<Page<WarningView>>('/warnings?limit=500').value?.items
  const newest = detail?.versions.at(-1)
  const name = newest === undefined ? t('time.title') : defang(recordTitle(newest))
  useHead(`${name}: ${t('time.title')}`, [
    { text: t('nav.knowledge'), to: to.knowledge() },
    ...(newest === undefined
      ? []
      : [{ text: <Foreign charsMax={40}>{recordTitle(newest)}</Foreign>, to: to.record(id) }]),
    { text: t('time.title') },
  ])
  const rows = useMemo(
    () => rowsOf(items.value ?? [], [...versionsOf(detail), ...warningsOf(warnings ?? [])]),
    [items.value, detail, warnings],
  )
  return (
    <>
      <PageHead
        title={t('time.title')}
        lead={t('time.lead')}
        actions={<IconButton icon="print" label={t('print')} onClick={() => print()} />}
      />
      {id === '' ? (
        <NoTimes />
      ) : (
        <Show of={items} rows={10}>
          {() =>
            rows.length === 0 ? <NoTimes /> : <Drawing key={id} rows={rows} more={items.more} busy={items.busy} />
          }
        </Show>
      )}
    </>
  )
}

/** What its author said again and again; the newest stands with the record itself. */
function versionsOf(detail: RecordDetail | undefined): Known[] {
  return (detail?.versions ?? [])
    .slice(0, -1)
    .flatMap(({ id, version }) =>
      version === undefined ? [] : [{ id, moment: { kind: 'said', property: 'modified', atMs: Date.parse(version) } }],
    )
}

const warningsOf = (warnings: readonly WarningView[]): Known[] =>
  warnings.map(({ object, firstSeen }) => ({
    id: object,
    moment: { kind: 'warning', property: 'warning', atMs: Date.parse(firstSeen) },
  }))

function Drawing({
  rows,
  more,
  busy,
}: {
  readonly rows: readonly Row[]
  readonly more: (() => void) | undefined
  readonly busy: boolean
}): ReactNode {
  const nowMs = useNow()
  const [chosen, setChosen] = useState<View>()
  const [open, setOpen] = useState<ReadonlySet<string>>(NONE)
  const view = chosen ?? extentOf(rows, nowMs)
  const lines = useMemo(() => linesOf(rows, open), [rows, open])
  const turn = (type: string): void => {
    const next = new Set(open)
    if (!next.delete(type)) next.add(type)
    setOpen(next)
  }
  return (
    <>
      <div className="toolbar">
        <div className="actions" role="group" aria-label={t('time.zoom')}>
          <Button small onClick={() => setChosen(zoomedTo(view, 1.5))} aria-label={t('time.nearer')}>
            +
          </Button>
          <Button small onClick={() => setChosen(zoomedTo(view, 1 / 1.5))} aria-label={t('time.farther')}>
            −
          </Button>
          <Button small onClick={() => setChosen(undefined)}>
            {t('time.all')}
          </Button>
        </div>
        <Legend />
        {more === undefined ? null : (
          <Button small onClick={more} busy={busy}>
            {t('more')}
          </Button>
        )}
      </div>
      <Lanes lines={lines} onTurn={turn} />
      <Axis lines={lines} view={view} nowMs={nowMs} onView={setChosen} onLane={turn} />
      <Events rows={rows} />
    </>
  )
}

const NONE: ReadonlySet<string> = new Set()

/** Kinds that have a lane, each to be opened to its records. */
function Lanes({
  lines,
  onTurn,
}: {
  readonly lines: readonly Line[]
  readonly onTurn: (type: string) => void
}): ReactNode {
  const lanes = lanesOf(lines)
  if (lanes.length === 0) return null
  return (
    <div className="time-lanes" role="group" aria-label={t('time.lanes')}>
      {lanes.map(({ type, open, rows }) => (
        <Button key={type} small kind="quiet" aria-expanded={open} onClick={() => onTurn(type)}>
          {typeName(type)} {rows.length}
        </Button>
      ))}
    </div>
  )
}

const MOMENT_KINDS: readonly MomentKind[] = ['seen', 'published', 'said', 'warning']

function Legend(): ReactNode {
  return (
    <p className="legend">
      {(['seen', 'valid', 'open'] as const).map((kind) => (
        <span key={kind}>
          <svg className="draw" width="22" height="12" aria-hidden="true">
            <rect
              className={kind === 'seen' ? 'time-bar' : `time-bar time-bar--${kind}`}
              x="1"
              y="1"
              width="20"
              height="10"
              rx="2"
            />
          </svg>
          {t(`time.span.${kind}`)}
        </span>
      ))}
      {MOMENT_KINDS.slice(1).map((kind) => (
        <span key={kind}>
          <svg className="draw" width="14" height="14" aria-hidden="true">
            <path className={`time-${kind}`} d={shapeOf({ kind }, 7, 7)} />
          </svg>
          {t(`time.moment.${kind}`)}
        </span>
      ))}
    </p>
  )
}

type Event = { readonly key: string; readonly atMs: number; readonly says: string; readonly row: Row }

/** The same in words, the newest first. */
function Events({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  const events = useMemo(() => rows.flatMap(eventsOf).toSorted((a, b) => b.atMs - a.atMs), [rows])
  const columns: readonly Column<Event>[] = [
    {
      key: 'at',
      head: t('time.when'),
      cell: ({ atMs }) => (
        <time className="time-at" dateTime={new Date(atMs).toISOString()}>
          {fullTime(atMs)}
        </time>
      ),
    },
    { key: 'says', head: t('time.what'), cell: ({ says }) => <span className="time-at">{says}</span> },
    {
      key: 'record',
      head: t('record.name'),
      fill: true,
      cell: ({ row }) => (
        <Link className="cell" to={to.record(row.id)}>
          <Foreign charsMax={80}>{recordTitle(row.item)}</Foreign>
        </Link>
      ),
    },
    {
      key: 'type',
      head: t('record.type'),
      wideOnly: true,
      cell: ({ row }) => <span className="badge">{typeName(row.item.type)}</span>,
    },
  ]
  return (
    <Block title={t('time.inWords')} note={t('time.events', { n: events.length })}>
      <Table label={t('time.inWords')} columns={columns} rows={events} rowKey={({ key }) => key} flush={false} dense />
    </Block>
  )
}

function eventsOf(row: Row): Event[] {
  const spans = row.spans.flatMap(({ kind, fromMs, toMs }) => [
    { atMs: fromMs, says: t(`time.from.${kind}`) },
    ...(toMs === undefined ? [] : [{ atMs: toMs, says: t(`time.until.${kind}`) }]),
  ])
  const moments = row.moments.map(({ kind, atMs }) => {
    const key = `time.moment.${kind}`
    return { atMs, says: hasKey(key) ? t(key) : kind }
  })
  return [...spans, ...moments].map((each, at) => ({ ...each, key: `${row.id} ${each.atMs} ${at}`, row }))
}
