// A peer's newer node document: where it is now and with which keys it speaks. It is believed for one reason only, that
// it is proven under what was known before (document-proof.ts), so it may come from anywhere and over any line.
import { Fault } from '#kernel/fault.ts'
import type { Store } from '#kernel/store/types.ts'
import { judgeDocument, type DocumentJudgement } from './document-proof.ts'
import { requirePeer, renewDocument, type Peer } from './peers.ts'
import type { Source } from './source.ts'
import type { Whereabouts } from './wire.ts'

export type { Whereabouts } from './wire.ts'

export type RefreshDeps = { readonly store: Store; readonly source: Pick<Source, 'document'> }

/** Where a peer is as far as its stored document says. */
export function whereabouts({ document }: Peer, version: number): Whereabouts {
  return { version, endpoint: document.endpoint }
}

/**
 * Takes, proves and stores a peer's document. Returns the peer as it stands then; the same one where there is nothing
 * newer. Throws `peer.invalid` for a document that is not proven; it stays on what was known. A document and its proof are
 * two questions, between which an honest member may come to show another: they are asked once more before it is accused.
 */
export async function refreshDocument({ store, source }: RefreshDeps, peer: Peer, at: Whereabouts): Promise<Peer> {
  if (at.version <= peer.document.version) return peer
  const take = async (): Promise<DocumentJudgement> => {
    const { bytes, proof } = await source.document(at)
    return judgeDocument(peer.document, bytes, proof)
  }
  const first = await take()
  const judged = first.ok ? first : await take()
  if (!judged.ok)
    throw new Fault('peer.invalid', `${peer.name} shows a node document that is not proven: ${judged.reason}`, {
      remedy: 'Ask them by telephone. Until then the document known before holds.',
    })
  for (const { bytes: document, ...step } of judged.steps)
    await store.write(renewDocument, { name: peer.name, document, ...step })
  return requirePeer(store, peer.name)
}
