// Members and the lines to them, in pixels of the frame: they stay as large as they are however near the map is. The state of
// each stands in its shape, its line, its colour and its words.
import type { ReactNode } from 'react'
import { LINES, NODES, type SeatState } from '../parts/link-lines.tsx'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { claim, drawnText, roomOf, type Box } from '../ui/room.ts'
import type { Seat } from './seats.ts'

export type Drawn = {
  /** The member's id; empty for this member. */
  readonly key: string
  readonly name: string
  /** All of it in words. */
  readonly says: string
  readonly state: SeatState
}

/** Around a spot; as everywhere a circle is in step, a triangle late, a diamond silent or stopped, a ring waits. */
const SHAPES: Readonly<Record<Drawn['state'], string>> = {
  own: 'M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0',
  ok: 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0',
  late: 'M0-7.5 7 5.5H-7Z',
  silent: 'M0-7.5 7.5 0 0 7.5-7.5 0Z',
  stopped: 'M0-7.5 7.5 0 0 7.5-7.5 0Z',
  pending: 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0',
  removed: 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0',
}
/** Those in step stand out from the land. */
const ON_LAND = { ...NODES, ok: 'map-ok' }

/** From this member to each; none where it is not on the map itself. */
export function Lines({ seats }: { readonly seats: readonly Seat<Drawn>[] }): ReactNode {
  const own = seats.find(({ member }) => member.state === 'own')
  return (
    <g aria-hidden="true">
      {seats.map(({ member, x, y, from }) =>
        from === undefined ? null : (
          <path key={member.key} className="map-leader" d={`M${at(from.x, from.y)}L${at(x, y)}`} />
        ),
      )}
      {own === undefined
        ? null
        : seats.map(({ member, x, y }) =>
            member.state === 'own' ? null : (
              <path key={member.key} className={LINES[member.state]} d={bow(own, { x, y })} />
            ),
          )}
    </g>
  )
}

type Spot = { readonly x: number; readonly y: number }

const at = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`

/** A line that rises a little on its way, so that lines do not lie on each other. */
function bow(from: Spot, to: Spot): string {
  const rise = 0.12 * Math.hypot(to.x - from.x, to.y - from.y)
  return `M${at(from.x, from.y)}Q${at((from.x + to.x) / 2, (from.y + to.y) / 2 - rise)} ${at(to.x, to.y)}`
}

type MarksProps = {
  /** Of the frame. */
  readonly width: number
  readonly seats: readonly Seat<Drawn>[]
  readonly pointed: string | undefined
  readonly onPoint: (key: string | undefined) => void
  readonly onFocus: (seat: Seat<Drawn>) => void
}

export function Marks({ seats, width, pointed, onPoint, onFocus }: MarksProps): ReactNode {
  const names = nameSides(seats, width, pointed)
  return seats.map((seat) => {
    const { key, state, says } = seat.member
    const mark = <Mark seat={seat} side={names.get(key)} />
    if (state === 'own')
      return (
        <g
          key={key}
          role="img"
          aria-label={says}
          onPointerEnter={() => onPoint(key)}
          onPointerLeave={() => onPoint(undefined)}
        >
          {mark}
        </g>
      )
    return (
      <Link
        key={key}
        to={to.peer(key)}
        aria-label={says}
        onPointerEnter={() => onPoint(key)}
        onPointerLeave={() => onPoint(undefined)}
        onFocus={() => {
          onPoint(key)
          onFocus(seat)
        }}
        onBlur={() => onPoint(undefined)}
      >
        {mark}
      </Link>
    )
  })
}

type Side = 'a-s' | 'a-e'

function Mark({
  seat: { member, x, y },
  side,
}: {
  readonly seat: Seat<Drawn>
  readonly side: Side | undefined
}): ReactNode {
  return (
    <g transform={`translate(${at(x, y)})`}>
      <circle className="map-reach" r="13" />
      <path className={`${ON_LAND[member.state]} map-mark`} d={SHAPES[member.state]} />
      {side === undefined ? null : (
        <text className={`map-name ${side}${member.state === 'own' ? ' b' : ''}`} x={side === 'a-s' ? 12 : -12} y="4">
          {nameOf(member)}
        </text>
      )}
    </g>
  )
}

const NAME_CHARS = 28
const nameOf = ({ name }: Drawn): string => drawnText(name, NAME_CHARS)

/** On which side each name has room; the one that is pointed at always has. */
function nameSides(
  seats: readonly Seat<Drawn>[],
  frameWidth: number,
  pointed: string | undefined,
): ReadonlyMap<string, Side> {
  const taken: Box[] = seats.map(({ x, y }) => [x - 8, y - 8, x + 8, y + 8])
  const sides = new Map<string, Side>()
  const rank = ({ member }: Seat<Drawn>): number => (member.key === pointed ? 0 : member.state === 'own' ? 1 : 2)
  for (const { member, x, y } of seats.toSorted((a, b) => rank(a) - rank(b))) {
    const width = roomOf(nameOf(member)) + 4
    const right: Box = [x + 10, y - 8, x + 12 + width, y + 8]
    const left: Box = [x - 12 - width, y - 8, x - 10, y + 8]
    if (right[2] < frameWidth && claim(taken, right)) sides.set(member.key, 'a-s')
    else if (left[0] > 0 && claim(taken, left)) sides.set(member.key, 'a-e')
    else if (member.key === pointed) sides.set(member.key, right[2] < frameWidth ? 'a-s' : 'a-e')
  }
  return sides
}
