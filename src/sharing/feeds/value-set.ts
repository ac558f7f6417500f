// Which values a list held, in 8 bytes each: a million of them must not take a hundred megabytes. Two values may fall on
// the same number (one chance in 500 for a million); then one that is gone may count as there, never the other way.
import { hash } from 'node:crypto'
import type { Value } from '#kernel/value.ts'

export class ValueSet {
  #numbers = new Float64Array(1024)
  #size = 0
  #sorted = true

  get size(): number {
    return this.#size
  }

  add(value: Value): void {
    if (this.#size === this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.#size] = numberOf(value)
    this.#size += 1
    this.#sorted = false
  }

  has(value: Pick<Value, 'value'> & { readonly kind: string }): boolean {
    if (!this.#sorted) this.#numbers.subarray(0, this.#size).sort()
    this.#sorted = true
    const wanted = numberOf(value)
    let [low, high] = [0, this.#size]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#numbers[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low < this.#size && this.#numbers[low] === wanted
  }
}

function numberOf({ kind, value }: { readonly kind: string; readonly value: string }): number {
  return hash('sha1', `${kind} ${value}`, 'buffer').readUIntBE(0, 6)
}
