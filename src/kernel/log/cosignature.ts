// The bytes that timestamped signatures sign (c2sp.org/tlog-cosignature). A cosignature says: at this time, this was
// the largest tree that the signer had seen of this log, and it only grew. A log signs the ML-DSA-44 form too, with
// time 0 allowed, as its second signature beside plain Ed25519.
import { joinBytes } from '../bytes.ts'
import { Fault } from '../fault.ts'
import type { Checkpoint } from './checkpoint.ts'

/** Bytes of the time at the head of a timestamped signature: seconds since 1970, big endian. */
export const TIME_BYTES = 8

/** What type 0x04 signs: a head line, the time, and the whole checkpoint text. It does not bind the signer's name. */
export function cosignatureMessage(timeSec: number, checkpointText: string): Uint8Array {
  return new TextEncoder().encode(`cosignature/v1\ntime ${timeSec}\n${checkpointText}`)
}

/** What type 0x06 signs for a whole tree (start 0). Throws `log.invalid` for a name or origin that has no place in it. */
export function subtreeMessage(cosigner: string, timeSec: number, checkpoint: Checkpoint): Uint8Array {
  const time = new Uint8Array(TIME_BYTES)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSec))
  const range = new Uint8Array(16)
  new DataView(range.buffer).setBigUint64(8, BigInt(checkpoint.size))
  return joinBytes([
    new TextEncoder().encode('subtree/v1\n\0'),
    lengthPrefixed(cosigner),
    time,
    lengthPrefixed(checkpoint.origin),
    range,
    checkpoint.root,
  ])
}

function lengthPrefixed(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length === 0 || bytes.length > 255) throw new Fault('log.invalid', 'a signed name has 1 to 255 bytes')
  return joinBytes([Uint8Array.of(bytes.length), bytes])
}
