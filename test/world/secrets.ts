// What lets somebody guess: the salts under which a leaf commits to content. They follow the same rules as the content,
// so they are looked for in the same places.

type Found = { readonly what: string; readonly may: (member: string) => boolean }

const KEY_BYTES = 8

export class Secrets {
  readonly #known = new Map<string, Found>()
  /** Whether any secret begins with these two bytes: most places are passed over by this alone. */
  readonly #begins = new Uint8Array(65_536)

  /** A secret, and which members may have it. False where it is one already: then it hides nothing. */
  add(secret: Uint8Array, found: Found): boolean {
    const key = keyAt(Buffer.from(secret), 0)
    if (this.#known.has(key)) return false
    this.#known.set(key, found)
    this.#begins[((secret[0] ?? 0) << 8) | (secret[1] ?? 0)] = 1
    return true
  }

  /** The secrets that stand anywhere in some bytes. */
  in(bytes: Buffer): Set<Found> {
    const found = new Set<Found>()
    for (let at = 0; at + KEY_BYTES <= bytes.length; at += 1) {
      if (this.#begins[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue
      const known = this.#known.get(keyAt(bytes, at))
      if (known !== undefined) found.add(known)
    }
    return found
  }
}

function keyAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + KEY_BYTES)
}
