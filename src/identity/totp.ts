// Time-based one-time codes (RFC 6238 over RFC 4226): six digits, thirty seconds, HMAC-SHA-1, as every authenticator
// application makes them.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { base32nopad } from '@scure/base'

export const TOTP_SECRET_BYTES = 20
const STEP_SEC = 30
const DIGITS = 6
/** Steps before and after the present one that are taken too, for clocks that are off. */
const WINDOW = 1

/** The code of a step (seconds since 1970 divided by thirty). */
export function codeAt(secret: Uint8Array, step: number, { digits = DIGITS, algorithm = 'sha1' } = {}): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac(algorithm, secret).update(counter).digest()
  const at = (mac.at(-1) ?? 0) & 0x0f
  const value = (mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits
  return String(value).padStart(digits, '0')
}

/** The step a typed code belongs to, or undefined. No step up to `lastStep` counts again. */
export function stepOf(
  secret: Uint8Array,
  typed: string,
  { nowMs, lastStep }: { readonly nowMs: number; readonly lastStep: number },
): number | undefined {
  const code = typed.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(code)) return undefined
  const now = Math.floor(nowMs / 1000 / STEP_SEC)
  let found: number | undefined
  for (let step = now - WINDOW; step <= now + WINDOW; step += 1)
    if (timingSafeEqual(Buffer.from(codeAt(secret, step)), Buffer.from(code)) && step > lastStep) found = step
  return found
}

/** The secret as people type it, and as a QR code carries it. */
export function describeTotp(
  secret: Uint8Array,
  { issuer, account }: { readonly issuer: string; readonly account: string },
): { secret: string; uri: string } {
  const text = base32nopad.encode(secret)
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return {
    secret: text,
    uri: `otpauth://totp/${label}?secret=${text}&issuer=${encodeURIComponent(issuer)}&digits=${DIGITS}&period=${STEP_SEC}`,
  }
}
