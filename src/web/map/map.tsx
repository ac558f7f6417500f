// Members on a map of the world: each at the country it says it is in, all of one size, with a line from this member to each
// that tells how the exchange is. Drawn here from land that came with the console; nothing is fetched from outside.
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { world } from 'virtual:world'
import type { PeerView } from '#federation/wire.ts'
import type { NeighbourView } from '#src/home/wire.ts'
import { panned, toScreen, zoomed, type Camera } from '../graph/camera.ts'
import { LineLegend } from '../parts/link-lines.tsx'
import { nameIn, peerName, peerState } from '../parts/peer.ts'
import { useSession } from '../parts/session.ts'
import { t } from '../text/language.ts'
import { useHands } from '../ui/hands.ts'
import { plainText } from '../ui/harmless.ts'
import type { Size } from '../ui/room.ts'
import { useSize } from '../ui/size.ts'
import { Elsewhere } from './elsewhere.tsx'
import { meridianBetween, PLANE, projectEarth, type Earth } from './earth.ts'
import { Lines, Marks, type Drawn } from './marks.tsx'
import { sayMember } from './says.ts'
import { seatMembers } from './seats.ts'
import { Steer } from './steer.tsx'
import '../style/map.css'

const FIRST: Size = { width: 960, height: 480 }
const LARGER = 1.5
const LARGEST = 24
const STEP_PX = 60
const PAN_KEYS: Readonly<Record<string, Spot>> = {
  ArrowLeft: [STEP_PX, 0],
  ArrowRight: [-STEP_PX, 0],
  ArrowUp: [0, STEP_PX],
  ArrowDown: [0, -STEP_PX],
}

type Spot = readonly [x: number, y: number]

type Everybody = {
  readonly peers: readonly PeerView[]
  readonly near: ReadonlyMap<string, NeighbourView>
  readonly nowMs: number
}

export function WorldMap({ children, ...everybody }: Everybody & { readonly children: ReactNode }): ReactNode {
  const [meridian, setMeridian] = useState<number>()
  const members = useMembers(everybody)
  const between = useMemo(
    () =>
      meridianBetween(members.flatMap(({ country = '' }) => (world.places[country] ? [world.places[country]] : []))),
    [members],
  )
  const earth = useMemo(() => projectEarth(world, meridian ?? between), [meridian, between])
  const isPlaced = ({ country }: Member): boolean => country !== undefined && earth.placeOf(country) !== undefined
  const elsewhere = members.filter((member) => !isPlaced(member))
  return (
    <div className={elsewhere.length === 0 ? 'map-cols' : 'cols map-cols'}>
      <section aria-label={t('map.title')}>
        <Drawing members={members.filter(isPlaced)} earth={earth} meridian={meridian} onMeridian={setMeridian}>
          {children}
        </Drawing>
      </section>
      <Elsewhere members={elsewhere} />
    </div>
  )
}

/** A member as it is drawn, with its country where it says one. */
export type Member = Drawn & { readonly country?: string | undefined }

function useMembers({ peers, near, nowMs }: Everybody): readonly Member[] {
  const { member } = useSession()
  return useMemo(() => {
    const name = nameIn(member?.names ?? {}, member?.id ?? '')
    const own: Member = { key: '', name, says: t('map.own', { name: plainText(name, 60) }), state: 'own' }
    return [
      member?.country === undefined ? own : { ...own, country: member.country },
      ...peers.map((peer): Member => ({
        key: peer.member,
        name: peerName(peer),
        country: peer.country,
        says: sayMember(peer, { near, nowMs }),
        state: peerState(peer, nowMs).code,
      })),
    ]
  }, [member, peers, near, nowMs])
}

type DrawingProps = {
  readonly members: readonly Member[]
  readonly earth: Earth
  readonly meridian: number | undefined
  readonly onMeridian: (meridian: number | undefined) => void
  /** What stands first among what steers it. */
  readonly children: ReactNode
}

function Drawing({ members, earth, meridian, onMeridian, children }: DrawingProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  const size = useSize(frame, FIRST)
  const [chosen, setChosen] = useState<Camera>()
  const [pointed, setPointed] = useState<string>()
  const all = wholeIn(size)
  const camera = chosen ?? all
  const seats = useSeats(members, earth, camera, size)
  const pointedAt = (): Spot | undefined => {
    const seat = seats.find(({ member }) => member.key === pointed)
    return seat === undefined ? undefined : [seat.x, seat.y]
  }
  const look = (next: Camera): void => setChosen(next.scale <= all.scale ? undefined : inside(next, all))
  const zoom = (by: number, around = pointedAt() ?? middleOf(size)): void =>
    look(zoomed(camera, size, by, around, { min: all.scale, max: all.scale * LARGEST }))
  useHands(frame, {
    pan: (dx, dy) => look(panned(camera, dx, dy)),
    zoom,
    takesWheel: (event) => chosen !== undefined || event.deltaY < 0,
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const pan = PAN_KEYS[event.key]
    if (pan !== undefined) look(panned(camera, ...pan))
    else if (event.key === '+' || event.key === '=') zoom(LARGER)
    else if (event.key === '-') zoom(1 / LARGER)
    else if (event.key === '0') setChosen(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const said = members.find(({ key }) => key === pointed)?.says
  return (
    <>
      <Steer
        isWhole={chosen === undefined}
        meridian={meridian}
        onZoom={(larger) => zoom(larger ? LARGER : 1 / LARGER)}
        onWhole={() => setChosen(undefined)}
        onMeridian={onMeridian}
      >
        {children}
      </Steer>
      <div
        ref={frame}
        className={chosen === undefined ? 'map-stage' : 'map-stage map-stage--near'}
        dir="ltr"
        role="group"
        aria-label={t('map.says', { n: members.length })}
        onKeyDown={onKeyDown}
      >
        <svg className="draw ring-draw map-draw" width={size.width} height={size.height}>
          <Land earth={earth} camera={camera} size={size} />
          <Lines seats={seats} />
          <Marks
            seats={seats}
            width={size.width}
            pointed={pointed}
            onPoint={setPointed}
            onFocus={({ x, y }) => {
              if (!isWithin({ x, y }, size)) look(panned(camera, size.width / 2 - x, size.height / 2 - y))
            }}
          />
        </svg>
      </div>
      <p className="map-said" aria-hidden="true">
        {said ?? t('map.point')}
      </p>
      <LineLegend />
    </>
  )
}

function Land({
  earth,
  camera,
  size,
}: {
  readonly earth: Earth
  readonly camera: Camera
  readonly size: Size
}): ReactNode {
  const [x, y] = toScreen(camera, size, 0, 0)
  const drawn = useMemo(
    () => (
      <>
        <path className="map-sea" d={earth.edge} />
        <path className="map-lines" d={earth.lines} />
        <path className="map-land" d={earth.land} />
      </>
    ),
    [earth],
  )
  return (
    <g aria-hidden="true" transform={`translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${camera.scale.toFixed(4)})`}>
      {drawn}
    </g>
  )
}

function useSeats(members: readonly Member[], earth: Earth, camera: Camera, size: Size) {
  return useMemo(() => {
    const byCountry = [...Map.groupBy(members, ({ country = '' }) => country)].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return seatMembers(
      byCountry.flatMap(([country, there]) => {
        const place = earth.placeOf(country)
        if (place === undefined) return []
        const [x, y] = toScreen(camera, size, ...place)
        return [{ x, y, members: there.toSorted((a, b) => (a.key < b.key ? -1 : 1)) }]
      }),
    )
  }, [members, earth, camera, size])
}

const MARGIN = 12

const middleOf = ({ width, height }: Size): Spot => [width / 2, height / 2]

/** The whole plane in the frame. */
const wholeIn = ({ width, height }: Size): Camera => ({
  x: PLANE.width / 2,
  y: PLANE.height / 2,
  scale: Math.max(0.1, Math.min((width - 2 * MARGIN) / PLANE.width, (height - 2 * MARGIN) / PLANE.height)),
})

/** The middle of the frame stays on the map. */
const inside = (camera: Camera, { scale }: Camera): Camera => {
  const [x, y] = [PLANE.width, PLANE.height].map((length) => ({ min: 0, max: length, half: length / 2 }))
  const hold = (at: number, axis = { min: 0, max: 0, half: 0 }): number => {
    const room = axis.half * (1 - scale / camera.scale)
    return Math.min(axis.half + room, Math.max(axis.half - room, at))
  }
  return { ...camera, x: hold(camera.x, x), y: hold(camera.y, y) }
}

const isWithin = ({ x, y }: { x: number; y: number }, { width, height }: Size): boolean =>
  x > MARGIN && y > MARGIN && x < width - MARGIN && y < height - MARGIN
