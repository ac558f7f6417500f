// How a recipient is shown its place among the heads: the last frame of every answer (docs/protocol.md, "Heads").
import { HASH_BYTES } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { HeadPlace } from '#kernel/stream-heads.ts'
import { decodeStatement, encodeStatement, outOfForm, type DisclosedStatement } from '../statement-frame.ts'

export type HeadProof = HeadPlace & {
  readonly seq: number
  readonly hash: Uint8Array
  /** The statement of kind `heads`. */
  readonly statement: DisclosedStatement
}

const PATH_AT = 4 + HASH_BYTES + 8 + HASH_BYTES + 1

/** The payload: `u32be(place) || salt || u64be(seq) || hash || u8(n) || n hashes || the statement`. */
export function encodeHeadProof({ place, salt, seq, hash, path, statement }: HeadProof): Uint8Array[] {
  const fixed = Buffer.alloc(PATH_AT)
  fixed.writeUInt32BE(place, 0)
  fixed.set(salt, 4)
  fixed.writeBigUInt64BE(BigInt(seq), 36)
  fixed.set(hash, 44)
  fixed[PATH_AT - 1] = path.length
  return [fixed, ...path, ...encodeStatement(statement)]
}

/** Throws `peer.invalid` for anything out of form or bounds. */
export function decodeHeadProof(payload: Buffer): HeadProof {
  if (payload.length < PATH_AT) throw outOfForm('a proof of heads is cut off')
  const steps = payload[PATH_AT - 1] as number
  const seq = Number(payload.readBigUInt64BE(36))
  const end = PATH_AT + HASH_BYTES * steps
  if (steps > LIMITS.headsHeightMax || payload.length < end) throw outOfForm('a proof of heads is cut off')
  if (!Number.isSafeInteger(seq)) throw outOfForm('a head is out of bounds')
  return {
    place: payload.readUInt32BE(0),
    salt: Uint8Array.from(payload.subarray(4, 36)),
    seq,
    hash: Uint8Array.from(payload.subarray(44, 76)),
    path: Array.from({ length: steps }, (_, n) =>
      Uint8Array.from(payload.subarray(PATH_AT + HASH_BYTES * n, PATH_AT + HASH_BYTES * (n + 1))),
    ),
    statement: decodeStatement(payload.subarray(end)),
  }
}
