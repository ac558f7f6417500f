// The earth on a plane: Equal Earth, which shows every land as large as it is, with any meridian in its middle.
import { geoEqualEarth, geoGraticule10, geoPath, type GeoPermissibleObjects } from 'd3-geo'
import { cornersOf, type Spot, type World } from './world.ts'

/** The plane in its own units; a camera looks at it. */
export const PLANE = { width: 1000, height: 487 } as const

export type Earth = {
  /** Paths of a drawing: the edge of the map, the lines of every ten degrees, the land. */
  readonly edge: string
  readonly lines: string
  readonly land: string
  /** Where a country's point is on the plane; undefined where the map does not know the country. */
  readonly placeOf: (country: string) => readonly [x: number, y: number] | undefined
}

/** `meridian` is the longitude that stands in the middle; the map is cut on the other side of the earth. */
export function projectEarth({ land, places }: World, meridian: number): Earth {
  const projection = geoEqualEarth()
    .rotate([-meridian, 0])
    .fitExtent(
      [
        [1, 1],
        [PLANE.width - 1, PLANE.height - 1],
      ],
      { type: 'Sphere' },
    )
    .precision(0.3)
  const path = geoPath(projection).digits(2)
  const draw = (shape: GeoPermissibleObjects): string => path(shape) ?? ''
  const polygons = land.map((rings) => rings.map(cornersOf))
  const isDot = ([coast]: readonly (readonly unknown[])[]): boolean => coast?.length === 1
  const islands = polygons.filter(isDot).map(([coast]) => dot(projection(coast?.[0] as [number, number])))
  return {
    edge: draw({ type: 'Sphere' }),
    lines: draw(geoGraticule10()),
    land: `${draw({ type: 'MultiPolygon', coordinates: polygons.filter((each) => !isDot(each)) })}${islands.join('')}`,
    placeOf: (country) => {
      const spot = places[country]
      return spot === undefined ? undefined : (projection([...spot]) ?? undefined)
    },
  }
}

/** A line of no length, which a round pen draws as a dot. */
const dot = (spot: readonly [number, number] | null): string =>
  spot === null ? '' : `M${spot[0].toFixed(2)},${spot[1].toFixed(2)}h0`

/** Meridians where a cut meets little land: the middle of the Atlantic, and the strait between Asia and America. */
const SEAS = [-30, -169] as const

/**
 * The middle of a map that puts nobody there: it is cut where the earth between members is widest, so that no member stands
 * at its edge, and through a sea where that gap holds one. Degrees, from -180 to 180.
 */
export function meridianBetween(places: readonly Spot[]): number {
  const east = [...new Set(places.map(([longitude]) => wrap(longitude)))].toSorted((a, b) => a - b)
  const gaps = east.map((from, at) => {
    const to = at + 1 < east.length ? (east[at + 1] as number) : (east[0] as number) + 360
    return { from, width: to - from }
  })
  const widest = gaps.reduce((best, gap) => (gap.width > best.width ? gap : best), { from: -180, width: 0 })
  const half = widest.width / 2
  if (widest.width === 0) return 0
  const off = (sea: number): number => Math.abs(wrap(sea - (widest.from + half)))
  const [sea] = SEAS.filter((each) => off(each) < half * 0.8).toSorted((a, b) => off(a) - off(b))
  return wrap((sea ?? Math.round(widest.from + half)) + 180)
}

const wrap = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180
