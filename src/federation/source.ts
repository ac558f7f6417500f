// Where the bytes of a round come from. The importer (pull.ts, mirror.ts) is one, with the same checks in the same order;
// whether a peer's node answers over the network or a file that it wrote is read, only this differs.
import { Fault } from '#kernel/fault.ts'
import type { Whereabouts } from './wire.ts'

/** The source ends here and another goes on: what came before it is in, and nothing is wrong. */
export class SourceEnds extends Fault {
  constructor() {
    super('input.invalid', 'this ends before the head it leads to; what goes on comes separately')
  }
}

/** A node document and what proves it, as bytes that nobody has looked at. */
export type ShownDocument = { readonly bytes: Uint8Array; readonly proof: Uint8Array }

export type ShownHead = {
  /** The signed head; undefined where it is the one that is mirrored. */
  readonly note: Uint8Array | undefined
  /** The version of the node document that the peer says it has, where it says so. */
  readonly documentVersion: number | undefined
  /** Call when the head was taken: it need not be shown again. */
  readonly taken: () => void
}

/**
 * What a peer shows. Asked in this order: document (where a newer one is known of), head, tiles, entries in ascending
 * order, deliveries in ascending order. Throws `peer.unreachable` or `peer.invalid`; nothing it gives is believed.
 */
export type Source = {
  readonly document: (at: Whereabouts) => Promise<ShownDocument>
  /** `known` is the size of the mirror. */
  readonly head: (known: number) => Promise<ShownHead>
  /** Whether what is large waits for another day: asked between stretches of entries. The next round goes on there. */
  readonly waits: () => Promise<boolean>
  /** Entry bundle `n` with its first `width` entries (c2sp.org/tlog-tiles). */
  readonly entries: (n: number, width: number) => Promise<Uint8Array>
  /** A tile of hashes, or undefined where it is not shown. */
  readonly tile: (level: number, n: number, width: number) => Promise<Uint8Array | undefined>
  /**
   * A page of deliveries as frames, with what comes behind item `after`; one without an item is the last. Undefined where
   * the source ends and says nothing of whether that is all.
   */
  readonly deliveries: (after: number) => Promise<Uint8Array | undefined>
  /** Whether it was made before what came since, so that nothing it shows tells how the stream goes on; undefined where the peer itself answers. */
  readonly isPast?: boolean
}
