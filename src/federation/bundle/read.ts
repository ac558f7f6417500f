// Reading a bundle: who wrote it and for whom, then the same round as over the network, then what it says about others.
// Nothing in it is believed but what proves itself, so reading it twice, late, or cut off does no harm.
import { decodeItem, hashItem } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import { openFile } from '#kernel/sealed-file.ts'
import type { Store } from '#kernel/store/types.ts'
import { hasNoNetwork, parseNodeDocument } from '../document.ts'
import { settleStream } from '../heal/commands.ts'
import { takeHeld } from '../heal/held.ts'
import { findPeer, noteConfirmed, requirePeer, type Peer } from '../peers.ts'
import type { RoundResult } from '../pull.ts'
import { refreshDocument, whereabouts } from '../refresh.ts'
import { SourceEnds, type Source } from '../source.ts'
import { toldBy } from '../heads/told.ts'
import { hearHead, hearLines, type HearDeps } from '../witness/hear.ts'
import { fileSource } from './file-source.ts'
import { provesManifest } from './signature.ts'
import { noteRead } from './store.ts'
import { Members, outOfOrder, parseEnd, parseManifest } from './stream.ts'
import type { BundleEvent, Manifest } from './wire.ts'

export type ReadDeps = {
  readonly store: Store
  readonly member: string
  readonly identities: readonly string[]
  readonly hearing: HearDeps
  /** One round with a peer, out of another source than its node, while no other runs. */
  readonly round: (name: string, source: Source) => Promise<RoundResult>
}

/** Reads a bundle and tells what it finds. Throws a Fault for what ends the reading; what was whole until then is in. */
export async function* readBundle(
  deps: ReadDeps,
  actor: string,
  file: AsyncIterable<Uint8Array>,
): AsyncGenerator<BundleEvent> {
  const members = new Members(openFile(deps.identities, file))
  const first = await members.demand('manifest')
  const manifest = parseManifest(first.bytes)
  yield { kind: 'manifest', manifest }
  const peer = await writerOf(deps, manifest, members, first.bytes)
  const { store } = deps
  await demandPlace(store, peer, manifest)
  const confirmed = await takePosition(store, peer, manifest)
  if (manifest.held !== undefined && hasNoNetwork(peer.document))
    await takeHeld(store, await requirePeer(store, peer.name), {
      held: manifest.held,
      streamSeq: manifest.received.seq,
    })
  const { leaves, statements } = await takeRound(deps, peer, { members, manifest })
  const { heads, cosignatures } = await takeWords(deps.hearing, peer, members)
  const end = parseEnd((await members.demand('end')).bytes)
  if ((await members.peek()) !== undefined) throw new Fault('input.malformed', 'the bundle goes on behind its end')
  const { id, part } = manifest
  const detail = { id, part, leaves, statements, heads, cosignatures, confirmed }
  await store.write(noteRead, { actor, member: peer.name, detail })
  yield { kind: 'done', from: peer.name, part, leaves, statements, heads, cosignatures, confirmed, more: !end.last }
}

/** The peer that wrote it, with its newest proven document, whose key signed the manifest. */
async function writerOf(
  deps: ReadDeps,
  manifest: Manifest,
  members: Members,
  manifestBytes: Uint8Array,
): Promise<Peer> {
  const known = await demandWriter(deps, manifest)
  const document = await members.demand('document')
  const proof = await members.demand('proof')
  const peer = await renewed(deps.store, known, { bytes: document.bytes, proof: proof.bytes })
  const signature = await members.demand('signature')
  if (provesManifest(manifestBytes, signature.bytes, peer.document)) return peer
  throw new Fault('peer.invalid', `no key of ${peer.name} signed this bundle`, {
    remedy: 'If it is older than a change of keys, ask for a new one. Else somebody else made it.',
  })
}

/** The peer that a bundle names as its writer, where it is one that is read from and the bundle is for this member. */
export async function demandWriter(
  { store, member }: Pick<ReadDeps, 'store' | 'member'>,
  manifest: Pick<Manifest, 'from' | 'to'>,
): Promise<Peer> {
  if (manifest.to !== member)
    throw new Fault('input.invalid', `the bundle is for ${manifest.to}, and this node is ${member}’s`)
  const known = await findPeer(store, manifest.from)
  if (known === undefined)
    throw new Fault('not-found', `the bundle says it is from ${manifest.from}, which is no peer of this node`, {
      remedy: 'Meet first: comity peer invite, or comity peer accept.',
    })
  if (known.state !== 'approved')
    throw new Fault('auth.denied', `the bundle is from ${known.name}, which is ${known.state} here`, {
      remedy: known.state === 'removed' ? 'Meet again first.' : `comity peer approve ${known.name}`,
    })
  return known
}

async function renewed(store: Store, peer: Peer, shown: { bytes: Uint8Array; proof: Uint8Array }): Promise<Peer> {
  const parsed = parseNodeDocument(shown.bytes)
  if (!parsed.ok) throw new Fault('peer.invalid', `the node document in the bundle does not hold: ${parsed.reason}`)
  const source = { document: async () => shown }
  return refreshDocument({ store, source }, peer, whereabouts(peer, parsed.document.version))
}

/** A bundle goes on from what is here, or says what is missing before it. */
export async function demandPlace(store: Store, peer: Peer, { log, deliveries, part }: Manifest): Promise<void> {
  if (log.origin !== peer.document.log.origin)
    throw new Fault('peer.invalid', `the bundle is about ${log.origin}, and the log of ${peer.name} is another`)
  const mirror = await store.get<{ size: number; staged: number }>(
    'SELECT size, staged FROM log WHERE id = ?',
    peer.log,
  )
  const leaves = Math.max(mirror?.size ?? 0, mirror?.staged ?? 0)
  const missing =
    log.from > leaves
      ? `its leaves begin at ${log.from}, and here are ${leaves}`
      : deliveries.after > peer.streamSeq
        ? `its deliveries begin behind item ${deliveries.after}, and ${peer.streamSeq} were received here`
        : undefined
  if (missing !== undefined)
    throw new Fault('conflict', `something is missing before this bundle: ${missing}`, {
      remedy:
        part > 1
          ? `Read part ${part - 1} of it first.`
          : `Read the one before it first, or ask ${peer.name} for one from the beginning (comity bundle write --all).`,
    })
}

/** What the writer has of our stream, where it names the very item that was given to it. Returns how far that is. */
async function takePosition(store: Store, peer: Peer, { received, told, time }: Manifest): Promise<number> {
  if (peer.unaskedMs !== null) {
    if (!(Date.parse(time) >= peer.unaskedMs))
      throw new Fault('conflict', `${peer.name} wrote this before this node was put back to a backup`, {
        remedy: 'What came there since is not known here: ask for a bundle that is written now.',
      })
    const { seq, hash } = told ?? received
    const place = { seq, hash: Uint8Array.fromHex(hash), ...(told === undefined ? {} : { applied: received.seq }) }
    await store.write(settleStream, { peer: peer.id, ...place, byFile: true })
  } else if (received.seq > 0) {
    const seq = await seqOfGiven(store, peer, received)
    if (seq === undefined)
      throw new Fault('conflict', `${peer.name} has received an item ${received.seq} that this node did not give`, {
        remedy: 'This data is older than what was given, or a copy of this node runs. See docs/operating/restore.md.',
      })
    if (seq > 0) await store.write(noteConfirmed, { peer: peer.id, seq })
  }
  return (await requirePeer(store, peer.name)).confirmedSeq
}

/** Below zero: it was given under a log of ours that ended, and the writer had not read of that yet. */
async function seqOfGiven(store: Store, peer: Peer, { seq, hash }: Manifest['received']): Promise<number | undefined> {
  const rows = await store.all<{ seq: number; body: Uint8Array }>(
    'SELECT seq, body FROM delivery WHERE peer = ? AND (seq = ? OR seq < 0 AND body LIKE ?)',
    peer.id,
    seq,
    `{"seq":${seq},%`,
  )
  const named = Uint8Array.fromHex(hash)
  const given = rows.find(({ body }) => equalBytes(hashItem(body), named))?.seq
  return given ?? (equalBytes(await hashOfLost(store, peer, seq), named) ? seq : undefined)
}

/** Of an item that was given and lost with a disk the hash is known from the next one, or, where it was the last, as such. */
async function hashOfLost(store: Store, { id }: Peer, seq: number): Promise<Uint8Array> {
  const next = await store.get<{ body: Uint8Array }>(
    'SELECT body FROM delivery WHERE peer = ? AND seq = ?',
    id,
    seq + 1,
  )
  if (next !== undefined) return decodeItem(next.body).prevHash
  const last = await store.get<{ hash: Uint8Array }>(
    'SELECT out_hash AS hash FROM peer WHERE id = ? AND out_seq = ?',
    id,
    seq,
  )
  return last?.hash ?? new Uint8Array(0)
}

async function takeRound(
  deps: ReadDeps,
  peer: Peer,
  { members, manifest }: { readonly members: Members; readonly manifest: Manifest },
): Promise<RoundResult> {
  const told = await toldBy(deps.store, peer.id)
  const isPast = told !== undefined && manifest.log.size <= told.index && told.seq <= peer.streamSeq
  try {
    return await deps.round(peer.name, fileSource(members, { log: manifest.log, toldAt: told?.index, isPast }))
  } catch (error) {
    if (error instanceof SourceEnds) return { leaves: 0, statements: 0 }
    throw error
  }
}

async function takeWords(
  hearing: HearDeps,
  peer: Peer,
  members: Members,
): Promise<{ readonly heads: number; readonly cosignatures: number }> {
  let [heads, cosignatures] = [0, 0]
  for (let member = await members.skipTo('head'); member?.section === 'head'; member = await members.peek()) {
    if (heads === LIMITS.gossipHeadsMax) throw outOfOrder(`it holds more than ${heads} heads`)
    await hearHead(hearing, peer, Buffer.from(member.bytes).toString('utf8'))
    await members.take()
    heads += 1
  }
  for (let member = await members.peek(); member?.section === 'answer'; member = await members.peek()) {
    cosignatures += await hearLines(hearing, peer, member.bytes)
    await members.take()
  }
  return { heads, cosignatures }
}
