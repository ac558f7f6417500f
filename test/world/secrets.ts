// What lets somebody guess: the salts under which a leaf commits to content. They follow the same rules as the content,
// so they are looked for in the same places.

type Found = { readonly what: string; readonly may: (member: string) => boolean }

const KEY_BYTES = 8

export class Secrets {
  readonly #known = new Map<string, Found>()
  /** A bit for the first 26 bits of every secret: almost every place is passed over by this alone. */
  readonly #begins = new Uint32Array(1 << 21)

  /** A secret, and which members may have it. False where it is one already: then it hides nothing. */
  add(secret: Uint8Array, found: Found): boolean {
    const key = keyAt(Buffer.from(secret), 0)
    if (this.#known.has(key)) return false
    this.#known.set(key, found)
    const begins = Buffer.from(secret).readUInt32BE() >>> 6
    this.#begins[begins >>> 5] = (this.#begins[begins >>> 5] ?? 0) | (1 << (begins & 31))
    return true
  }

  /** The secrets that stand anywhere in some bytes. */
  in(bytes: Buffer): Set<Found> {
    const found = new Set<Found>()
    let four = bytes.length < KEY_BYTES ? 0 : bytes.readUInt32BE() >>> 8
    for (let at = 0; at + KEY_BYTES <= bytes.length; at += 1) {
      four = (four << 8) | (bytes[at + 3] ?? 0)
      const begins = four >>> 6
      if (((this.#begins[begins >>> 5] ?? 0) & (1 << (begins & 31))) === 0) continue
      const known = this.#known.get(keyAt(bytes, at))
      if (known !== undefined) found.add(known)
    }
    return found
  }
}

function keyAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + KEY_BYTES)
}
