// One key for each item ever stored here, by its sequence number, out of one small secret; and any of them can be taken
// away for good without touching the others (a tree as of Goldreich, Goldwasser and Micali, punctured). The content of
// backups is sealed under these keys, so that an erase here reaches every backup there is.
import { createCipheriv, createDecipheriv, hash } from 'node:crypto'
import type { Random } from './clock.ts'
import { Fault } from './fault.ts'

/** Sequence numbers have so many bits; the tree is as high. */
const HEIGHT = 53
const KEY_BYTES = 32
const NODE_BYTES = 1 + 7 + KEY_BYTES
const MAGIC = Buffer.from('comity/record-keys/v1\n')
const STEP = Buffer.concat([Buffer.from('comity/rkey/v1\0\0'), Buffer.alloc(KEY_BYTES + 1)])

/** The root of a subtree that is whole: the first `depth` bits of all its sequence numbers are `prefix`. */
type Node = { readonly depth: number; readonly prefix: number; readonly key: Uint8Array }

export class RecordKeys {
  #nodes: Map<string, Node>
  /** The way down to the key asked for last: the next one is mostly its neighbour. */
  #path: Node[] = []

  private constructor(nodes: readonly Node[]) {
    this.#nodes = new Map(nodes.map((node) => [nameOf(node), node]))
  }

  static create(random: Random): RecordKeys {
    return new RecordKeys([{ depth: 0, prefix: 0, key: random(KEY_BYTES) }])
  }

  /** Reads what `encode` wrote. Throws `config.invalid` for anything else. */
  static decode(bytes: Uint8Array): RecordKeys {
    const buffer = Buffer.from(bytes)
    const length = buffer.length - MAGIC.length
    if (length < 0 || length % NODE_BYTES !== 0 || !buffer.subarray(0, MAGIC.length).equals(MAGIC))
      throw new Fault('config.invalid', 'this is not a file of record keys')
    const nodes: Node[] = []
    for (let at = MAGIC.length; at < buffer.length; at += NODE_BYTES) {
      const depth = buffer.readUInt8(at)
      const prefix = Number(buffer.readBigUInt64BE(at) & 0xffffffffffffffn)
      if (depth > HEIGHT || prefix >= 2 ** depth)
        throw new Fault('config.invalid', 'the file of record keys is damaged')
      nodes.push({ depth, prefix, key: Uint8Array.from(buffer.subarray(at + 8, at + NODE_BYTES)) })
    }
    return new RecordKeys(nodes)
  }

  encode(): Uint8Array {
    const nodes = [...this.#nodes.values()].map(({ depth, prefix, key }) => {
      const head = Buffer.alloc(8)
      head.writeBigUInt64BE((BigInt(depth) << 56n) | BigInt(prefix))
      return Buffer.concat([head, key])
    })
    return Buffer.concat([MAGIC, ...nodes])
  }

  /** The key of an item, or undefined where it was taken away. */
  keyOf(seq: number): Uint8Array | undefined {
    let at = this.#path.findLastIndex((node) => node.prefix === prefixOf(seq, node.depth))
    if (at < 0) {
      const root = this.#rootOver(seq)
      if (root === undefined) return undefined
      this.#path = [root]
      at = 0
    }
    this.#path.length = at + 1
    for (let node = this.#path[at] as Node; node.depth < HEIGHT;) {
      node = childOf(node, prefixOf(seq, node.depth + 1))
      this.#path.push(node)
    }
    return this.#path.at(-1)?.key
  }

  /** Takes the key of an item away: what stays are the subtrees beside the way down to it. */
  puncture(seq: number): void {
    let node = this.#rootOver(seq)
    if (node === undefined) return
    this.#path = []
    this.#nodes.delete(nameOf(node))
    while (node.depth < HEIGHT) {
      const next: number = prefixOf(seq, node.depth + 1)
      const beside = childOf(node, next % 2 === 0 ? next + 1 : next - 1)
      this.#nodes.set(nameOf(beside), beside)
      node = childOf(node, next)
    }
  }

  #rootOver(seq: number): Node | undefined {
    for (let depth = 0; depth <= HEIGHT; depth += 1) {
      const node = this.#nodes.get(nameOf({ depth, prefix: prefixOf(seq, depth) }))
      if (node !== undefined) return node
    }
    return undefined
  }
}

const nameOf = ({ depth, prefix }: Pick<Node, 'depth' | 'prefix'>): string => `${depth} ${prefix}`

/** The first `depth` bits of a sequence number. */
function prefixOf(seq: number, depth: number): number {
  return Math.floor(seq / 2 ** (HEIGHT - depth))
}

function childOf({ depth, key }: Node, prefix: number): Node {
  STEP.set(key, 16)
  STEP[16 + KEY_BYTES] = prefix % 2
  return { depth: depth + 1, prefix, key: Uint8Array.from(hash('sha256', STEP, 'buffer')) }
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals bytes under a key (AES-256-GCM): nonce, sealed bytes, tag. `what` says what they are, and is sealed with them. */
export function seal(key: Uint8Array, what: string, bytes: Uint8Array, random: Random): Uint8Array {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(what))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Opens what was sealed. Throws `storage.failed` where it is damaged or was sealed under another key. */
export function unseal(key: Uint8Array, what: string, sealed: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(what))
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new Fault('storage.failed', 'a record of this backup cannot be opened with these record keys', {
      cause,
      remedy: 'Use the record keys of this very node, or another backup.',
    })
  }
}
