// The drawing: a line for each record, or for each kind where there are many, its spans and moments against an axis of UTC.
// Dragged, wheeled and pinched by hand, moved and zoomed by keys; time runs from left to right in every language.
import { useRef, type KeyboardEvent, type ReactNode } from 'react'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { axisTime, t } from '../text/language.ts'
import { useHands } from '../ui/hands.ts'
import { defang } from '../ui/harmless.ts'
import { drawnText } from '../ui/room.ts'
import { useSize } from '../ui/size.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import type { Line } from './lanes.ts'
import { movedBy, ticksOf, zoomedTo, type Moment, type Row, type Span, type View } from './rows.ts'

const [LABEL, ROW, HEAD, FOOT] = [232, 30, 28, 8]
const TICK_PX = 96
const CHARS = 32
const FIRST = { width: 800, height: 300 } as const
const WIDTH_MIN = 280

export function Axis({
  lines,
  view,
  nowMs,
  onView,
  onLane,
}: {
  readonly lines: readonly Line[]
  readonly view: View
  readonly nowMs: number
  readonly onView: (view: View) => void
  readonly onLane: (type: string) => void
}): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  const width = Math.max(WIDTH_MIN, useSize(frame, FIRST).width)
  const wide = width >= 640
  const left = wide ? LABEL : 12
  const step = wide ? ROW : ROW + 16
  const height = HEAD + lines.length * step + FOOT
  const x = (ms: number): number => left + ((ms - view.fromMs) / (view.toMs - view.fromMs)) * (width - left - 12)
  const across = width - left - 12
  useHands(frame, {
    pan: (dx) => onView(movedBy(view, -dx / across)),
    zoom: (by, [at]) => onView(zoomedTo(view, by, Math.min(1, Math.max(0, (at - left) / across)))),
    // The page still scrolls, until somebody has taken hold of the drawing.
    takesWheel: (event) =>
      event.ctrlKey || document.activeElement === frame.current || Math.abs(event.deltaX) > Math.abs(event.deltaY),
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    const changed = event.ctrlKey || event.metaKey || event.altKey ? undefined : keyed(view, event.key)
    if (changed === undefined) return
    event.preventDefault()
    onView(changed)
  }
  return (
    <div
      ref={frame}
      className="time-axis"
      role="application"
      tabIndex={0}
      dir="ltr"
      aria-label={t('time.drawing', { n: new Set(lines.flatMap(({ rows }) => rows)).size })}
      aria-describedby="time-keys"
      onKeyDown={onKeyDown}
    >
      <p className="sr" id="time-keys">
        {t('time.keys')}
      </p>
      <svg className="draw" width={width} height={height} aria-hidden="true">
        <clipPath id="time-clip">
          <rect x={left - 6} y="0" width={Math.max(0, width - left)} height={height} />
        </clipPath>
        {ticksOf(view, Math.max(2, Math.floor((width - left) / TICK_PX))).map(({ atMs, unit }) => (
          <g key={atMs}>
            <path className="l" d={`M${x(atMs).toFixed(1)} ${HEAD - 6}V${height}`} />
            <text className="m" x={x(atMs) + 4} y={HEAD - 12}>
              {axisTime(atMs, unit)}
            </text>
          </g>
        ))}
        <g clipPath="url(#time-clip)">
          <path className="time-now" d={`M${x(nowMs).toFixed(1)} ${HEAD - 6}V${height}`} />
          {lines.map(({ kind, key, rows }, at) => (
            <g key={key} className={kind === 'lane' ? 'time-lane' : undefined}>
              {rows.map((row) => (
                <Marks key={row.id} row={row} y={HEAD + at * step + step - 15} x={x} nowMs={nowMs} />
              ))}
            </g>
          ))}
        </g>
        {lines.map((line, at) => {
          const y = HEAD + at * step + (wide ? 19 : 13)
          return line.kind === 'lane' ? (
            <LaneLabel key={line.key} lane={line} y={y} onOpen={() => onLane(line.type)} />
          ) : (
            <Label key={line.key} row={line.rows[0]} y={y} inLane={line.inLane} />
          )
        })}
      </svg>
    </div>
  )
}

type LabelProps = { readonly row: Row; readonly y: number; readonly inLane: boolean }

function Label({ row, y, inLane }: LabelProps): ReactNode {
  return (
    <Link to={to.record(row.id)} tabIndex={-1}>
      <text className={row.item.word === undefined ? 'b' : undefined} x={inLane ? 26 : 12} y={y}>
        {drawnText(defang(recordTitle(row.item)), CHARS)}
        <title>{typeName(row.item.type)}</title>
      </text>
    </Link>
  )
}

/** A hand opens a lane here; whoever uses keys does so with the buttons above the drawing. */
function LaneLabel({
  lane,
  y,
  onOpen,
}: {
  readonly lane: Line & { readonly kind: 'lane' }
  readonly y: number
  readonly onOpen: () => void
}): ReactNode {
  return (
    <g className="time-lane-name" onClick={onOpen}>
      <path className="time-turn" d={lane.open ? `M12 ${y - 6}h8l-4 5z` : `M13 ${y - 8}v8l5-4z`} />
      <text className="b" x="26" y={y}>
        {typeName(lane.type)}
        <tspan className="m" dx="6">
          {lane.rows.length}
        </tspan>
      </text>
    </g>
  )
}

type Draws = { readonly y: number; readonly x: (ms: number) => number }

function Marks({ row, y, x, nowMs }: Draws & { readonly row: Row; readonly nowMs: number }): ReactNode {
  return (
    <>
      {row.spans.map((span) => (
        <Bar key={`${span.kind} ${span.fromMs} ${span.toMs}`} span={span} y={y} x={x} nowMs={nowMs} />
      ))}
      {row.moments.map((moment) => (
        <path
          key={`${moment.kind} ${moment.property} ${moment.atMs}`}
          className={`time-${moment.kind}`}
          d={shapeOf(moment, x(moment.atMs), y)}
        />
      ))}
    </>
  )
}

/** A span without an end goes on to now, and fades there. */
function Bar({ span, y, x, nowMs }: Draws & { readonly span: Span; readonly nowMs: number }): ReactNode {
  const from = x(span.fromMs)
  const until = Math.max(from + 3, x(span.toMs ?? Math.max(nowMs, span.fromMs)))
  const name = span.kind === 'seen' ? 'time-bar' : 'time-bar time-bar--valid'
  return (
    <rect
      className={span.toMs === undefined ? `${name} time-bar--open` : name}
      x={from}
      y={y - 5}
      width={until - from}
      height="10"
      rx="2"
    />
  )
}

/** Each kind has a shape of its own: a diamond, a square, a ring, a triangle. */
export function shapeOf({ kind }: Pick<Moment, 'kind'>, x: number, y: number): string {
  if (kind === 'published') return `M${x - 4} ${y - 4}h8v8h-8z`
  if (kind === 'warning') return `M${x} ${y - 6}l6 10h-12z`
  if (kind === 'seen') return `M${x} ${y - 6}l6 6-6 6-6-6z`
  return `M${x - 3.5} ${y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0`
}

function keyed(view: View, key: string): View | undefined {
  if (key === 'ArrowLeft') return movedBy(view, -0.1)
  if (key === 'ArrowRight') return movedBy(view, 0.1)
  if (key === '+' || key === '=') return zoomedTo(view, 1.5)
  if (key === '-') return zoomedTo(view, 1 / 1.5)
  return undefined
}
