// Signed notes (c2sp.org/signed-note): a text, and lines that sign it. Checkpoints, cosignatures and recovery notes
// are notes. A note's text means nothing until verifyNote has answered; parseNote only takes it apart. A relay may
// add lines and drop lines, but it cannot change the text under a signature, nor make a known key vouch for it.
import { formatBase64, parseBase64 } from './base64.ts'
import { joinBytes } from './bytes.ts'
import { Fault } from './fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { LIMITS } from './limits.ts'

/** Signature type bytes that this program knows (signed-note, tlog-cosignature). */
export const SIGNATURE_TYPE = {
  /** Ed25519 over the note text. */
  ed25519: 0x01,
  /** Ed25519 over a time and a checkpoint: a witness's line. */
  ed25519Cosignature: 0x04,
  /** ML-DSA-44 over a time and a tree: a log's or a witness's line. */
  mldsa44: 0x06,
} as const

export type NoteSignature = {
  readonly name: string
  readonly keyId: number
  /** What follows the key id: for types 0x04 and 0x06 it begins with eight bytes of time. */
  readonly signature: Uint8Array
  /** The whole line as it stood, without its line feed. */
  readonly line: string
}

export type Note = {
  /** Ends in a line feed; the blank line that follows is not part of it. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A verifier key: who signs, how, and the public key. */
export type Vkey = {
  readonly name: string
  readonly keyId: number
  readonly type: number
  readonly publicKey: Uint8Array
}

/** Signs note texts under one name. `key.ts` makes them. */
export type NoteSigner = Omit<Vkey, 'publicKey'> & {
  /** The signature line for `text`, without its line feed. */
  readonly sign: (text: string) => string
}

/** Checks signatures under one name. `key.ts` makes them. */
export type NoteVerifier = Omit<Vkey, 'publicKey'> & {
  /** The time the signature states (seconds since 1970, 0 for none), or undefined where it is not valid. */
  readonly verify: (text: string, signature: Uint8Array) => number | undefined
}

export type VerifiedSignature = Omit<Vkey, 'publicKey'> & { readonly timeSec: number; readonly line: string }

export type NoteVerdict =
  | { readonly ok: true; readonly verified: readonly VerifiedSignature[] }
  | { readonly ok: false; readonly reason: string }

/** Takes a note apart. Throws `log.invalid` for anything that is not exactly one. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > LIMITS.noteBytesMax) throw invalid(`a note has at most ${LIMITS.noteBytesMax} bytes`)
  const whole = decodeText(bytes)
  const blank = whole.lastIndexOf('\n\n')
  if (blank < 0) throw invalid('a note has a blank line before its signatures')
  const block = whole.slice(blank + 2)
  if (!block.endsWith('\n')) throw invalid('a note ends in a signature line and a line feed')
  const lines = block.slice(0, -1).split('\n', LIMITS.noteSignaturesMax + 1)
  if (lines.length > LIMITS.noteSignaturesMax) {
    throw invalid(`a note has at most ${LIMITS.noteSignaturesMax} signatures`)
  }
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignatureLine) }
}

/** The bytes of a note. Throws `log.invalid` where parseNote would not read them back as the same note. */
export function formatNote(text: string, lines: readonly string[]): Uint8Array {
  const bytes = new TextEncoder().encode(`${text}\n${lines.map((line) => `${line}\n`).join('')}`)
  if (parseNote(bytes).text !== text) throw invalid('a note text ends in a line feed')
  return bytes
}

/** Reads `— <name> <base64>`, without a line feed. Throws `log.invalid`. */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name, blob, ...rest] = line.split(' ', 4)
  const bytes = blob === undefined ? undefined : parseBase64(blob)
  if (dash !== '—' || name === undefined || !isKeyName(name) || bytes === undefined || rest.length > 0) {
    throw invalid('a signature line is a dash, a key name and canonical base64', line)
  }
  if (bytes.length < 5) throw invalid('a signature has a key id of four bytes and at least one byte more', line)
  return { name, keyId: readKeyId(bytes), signature: bytes.subarray(4), line }
}

export function formatSignatureLine(name: string, id: number, signature: Uint8Array): string {
  const blob = new Uint8Array(4 + signature.length)
  new DataView(blob.buffer).setUint32(0, id)
  blob.set(signature, 4)
  return `— ${name} ${formatBase64(blob)}`
}

/** The first four bytes of SHA-256(name || LF || type || public key), as a number. */
export function keyId(name: string, type: number, publicKey: Uint8Array): number {
  return readKeyId(sha256(joinBytes([new TextEncoder().encode(`${name}\n`), Uint8Array.of(type), publicKey])))
}

const PUBLIC_KEY_BYTES: Readonly<Record<number, number>> = { 0x01: 32, 0x04: 32, 0x06: 1312 }

/**
 * Reads `<name>+<hex key id>+<base64(type || public key)>`. Throws `log.invalid`. For types known here the length of
 * the key and the id must fit; a key of another type is read, and can be kept, but not verified with.
 */
export function parseVkey(text: string): Vkey {
  if (text.length > LIMITS.vkeyCharsMax) throw invalid(`a verifier key has at most ${LIMITS.vkeyCharsMax} characters`)
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text)
  const [name = '', id = '', blob = ''] = match?.slice(1) ?? []
  const bytes = parseBase64(blob)
  const type = bytes?.[0]
  if (!isKeyName(name) || bytes === undefined || type === undefined) throw invalid('this is not a verifier key', text)
  const vkey = { name, keyId: Number.parseInt(id, 16), type, publicKey: bytes.subarray(1) }
  const expected = PUBLIC_KEY_BYTES[type]
  if (expected === undefined) return vkey
  if (vkey.publicKey.length !== expected) throw invalid(`a public key of type ${type} has ${expected} bytes`, text)
  if (vkey.keyId !== keyId(name, type, vkey.publicKey)) throw invalid('the key id does not belong to this key', text)
  return vkey
}

export function formatVkey(vkey: Vkey): string {
  const id = vkey.keyId.toString(16).padStart(8, '0')
  return `${vkey.name}+${id}+${formatBase64(joinBytes([Uint8Array.of(vkey.type), vkey.publicKey]))}`
}

/**
 * Checks a note's signatures. Lines of keys that are not in `verifiers` are ignored; every line of a known key must
 * hold, or the note is refused, and at least one must be there (`demand: 'all'`: one of every verifier, `'none'`: the
 * lines that are there must hold). `verified` names each key once, with its first line.
 */
export function verifyNote(
  note: Note,
  verifiers: readonly NoteVerifier[],
  options: { readonly demand?: 'none' | 'any' | 'all' } = {},
): NoteVerdict {
  const verified = new Map<NoteVerifier, VerifiedSignature>()
  for (const { name, keyId: id, signature, line } of note.signatures) {
    for (const verifier of verifiers) {
      if (verifier.name !== name || verifier.keyId !== id) continue
      const timeSec = verifier.verify(note.text, signature)
      if (timeSec === undefined) return { ok: false, reason: `the signature of ${name} does not hold` }
      if (!verified.has(verifier)) verified.set(verifier, { name, keyId: id, type: verifier.type, timeSec, line })
    }
  }
  if (verified.size === 0 && options.demand !== 'none') return { ok: false, reason: 'no known key signed this note' }
  const missing = options.demand === 'all' ? verifiers.find((verifier) => !verified.has(verifier)) : undefined
  if (missing !== undefined) {
    return { ok: false, reason: `a signature of ${missing.name} is missing (key type ${missing.type})` }
  }
  return { ok: true, verified: [...verified.values()] }
}

/** UTF-8 without control characters other than the line feed; a byte order mark is kept as the character it is. */
function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes)
  if (CONTROL.test(text)) throw invalid('a note has no control characters')
  return text
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x09\x0b-\x1f]/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new Fault('log.invalid', 'a note is UTF-8', { cause })
  }
}

function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\p{White_Space}+]/u.test(name)
}

function readKeyId(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

function invalid(message: string, place?: string): Fault {
  return new Fault('log.invalid', message, place === undefined ? {} : { place: place.slice(0, 120) })
}
