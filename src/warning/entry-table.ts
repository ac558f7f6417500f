import assert from 'node:assert/strict'

import { LIMITS } from '#kernel/limits.ts'

/** The key is copied. */
export type Pair = { readonly tag: number; readonly hash: number; readonly id: number; readonly key: Uint8Array }

/**
 * Many (key, id) pairs in typed arrays: a hash table with chains, keys as bytes in one store, a second chain to
 * find what belongs to an id. The caller brings hashes, because it can often compute many from one pass; equal
 * hashes are never trusted, the whole key is compared. Keys are ASCII text or bytes; one key may have many ids.
 * A tag (0 to 31) says what a pair is; a search takes a mask of tags.
 */
export class EntryTable {
  #capacity = 1024
  /** Places in use: those of pairs and those on the free list. */
  #used = 0
  #free = -1
  #tags = new Uint8Array(this.#capacity)
  #hashes = new Uint32Array(this.#capacity)
  #ids = new Float64Array(this.#capacity)
  #next = new Int32Array(this.#capacity)
  #nextOfId = new Int32Array(this.#capacity)
  #keyAt = new Uint32Array(this.#capacity)
  #keyLength = new Uint16Array(this.#capacity)
  #heads = new Int32Array(this.#capacity).fill(-1)
  #headsOfId = new Int32Array(this.#capacity).fill(-1)
  #keys = new Uint8Array(16 * 1024)
  #keysEnd = 0
  #keysWasted = 0

  get bytes(): number {
    return this.#columns().reduce((sum, { byteLength }) => sum + byteLength, this.#keys.byteLength)
  }

  add({ tag, hash, id, key }: Pair): void {
    assert.ok(key.length < 65_536)
    const at = this.#take()
    this.#tags[at] = tag
    this.#hashes[at] = hash
    this.#ids[at] = id
    this.#keyAt[at] = this.#keep(key)
    this.#keyLength[at] = key.length
    this.#link(at)
  }

  /** Removes all pairs of an id; answers their tags. */
  remove(id: number): number[] {
    const tags: number[] = []
    const slot = this.#slotOfId(id)
    let before = -1
    for (let at = this.#headsOfId[slot]!; at >= 0;) {
      const after = this.#nextOfId[at]!
      if (this.#ids[at] === id) {
        if (before < 0) this.#headsOfId[slot] = after
        else this.#nextOfId[before] = after
        tags.push(this.#tags[at]!)
        this.#release(at)
      } else before = at
      at = after
    }
    return tags
  }

  /** Appends to `into` the ids of the pairs with a tag in `mask` whose key is `text[from, to)`. */
  findText(mask: number, hash: number, range: { text: string; from: number; to: number }, into: number[]): void {
    for (let at = this.#heads[hash & (this.#heads.length - 1)]!; at >= 0; at = this.#next[at]!) {
      if (this.#hashes[at] !== hash || ((1 << this.#tags[at]!) & mask) === 0) continue
      if (this.#isText(at, range.text, range.from, range.to)) push(into, this.#ids[at]!)
    }
  }

  /** The same for a key of `length` bytes at the start of `key`. */
  findBytes(mask: number, hash: number, key: Uint8Array, length: number, into: number[]): void {
    for (let at = this.#heads[hash & (this.#heads.length - 1)]!; at >= 0; at = this.#next[at]!) {
      if (this.#hashes[at] !== hash || ((1 << this.#tags[at]!) & mask) === 0) continue
      if (this.#isBytes(at, key, length)) push(into, this.#ids[at]!)
    }
  }

  #isText(at: number, text: string, from: number, to: number): boolean {
    if (this.#keyLength[at] !== to - from) return false
    const start = this.#keyAt[at]! - from
    for (let index = from; index < to; index++) if (this.#keys[start + index] !== text.charCodeAt(index)) return false
    return true
  }

  #isBytes(at: number, key: Uint8Array, length: number): boolean {
    if (this.#keyLength[at] !== length) return false
    const start = this.#keyAt[at]!
    for (let index = 0; index < length; index++) if (this.#keys[start + index] !== key[index]) return false
    return true
  }

  #take(): number {
    if (this.#free >= 0) {
      const at = this.#free
      this.#free = this.#next[at]!
      return at
    }
    if (this.#used === this.#capacity) this.#grow()
    return this.#used++
  }

  #release(at: number): void {
    const slot = this.#hashes[at]! & (this.#heads.length - 1)
    if (this.#heads[slot] === at) this.#heads[slot] = this.#next[at]!
    else {
      let before = this.#heads[slot]!
      while (this.#next[before] !== at) before = this.#next[before]!
      this.#next[before] = this.#next[at]!
    }
    this.#keysWasted += this.#keyLength[at]!
    this.#keyLength[at] = 0
    this.#next[at] = this.#free
    this.#free = at
  }

  #link(at: number): void {
    const slot = this.#hashes[at]! & (this.#heads.length - 1)
    this.#next[at] = this.#heads[slot]!
    this.#heads[slot] = at
    const slotOfId = this.#slotOfId(this.#ids[at]!)
    this.#nextOfId[at] = this.#headsOfId[slotOfId]!
    this.#headsOfId[slotOfId] = at
  }

  #slotOfId(id: number): number {
    return mix(id % 0x1_0000_0000) & (this.#headsOfId.length - 1)
  }

  /** Every place holds a pair here: the free list is empty. */
  #grow(): void {
    const capacity = Math.ceil(this.#capacity * 1.5)
    this.#tags = grown(this.#tags, new Uint8Array(capacity))
    this.#hashes = grown(this.#hashes, new Uint32Array(capacity))
    this.#ids = grown(this.#ids, new Float64Array(capacity))
    this.#next = grown(this.#next, new Int32Array(capacity))
    this.#nextOfId = grown(this.#nextOfId, new Int32Array(capacity))
    this.#keyAt = grown(this.#keyAt, new Uint32Array(capacity))
    this.#keyLength = grown(this.#keyLength, new Uint16Array(capacity))
    this.#capacity = capacity
    if (capacity <= this.#heads.length) return
    this.#heads = new Int32Array(this.#heads.length * 2).fill(-1)
    this.#headsOfId = new Int32Array(this.#headsOfId.length * 2).fill(-1)
    for (let at = 0; at < this.#used; at++) this.#link(at)
  }

  #keep(key: Uint8Array): number {
    if (this.#keysEnd + key.length > this.#keys.length) {
      if (this.#keysWasted > this.#keysEnd / 2) this.#compact()
      else this.#keys = grown(this.#keys, new Uint8Array(Math.ceil((this.#keysEnd + key.length) * 1.5)))
      if (this.#keysEnd + key.length > this.#keys.length) return this.#keep(key)
    }
    const start = this.#keysEnd
    this.#keys.set(key, start)
    this.#keysEnd += key.length
    return start
  }

  /** Drops the keys of removed pairs. Their length is 0, so copying them costs nothing. */
  #compact(): void {
    const keys = new Uint8Array(this.#keys.length)
    let end = 0
    for (let at = 0; at < this.#used; at++) {
      const start = this.#keyAt[at]!
      const length = this.#keyLength[at]!
      keys.set(this.#keys.subarray(start, start + length), end)
      this.#keyAt[at] = end
      end += length
    }
    this.#keys = keys
    this.#keysEnd = end
    this.#keysWasted = 0
  }

  #columns(): readonly { readonly byteLength: number }[] {
    return [
      this.#tags,
      this.#hashes,
      this.#ids,
      this.#next,
      this.#nextOfId,
      this.#keyAt,
      this.#keyLength,
      this.#heads,
      this.#headsOfId,
    ]
  }
}

/** Spreads the bits of a 32-bit number (the finaliser of MurmurHash3). */
export function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export function push(into: number[], id: number): void {
  if (into.length < LIMITS.matchesPerValueMax) into.push(id)
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
