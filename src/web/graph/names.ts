// Where names stand in the drawing: neither on each other nor on another record. Pure, so that it is tested without a canvas.
import { defang, shortId } from '../ui/harmless.ts'
import { claim, drawnText, roomOf, type Box, type Size } from '../ui/room.ts'
import { toScreen, type Camera } from './camera.ts'
import type { Model, Point } from './model.ts'

export type View = {
  readonly model: Model
  readonly camera: Camera
  readonly size: Size
  /** The point that a hand points at. */
  readonly pointed?: number | undefined
}
export type PlacedName = { readonly point: Point; readonly text: string; readonly x: number; readonly top: number }

const NAMES_MAX = 160
const NAME_SCALE = 0.75
const NAME_CHARS = 26
export const NAME_HEIGHT = 15
/** With more records than this on the screen names mind each other alone. */
const SHAPES_MINDED_MAX = 600

/**
 * The names that have room, which they take. What is chosen and what a hand points at come first and always have theirs, then
 * the busiest. The rest waits until somebody looks nearer.
 */
export function placeNames(view: View, points: readonly Point[], room: Box[]): PlacedName[] {
  const { model, camera, pointed } = view
  const isAsked = ({ at }: Point): boolean => at === model.chosen || at === pointed
  const important = (point: Point): number =>
    isAsked(point) ? Infinity : model.layout.degree(point.at) + (point.root ? 1000 : 0)
  const enough = camera.scale >= NAME_SCALE || points.length < 40
  const named = enough ? points : points.filter((point) => important(point) >= 1000)
  if (points.length <= SHAPES_MINDED_MAX) for (const point of points) room.push(shapeBox(view, point))
  return named
    .toSorted((a, b) => important(b) - important(a))
    .slice(0, NAMES_MAX)
    .flatMap((point) => placeName(view, point, room, isAsked(point)) ?? [])
}

/** Below its point or above it; undefined where neither is free and nobody asked for it. */
function placeName(view: View, point: Point, room: Box[], always: boolean): PlacedName | undefined {
  const [x, y] = placeOf(view, point)
  const text = nameOf(point)
  const half = roomOf(text) / 2
  const away = radiusOf(view, point) + 4
  const boxAt = (top: number): Box => [x - half, top, x + half, top + NAME_HEIGHT]
  const free = [y + away, y - away - NAME_HEIGHT].find((top) => claim(room, boxAt(top)))
  if (free !== undefined) return { point, text, x, top: free }
  if (!always) return undefined
  room.push(boxAt(y + away))
  return { point, text, x, top: y + away }
}

/** The name of a point as it stands in the drawing: harmless, cut. */
export const nameOf = ({ name, id }: Pick<Point, 'name' | 'id'>): string =>
  drawnText(defang(name === undefined || name.trim() === '' ? shortId(id) : name), NAME_CHARS)

/** Half the width of a point in pixels: points shrink when the picture does, and stay big enough to be seen. */
export function radiusOf({ camera }: Pick<View, 'camera'>, point: Point): number {
  const size = Math.min(9, Math.max(1.6, 6.5 * Math.sqrt(camera.scale)))
  return point.root ? size * 1.25 : size
}

export const placeOf = ({ model: { layout }, camera, size }: View, { at }: Point): readonly [number, number] =>
  toScreen(camera, size, layout.x[at] ?? 0, layout.y[at] ?? 0)

function shapeBox(view: View, point: Point): Box {
  const [x, y] = placeOf(view, point)
  const radius = radiusOf(view, point) - 1
  return [x - radius, y - radius, x + radius, y + radius]
}
