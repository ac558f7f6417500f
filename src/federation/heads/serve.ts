// What a recipient is answered: its deliveries, and at the end its own place among the heads that were logged last.
import { HASH_BYTES } from '#kernel/hash.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Reader } from '#kernel/store/types.ts'
import { encodeHead } from '../frames.ts'
import type { GiveDeps } from '../give.ts'
import type { Peer } from '../peers.ts'
import { discloseAll, readDeliveries } from '../serve.ts'
import { encodeHeadProof } from './frame.ts'

/** A page of a peer's stream. The head is read first: whatever it commits to is there to be read by then. */
export async function readStream(
  deps: GiveDeps,
  peer: Peer,
  page: { readonly after: number; readonly maxBytes: number; readonly itemBytesMax?: number },
): Promise<Uint8Array> {
  const head = await loadHeadProof(deps.store, peer.id)
  const { bytes: deliveries } = await readDeliveries(deps, peer, page)
  return head === undefined ? deliveries : Buffer.concat([deliveries, ...encodeHead(head)])
}

type PlaceRow = { idx: number; seq: number; hash: Uint8Array; place: number; salt: Uint8Array; path: Uint8Array }

/** The payload of the frame, in pieces; undefined where no heads were logged since the peer was approved. */
async function loadHeadProof(reader: Reader, peer: number): Promise<Uint8Array[] | undefined> {
  const row = await reader.get<PlaceRow>(
    'SELECT idx, seq, hash, place, salt, path FROM head_place WHERE peer = ?',
    peer,
  )
  const [statement] =
    row === undefined ? [] : await discloseAll(reader, [row.idx], { log: OWN_LOG, context: new Set() })
  if (row === undefined || statement === undefined || 'gone' in statement) return undefined
  const steps = row.path.length / HASH_BYTES
  const path = Array.from({ length: steps }, (_, n) => row.path.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES))
  return encodeHeadProof({ ...row, path, statement })
}
