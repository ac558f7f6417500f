// That a statement is in its author's log, shown by somebody else: the leaf, and a tlog-proof under the newest head of that
// log that was verified here, with the lines of its witnesses.
import { Fault } from '#kernel/fault.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { storedInclusionProof } from '#kernel/log/stored-proof.ts'
import { formatTlogProof } from '#kernel/log/tlog-proof.ts'
import type { Reader } from '#kernel/store/types.ts'

export type LeafProof = {
  /** The leaf entry, 53 bytes. */
  readonly entry: Uint8Array
  /** A tlog-proof (C2SP). */
  readonly proof: Uint8Array
}

/** From the mirror of the author's log, or as whoever forwarded it proved it, where the mirror does not reach. */
export async function proveLeaf(reader: Reader, log: number, index: number): Promise<LeafProof> {
  const mirror = await reader.get<{ size: number; checkpoint: Uint8Array | null }>(
    'SELECT size, checkpoint FROM log WHERE id = ?',
    log,
  )
  const entry =
    mirror === undefined || mirror.checkpoint === null || index >= mirror.size
      ? undefined
      : await loadEntry(reader, log, index)
  if (entry === undefined || mirror === undefined || mirror.checkpoint === null) {
    const kept = await reader.get<LeafProof>(
      'SELECT v.entry, v.proof FROM via v JOIN statement s ON s.seq = v.statement WHERE s.log = ? AND s.idx = ?',
      log,
      index,
    )
    if (kept !== undefined) return kept
    throw new Fault('storage.failed', `statement ${index} lies here without its proof`, {
      remedy: 'Run “comity log verify”.',
    })
  }
  const proof = await storedInclusionProof(reader, log, index, mirror.size)
  return { entry, proof: formatTlogProof({ index, proof, checkpoint: mirror.checkpoint }) }
}
