// What follows from a text alone and is asked for again and again: worked out once, and the oldest forgotten where there
// is no more room.

export class Memo<V> {
  readonly #known = new Map<string, V>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** What `work` made of this text, now or earlier. Nothing is kept where it throws. */
  of(text: string, work: () => V): V {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const made = work()
    if (this.#known.size >= this.#max) this.#known.delete(this.#known.keys().next().value ?? '')
    this.#known.set(text, made)
    return made
  }
}

/** The same for what follows from an object that nobody changes: kept for as long as that is. */
export class ObjectMemo<K extends object, V extends object> {
  readonly #known = new WeakMap<K, V>()

  of(key: K, work: () => V): V {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made = work()
    this.#known.set(key, made)
    return made
  }
}
