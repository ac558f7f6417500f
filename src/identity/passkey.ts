// Passkeys (W3C Web Authentication Level 3): what a browser is asked for, and whether its answer holds. No attestation is
// asked for, so whose device it is does not matter, and the key is taken as the browser hands it over (section 5.2.1.1).
// The authenticator must have verified its user: a passkey is therefore both factors.
import { createPublicKey, hash, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

/** COSE algorithms: ES256, EdDSA, RS256. */
const ALGORITHMS = [-7, -8, -257] as const

export type Expected = {
  readonly rpId: string
  readonly origins: readonly string[]
  readonly holds: (challenge: string) => boolean
}

export type Registered = { readonly credential: string; readonly publicKey: Uint8Array; readonly counter: number }
export type Asserted = { readonly counter: number; readonly challenge: string }

export function creationOptions(request: {
  readonly rpId: string
  readonly rpName: string
  readonly challenge: string
  readonly user: { readonly id: Uint8Array; readonly name: string; readonly display: string }
  readonly known: readonly string[]
}): Record<string, unknown> {
  const { rpId, rpName, challenge, user, known } = request
  return {
    rp: { id: rpId, name: rpName },
    user: { id: Buffer.from(user.id).toString('base64url'), name: user.name, displayName: user.display },
    challenge,
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: LIMITS.challengeLifeMs,
    excludeCredentials: known.map((id) => ({ type: 'public-key', id })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
  }
}

/** Nobody is named: the browser offers the passkeys it has for this node. */
export function requestOptions(rpId: string, challenge: string): Record<string, unknown> {
  return { rpId, challenge, timeout: LIMITS.challengeLifeMs, userVerification: 'required', allowCredentials: [] }
}

const Base64Url = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: LIMITS.signInBytesMax })
const RegistrationShape = Type.Object({
  id: Base64Url,
  type: Type.Literal('public-key'),
  response: Type.Object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    publicKey: Base64Url,
    publicKeyAlgorithm: Type.Integer(),
  }),
})
const AssertionShape = Type.Object({
  id: Base64Url,
  type: Type.Literal('public-key'),
  response: Type.Object({ clientDataJSON: Base64Url, authenticatorData: Base64Url, signature: Base64Url }),
})
const ClientDataShape = Type.Object({
  type: Type.String(),
  challenge: Type.String(),
  origin: Type.String(),
  crossOrigin: Type.Optional(Type.Boolean()),
  topOrigin: Type.Optional(Type.String()),
})
const registration = Compile(RegistrationShape)
const assertion = Compile(AssertionShape)
const clientData = Compile(ClientDataShape)

/** A new passkey, section 7.1. Throws `auth.denied` with the reason where the answer does not hold. */
export function readRegistration(answer: unknown, expected: Expected): Registered & { readonly challenge: string } {
  if (!registration.Check(answer)) throw refusal('it is no answer of a browser about a new passkey')
  const { id, response } = answer as Static<typeof RegistrationShape>
  const challenge = readClientData(bytesOf(response.clientDataJSON), 'webauthn.create', expected)
  const data = readAuthenticatorData(bytesOf(response.authenticatorData), expected.rpId)
  if (data.credential === undefined || data.credential !== id) throw refusal('it names two different passkeys')
  if (!(ALGORITHMS as readonly number[]).includes(response.publicKeyAlgorithm))
    throw refusal(`its algorithm ${response.publicKeyAlgorithm} is none that was asked for`)
  const publicKey = bytesOf(response.publicKey)
  readKey(publicKey)
  return { credential: id, publicKey, counter: data.counter, challenge }
}

/** The credential id an answer claims, to find its key by. */
export function credentialOf(answer: unknown): string {
  if (!assertion.Check(answer)) throw refusal('it is no answer of a browser about a passkey')
  return (answer as Static<typeof AssertionShape>).id
}

/** A sign-in, section 7.2. Throws `auth.denied` with the reason where the answer does not hold. */
export function readAssertion(answer: unknown, known: Omit<Registered, 'credential'>, expected: Expected): Asserted {
  if (!assertion.Check(answer)) throw refusal('it is no answer of a browser about a passkey')
  const { response } = answer as Static<typeof AssertionShape>
  const clientBytes = bytesOf(response.clientDataJSON)
  const authBytes = bytesOf(response.authenticatorData)
  const challenge = readClientData(clientBytes, 'webauthn.get', expected)
  const { counter } = readAuthenticatorData(authBytes, expected.rpId)
  const signed = Buffer.concat([authBytes, hash('sha256', clientBytes, 'buffer')])
  const { key, digest } = readKey(known.publicKey)
  if (!verify(digest, signed, key, bytesOf(response.signature))) throw refusal('its signature does not hold')
  // A counter that does not grow tells of a copied key; most passkeys are synchronised and always say zero.
  if ((counter !== 0 || known.counter !== 0) && counter <= known.counter)
    throw refusal('its counter went back: there may be a copy of it')
  return { counter, challenge }
}

function readClientData(bytes: Uint8Array, type: string, { origins, holds }: Expected): string {
  let data: unknown
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw refusal('what the browser says about it is not JSON')
  }
  if (!clientData.Check(data)) throw refusal('what the browser says about it is incomplete')
  const said = data as Static<typeof ClientDataShape>
  if (said.type !== type) throw refusal('it was made for another end')
  if (!origins.includes(said.origin)) throw refusal(`it was made at ${said.origin.slice(0, 200)}`)
  if (said.crossOrigin === true || said.topOrigin !== undefined) throw refusal('it was made inside another page')
  if (!holds(said.challenge)) throw refusal('it took too long, or was used before')
  return said.challenge
}

const FLAG = { present: 0x01, verified: 0x04, eligible: 0x08, backedUp: 0x10, attested: 0x40 } as const
const HEAD_BYTES = 37
const AAGUID_BYTES = 16

/** Section 6.1: hash of the relying party's id, flags, counter, and for a new passkey its id. */
function readAuthenticatorData(bytes: Buffer, rpId: string): { counter: number; credential: string | undefined } {
  if (bytes.length < HEAD_BYTES) throw refusal('its data are too short')
  if (!timingSafeEqual(bytes.subarray(0, 32), hash('sha256', rpId, 'buffer'))) throw refusal('it is for another node')
  const flags = bytes[32] ?? 0
  const has = (flag: number): boolean => (flags & flag) !== 0
  if (!has(FLAG.present) || !has(FLAG.verified))
    throw refusal('the device did not check who uses it', 'Set a PIN, a fingerprint or a face on it.')
  if (has(FLAG.backedUp) && !has(FLAG.eligible)) throw refusal('its flags contradict each other')
  const counter = bytes.readUInt32BE(33)
  if (!has(FLAG.attested)) return { counter, credential: undefined }
  const lengthAt = HEAD_BYTES + AAGUID_BYTES
  if (bytes.length < lengthAt + 2) throw refusal('its data are too short')
  const length = bytes.readUInt16BE(lengthAt)
  const id = bytes.subarray(lengthAt + 2, lengthAt + 2 + length)
  if (id.length !== length || length === 0 || length > LIMITS.credentialBytesMax) throw refusal('its id is too long')
  return { counter, credential: id.toString('base64url') }
}

/** A key of one of the algorithms asked for, and the digest it signs; nothing weaker passes. */
function readKey(spki: Uint8Array): { key: KeyObject; digest: 'sha256' | null } {
  let key: KeyObject
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    throw refusal('its key cannot be read')
  }
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'ed25519') return { key, digest: null }
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return { key, digest: 'sha256' }
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048 && modulusLength <= 8192)
    return { key, digest: 'sha256' }
  throw refusal('its key is of a kind that is not taken')
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64url')
}

function refusal(why: string, remedy = 'Try again, or sign in another way.'): Fault {
  return new Fault('auth.denied', `this passkey cannot be used: ${why}`, { place: 'response', remedy })
}
