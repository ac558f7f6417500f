// Taking the head that comes with the last page of a stream: checked against the verified leaf and against what came, kept
// as proof, and an alarm where it shows that something is withheld or was rewritten.
import { decodeItem, FIRST_HASH, hashItem, type DeliveryItem } from '#kernel/delivery-item.ts'
import { contradicts, formatDeliveryProof } from '#kernel/delivery-proof.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import type { Store } from '#kernel/store/types.ts'
import type { Peer } from '../peers.ts'
import type { StreamPosition } from '../verify-round.ts'
import { decodeHeadProof, type HeadProof } from './frame.ts'
import { judgeHead, type HeadVerdict } from './judge.ts'
import { proofFileOf, showHead } from './proof-file.ts'
import { noteHead, toldBy, type StoredHead } from './told.ts'

export type TakeHeadDeps = {
  readonly store: Store
  readonly nowMs: number
  /** This member's id. */
  readonly self: string
  /** Fetches the peer's log once more, where the head is in a leaf behind what is mirrored. Answers the size then. */
  readonly catchUp: () => Promise<number>
}

export type LastPage = {
  readonly payload: Uint8Array | undefined
  readonly position: StreamPosition
  readonly logSize: number
  /** Whether the stream was asked once more since it first seemed to end too early. */
  readonly askedAgain: boolean
}

/** Returns whether the stream should be asked once more. Throws `peer.invalid` or `log.fork` for a head that does not hold. */
export async function takeHead(deps: TakeHeadDeps, peer: Peer, page: LastPage): Promise<boolean> {
  const { store } = deps
  const { id, name } = peer
  const told = await toldBy(store, id)
  if (page.payload === undefined) {
    if ((told?.seq ?? 0) === 0 && page.position.seq === 0) return false
    const reason = 'it shows no proof of its stream to this member'
    await store.write(noteHead, { peer: id, name, doubt: { kind: 'unproven', reason } })
    return false
  }
  const proof = decodeHeadProof(Buffer.from(page.payload))
  const known = told !== undefined && equalBytes(told.frame, page.payload)
  const verdict = known ? standing(told, page.position) : await judge(deps, peer, { ...page, proof, told })
  if (verdict.kind === 'wrong')
    throw new Fault('peer.invalid', `${name}: the proof of its stream does not hold: ${verdict.reason}`)
  if (verdict.kind === 'rewritten')
    return await refuseRewrite(deps, peer, { proof, told, items: [], reason: verdict.reason })
  if (verdict.kind === 'open' && !page.askedAgain) return true
  if (known && verdict.kind === 'kept' && !(await isDoubted(store, id))) return false
  await store.write(noteHead, {
    peer: id,
    name,
    told: { index: proof.statement.index, seq: proof.seq, hash: proof.hash, frame: page.payload },
    ...(verdict.kind === 'open'
      ? {
          doubt: {
            kind: 'withheld',
            reason: `it committed to ${proof.seq} items for this member and gives ${page.position.seq}`,
          },
        }
      : {}),
  })
  return false
}

function standing(told: StoredHead, position: StreamPosition): HeadVerdict {
  return { kind: told.seq > position.seq ? 'open' : 'kept' }
}

async function isDoubted(store: Store, peer: number): Promise<boolean> {
  return (await store.get('SELECT 1 FROM stream_doubt WHERE peer = ?', peer)) !== undefined
}

type Claim = Pick<LastPage, 'position' | 'logSize'> & {
  readonly proof: HeadProof
  readonly told: StoredHead | undefined
}

async function judge(
  { store, nowMs, self, catchUp }: TakeHeadDeps,
  peer: Peer,
  { proof, told, position, logSize }: Claim,
): Promise<HeadVerdict> {
  const { index } = proof.statement
  const size = index < logSize ? logSize : await catchUp()
  return judgeHead({
    proof,
    entry: index < size ? await loadEntry(store, peer.log, index) : undefined,
    author: { member: peer.name, origin: peer.document.log.origin, nowMs },
    recipient: self,
    told,
    position,
    came: await cameAt(store, peer.id, { seq: proof.seq, position }),
  })
}

/** The hash of what came as an item, or undefined where nothing is known of it. */
async function cameAt(
  store: Store,
  peer: number,
  { seq, position }: { readonly seq: number; readonly position: StreamPosition },
): Promise<Uint8Array | undefined> {
  if (seq === 0) return FIRST_HASH
  if (seq === position.seq) return position.hash
  const row = await store.get<{ body: Uint8Array }>('SELECT body FROM taken_item WHERE peer = ? AND seq = ?', peer, seq)
  return row === undefined ? undefined : hashItem(row.body)
}

/**
 * A page that does not continue the stream. Where its author committed both to what came before and to what comes now,
 * that is proven to anybody; it is kept, and thrown as a rewrite.
 */
export async function exposeRewrite(
  deps: TakeHeadDeps,
  peer: Peer,
  page: Pick<LastPage, 'payload' | 'position' | 'logSize'> & { readonly items: readonly Uint8Array[] },
): Promise<void> {
  const told = await toldBy(deps.store, peer.id)
  if (page.payload === undefined || told === undefined) return
  const proof = decodeHeadProof(Buffer.from(page.payload))
  const verdict = await judge(deps, peer, { ...page, proof, told })
  if (verdict.kind === 'wrong' || !contradicts(told, proof, linksOf(page.items))) return
  const reason = `what it commits to now does not continue the ${told.seq} items it committed to before`
  await refuseRewrite(deps, peer, { proof, told, items: page.items, reason })
}

function linksOf(items: readonly Uint8Array[]): { item: DeliveryItem; hash: Uint8Array }[] {
  return items.map((bytes) => ({ item: decodeItem(bytes), hash: hashItem(bytes) }))
}

/** Keeps the proof: two heads where they contradict each other, else the one that what came contradicts. */
async function refuseRewrite(
  { store, self }: TakeHeadDeps,
  peer: Peer,
  found: {
    readonly proof: HeadProof
    readonly told: StoredHead | undefined
    readonly items: readonly Uint8Array[]
    readonly reason: string
  },
): Promise<never> {
  const { proof, told, items, reason } = found
  const both = told !== undefined && contradicts(told, proof, linksOf(items))
  const file = both
    ? formatDeliveryProof({
        recipient: self,
        vkeys: peer.document.log.vkeys,
        heads: [
          await showHead(store, peer.log, decodeHeadProof(Buffer.from(told.frame))),
          await showHead(store, peer.log, proof),
        ],
        items,
      })
    : await proofFileOf(store, peer, { recipient: self, head: proof })
  await store.write(noteHead, { peer: peer.id, name: peer.name, doubt: { kind: 'rewritten', reason }, proof: file })
  throw new Fault('log.fork', `${peer.name} rewrote its stream to this member: ${reason}`, {
    remedy: `The proof is kept: comity deliveries --from ${peer.name} --proof FILE. Telephone them.`,
  })
}
