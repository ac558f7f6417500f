// Where the points stand: they push each other away, lines pull their ends together. No chance is in it, so the same
// records lie the same way each time. What has come to rest stays: only what is new moves, until somebody asks for all of
// it to be arranged again.
import { Tree } from './tree.ts'

const LENGTH = 56
const PUSH = 420
const THETA = 0.9
const DRAG = 0.6
/** Pulls what is loose towards the middle. */
const GRAVITY = 0.012
const COOLING = 0.978
const COLD = 0.02
const STEP_MAX = 40
/** Each next point of a spiral is turned by the golden angle, which fills a disc evenly. */
const GOLDEN = Math.PI * (3 - Math.sqrt(5))

export class Layout {
  x = new Float64Array(256)
  y = new Float64Array(256)
  count = 0
  #vx = new Float64Array(256)
  #vy = new Float64Array(256)
  #degrees = new Int32Array(256)
  readonly #lines: number[] = []
  #moving = 0
  #heat = 0
  readonly #tree = new Tree()
  readonly #pushed = { x: 0, y: 0 }

  get warm(): boolean {
    return this.#heat > COLD && this.#moving < this.count
  }

  /** Adds points in a disc on the free side of `around`, the first ones around the middle. */
  add(points: number, around: number | undefined): void {
    const [middleX, middleY] = around === undefined ? [0, 0] : this.#freeSide(around, points)
    for (let n = 0; n < points; n += 1) {
      const at = this.count
      if (at >= this.x.length) this.#grow()
      const radius = LENGTH * 0.5 * Math.sqrt(n + (around === undefined ? 0 : 0.5))
      this.x[at] = middleX + radius * Math.cos(n * GOLDEN)
      this.y[at] = middleY + radius * Math.sin(n * GOLDEN)
      this.count += 1
    }
  }

  join(from: number, to: number): void {
    this.#lines.push(from, to)
    this.#degrees[from] = (this.#degrees[from] ?? 0) + 1
    this.#degrees[to] = (this.#degrees[to] ?? 0) + 1
  }

  degree(at: number): number {
    return this.#degrees[at] ?? 0
  }

  /** Lets the points from `first` on find their places; 0 lets all of them. */
  heat(first: number): void {
    this.#moving = this.warm ? Math.min(this.#moving, first) : first
    this.#heat = 1
  }

  put(at: number, x: number, y: number): void {
    this.x[at] = x
    this.y[at] = y
  }

  /** One step towards rest. */
  step(): void {
    this.#tree.build(this.x, this.y, this.count)
    for (let i = this.#moving; i < this.count; i += 1) {
      this.#tree.push(i, THETA, this.#pushed)
      this.#vx[i] = (this.#vx[i] ?? 0) + this.#heat * (PUSH * this.#pushed.x - GRAVITY * (this.x[i] ?? 0))
      this.#vy[i] = (this.#vy[i] ?? 0) + this.#heat * (PUSH * this.#pushed.y - GRAVITY * (this.y[i] ?? 0))
    }
    this.#pull()
    for (let i = this.#moving; i < this.count; i += 1) {
      const [vx, vy] = [(this.#vx[i] ?? 0) * DRAG, (this.#vy[i] ?? 0) * DRAG]
      const slower = Math.min(1, STEP_MAX / Math.max(1, Math.hypot(vx, vy)))
      this.#vx[i] = vx * slower
      this.#vy[i] = vy * slower
      this.x[i] = (this.x[i] ?? 0) + vx * slower
      this.y[i] = (this.y[i] ?? 0) + vy * slower
    }
    this.#heat *= COOLING
    if (!this.warm) this.#vx.fill(0)
    if (!this.warm) this.#vy.fill(0)
  }

  #pull(): void {
    for (let n = 0; n < this.#lines.length; n += 2) {
      const [from, to] = [this.#lines[n] ?? 0, this.#lines[n + 1] ?? 0]
      if (from < this.#moving && to < this.#moving) continue
      const dx = (this.x[to] ?? 0) - (this.x[from] ?? 0)
      const dy = (this.y[to] ?? 0) - (this.y[from] ?? 0)
      const distance = Math.max(1, Math.hypot(dx, dy))
      const [a, b] = [this.degree(from), this.degree(to)]
      const pull = ((distance - LENGTH) / distance) * (this.#heat / Math.max(1, Math.min(a, b)))
      const share = a / Math.max(1, a + b)
      this.#vx[to] = (this.#vx[to] ?? 0) - dx * pull * share
      this.#vy[to] = (this.#vy[to] ?? 0) - dy * pull * share
      this.#vx[from] = (this.#vx[from] ?? 0) + dx * pull * (1 - share)
      this.#vy[from] = (this.#vy[from] ?? 0) + dy * pull * (1 - share)
    }
  }

  /** Away from what a point is already joined to, far enough for a disc of so many more. */
  #freeSide(around: number, points: number): readonly [number, number] {
    let [dx, dy] = [0, 0]
    for (let n = 0; n < this.#lines.length; n += 2) {
      const [from, to] = [this.#lines[n], this.#lines[n + 1]]
      const other = from === around ? to : to === around ? from : undefined
      if (other === undefined) continue
      dx += (this.x[around] ?? 0) - (this.x[other] ?? 0)
      dy += (this.y[around] ?? 0) - (this.y[other] ?? 0)
    }
    const length = Math.hypot(dx, dy)
    const reach = length < 1 ? 0 : LENGTH + LENGTH * 0.5 * Math.sqrt(points)
    return [
      (this.x[around] ?? 0) + (dx / Math.max(1, length)) * reach,
      (this.y[around] ?? 0) + (dy / Math.max(1, length)) * reach,
    ]
  }

  #grow(): void {
    const size = this.x.length * 2
    const larger = <T extends Float64Array | Int32Array>(old: T, made: T): T => {
      made.set(old)
      return made
    }
    this.x = larger(this.x, new Float64Array(size))
    this.y = larger(this.y, new Float64Array(size))
    this.#vx = larger(this.#vx, new Float64Array(size))
    this.#vy = larger(this.#vy, new Float64Array(size))
    this.#degrees = larger(this.#degrees, new Int32Array(size))
  }
}
