// Asking a peer: signed, pinned to the key it announced, and tried once more where only the clocks disagree.
import type { Clock, Random } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import type { Outbound, OutboundResponse } from '#kernel/http/outbound.ts'
import { signRequest, type SigningKey } from '#kernel/http/signature.ts'
import type { NodeDocument } from './wire.ts'

export type Caller = {
  /** Throws `peer.unreachable`, `peer.refused` (it said no, with its reason) or `peer.invalid`. 304 and 404 are answers. */
  readonly call: (document: NodeDocument, request: PeerRequest) => Promise<OutboundResponse>
}

export type PeerRequest = {
  readonly method: 'GET' | 'POST'
  /** Absolute; below the endpoint or the log prefix of the document. */
  readonly url: string
  readonly body?: Uint8Array
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly bodyBytesMax?: number
}

export function makeCaller(deps: {
  readonly outbound: Outbound
  /** The key that signs now; it changes when keys are rotated. */
  readonly key: () => SigningKey
  readonly clock: Clock
  readonly random: Random
  /** Told of every exchange: how many bytes of bodies went and came. */
  readonly count: (member: string, bytes: number) => void
}): Caller {
  /** How far each peer's clock is from ours, learned when it refused a signature for its time. */
  const offsets = new Map<string, number>()

  const once = async (document: NodeDocument, request: PeerRequest): Promise<OutboundResponse> => {
    const { method, url, body, contentType } = request
    const nowMs = deps.clock.nowMs() + (offsets.get(document.member) ?? 0)
    const signed = signRequest(
      {
        method,
        targetUri: url,
        ...(body === undefined ? {} : { body }),
        ...(contentType === undefined ? {} : { contentType }),
      },
      deps.key(),
      { nowMs, random: deps.random },
    )
    const response = await deps.outbound.request({
      url,
      method,
      headers: { ...request.headers, ...signed },
      tlsKeyHashes: document.tls,
      ...(body === undefined ? {} : { body }),
      ...(request.bodyBytesMax === undefined ? {} : { bodyBytesMax: request.bodyBytesMax }),
    })
    deps.count(document.member, (body?.length ?? 0) + (response.wireBytes ?? response.body.length))
    return response
  }

  return {
    call: async (document, request) => {
      let response = await once(document, request)
      const theirTime = Date.parse(response.headers['x-comity-time'] ?? '')
      if (response.status === 401 && Number.isFinite(theirTime)) {
        offsets.set(document.member, theirTime - deps.clock.nowMs())
        response = await once(document, request)
      }
      if (response.status < 400 || response.status === 404) return response
      throw refusal(document.member, response)
    },
  }
}

/** The peer does not believe what we sign: one of the two does not know the keys that the other has now. */
export class SignatureRefused extends Fault {}

function refusal(member: string, { status, headers, body }: OutboundResponse): Fault {
  let detail = `${status}`
  try {
    const problem = JSON.parse(Buffer.from(body.subarray(0, 10_000)).toString('utf8')) as { detail?: unknown }
    if (typeof problem.detail === 'string') detail = problem.detail.slice(0, 300)
  } catch {
    // Not a problem document; the status must do.
  }
  if (status === 429 || status === 503)
    return new Fault('peer.unreachable', `${member} is busy: ${detail}`, {
      remedy: `It asks to wait ${headers['retry-after'] ?? 'a while'}.`,
      retryAfterSeconds: Number(headers['retry-after'] ?? '') || 60,
    })
  const message = `${member} refused: ${detail}`
  return status === 401 ? new SignatureRefused('peer.refused', message) : new Fault('peer.refused', message)
}
