// The drawing: a row for each record, its spans and moments against an axis of UTC. Dragged and wheeled by hand, moved and
// zoomed by keys; time runs from left to right in every language.
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { axisTime, t } from '../text/language.ts'
import { defang, plainText } from '../ui/harmless.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import { movedBy, ticksOf, zoomedTo, type Moment, type Row, type Span, type View } from './rows.ts'

const [LABEL, ROW, HEAD, FOOT] = [232, 30, 28, 8]
const TICK_PX = 96
const CHARS = 32

export function Axis({
  rows,
  view,
  nowMs,
  onView,
}: {
  readonly rows: readonly Row[]
  readonly view: View
  readonly nowMs: number
  readonly onView: (view: View) => void
}): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const wide = width >= 640
  const left = wide ? LABEL : 12
  const step = wide ? ROW : ROW + 16
  const height = HEAD + rows.length * step + FOOT
  const x = (ms: number): number => left + ((ms - view.fromMs) / (view.toMs - view.fromMs)) * (width - left - 12)
  const hand = useHand(frame, { view, left, width, onView })
  return (
    <div
      ref={frame}
      className="time-axis"
      role="application"
      tabIndex={0}
      dir="ltr"
      aria-label={t('time.drawing', { n: rows.length })}
      aria-describedby="time-keys"
      {...hand}
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
          {rows.map((row, at) => (
            <Marks key={row.id} row={row} y={HEAD + at * step + step - 15} x={x} nowMs={nowMs} />
          ))}
        </g>
        {rows.map((row, at) => (
          <Label key={row.id} row={row} y={HEAD + at * step + (wide ? 19 : 13)} />
        ))}
      </svg>
    </div>
  )
}

function Label({ row, y }: { readonly row: Row; readonly y: number }): ReactNode {
  return (
    <Link to={to.record(row.id)} tabIndex={-1}>
      <text className={row.item.word === undefined ? 'b' : undefined} x="12" y={y}>
        {plainText(defang(recordTitle(row.item)), CHARS)}
        <title>{typeName(row.item.type)}</title>
      </text>
    </Link>
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

function useWidth(frame: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(800)
  useEffect(() => {
    if (frame.current === null) return undefined
    const watcher = new ResizeObserver(([entry]) =>
      setWidth(Math.max(280, Math.floor(entry?.contentRect.width ?? 800))),
    )
    watcher.observe(frame.current)
    return () => watcher.disconnect()
  }, [frame])
  return width
}

type Hand = {
  readonly view: View
  readonly left: number
  readonly width: number
  readonly onView: (view: View) => void
}

/** Dragging moves, the wheel with Ctrl held and two fingers on a pad zoom; the page still scrolls. */
function useHand(frame: { readonly current: HTMLElement | null }, hand: Hand): Record<string, unknown> {
  const latest = useRef(hand)
  latest.current = hand
  const held = useRef<number>(undefined)
  useEffect(() => {
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return
      event.preventDefault()
      const { view, left, width, onView } = latest.current
      const box = frame.current?.getBoundingClientRect()
      const around = Math.min(1, Math.max(0, (event.clientX - (box?.left ?? 0) - left) / (width - left)))
      onView(zoomedTo(view, Math.exp(-event.deltaY / 300), around))
    }
    const element = frame.current
    element?.addEventListener('wheel', wheel, { passive: false })
    return () => element?.removeEventListener('wheel', wheel)
  }, [frame])
  return {
    onPointerDown: (event: PointerEvent): void => {
      held.current = event.clientX
    },
    onPointerMove: (event: PointerEvent): void => {
      if (held.current === undefined || event.buttons === 0) return
      const { view, left, width, onView } = latest.current
      onView(movedBy(view, (held.current - event.clientX) / (width - left)))
      held.current = event.clientX
    },
    onPointerUp: (): void => {
      held.current = undefined
    },
    onKeyDown: (event: KeyboardEvent): void => {
      const changed = keyed(latest.current.view, event.key)
      if (changed === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      latest.current.onView(changed)
    },
  }
}

function keyed(view: View, key: string): View | undefined {
  if (key === 'ArrowLeft') return movedBy(view, -0.1)
  if (key === 'ArrowRight') return movedBy(view, 0.1)
  if (key === '+' || key === '=') return zoomedTo(view, 1.5)
  if (key === '-') return zoomedTo(view, 1 / 1.5)
  return undefined
}
