import { push } from './entry-table.ts'

/** Changes that wait before the index is put in order again, at least; else this share of it. */
const WAITING_MIN = 4096
const WAITING_SHARE = 16

/**
 * The nets (and single addresses) that lie inside a given net: sorted by first address, found by binary search.
 * What was added since the last sort is looked through one by one; what was removed is skipped. Addresses are
 * `width` words of 32 bits, one for IPv4 and four for IPv6.
 */
export class NetIndex {
  readonly #width: number
  #words: Uint32Array
  #prefixes = new Uint8Array(256)
  #ids = new Float64Array(256)
  #count = 0
  #sorted = 0
  /** By removed id the count at that time: what it had before that place is dead, what came later is not. */
  readonly #removed = new Map<number, number>()
  #dead = 0

  constructor(width: 1 | 4) {
    this.#width = width
    this.#words = new Uint32Array(256 * width)
  }

  get bytes(): number {
    return this.#words.byteLength + this.#prefixes.byteLength + this.#ids.byteLength
  }

  add(words: Uint32Array, prefix: number, id: number): void {
    if (this.#dead > WAITING_MIN && this.#dead > this.#count / 2) this.#rebuild()
    if (this.#count === this.#ids.length) this.#grow()
    this.#words.set(words, this.#count * this.#width)
    this.#prefixes[this.#count] = prefix
    this.#ids[this.#count] = id
    this.#count++
  }

  /** The id must be here. */
  remove(id: number): void {
    this.#removed.set(id, this.#count)
    this.#dead++
  }

  /** Sorts now, so that the first question need not. */
  settle(): void {
    if (this.#sorted < this.#count || this.#removed.size > 0) this.#rebuild()
  }

  /** Appends to `into` the ids of the nets inside `words/prefix` and longer than it. */
  findInside(words: Uint32Array, prefix: number, into: number[]): void {
    const waiting = this.#count - this.#sorted + this.#dead
    if (waiting > Math.max(WAITING_MIN, this.#count / WAITING_SHARE)) this.#rebuild()
    for (let at = this.#firstFrom(words); at < this.#sorted && this.#isInside(at, words, prefix); at++) {
      this.#take(at, prefix, into)
    }
    for (let at = this.#sorted; at < this.#count; at++) {
      if (this.#isInside(at, words, prefix)) this.#take(at, prefix, into)
    }
  }

  #take(at: number, prefix: number, into: number[]): void {
    const id = this.#ids[at]!
    if (this.#prefixes[at]! > prefix && this.#isLiving(at)) push(into, id)
  }

  #isLiving(at: number): boolean {
    return this.#removed.size === 0 || at >= (this.#removed.get(this.#ids[at]!) ?? 0)
  }

  #isInside(at: number, words: Uint32Array, prefix: number): boolean {
    for (let word = 0; word < this.#width; word++) {
      const bits = Math.min(32, prefix - 32 * word)
      if (bits <= 0) return true
      const differs = this.#words[at * this.#width + word]! ^ words[word]!
      if (differs >>> (32 - bits) !== 0) return false
    }
    return true
  }

  /** The first sorted net that begins at `words` or behind. */
  #firstFrom(words: Uint32Array): number {
    let low = 0
    let high = this.#sorted
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isBefore(middle, words)) low = middle + 1
      else high = middle
    }
    return low
  }

  #isBefore(at: number, words: Uint32Array): boolean {
    for (let word = 0; word < this.#width; word++) {
      const mine = this.#words[at * this.#width + word]!
      if (mine !== words[word]) return mine < words[word]!
    }
    return false
  }

  #rebuild(): void {
    const order = this.#order()
    const words = new Uint32Array(order.length * this.#width)
    const prefixes = new Uint8Array(order.length)
    const ids = new Float64Array(order.length)
    for (const [to, from] of order.entries()) {
      words.set(this.#words.subarray(from * this.#width, (from + 1) * this.#width), to * this.#width)
      prefixes[to] = this.#prefixes[from]!
      ids[to] = this.#ids[from]!
    }
    this.#words = words
    this.#prefixes = prefixes
    this.#ids = ids
    this.#count = this.#sorted = order.length
    this.#removed.clear()
    this.#dead = 0
  }

  /** The living places in the order of their addresses: a radix sort by words, the last word first. */
  #order(): Uint32Array {
    let order = new Uint32Array(this.#count)
    let living = 0
    for (let at = 0; at < this.#count; at++) if (this.#isLiving(at)) order[living++] = at
    order = order.slice(0, living)
    const keys = new BigUint64Array(living)
    // Each key is a word and, below it, the place so far, which keeps the sort stable. Little-endian halves.
    const halves = new Uint32Array(keys.buffer)
    for (let word = this.#width - 1; word >= 0; word--) {
      for (let at = 0; at < living; at++) {
        halves[2 * at] = at
        halves[2 * at + 1] = this.#words[order[at]! * this.#width + word]!
      }
      keys.sort()
      const before = order
      order = new Uint32Array(living)
      for (let at = 0; at < living; at++) order[at] = before[halves[2 * at]!]!
    }
    return order
  }

  #grow(): void {
    const capacity = Math.max(256, Math.ceil(this.#count * 1.5))
    const words = new Uint32Array(capacity * this.#width)
    words.set(this.#words)
    this.#words = words
    const prefixes = new Uint8Array(capacity)
    prefixes.set(this.#prefixes)
    this.#prefixes = prefixes
    const ids = new Float64Array(capacity)
    ids.set(this.#ids)
    this.#ids = ids
  }
}
