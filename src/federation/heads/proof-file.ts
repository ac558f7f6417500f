// What a peer told this member of its stream, as a file for others (docs/protocol.md, "Proof of delivery").
import { formatDeliveryProof, type ShownHead } from '#kernel/delivery-proof.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { isWhole } from '#kernel/list-part.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { storedInclusionProof } from '#kernel/log/stored-proof.ts'
import { formatTlogProof } from '#kernel/log/tlog-proof.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Peer } from '../peers.ts'
import { decodeHeadProof, type HeadProof } from './frame.ts'
import { doubtAbout, toldBy } from './told.ts'

/** The file as it stands now: the proof behind a doubt where there is one, else the newest head and the items that came. */
export async function loadProofFile(reader: Reader, peer: Peer, recipient: string): Promise<Uint8Array> {
  const doubt = await doubtAbout(reader, peer.id)
  if (doubt !== undefined && doubt.proof !== null) return doubt.proof
  const told = await toldBy(reader, peer.id)
  if (told !== undefined)
    return proofFileOf(reader, peer, { recipient, head: decodeHeadProof(Buffer.from(told.frame)) })
  throw new Fault('not-found', `${peer.name} has not shown a proof of its stream to this member yet`, {
    remedy: `Ask it for news: comity peer pull ${peer.name}`,
  })
}

/** One head, and the items up to it that came. */
export async function proofFileOf(
  reader: Reader,
  peer: Peer,
  { recipient, head }: { readonly recipient: string; readonly head: HeadProof },
): Promise<Uint8Array> {
  const rows = await reader.all<{ body: Uint8Array }>(
    'SELECT body FROM taken_item WHERE peer = ? AND seq <= ? ORDER BY seq DESC LIMIT ?',
    peer.id,
    head.seq,
    LIMITS.deliveryProofItemsMax,
  )
  let bytes = 0
  const items = rows.map(({ body }) => body).filter((body) => (bytes += body.length) <= ITEMS_BYTES_MAX)
  const heads = [await showHead(reader, peer.log, head)]
  return formatDeliveryProof({ recipient, vkeys: peer.document.log.vkeys, heads, items: items.toReversed() })
}

/** The newest items of a longer stream are enough: each names the one before. */
const ITEMS_BYTES_MAX = LIMITS.deliveryProofBytesMax / 4

/** A head with the proof that the mirrored log holds the statement that commits to it. */
export async function showHead(reader: Reader, log: number, head: HeadProof): Promise<ShownHead> {
  const { statement, ...place } = head
  const { index, entrySalt, partCommits, header, content } = statement
  const entry = await loadEntry(reader, log, index)
  const mirror = await reader.get<{ size: number; checkpoint: Uint8Array | null }>(
    'SELECT size, checkpoint FROM log WHERE id = ?',
    log,
  )
  const list = isWhole(content) ? content : undefined
  const item = list?.items[0]
  if (
    entry === undefined ||
    mirror === undefined ||
    mirror.checkpoint === null ||
    list === undefined ||
    item === undefined
  )
    throw new Fault('storage.failed', 'a head that was told lies here without its leaf', {
      remedy: 'Run “comity log verify”.',
    })
  return {
    ...place,
    entry,
    entrySalt,
    partCommits,
    header: header.bytes,
    headerSalt: header.salt,
    contentSeed: list.seed,
    content: item,
    proof: formatTlogProof({
      index,
      proof: await storedInclusionProof(reader, log, index, mirror.size),
      checkpoint: mirror.checkpoint,
    }),
  }
}
