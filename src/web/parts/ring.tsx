// Members as a ring of equals: everybody on one circle at one size, nobody in the middle, this member only marked. A line
// says how the exchange with that member is.
import type { ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t } from '../text/language.ts'
import { drawnText } from '../ui/room.ts'
import { LineLegend, LINES, NODES, type SeatState } from './link-lines.tsx'
import { nameIn, peerName, peerState, type PeerState } from './peer.ts'
import { useSession } from './session.ts'

const [WIDTH, HEIGHT, RADIUS] = [460, 380, 122]
const CENTRE = { x: WIDTH / 2, y: HEIGHT / 2 }
const LINE_CHARS = 12

type Seat = {
  readonly key: string
  readonly name: string
  readonly x: number
  readonly y: number
  readonly state: SeatState
}

export function Ring({ peers, nowMs }: { readonly peers: readonly PeerView[]; readonly nowMs: number }): ReactNode {
  const { member } = useSession()
  const own = nameIn(member?.names ?? {}, member?.id ?? '')
  const seats = seatsOf(own, peers, nowMs)
  const [first] = seats
  return (
    <div className="ring" dir="ltr">
      <svg
        className="draw ring-draw"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width="100%"
        role="group"
        aria-label={t('ring.says', { n: seats.length })}
      >
        {first === undefined
          ? null
          : seats
              .slice(1)
              .map((seat) => (
                <path key={seat.key} className={LINES[seat.state as PeerState['code']]} d={bow(first, seat)} />
              ))}
        {seats.map((seat) => (
          <SeatMark key={seat.key} seat={seat} />
        ))}
      </svg>
      <LineLegend />
    </div>
  )
}

function seatsOf(own: string, peers: readonly PeerView[], nowMs: number): Seat[] {
  const count = peers.length + 1
  const place = (at: number): { x: number; y: number } => {
    const angle = (2 * Math.PI * at) / count - Math.PI / 2
    return { x: CENTRE.x + RADIUS * Math.cos(angle), y: CENTRE.y + RADIUS * Math.sin(angle) }
  }
  return [
    { key: '', name: own, state: 'own', ...place(0) },
    ...peers.map((peer, at): Seat => ({
      key: peer.member,
      name: peerName(peer),
      state: peerState(peer, nowMs).code,
      ...place(at + 1),
    })),
  ]
}

/** A line that bends towards the middle, and more so between seats that are far apart: so lines do not lie on each other. */
function bow(from: Seat, to: Seat): string {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const pull = 0.35
  const x = middle.x + (CENTRE.x - middle.x) * pull + (from.y - to.y) * 0.04
  const y = middle.y + (CENTRE.y - middle.y) * pull + (to.x - from.x) * 0.04
  return `M${from.x.toFixed(1)} ${from.y.toFixed(1)} Q${x.toFixed(1)} ${y.toFixed(1)} ${to.x.toFixed(1)} ${to.y.toFixed(1)}`
}

function SeatMark({ seat }: { readonly seat: Seat }): ReactNode {
  const { x, y, state, key } = seat
  const mark = (
    <>
      <circle className="fill" cx={x} cy={y} r="8" />
      <circle className={NODES[state]} cx={x} cy={y} r="6" />
      <Name seat={seat} />
    </>
  )
  if (state === 'own') return <g>{mark}</g>
  return <Link to={to.peer(key)}>{mark}</Link>
}

/** The name outside the circle, in at most two lines. */
function Name({ seat: { x, y, name, state } }: { readonly seat: Seat }): ReactNode {
  const [dx, dy] = [(x - CENTRE.x) / RADIUS, (y - CENTRE.y) / RADIUS]
  const lines = wrap(drawnText(name, 40))
  const anchor = Math.abs(dx) < 0.25 ? 'a-m' : dx > 0 ? 'a-s' : 'a-e'
  const left = x + dx * 15
  const top = y + dy * 24 + (dy < -0.5 ? -4 - 14 * (lines.length - 1) : dy > 0.5 ? 6 : 4 - 7 * (lines.length - 1))
  return lines.map((line, at) => (
    <text key={line} className={`${anchor}${state === 'own' ? ' b' : ''}`} x={left} y={top + at * 14}>
      {line}
    </text>
  ))
}

function wrap(name: string): string[] {
  if (name.length <= LINE_CHARS) return [name]
  const cut = name.lastIndexOf(' ', LINE_CHARS) > 0 ? name.lastIndexOf(' ', LINE_CHARS) : name.indexOf(' ')
  if (cut <= 0) return [drawnText(name, 22)]
  return [drawnText(name.slice(0, cut), 22), drawnText(name.slice(cut + 1), 18)]
}
