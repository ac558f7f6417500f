// A quadtree over points, in flat arrays: far away points push as one, at their common centre (Barnes and Hut, 1986).

/** Points closer together than this deep in the tree push as one even when near. */
const DEPTH_MAX = 24
const EMPTY = 0

export class Tree {
  /** Four children a cell: 0 none, above another cell, below a point (-1 is the first). Cell 0 is not used. */
  #children = new Int32Array(4 * 1024)
  #mass = new Float64Array(1024)
  #centreX = new Float64Array(1024)
  #centreY = new Float64Array(1024)
  #cells = 1
  #side = 1
  /** Cells no larger than this are not opened: what lies in one place lies there together. */
  #least = 0
  readonly #stack: number[] = []
  readonly #sides: number[] = []
  #x: Float64Array = new Float64Array(0)
  #y: Float64Array = new Float64Array(0)

  build(x: Float64Array, y: Float64Array, count: number): void {
    this.#x = x
    this.#y = y
    this.#cells = 1
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    for (let i = 0; i < count; i += 1) {
      left = Math.min(left, x[i] ?? 0)
      right = Math.max(right, x[i] ?? 0)
      top = Math.min(top, y[i] ?? 0)
      bottom = Math.max(bottom, y[i] ?? 0)
    }
    this.#side = Math.max(right - left, bottom - top, 1) * 1.0001
    this.#least = (this.#side / 2 ** DEPTH_MAX) * 1.5
    const root = this.#newCell()
    for (let i = 0; i < count; i += 1) this.#insert(root, i, left, top)
  }

  /** What all other points push a point by: the sum of (dx, dy) / d², where far cells count as one. */
  push(i: number, theta: number, into: { x: number; y: number }): void {
    const [x, y] = [this.#x[i] ?? 0, this.#y[i] ?? 0]
    into.x = 0
    into.y = 0
    const [stack, sides] = [this.#stack, this.#sides]
    stack.push(1)
    sides.push(this.#side)
    while (stack.length > 0) {
      const cell = stack.pop() ?? 0
      const side = sides.pop() ?? 0
      const mass = this.#mass[cell] ?? 1
      const dx = x - (this.#centreX[cell] ?? 0) / mass
      const dy = y - (this.#centreY[cell] ?? 0) / mass
      const d2 = dx * dx + dy * dy
      if (side <= this.#least || side * side < theta * theta * d2) add(into, dx, dy, d2, mass)
      else this.#open(cell, side, i, x, y, into)
    }
  }

  #open(cell: number, side: number, i: number, x: number, y: number, into: { x: number; y: number }): void {
    for (let quarter = 0; quarter < 4; quarter += 1) {
      const child = this.#children[cell * 4 + quarter] ?? EMPTY
      if (child > 0) {
        this.#stack.push(child)
        this.#sides.push(side / 2)
      } else if (child < 0 && child !== -i - 1) {
        const [dx, dy] = [x - (this.#x[-child - 1] ?? 0), y - (this.#y[-child - 1] ?? 0)]
        add(into, dx, dy, dx * dx + dy * dy, 1)
      }
    }
  }

  #newCell(): number {
    const cell = this.#cells
    this.#cells += 1
    if (cell >= this.#mass.length) this.#grow()
    this.#children.fill(EMPTY, cell * 4, cell * 4 + 4)
    this.#mass[cell] = 0
    this.#centreX[cell] = 0
    this.#centreY[cell] = 0
    return cell
  }

  #grow(): void {
    const larger = <T extends Float64Array | Int32Array>(old: T, made: T): T => {
      made.set(old)
      return made
    }
    const size = this.#mass.length * 2
    this.#children = larger(this.#children, new Int32Array(4 * size))
    this.#mass = larger(this.#mass, new Float64Array(size))
    this.#centreX = larger(this.#centreX, new Float64Array(size))
    this.#centreY = larger(this.#centreY, new Float64Array(size))
  }

  #insert(root: number, i: number, left: number, top: number): void {
    const [x, y] = [this.#x[i] ?? 0, this.#y[i] ?? 0]
    let [cell, side, cellLeft, cellTop] = [root, this.#side, left, top]
    for (let depth = 0; ; depth += 1) {
      this.#mass[cell] = (this.#mass[cell] ?? 0) + 1
      this.#centreX[cell] = (this.#centreX[cell] ?? 0) + x
      this.#centreY[cell] = (this.#centreY[cell] ?? 0) + y
      if (depth === DEPTH_MAX) return
      side /= 2
      const [isRight, isBelow] = [x >= cellLeft + side, y >= cellTop + side]
      if (isRight) cellLeft += side
      if (isBelow) cellTop += side
      const place = cell * 4 + (isRight ? 1 : 0) + (isBelow ? 2 : 0)
      const child = this.#children[place] ?? EMPTY
      if (child === EMPTY) {
        this.#children[place] = -i - 1
        return
      }
      if (child < 0) this.#split(place, -child - 1, cellLeft, cellTop, side)
      cell = this.#children[place] ?? EMPTY
    }
  }

  /** A point that was alone in its quarter moves one level down. */
  #split(place: number, other: number, left: number, top: number, side: number): void {
    const made = this.#newCell()
    this.#children[place] = made
    const [x, y] = [this.#x[other] ?? 0, this.#y[other] ?? 0]
    this.#mass[made] = 1
    this.#centreX[made] = x
    this.#centreY[made] = y
    const quarter = (x >= left + side / 2 ? 1 : 0) + (y >= top + side / 2 ? 2 : 0)
    this.#children[made * 4 + quarter] = -other - 1
  }
}

function add(into: { x: number; y: number }, dx: number, dy: number, d2: number, mass: number): void {
  const bounded = Math.max(d2, 1)
  into.x += (dx * mass) / bounded
  into.y += (dy * mass) / bounded
}
