// `next`: where a page ended, signed by this node and bound to the filters, so that it needs no memory, survives a
// restart, and cannot be made up.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Fault } from '#kernel/fault.ts'

const MAC_BYTES = 16

export function formatCursor(secret: Uint8Array, seq: number, binding: string): string {
  const body = Buffer.alloc(8)
  body.writeBigUInt64BE(BigInt(seq))
  return Buffer.concat([body, mac(secret, body, binding)]).toString('base64url')
}

/** The sequence number behind which the next page begins. Throws `input.invalid` for what was not given out for these filters. */
export function parseCursor(secret: Uint8Array, text: string, binding: string): number {
  const bytes = Buffer.from(text, 'base64url')
  const body = bytes.subarray(0, 8)
  const genuine =
    bytes.length === 8 + MAC_BYTES &&
    bytes.toString('base64url') === text &&
    timingSafeEqual(bytes.subarray(8), mac(secret, body, binding))
  if (!genuine)
    throw new Fault('input.invalid', 'next: this is not a value this server gave out for these filters', {
      place: 'next',
      remedy: 'Send back next as it came, with the same filters; or begin anew without it.',
    })
  return Number(body.readBigUInt64BE())
}

function mac(secret: Uint8Array, body: Uint8Array, binding: string): Buffer {
  return createHmac('sha256', secret)
    .update('comity/taxii/next\0')
    .update(body)
    .update(binding)
    .digest()
    .subarray(0, MAC_BYTES)
}
