// A word to a peer that there is news: how long the log is, and where this node is now.
import type { Store } from '#kernel/store/types.ts'
import type { Caller } from './call.ts'
import { parseNodeDocument } from './document.ts'
import type { Peer } from './peers.ts'
import { requireOwnDocument } from './publisher.ts'
import { loadHead } from './serve.ts'
import type { Hint } from './wire.ts'

export type HintDeps = { readonly store: Store; readonly caller: Caller; readonly origin: string }

export async function sendHint({ store, caller, origin }: HintDeps, peer: Peer): Promise<void> {
  const [head, own] = [await loadHead(store), parseNodeDocument(await requireOwnDocument(store))]
  const hint: Hint = {
    origin,
    size: head?.size ?? 0,
    urgent: false,
    ...(own.ok ? { node: { version: own.document.version, endpoint: own.document.endpoint } } : {}),
  }
  await caller.call(peer.document, {
    method: 'POST',
    url: `${peer.document.endpoint}/peer/hint`,
    body: Buffer.from(JSON.stringify(hint)),
    contentType: 'application/json',
  })
}
