// The canvas and the hands on it: a mouse, fingers, keys. One frame is drawn only where something changed.
import type { Size } from '../ui/room.ts'
import { fitted, panned, toWorld, zoomed, type Camera } from './camera.ts'
import { draw } from './draw.ts'
import type { Model, Point } from './model.ts'
import { radiusOf } from './names.ts'
import { BY_PROCESSOR, Print } from './print.ts'
import { paletteOf, whenThemeChanges, type Palette } from './palette.ts'

export type Told = {
  readonly open: (at: number) => void
  readonly word: (word: string) => string
}
type Spot = readonly [x: number, y: number]

/** Time that finding places may take of one frame; more where the frame itself takes long. */
const LAYOUT_MS = 8
const LAYOUT_LARGE_MS = 24
/** A picture of more lines and points than this is moved as a print, and drawn again after this much rest. */
const LARGE = 600
const REST_MS = 150
const FINGER_REACH = 14
const CLICK_MOVE_MAX = 4
const PAN_KEYS: Readonly<Record<string, Spot>> = {
  ArrowLeft: [60, 0],
  ArrowRight: [-60, 0],
  ArrowUp: [0, 60],
  ArrowDown: [0, -60],
}

export class Stage {
  readonly #canvas: HTMLCanvasElement
  readonly #model: Model
  readonly #told: Told
  readonly #ends: (() => void)[] = []
  readonly #hands = new Map<number, Spot>()
  #camera: Camera = { x: 0, y: 0, scale: 1 }
  #size: Size = { width: 1, height: 1 }
  #palette: Palette
  #frame = 0
  /** Nobody has moved the picture yet, so it keeps itself in view. */
  #following = true
  readonly #print = new Print()
  /** The print shows what there is. */
  #printed = false
  #rest: ReturnType<typeof setTimeout> | undefined
  #moved = 0
  #held: number | undefined
  #pointed: number | undefined
  #leaving = false

  constructor(canvas: HTMLCanvasElement, model: Model, told: Told) {
    this.#canvas = canvas
    this.#model = model
    this.#told = told
    this.#palette = paletteOf(canvas)
    this.#ends.push(
      whenThemeChanges(() => {
        this.#palette = paletteOf(canvas)
        this.#drawAgain()
      }),
      model.subscribe(() => this.#drawAgain()),
    )
    const seen = new ResizeObserver(() => this.#fill())
    seen.observe(canvas)
    this.#ends.push(() => seen.disconnect())
    this.#listen()
    this.#fill()
  }

  end(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#rest)
    for (const end of this.#ends) end()
  }

  fit(): void {
    this.#following = true
    this.#look(fitted(this.#model.layout, this.#model.shown, this.#size), true)
  }

  zoom(by: number): void {
    this.#look(zoomed(this.#camera, this.#size, by, [this.#size.width / 2, this.#size.height / 2]))
  }

  #look(camera: Camera, following = false): void {
    this.#camera = camera
    this.#following = following
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => this.#drawAgain(), REST_MS)
    this.#ask()
  }

  #ask(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint())
  }

  #drawAgain(): void {
    this.#printed = false
    this.#ask()
  }

  /** Places are found while no hand is on the picture; who wants little motion sees them only when they are found. */
  #paint(): void {
    this.#frame = 0
    const { layout, shown } = this.#model
    const moved = this.#settle()
    if (layout.warm) this.#ask()
    if (layout.warm && this.#hands.size === 0 && matchMedia('(prefers-reduced-motion: reduce)').matches) return
    if (this.#following) this.#camera = fitted(layout, shown, this.#size)
    const pen = this.#canvas.getContext('2d', BY_PROCESSOR)
    if (pen === null) return
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    const scene = {
      model: this.#model,
      camera: this.#camera,
      size: this.#size,
      palette: this.#palette,
      word: this.#told.word,
      pointed: this.#pointed,
    }
    if (!this.#isLarge()) return draw(pen, scene)
    if (moved || !this.#printed) this.#print.make(scene)
    this.#printed = true
    this.#print.show(pen, this.#camera, this.#size)
  }

  /** Whether anything moved. */
  #settle(): boolean {
    const { layout } = this.#model
    if (!layout.warm || this.#hands.size > 0) return false
    const until = performance.now() + (this.#isLarge() ? LAYOUT_LARGE_MS : LAYOUT_MS)
    while (layout.warm && performance.now() < until) layout.step()
    return true
  }

  #isLarge(): boolean {
    return this.#model.points.length + this.#model.lines.length > LARGE
  }

  #fill(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    this.#size = { width: Math.max(1, width), height: Math.max(1, height) }
    this.#canvas.width = Math.round(width * devicePixelRatio)
    this.#canvas.height = Math.round(height * devicePixelRatio)
    this.#drawAgain()
  }

  #listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      listener: (event: HTMLElementEventMap[K]) => void,
      options: AddEventListenerOptions = {},
    ): void => {
      this.#canvas.addEventListener(name, listener, options)
      this.#ends.push(() => this.#canvas.removeEventListener(name, listener, options))
    }
    on('pointerdown', (event) => this.#touch(event))
    on('pointermove', (event) => (this.#hands.size === 0 ? this.#point(event) : this.#drag(event)))
    on('pointerleave', () => this.#pointTo(undefined))
    on('pointerup', (event) => this.#letGo(event))
    on('pointercancel', (event) => this.#letGo(event))
    on('dblclick', (event) => {
      const point = this.#pointAt(event.offsetX, event.offsetY)
      if (point !== undefined) this.#told.open(point.at)
    })
    on(
      'wheel',
      (event) => {
        event.preventDefault()
        this.#look(zoomed(this.#camera, this.#size, Math.exp(-event.deltaY / 400), [event.offsetX, event.offsetY]))
      },
      { passive: false },
    )
    on('keydown', (event) => this.#press(event))
    on('focus', () => {
      this.#leaving = false
    })
  }

  #touch(event: PointerEvent): void {
    this.#canvas.setPointerCapture(event.pointerId)
    this.#hands.set(event.pointerId, [event.offsetX, event.offsetY])
    if (this.#hands.size > 1) return
    this.#moved = 0
    this.#held = this.#pointAt(event.offsetX, event.offsetY)?.at
  }

  #point({ offsetX, offsetY }: PointerEvent): void {
    this.#pointTo(this.#pointAt(offsetX, offsetY)?.at)
  }

  /** What is pointed at shows its name, also where there is little room. */
  #pointTo(at: number | undefined): void {
    if (at === this.#pointed) return
    this.#pointed = at
    this.#drawAgain()
  }

  #drag(event: PointerEvent): void {
    const before = this.#hands.get(event.pointerId)
    if (before === undefined) return
    const now: Spot = [event.offsetX, event.offsetY]
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]]
    this.#moved += Math.hypot(dx, dy)
    const other = [...this.#hands].find(([id]) => id !== event.pointerId)?.[1]
    this.#hands.set(event.pointerId, now)
    if (other !== undefined) return this.#pinch(before, now, other)
    if (this.#moved <= CLICK_MOVE_MAX) return
    if (this.#held === undefined) return this.#look(panned(this.#camera, dx, dy))
    this.#model.layout.put(this.#held, ...toWorld(this.#camera, this.#size, ...now))
    this.#drawAgain()
  }

  #pinch(before: Spot, now: Spot, other: Spot): void {
    const apart = (spot: Spot): number => Math.max(1, Math.hypot(spot[0] - other[0], spot[1] - other[1]))
    const middle: Spot = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]
    const larger = zoomed(this.#camera, this.#size, apart(now) / apart(before), middle)
    this.#look(panned(larger, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2))
  }

  #letGo(event: PointerEvent): void {
    const wasHere = this.#hands.delete(event.pointerId)
    if (wasHere && this.#hands.size === 0 && this.#moved <= CLICK_MOVE_MAX && event.type === 'pointerup')
      this.#model.choose(this.#held)
    this.#ask()
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const pan = PAN_KEYS[event.key]
    if (pan !== undefined) this.#look(panned(this.#camera, ...pan))
    else if (event.key === '+' || event.key === '=') this.zoom(1.25)
    else if (event.key === '-') this.zoom(0.8)
    else if (event.key === '0') this.fit()
    else if (event.key === 'Enter' && this.#model.chosen !== undefined) this.#told.open(this.#model.chosen)
    else if (event.key === 'Escape') {
      this.#leaving = true
      this.#model.choose(undefined)
    } else if (event.key !== 'Tab' || !this.#walk(event.shiftKey ? -1 : 1)) return
    event.preventDefault()
    event.stopPropagation()
  }

  /** To the next record that is shown; false at the end, and after Escape, where Tab goes on to the rest of the page. */
  #walk(by: 1 | -1): boolean {
    if (this.#leaving) return false
    const { points, shown, chosen } = this.#model
    let at = chosen === undefined ? (by === 1 ? 0 : -1) : chosen + by
    while (at >= 0 && at < points.length && shown[at] !== 1) at += by
    if (at < 0 || at >= points.length) return false
    this.#model.choose(at)
    this.#reveal(at)
    return true
  }

  #reveal(at: number): void {
    const { x, y } = this.#model.layout
    const [left, top] = toWorld(this.#camera, this.#size, 40, 40)
    const [right, bottom] = toWorld(this.#camera, this.#size, this.#size.width - 40, this.#size.height - 40)
    const [px, py] = [x[at] ?? 0, y[at] ?? 0]
    if (px < left || px > right || py < top || py > bottom) this.#look({ ...this.#camera, x: px, y: py })
  }

  /** The nearest point under a hand. */
  #pointAt(screenX: number, screenY: number): Point | undefined {
    const { points, shown, layout } = this.#model
    const [x, y] = toWorld(this.#camera, this.#size, screenX, screenY)
    let nearest: Point | undefined
    let best = Infinity
    for (const point of points) {
      if (shown[point.at] !== 1) continue
      const apart = Math.hypot((layout.x[point.at] ?? 0) - x, (layout.y[point.at] ?? 0) - y) * this.#camera.scale
      const reach = Math.max(FINGER_REACH, radiusOf({ camera: this.#camera }, point) + 4)
      if (apart > reach || apart >= best) continue
      best = apart
      nearest = point
    }
    return nearest
  }
}
