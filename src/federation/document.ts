// The node document: who a member is, where its node and its log are, and with which keys it speaks. Its bytes are
// signed by being a statement in the member's own log, so the log is the history of its keys.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { Compile } from 'typebox/compile'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { isDomainLike } from '#kernel/id.ts'
import { parseJson } from '#kernel/json.ts'
import { knownVerifiers } from '#kernel/note-verifier.ts'
import { LIMITS } from '#kernel/limits.ts'
import { ObjectMemo } from '#kernel/memo.ts'
import { parseVkey, SIGNATURE_TYPE, type NoteVerifier } from '#kernel/note.ts'
import { WITNESS_TYPES } from '#kernel/trust-policy.ts'
import { NodeDocumentShape, type NodeDocument } from './wire.ts'

const validator = Compile(NodeDocumentShape)

/** The bytes that are logged, served and hashed: JSON in this order of keys, never written again from parsed form. */
export function encodeDocument(document: NodeDocument): Uint8Array {
  return Buffer.from(JSON.stringify(document))
}

export function documentHash(bytes: Uint8Array): Uint8Array {
  return sha256(bytes)
}

export type ParsedDocument =
  | { readonly ok: true; readonly document: NodeDocument }
  | { readonly ok: false; readonly reason: string }

/** Reads a document and checks what its shape cannot say: names agree, both log keys are there, keys are keys. */
export function parseNodeDocument(bytes: Uint8Array): ParsedDocument {
  const read = readNodeDocument(bytes)
  if (!read.ok) return read
  try {
    const reason = checkNames(read.document)
    return reason === undefined ? read : { ok: false, reason }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, reason: error.message }
    throw error
  }
}

/** Reads a document that was checked when it was taken: what is asked of new ones since then is not asked of it. */
export function readNodeDocument(bytes: Uint8Array): ParsedDocument {
  if (bytes.length > LIMITS.nodeDocumentBytesMax) return { ok: false, reason: 'the node document is too large' }
  try {
    const value = parseJson(bytes)
    if (validator.Check(value)) return { ok: true, document: value }
    const first = validator.Errors(value)[0]
    const place = first?.instancePath || '/'
    return { ok: false, reason: `the node document does not fit at ${place}: ${first?.message ?? ''}` }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, reason: error.message }
    throw error
  }
}

function checkNames(document: NodeDocument): string | undefined {
  const { member, protocol, log, http, witness } = document
  if (!isDomainLike(member)) return 'the member id is not a domain-like name'
  if (!protocol.includes(1)) return 'it does not speak version 1 of the protocol'
  if (log.origin !== `${member}/log` && !new RegExp(`^${RegExp.escape(member)}/log/[1-9][0-9]{0,8}$`).test(log.origin))
    return 'the log’s origin does not begin with the member id'
  const types = log.vkeys
    .map((vkey) => parseVkey(vkey))
    .filter((vkey) => vkey.name === log.origin)
    .map((vkey) => vkey.type)
  if (!types.includes(SIGNATURE_TYPE.ed25519) || !types.includes(SIGNATURE_TYPE.mldsa44))
    return 'the log needs an Ed25519 and an ML-DSA-44 key under its origin'
  if (witness?.vkeys.some((vkey) => parseVkey(vkey).name !== witness.name || witness.name === log.origin) === true)
    return 'a key of the witness is not under the witness’s name'
  // Keys of ended logs are read here, so that none is kept that is no key; those of unknown types are ignored later.
  for (const vkey of log.earlier.flatMap(({ vkeys }) => vkeys)) parseVkey(vkey)
  if (new Set(http.map((key) => key.kid)).size !== http.length) return 'two http keys have one name'
  return checkRoles(document)
}

/** A key that stood for two roles could be made to say in one what it was asked in the other. */
function checkRoles({ log, http, witness, recovery }: NodeDocument): string | undefined {
  const raw = (vkey: string): string => Buffer.from(parseVkey(vkey).publicKey).toString('base64url')
  // Two texts may stand for the same bytes.
  const bytesOf = ({ x }: Jwk): string => Buffer.from(x, 'base64url').toString('base64url')
  const keys = [...log.vkeys.map(raw), ...(witness?.vkeys ?? []).map(raw), ...http.map(bytesOf)]
  if (new Set(keys).size !== keys.length) return 'one key stands there for two roles'
  const asRecovery = keys.some((key) => sha256(Buffer.from(key, 'base64url')).toHex() === recovery)
  return asRecovery ? 'the recovery key stands there for another role' : undefined
}

/** The address of a member without a network: below `.invalid`, which no name is ever found under (RFC 6761). */
export function addressOfNobody(member: string): string {
  return `https://${member}.invalid`
}

/** Whether a member says that nobody can call it: then it is exchanged with by bundles. */
export function hasNoNetwork({ endpoint }: Pick<NodeDocument, 'endpoint'>): boolean {
  return URL.canParse(endpoint) && new URL(endpoint).hostname.endsWith('.invalid')
}

/** The keys that heads of its log are held against. */
export function logVerifiers({ log }: Pick<NodeDocument, 'log'>): NoteVerifier[] {
  return knownVerifiers(log.vkeys)
}

/** The keys that a member witnesses with, as far as lines can be held against them here. */
export function witnessVkeys({ witness }: Pick<NodeDocument, 'witness'>): string[] {
  const vkeys = witness?.vkeys ?? []
  return vkeys.filter((vkey) => knownVerifiers([vkey]).some(({ type }) => WITNESS_TYPES.includes(type)))
}

export type HttpKey = { readonly publicKey: KeyObject; readonly notBeforeMs: number; readonly expiresMs: number }

/** The key a keyid (`member#kid`) names in a document. */
export function httpKeyOf(document: NodeDocument, keyid: string): HttpKey | undefined {
  const key = document.http.find((each) => `${document.member}#${each.kid}` === keyid)
  if (key === undefined) return undefined
  return { publicKey: httpPublicKey(key), notBeforeMs: key.nbf * 1000, expiresMs: key.exp * 1000 }
}

type Jwk = NodeDocument['http'][number]

function httpPublicKey(jwk: Jwk): KeyObject {
  return HTTP_KEYS.of(jwk, () => createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' }))
}

/** The same few keys verify every request. */
const HTTP_KEYS = new ObjectMemo<Jwk, KeyObject>()
