// The land and the places of the map as they travel: made when the console is built (scripts/world.ts), read here.

export type World = {
  /** Polygons, each a coast and the inland seas in it. A ring is one list of numbers: its first corner, then the way to each
   * next one, in steps of a degree; a coast of one corner is an island too small for an outline. */
  readonly land: readonly (readonly (readonly number[])[])[]
  /** ISO 3166-1 alpha-2 to a point inside it, degrees. */
  readonly places: Readonly<Record<string, Spot>>
}
export type Spot = readonly [longitude: number, latitude: number]

export const STEPS_A_DEGREE = 20

/** The corners of a ring, degrees. */
export function cornersOf(ring: readonly number[]): [number, number][] {
  const corners: [number, number][] = []
  let [x, y] = [0, 0]
  for (let at = 0; at + 1 < ring.length; at += 2) {
    x += ring[at] ?? 0
    y += ring[at + 1] ?? 0
    corners.push([x / STEPS_A_DEGREE, y / STEPS_A_DEGREE])
  }
  return corners
}
