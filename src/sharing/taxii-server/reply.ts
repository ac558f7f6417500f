// How TAXII answers look: one media type for everything, errors included (section 1.6.9), dates of a page in headers.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatMicros } from '#kernel/clock.ts'
import type { Fault } from '#kernel/fault.ts'
import { pack } from '#kernel/http/coding.ts'
import { TAXII_MEDIA_TYPE } from './negotiate.ts'

export function sendJson(reply: FastifyReply, value: unknown, status = 200): FastifyReply {
  return reply
    .code(status)
    .header('content-type', TAXII_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(value)))
}

/** Bytes that are JSON already, compressed off this thread where the client can take it. */
export async function sendBytes(request: FastifyRequest, reply: FastifyReply, bytes: Buffer): Promise<FastifyReply> {
  reply.header('content-type', TAXII_MEDIA_TYPE).header('vary', 'accept, accept-encoding, authorization')
  const packed = await pack(bytes, request.headers['accept-encoding'], 1)
  if (packed === undefined) return reply.send(bytes)
  return reply.header('content-encoding', packed.coding).send(packed.bytes)
}

/** X-TAXII-Date-Added-First and -Last, of this page; absent where it is empty. */
export function setDates(reply: FastifyReply, rows: readonly { readonly seq: number }[]): void {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return
  reply
    .header('x-taxii-date-added-first', formatMicros(first.seq))
    .header('x-taxii-date-added-last', formatMicros(last.seq))
}

export function sendError(reply: FastifyReply, fault: Fault, requestId: string): FastifyReply {
  if (fault.code === 'auth.required') reply.header('www-authenticate', 'Basic realm="TAXII 2.1", charset="UTF-8"')
  if (fault.code === 'busy' || fault.code === 'rate.limited') reply.header('retry-after', '1')
  const internal = fault.code === 'internal'
  return sendJson(
    reply,
    {
      title: internal ? 'something went wrong here; it is in the log under this id' : fault.message,
      ...(fault.remedy === undefined ? {} : { description: fault.remedy }),
      ...(fault.place === undefined ? {} : { details: { place: fault.place } }),
      error_id: requestId,
      error_code: fault.code,
      http_status: String(fault.status),
    },
    fault.status,
  )
}
