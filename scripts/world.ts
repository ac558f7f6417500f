// The land and the places of the console's map, from Natural Earth (public domain, as `world-atlas` packs it): coasts made
// coarse, no borders, and one point for each country by the code that members say. Read by `scripts/console.ts`.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { geoArea, geoCentroid } from 'd3-geo'
import { feature } from 'topojson-client'
import { presimplify, simplify } from 'topojson-simplify'
import { STEPS_A_DEGREE, type World } from '#web/map/world.ts'

type Atlas = Parameters<typeof presimplify>[0]
type Spot = readonly number[]

/** Corners that change a coast by less than this many square degrees are left out. */
const CORNER_AREA_MIN = 0.04
/** The code of a country that has none in ISO 3166-1, as its members say it (user-assigned, in wide use). */
const CODES: Readonly<Record<string, string>> = { Kosovo: 'XK' }

/** Places with a code of their own that the atlas has no shape for: too small for its scale, or drawn with another one. */
const MORE: World['places'] = {
  BQ: [-68.3, 12.2],
  CC: [96.8, -12.2],
  CX: [105.6, -10.5],
  GF: [-53.2, 3.9],
  GI: [-5.3, 36.1],
  GP: [-61.5, 16.2],
  MQ: [-61, 14.6],
  RE: [55.5, -21.1],
  SJ: [16, 78.6],
  TK: [-171.8, -9.2],
  TV: [179.2, -8.5],
  YT: [45.2, -12.8],
}

export function makeWorld(): World {
  return { land: landOf(readAtlas('land-50m')), places: placesOf(readAtlas('countries-50m')) }
}

function readAtlas(name: string): Atlas {
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(`world-atlas/${name}.json`), 'utf8')) as Atlas
}

function landOf(atlas: Atlas): number[][][] {
  const coarse = simplify(presimplify(atlas), CORNER_AREA_MIN)
  return partsOf(coarse, 'land').flatMap(({ polygons }) => polygons.map(packPolygon))
}

/** Its rings in steps: the coast, then inland seas. An island that is too small for an outline becomes its first corner. */
function packPolygon([coast = [], ...seas]: readonly (readonly Spot[])[]): number[][] {
  const outline = inSteps(coast)
  if (!isArea(outline)) return [pack(outline.slice(0, 1))]
  return [outline, ...seas.map(inSteps).filter((sea) => isArea(sea.toReversed()))].map(pack)
}

const inSteps = (ring: readonly Spot[]): Spot[] =>
  ring
    .map((spot) => spot.map((degrees) => Math.round(degrees * STEPS_A_DEGREE)))
    .filter((spot, at, all) => at === 0 || spot[0] !== all[at - 1]?.[0] || spot[1] !== all[at - 1]?.[1])

const pack = (corners: readonly Spot[]): number[] =>
  corners.flatMap(([x = 0, y = 0], at) => [x - (corners[at - 1]?.[0] ?? 0), y - (corners[at - 1]?.[1] ?? 0)])

/** Whether a ring encloses something on the sphere, and not all the rest of it. */
function isArea(corners: readonly Spot[]): boolean {
  if (corners.length < 4) return false
  const ring = corners.map((spot) => spot.map((steps) => steps / STEPS_A_DEGREE) as [number, number])
  const area = geoArea({ type: 'Polygon', coordinates: [ring] })
  return area > 0 && area < 2 * Math.PI
}

function placesOf(atlas: Atlas): Record<string, readonly [number, number]> {
  const places: Record<string, readonly [number, number]> = { ...MORE }
  for (const { id, name, polygons } of partsOf(atlas, 'countries')) {
    const code = codeOf(id, name)
    const [largest] = polygons.map((rings) => ({ rings, area: areaOf(rings) })).toSorted((a, b) => b.area - a.area)
    if (code === undefined || largest === undefined) continue
    const [longitude, latitude] = geoCentroid({ type: 'Polygon', coordinates: largest.rings })
    places[code] = [tenth(longitude), tenth(latitude)]
  }
  return Object.fromEntries(Object.entries(places).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const areaOf = (coordinates: [number, number][][]): number => geoArea({ type: 'Polygon', coordinates })
const tenth = (degrees: number): number => Math.round(degrees * 10) / 10

/** The two letters of a country that the atlas knows by its three digits, as CLDR has them. */
function codeOf(digits: string | undefined, name: string): string | undefined {
  if (digits === undefined) return CODES[name]
  const region = new Intl.Locale(`und-${digits.padStart(3, '0')}`).region
  return region !== undefined && /^[A-Z]{2}$/.test(region) ? region : undefined
}

type Part = { readonly id: string | undefined; readonly name: string; readonly polygons: [number, number][][][] }

function partsOf(atlas: Atlas, name: string): Part[] {
  const object = atlas.objects[name]
  if (object === undefined) throw new Error(`the atlas has no ${name}`)
  const found = feature(atlas, object)
  const features = found.type === 'FeatureCollection' ? found.features : [found]
  return features.map(({ id, properties, geometry }) => {
    const coordinates =
      geometry.type === 'Polygon'
        ? [geometry.coordinates]
        : geometry.type === 'MultiPolygon'
          ? geometry.coordinates
          : []
    return {
      id: id === undefined ? undefined : String(id),
      name: String((properties as { name?: unknown } | null)?.name ?? ''),
      polygons: coordinates as [number, number][][][],
    }
  })
}
