// How the picture is looked at: what lies in the middle, and how large.
import type { Size } from '../ui/room.ts'

export type Camera = { readonly x: number; readonly y: number; readonly scale: number }
type Spot = readonly [x: number, y: number]

export const SCALE_MIN = 0.03
export const SCALE_MAX = 6

export const toScreen = (camera: Camera, { width, height }: Size, x: number, y: number): Spot => [
  (x - camera.x) * camera.scale + width / 2,
  (y - camera.y) * camera.scale + height / 2,
]

export const toWorld = (camera: Camera, { width, height }: Size, x: number, y: number): Spot => [
  (x - width / 2) / camera.scale + camera.x,
  (y - height / 2) / camera.scale + camera.y,
]

/** Moves the picture with a hand, by pixels. */
export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x - dx / camera.scale,
  y: camera.y - dy / camera.scale,
})

/** How small and how large a picture may be looked at. */
export type Scales = { readonly min: number; readonly max: number }

/** Makes it larger or smaller; what is under the given pixel stays there. */
export function zoomed(
  camera: Camera,
  size: Size,
  by: number,
  [x, y]: Spot,
  { min, max }: Scales = { min: SCALE_MIN, max: SCALE_MAX },
): Camera {
  const scale = Math.min(max, Math.max(min, camera.scale * by))
  const [worldX, worldY] = toWorld(camera, size, x, y)
  return { scale, x: worldX - (x - size.width / 2) / scale, y: worldY - (y - size.height / 2) / scale }
}

const MARGIN = 56
const FIT_MAX = 1.4

/** Shows all of the points that are shown. */
export function fitted(
  { x, y, count }: { readonly x: Float64Array; readonly y: Float64Array; readonly count: number },
  shown: Uint8Array,
  { width, height }: Size,
): Camera {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < count; i += 1) {
    if (shown[i] !== 1) continue
    left = Math.min(left, x[i] ?? 0)
    right = Math.max(right, x[i] ?? 0)
    top = Math.min(top, y[i] ?? 0)
    bottom = Math.max(bottom, y[i] ?? 0)
  }
  if (left > right) return { x: 0, y: 0, scale: 1 }
  const across = Math.max(1, width - 2 * MARGIN) / Math.max(1, right - left)
  const down = Math.max(1, height - 2 * MARGIN) / Math.max(1, bottom - top)
  const scale = Math.max(SCALE_MIN, Math.min(FIT_MAX, across, down))
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale }
}
