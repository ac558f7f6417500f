// Draws what is on the screen and nothing else: all lines of a kind in a few strokes, all points of a family in one fill,
// names only where there is room for them.
import { claim, roomOf, type Box } from '../ui/room.ts'
import { toScreen, toWorld } from './camera.ts'
import { CORNERS, FAMILIES, type Shape } from './kinds.ts'
import type { Line, Point } from './model.ts'
import { placeNames, placeOf, radiusOf, type View } from './names.ts'
import type { Palette } from './palette.ts'

export type Scene = View & {
  readonly palette: Palette
  readonly word: (word: string) => string
}
type Pen = CanvasRenderingContext2D

/** A stroke of very many segments costs more than a few strokes of some. */
const SEGMENTS_A_STROKE = 400
/** The same of an area with very many corners. */
const SHAPES_A_FILL = 16
/** Below this radius in pixels a shape is not told from a dot. */
const DOT = 2.7
const LABELS_MAX = 160
const WORD_SCALE = 1.5

export function draw(pen: Pen, scene: Scene): void {
  const { model, size } = scene
  pen.clearRect(0, 0, size.width, size.height)
  const points = model.points.filter((point) => isOnScreen(scene, point))
  const room: Box[] = []
  drawLines(pen, scene)
  drawPoints(pen, scene, points)
  drawNames(pen, scene, points, room)
  drawWords(pen, scene, room)
}

function isOnScreen({ model, camera, size }: Scene, { at }: Point): boolean {
  if (model.shown[at] !== 1) return false
  const [x, y] = toScreen(camera, size, model.layout.x[at] ?? 0, model.layout.y[at] ?? 0)
  return x > -20 && y > -20 && x < size.width + 20 && y < size.height + 20
}

function drawLines(pen: Pen, scene: Scene): void {
  const { palette } = scene
  const { plain, marked, way } = sortLines(scene)
  stroke(pen, scene, plain, palette.line, 1)
  stroke(pen, scene, marked, palette.quiet, 1.5)
  stroke(pen, scene, way, palette.accent, 2.5)
}

type Sorted = { readonly plain: Line[]; readonly marked: Line[]; readonly way: Line[] }

/** Lines on the screen: those of a way, those of what is chosen, the rest. */
function sortLines(scene: Scene): Sorted {
  const { model } = scene
  const { chosen } = model
  const sorted: Sorted = { plain: [], marked: [], way: [] }
  for (const [at, line] of model.lines.entries()) {
    if (model.shownLines[at] !== 1 || !crossesScreen(scene, line)) continue
    if (model.isOnWay(line)) sorted.way.push(line)
    else if (line.from === chosen || line.to === chosen) sorted.marked.push(line)
    else sorted.plain.push(line)
  }
  return sorted
}

function crossesScreen({ model: { layout }, camera, size }: Scene, { from, to }: Line): boolean {
  const [left, top] = toWorld(camera, size, 0, 0)
  const [right, bottom] = toWorld(camera, size, size.width, size.height)
  const [ax, ay, bx, by] = [layout.x[from] ?? 0, layout.y[from] ?? 0, layout.x[to] ?? 0, layout.y[to] ?? 0]
  return Math.max(ax, bx) > left && Math.min(ax, bx) < right && Math.max(ay, by) > top && Math.min(ay, by) < bottom
}

function stroke(pen: Pen, scene: Scene, lines: readonly Line[], colour: string, width: number): void {
  const { x, y } = scene.model.layout
  pen.strokeStyle = colour
  pen.lineWidth = width
  for (let first = 0; first < lines.length; first += SEGMENTS_A_STROKE) {
    pen.beginPath()
    for (const { from, to } of lines.slice(first, first + SEGMENTS_A_STROKE)) {
      pen.moveTo(...toScreen(scene.camera, scene.size, x[from] ?? 0, y[from] ?? 0))
      pen.lineTo(...toScreen(scene.camera, scene.size, x[to] ?? 0, y[to] ?? 0))
    }
    pen.stroke()
  }
}

function drawPoints(pen: Pen, scene: Scene, points: readonly Point[]): void {
  const { model, palette } = scene
  for (const [family, inFamily] of Map.groupBy(points, (point) => point.family)) {
    pen.fillStyle = palette.families[family] ?? palette.text
    const shape = FAMILIES[family]?.shape ?? 'circle'
    const [solid, hollow] = [inFamily.filter(({ here }) => here), inFamily.filter(({ here }) => !here)]
    fillShapes(pen, scene, solid, shape)
    if (hollow.length === 0) continue
    pen.strokeStyle = palette.families[family] ?? palette.text
    pen.lineWidth = 1.25
    pen.beginPath()
    for (const point of hollow) outline(pen, shape, placeOf(scene, point), radiusOf(scene, point))
    pen.fillStyle = palette.ground
    pen.fill()
    pen.stroke()
  }
  for (const [at, width] of [
    [model.start, 1.5],
    [model.chosen, 2.5],
  ] as const) {
    const point = model.points[at ?? -1]
    if (point === undefined || model.shown[point.at] !== 1) continue
    pen.strokeStyle = palette.accent
    pen.lineWidth = width
    pen.beginPath()
    outline(pen, 'circle', placeOf(scene, point), radiusOf(scene, point) + 5)
    pen.stroke()
  }
}

function fillShapes(pen: Pen, scene: Scene, points: readonly Point[], shape: Shape): void {
  for (let first = 0; first < points.length; first += SHAPES_A_FILL) {
    pen.beginPath()
    for (const point of points.slice(first, first + SHAPES_A_FILL)) {
      const radius = radiusOf(scene, point)
      const [x, y] = placeOf(scene, point)
      if (radius < DOT) pen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius)
      else outline(pen, shape, [x, y], radius)
    }
    pen.fill()
  }
}

function outline(pen: Pen, shape: Shape, [x, y]: readonly [number, number], radius: number): void {
  const corners = CORNERS[shape]
  if (corners.length === 0) {
    pen.moveTo(x + radius, y)
    pen.arc(x, y, radius, 0, 2 * Math.PI)
    return
  }
  for (const [n, [dx, dy]] of corners.entries())
    if (n === 0) pen.moveTo(x + dx * radius, y + dy * radius)
    else pen.lineTo(x + dx * radius, y + dy * radius)
  pen.closePath()
}

function drawNames(pen: Pen, scene: Scene, points: readonly Point[], room: Box[]): void {
  const { palette } = scene
  pen.font = `12px ${palette.font}`
  pen.textAlign = 'center'
  pen.textBaseline = 'top'
  pen.lineWidth = 3
  pen.strokeStyle = palette.ground
  for (const { point, text, x, top } of placeNames(scene, points, room)) {
    pen.strokeText(text, x, top)
    pen.fillStyle = point.here ? palette.text : palette.quiet
    pen.fillText(text, x, top)
  }
}

/** What lines say, near enough to be read, where no name has the room. */
function drawWords(pen: Pen, scene: Scene, room: Box[]): void {
  const { palette, model, camera, size } = scene
  if (camera.scale < WORD_SCALE) return
  const { plain, marked, way } = sortLines(scene)
  const { x, y } = model.layout
  pen.font = `11px ${palette.font}`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.lineWidth = 4
  pen.strokeStyle = palette.ground
  pen.fillStyle = palette.quiet
  for (const { from, to, word } of [...way, ...marked, ...plain].slice(0, LABELS_MAX)) {
    const [middleX, middleY] = [((x[from] ?? 0) + (x[to] ?? 0)) / 2, ((y[from] ?? 0) + (y[to] ?? 0)) / 2]
    const [atX, atY] = toScreen(camera, size, middleX, middleY)
    const text = scene.word(word)
    const half = roomOf(text, 11) / 2
    if (!claim(room, [atX - half, atY - 7, atX + half, atY + 7])) continue
    pen.strokeText(text, atX, atY)
    pen.fillText(text, atX, atY)
  }
}
