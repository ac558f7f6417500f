// Writing a bundle: what a round over the network would fetch, from the place where the recipient is known to stand, as
// one file or in parts. A page of deliveries is the very one that /peer/deliveries serves.
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import type { SigningKey } from '#kernel/http/signature.ts'
import { LIMITS } from '#kernel/limits.ts'
import { openCheckpoint } from '#kernel/log/checkpoint.ts'
import { edgeCoordinates, entriesPath, tilePath, TILE_WIDTH } from '#kernel/log/tile.ts'
import { sealedSizeMax, sealFile } from '#kernel/sealed-file.ts'
import type { Store } from '#kernel/store/types.ts'
import { encodeMember, TAR_END, type TarMember } from '#kernel/tar.ts'
import { widenNow } from '../walk.ts'
import type { GiveDeps } from '../give.ts'
import { hasNoNetwork, logVerifiers, parseNodeDocument } from '../document.ts'
import { tellNewestHeld, type HeldBehind } from '../heal/held.ts'
import { commitHeads } from '../heads/commit.ts'
import { readStream } from '../heads/serve.ts'
import { toldBy } from '../heads/told.ts'
import { STRETCH } from '../mirror.ts'
import { documentProof, loadOwnDocument } from '../own-document.ts'
import type { Peer } from '../peers.ts'
import { loadShownHead, readDeliveries, readTilePath } from '../serve.ts'
import { headsFor } from '../witness/gossip.ts'
import type { OwnLines } from '../witness/rounds.ts'
import { cosignatures } from '../witness/store.ts'
import { signManifest } from './signature.ts'
import { beginPart, endPart, nextPart, type PartStart } from './store.ts'
import { deliveriesName, FILES, headName } from './stream.ts'
import type { BundleEnd, Manifest } from './wire.ts'

export type WriteDeps = GiveDeps & {
  readonly member: string
  readonly origin: string
  readonly key: SigningKey
  readonly nowMs: () => number
  readonly newId: () => string
  readonly linesFor: (peer: Peer) => Promise<OwnLines | undefined>
}

export type WriteRequest = {
  readonly actor: string
  /** The largest file; more goes into further parts. */
  readonly maxBytes?: number
  /** The bundle whose next part this is. */
  readonly goOn?: string
  /** From the first leaf and the first item on, whatever the peer has. */
  readonly all?: boolean
}

const compress = promisify(zstdCompress)
/** Kept free in every part for the last frame. */
const END_BYTES = 1024

/** The bytes of a bundle, or of one part of it. What leaves is recorded before the first byte does. */
export async function* writeBundle(deps: WriteDeps, peer: Peer, request: WriteRequest): AsyncGenerator<Uint8Array> {
  demandReader(peer)
  await widenNow(deps.store, peer)
  const start = await startOf(deps, peer, request)
  await deps.store.write(beginPart, { ...start, actor: request.actor })
  const end = { leaf: start.leaf, seq: start.seq, last: false }
  const recipients = peer.document.recipients
  const limit = (request.maxBytes ?? Number.POSITIVE_INFINITY) - END_BYTES
  const frames = withinLimit(
    pieces(deps, peer, start, request.maxBytes),
    end,
    (bytes) => sealedSizeMax(bytes, recipients.length) <= limit,
  )
  let bytes = 0
  for await (const chunk of sealFile(recipients, frames)) {
    bytes += chunk.length
    yield chunk
  }
  await deps.store.write(endPart, { id: start.id, part: start.part, bytes, ...end })
}

function demandReader({ name, state, document }: Peer): void {
  if (state !== 'approved')
    throw new Fault('auth.denied', `${name} is ${state} here; nothing is written for it`, {
      remedy: `comity peer approve ${name}`,
    })
  if (document.recipients.length === 0)
    throw new Fault('peer.invalid', `${name} names no key in its node document that files can be encrypted to`)
}

/**
 * Where a bundle begins: behind what the peer confirmed and what it witnessed. Where this node was put back to a backup
 * and does not know yet what the peer has, nothing is given: the bundle says where this node stands, which the peer may
 * have to know first, where it was put back as well.
 */
async function startOf(deps: WriteDeps, peer: Peer, { goOn, all = false }: WriteRequest): Promise<PartStart> {
  const { store } = deps
  const isUnasked = peer.unaskedMs !== null
  if (goOn !== undefined) {
    const next = await nextPart(store, peer.id, goOn)
    if (next !== undefined && (!isUnasked || next.untilSeq === 0) && (await isSignedNow(store, next.note)))
      return { ...next, member: peer.name }
    throw new Fault('not-found', `no further part of this bundle for ${peer.name} is due`)
  }
  // In this order: what the proof commits to is in the stream by then, and what is in the stream is under the head.
  if (store.status().frozen === undefined) await store.write(commitHeads, null)
  const proof = await readStream(deps, peer, { after: Number.MAX_SAFE_INTEGER, maxBytes: 1 })
  const row = await store.get<{ untilSeq: number; confirmed: number }>(
    'SELECT out_seq AS untilSeq, confirmed_seq AS confirmed FROM peer WHERE id = ?',
    peer.id,
  )
  const head = await loadShownHead(store)
  if (head === undefined || row === undefined) throw new Fault('busy', 'this node has published nothing yet')
  const witnessed = (await cosignatures(store)).filter(({ witness }) => witness === peer.name).map(({ size }) => size)
  return {
    id: deps.newId(),
    part: 1,
    peer: peer.id,
    member: peer.name,
    size: head.size,
    note: head.note,
    untilSeq: isUnasked ? 0 : row.untilSeq,
    proof: isUnasked ? new Uint8Array(0) : proof,
    leaf: all ? 0 : Math.min(head.size, Math.max(0, ...witnessed)),
    seq: all || isUnasked ? 0 : row.confirmed,
  }
}

/** Whether the document that goes along has the keys that signed a head: nobody takes new leaves under others. */
async function isSignedNow(store: Store, note: Uint8Array): Promise<boolean> {
  const own = parseNodeDocument((await loadOwnDocument(store)) ?? new Uint8Array(0))
  return own.ok && openCheckpoint(note, logVerifiers(own.document)).ok
}

/** Files that are packed together, and the place behind them. */
type Piece = { readonly members: readonly TarMember[]; readonly leaf?: number; readonly seq?: number }

async function* pieces(deps: WriteDeps, peer: Peer, start: PartStart, maxBytes?: number): AsyncGenerator<Piece> {
  yield { members: await opening(deps, peer, start) }
  yield* leaves(deps.store, start)
  yield* deliveries(deps, peer, start, maxBytes)
  if (start.proof.length > 0) yield { members: [{ name: FILES.stream, bytes: start.proof }] }
  yield { members: await closing(deps, peer) }
}

async function opening(deps: WriteDeps, peer: Peer, start: PartStart): Promise<TarMember[]> {
  const { store, member, origin } = deps
  const [document, proof] = [await loadOwnDocument(store), await documentProof(store)]
  if (document === undefined || proof === undefined) throw new Fault('busy', 'this node has published nothing yet')
  const told = await toldBy(store, peer.id)
  const manifest: Manifest = {
    format: 1,
    id: start.id,
    part: start.part,
    from: member,
    to: peer.name,
    time: formatTime(deps.nowMs()),
    log: { origin, from: start.leaf, size: start.size },
    deliveries: { after: start.seq, until: start.untilSeq },
    received: { seq: peer.streamSeq, hash: peer.streamHash.toHex() },
    ...(told !== undefined && told.seq > peer.streamSeq ? { told: { seq: told.seq, hash: told.hash.toHex() } } : {}),
    ...(saysHeld(document, start) ? { held: await heldOf(deps, peer) } : {}),
  }
  const bytes = json(manifest)
  const members: TarMember[] = [
    { name: FILES.manifest, bytes },
    { name: FILES.document, bytes: document },
    { name: FILES.proof, bytes: json(proof) },
    { name: FILES.signature, bytes: signManifest(bytes, deps.key) },
    { name: FILES.checkpoint, bytes: start.note },
  ]
  if (start.leaf === start.size || start.leaf === 0) return members
  for (const { level, n, width } of edgeCoordinates([start.leaf, start.size], start.size)) {
    const name = tilePath(level, n, width)
    members.push({ name, bytes: await readTilePath(store, name) })
  }
  return members
}

/** Nobody can ask a member without a network what it holds, so it says that with the first part. */
function saysHeld(document: Uint8Array, { part }: PartStart): boolean {
  const own = parseNodeDocument(document)
  return part === 1 && own.ok && hasNoNetwork(own.document)
}

function heldOf({ store, member }: WriteDeps, { id, document }: Peer): Promise<HeldBehind> {
  return tellNewestHeld(store, member, { member: id, origin: document.log.origin })
}

/** The leaves in the stretches in which a reader takes them in, so that a part that ends leaves nothing half. */
async function* leaves(store: Store, { leaf, size }: PartStart): AsyncGenerator<Piece> {
  for (let from = leaf; from < size;) {
    const to = Math.min(size, (Math.floor(from / STRETCH) + 1) * STRETCH)
    const members: TarMember[] = []
    for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < to; n += 1) {
      const name = entriesPath(n, Math.min(TILE_WIDTH, size - n * TILE_WIDTH))
      members.push({ name, bytes: await readTilePath(store, name) })
    }
    yield { members, leaf: to }
    from = to
  }
}

async function* deliveries(
  deps: GiveDeps,
  peer: Peer,
  { seq, untilSeq }: PartStart,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Piece> {
  const pageBytes = Math.min(LIMITS.deliveryPageBytesMax, Math.ceil(maxBytes / PAGES_OF_PART))
  for (let after = seq; after < untilSeq;) {
    const { bytes, last } = await readDeliveries(deps, peer, { after, maxBytes: pageBytes, until: untilSeq })
    if (last === after) return
    yield { members: [{ name: deliveriesName(after + 1, last), bytes }], seq: last }
    after = last
  }
}

/** A part has room for at least so many pages, before compression. */
const PAGES_OF_PART = 8

/** What is said about others: heads of logs that both follow, and our lines for the reader's own log. */
async function closing(deps: WriteDeps, peer: Peer): Promise<TarMember[]> {
  const heads = (await headsFor(deps.store, peer.name)).map(({ origin, text }) => ({
    name: headName(sha256(Buffer.from(origin))),
    bytes: Buffer.from(text),
  }))
  const lines = await deps.linesFor(peer)
  const answers = lines === undefined ? [] : [{ name: FILES.cosignature, bytes: lines.note }]
  return [...heads.toSorted((a, b) => (a.name < b.name ? -1 : 1)), ...answers]
}

/** Compressed frames as long as they fit, then the end; `end` says afterwards how far it came. */
async function* withinLimit(
  source: AsyncIterable<Piece>,
  end: { -readonly [K in keyof BundleEnd]: BundleEnd[K] },
  fits: (bytes: number) => boolean,
): AsyncGenerator<Uint8Array> {
  let [bytes, count] = [0, 0]
  end.last = true
  for await (const piece of source) {
    const frame = await pack(piece.members)
    if (!fits(bytes + frame.length)) {
      if (count < 2)
        throw new Fault('input.invalid', `what comes next takes ${bytes + frame.length} bytes alone`, {
          place: '--max',
          remedy: 'Allow larger parts.',
        })
      end.last = false
      break
    }
    yield frame
    bytes += frame.length
    count += 1
    end.leaf = piece.leaf ?? end.leaf
    end.seq = piece.seq ?? end.seq
  }
  yield await pack([{ name: FILES.end, bytes: json(end) }], TAR_END)
}

/** One zstd frame (RFC 8878 allows any number one after the other): its size is known before it is written. */
function pack(members: readonly TarMember[], behind: Uint8Array = new Uint8Array(0)): Promise<Buffer> {
  return compress(Buffer.concat([...members.map(encodeMember), behind]), {
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
  })
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
