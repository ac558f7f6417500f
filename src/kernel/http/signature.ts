// Who is asking: RFC 9421 HTTP message signatures in the one strict shape of protocol section 7. Label `comity`;
// components "@method" "@target-uri", with a body also "content-digest" "content-type"; parameters created, expires,
// nonce, keyid, tag in this order and no others; Ed25519. Nothing here is negotiable by the sender: the list of
// components is compared, not read, and the algorithm belongs to the key, so there is no `alg` to believe.
import { type KeyObject, createHash, sign, verify } from 'node:crypto'
import type { Random } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import type { NonceMemory } from './nonce.ts'

const TAG = 'comity/1'
const BARE = '("@method" "@target-uri")'
const WITH_BODY = '("@method" "@target-uri" "content-digest" "content-type")'

export type SigningKey = {
  /** As published in the node document: member id, `#`, kid. */
  readonly keyid: string
  /** Ed25519. */
  readonly privateKey: KeyObject
}

/** What the verifier knows of a key, from a node document; callers add what they need to recognise the peer. */
export type VerifyingKey = {
  /** Ed25519. */
  readonly publicKey: KeyObject
  readonly notBeforeMs: number
  readonly expiresMs: number
}

export type OutgoingRequest = {
  readonly method: string
  /** Absolute, exactly as the server will rebuild it: its public URL and the raw request target. */
  readonly targetUri: string
  readonly body?: Uint8Array
  readonly contentType?: string
}

export type IncomingRequest = {
  readonly method: string
  /** The configured public URL plus the raw request target. NOTE: never taken from Host or X-Forwarded-*. */
  readonly targetUri: string
  /** Lower-case names. A repeated header arrives joined or as an array; both fail. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The raw bytes, before any parsing or decompression. */
  readonly body: Uint8Array
}

export type VerifyContext<K extends VerifyingKey> = {
  readonly keyOf: (keyid: string) => K | undefined
  readonly nowMs: number
  /** When this process started: what is older may have been used before the nonces were lost. */
  readonly startedMs: number
  readonly nonces: NonceMemory
}

/**
 * `auth.clock` is answered with the server's time, so that the peer can correct its offset and try again. `auth.key` says
 * that the two do not know each other's keys of today: one of them may have a newer document.
 */
export type RequestRefusal = {
  readonly ok: false
  readonly code: 'auth.required' | 'auth.clock' | 'auth.key' | 'auth.denied' | 'busy'
  readonly reason: string
}

/** The headers that sign one request. A body of no bytes counts as none; with a body `contentType` is needed. */
export function signRequest(
  request: OutgoingRequest,
  key: SigningKey,
  { nowMs, random }: { readonly nowMs: number; readonly random: Random },
): Record<string, string> {
  const created = Math.floor(nowMs / 1000)
  const body = request.body === undefined || request.body.length === 0 ? undefined : request.body
  const headers: Record<string, string> = {}
  if (body !== undefined) {
    headers['content-digest'] = contentDigest(body)
    headers['content-type'] = request.contentType ?? 'application/octet-stream'
  }
  const parameters = formatParameters({
    components: body === undefined ? BARE : WITH_BODY,
    created,
    expires: created + LIMITS.signatureLifeSecMax,
    nonce: random(16).toBase64(),
    keyid: key.keyid,
  })
  const base = signatureBase(components(request, headers, body !== undefined), parameters)
  headers['signature-input'] = `comity=${parameters}`
  headers['signature'] = `comity=:${sign(null, Buffer.from(base), key.privateKey).toString('base64')}:`
  return headers
}

/**
 * Decides who sent `request`, and that this is its first use. The cheap checks come first and the nonce last, so
 * that only a holder of the key can fill its member's share of the memory of nonces.
 */
export function verifyRequest<K extends VerifyingKey>(
  request: IncomingRequest,
  context: VerifyContext<K>,
): { readonly ok: true; readonly keyid: string; readonly key: K } | RequestRefusal {
  const input = request.headers['signature-input']
  const value = request.headers['signature']
  if (input === undefined && value === undefined) return refuse('auth.required', 'the request is not signed')
  const parsed = parseSignatureInput(input)
  if (parsed === undefined)
    return refuse('auth.denied', 'Signature-Input does not have the one shape of protocol section 7')
  const signature = parseSignature(value)
  if (signature === undefined) return refuse('auth.denied', 'Signature is not comity=:<64 bytes in base64>:')

  const withBody = request.body.length > 0
  if (parsed.components !== (withBody ? WITH_BODY : BARE)) {
    return refuse('auth.denied', 'the covered components are not exactly those for this request')
  }
  const key = context.keyOf(parsed.keyid)
  if (key === undefined) return refuse('auth.key', 'the key is not known here')
  const time = checkTime(parsed, context)
  if (time !== undefined) return time
  const createdMs = parsed.created * 1000
  if (createdMs < key.notBeforeMs || createdMs >= key.expiresMs)
    return refuse('auth.key', 'the key is not valid at that time')

  if (withBody && request.headers['content-digest'] !== contentDigest(request.body)) {
    return refuse('auth.denied', 'Content-Digest is not sha-256 of the body')
  }
  if (withBody && typeof request.headers['content-type'] !== 'string')
    return refuse('auth.denied', 'Content-Type is missing')
  const base = signatureBase(components(request, request.headers, withBody), parsed.parameters)
  if (!isSignatureOf(Buffer.from(base), key.publicKey, signature))
    return refuse('auth.key', 'the signature does not verify')

  const untilMs = (parsed.expires + LIMITS.clockSkewSecMax + 1) * 1000
  const memory = context.nonces.remember(parsed, untilMs, context.nowMs)
  if (memory === 'seen') return refuse('auth.denied', 'the nonce was used before')
  if (memory === 'full') return refuse('busy', 'too many requests of yours are remembered')
  return { ok: true, keyid: parsed.keyid, key }
}

/** RFC 9421 section 2.5. `parameters` is the inner list with its parameters, as it stands in Signature-Input. */
export function signatureBase(
  covered: readonly (readonly [name: string, value: string])[],
  parameters: string,
): string {
  return [...covered, ['@signature-params', parameters] as const]
    .map(([name, value]) => `"${name}": ${value}`)
    .join('\n')
}

/** RFC 9530, sha-256 only. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

type SignatureInput = {
  readonly parameters: string
  readonly components: string
  readonly created: number
  readonly expires: number
  readonly nonce: string
  readonly keyid: string
}

/** A signature at all is bound in length; 2 ** 53 seconds has 16 digits, ours have 10 for the next 260 years. */
const SIGNATURE_INPUT = new RegExp(
  '^comity=((\\("@method" "@target-uri"(?: "content-digest" "content-type")?\\));created=([1-9]\\d{0,11});expires=([1-9]\\d{0,11})' +
    ';nonce="([A-Za-z0-9+/]{21}[AQgw]==)";keyid="([a-z0-9.-]{1,253}#[A-Za-z0-9_-]{1,64})";tag="comity/1")$',
)

function parseSignatureInput(header: unknown): SignatureInput | undefined {
  const match = typeof header === 'string' ? SIGNATURE_INPUT.exec(header) : null
  if (match === null) return undefined
  const [, parameters, list, created, expires, nonce, keyid] = match as unknown as readonly [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return { parameters, components: list, created: Number(created), expires: Number(expires), nonce, keyid }
}

const SIGNATURE = /^comity=:([A-Za-z0-9+/]{85}[AQgw]==):$/

function parseSignature(header: unknown): Uint8Array | undefined {
  const match = typeof header === 'string' ? SIGNATURE.exec(header) : null
  return match === null ? undefined : Uint8Array.fromBase64(match[1] ?? '')
}

/**
 * NOTE: `created` counts seconds, so what was made in the second of the start passes, and a peer whose clock is ahead
 * could be replayed across a restart within that lead. Both need a captured request from inside TLS.
 */
function checkTime(
  input: SignatureInput,
  context: { readonly nowMs: number; readonly startedMs: number },
): RequestRefusal | undefined {
  const nowSec = Math.floor(context.nowMs / 1000)
  const lifeSec = input.expires - input.created
  if (lifeSec <= 0 || lifeSec > LIMITS.signatureLifeSecMax) {
    return refuse('auth.denied', `a request may live at most ${LIMITS.signatureLifeSecMax} seconds`)
  }
  const aheadSec = input.created - nowSec
  if (aheadSec > LIMITS.clockSkewSecMax)
    return refuse(
      'auth.clock',
      `your clock is ${aheadSec} seconds ahead of this node’s, at most ${LIMITS.clockSkewSecMax} are allowed`,
    )
  const behindSecMax = lifeSec + LIMITS.clockSkewSecMax
  if (-aheadSec > behindSecMax)
    return refuse(
      'auth.clock',
      `your clock is ${-aheadSec} seconds behind this node’s, at most ${behindSecMax} are allowed`,
    )
  if (input.created < Math.floor(context.startedMs / 1000))
    return refuse('auth.clock', 'by your clock the request is older than this process; sign it anew')
  return undefined
}

function components(
  request: { readonly method: string; readonly targetUri: string },
  headers: IncomingRequest['headers'],
  withBody: boolean,
): [string, string][] {
  const covered: [string, string][] = [
    ['@method', request.method],
    ['@target-uri', request.targetUri],
  ]
  if (withBody)
    covered.push(
      ['content-digest', String(headers['content-digest'])],
      ['content-type', String(headers['content-type']).trim()],
    )
  return covered
}

function formatParameters(input: Omit<SignatureInput, 'parameters'>): string {
  const { created, expires, nonce, keyid } = input
  return `${input.components};created=${created};expires=${expires};nonce="${nonce}";keyid="${keyid}";tag="${TAG}"`
}

/** Node throws on some malformed keys and signatures; to a verifier all of that is "no". */
function isSignatureOf(data: Uint8Array, publicKey: KeyObject, signature: Uint8Array): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519') return false
  try {
    return verify(null, data, publicKey, signature)
  } catch {
    return false
  }
}

function refuse(code: RequestRefusal['code'], reason: string): RequestRefusal {
  return { ok: false, code, reason }
}
