// A peer's node as the source of a round: each question is one signed request.
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundResponse } from '#kernel/http/outbound.ts'
import { LIMITS } from '#kernel/limits.ts'
import { entriesPath, tilePath, TILE_WIDTH } from '#kernel/log/tile.ts'
import type { Caller } from './call.ts'
import type { Peer } from './peers.ts'
import type { Source } from './source.ts'

/** Says which version of its node document a member stands by, with every head it shows. */
export const DOCUMENT_VERSION_HEADER = 'comity-node'

export type NetworkDeps = {
  readonly caller: Caller
  readonly outbound: Outbound
  /** What the checkpoint that each log showed last was called. */
  readonly etags: Map<string, string>
}

/** The source that a peer's node is. `prefix` is where the log is read, where not below the peer's own log prefix. */
export function networkSource(
  { caller, outbound, etags }: NetworkDeps,
  peer: Peer,
  prefix: string = peer.document.log.prefix,
): Source {
  const get = (path: string, bodyBytesMax: number, headers: Record<string, string> = {}): Promise<OutboundResponse> =>
    caller.call(peer.document, { method: 'GET', url: `${prefix}/${path}`, bodyBytesMax, headers })
  return {
    document: async (at) => {
      const fetch = async (path: string, bodyBytesMax: number): Promise<Uint8Array> => {
        const response = await outbound.request({
          url: `${at.endpoint}${path}`,
          method: 'GET',
          tlsKeyHashes: at.tls,
          bodyBytesMax,
        })
        if (response.status === 200) return response.body
        throw new Fault('peer.invalid', `${peer.name} does not show its node document at ${at.endpoint}`)
      }
      return {
        bytes: await fetch('/.well-known/comity', LIMITS.nodeDocumentBytesMax),
        proof: await fetch('/.well-known/comity.proof', LIMITS.documentProofBytesMax),
      }
    },
    head: async (known) => {
      const response = await get('checkpoint', LIMITS.noteBytesMax, {
        'if-none-match': etags.get(peer.document.log.origin) ?? `"${known}"`,
      })
      return {
        note: response.status === 304 ? undefined : response.body,
        documentVersion: versionIn(response),
        taken: () => void etags.set(peer.document.log.origin, response.headers['etag'] ?? ''),
      }
    },
    entries: async (n, width) => {
      const response = await get(entriesPath(n, width), TILE_WIDTH * 256)
      if (response.status === 200) return response.body
      throw new Fault('peer.invalid', `${peer.name} does not show the leaves its head signs`)
    },
    tile: async (level, n, width) => {
      const response = await get(tilePath(level, n, width), TILE_WIDTH * 32)
      return response.status === 200 ? response.body : undefined
    },
    deliveries: async (after) => {
      const response = await caller.call(peer.document, {
        method: 'GET',
        url: `${peer.document.endpoint}/peer/deliveries?after=${after}&maxBytes=${LIMITS.deliveryPageBytesMax}`,
      })
      if (response.status === 200) return response.body
      throw new Fault('peer.invalid', `${peer.name} has no stream of deliveries`)
    },
  }
}

function versionIn({ headers }: OutboundResponse): number | undefined {
  const text = headers[DOCUMENT_VERSION_HEADER] ?? ''
  return /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined
}
