// What a member says with its recovery key when its other keys are lost or stolen (docs/protocol.md, "Recovery"): where its
// log ends, which log follows under which keys, and which recovery key holds from then on. One signed note, whole in itself,
// so that it convinces whoever knew the hash of the recovery key before, over any line.
import { formatBase64, parseBase64 } from './base64.ts'
import { Fault } from './fault.ts'
import { HASH_BYTES, sha256 } from './hash.ts'
import { isDomainLike } from './id.ts'
import { noteSigner, signerVkey, signingKey } from './key.ts'
import { LIMITS } from './limits.ts'
import { parseSize } from './log/checkpoint.ts'
import { noteVerifier } from './note-verifier.ts'
import { formatNote, parseNote, parseVkey, SIGNATURE_TYPE, verifyNote } from './note.ts'

export type Recovery = {
  readonly member: string
  /** The log that ends, with its last honest head. What its keys sign beyond that is not the member's. */
  readonly ends: { readonly origin: string; readonly size: number; readonly root: Uint8Array }
  /** The log that follows, from nothing. */
  readonly follows: { readonly origin: string; readonly vkeys: readonly string[] }
  /** SHA-256 of the recovery public key from now on, hex. */
  readonly recovery: string
}

/** A note and the verifier key it is signed under. */
export type ShownRecovery = { readonly vkey: string; readonly note: string }

const HEAD = 'comity/recovery/v1'
const LINES = 10

/** The name under which a member's recovery key signs. */
export function recoveryName(member: string): string {
  return `${member}/recovery`
}

export function recoveryHash(publicKey: Uint8Array): string {
  return sha256(publicKey).toHex()
}

export function formatRecoveryText({ member, ends, follows, recovery }: Recovery): string {
  const [first = '', second = ''] = follows.vkeys
  const end = [ends.origin, ends.size, formatBase64(ends.root)]
  const text = `${[HEAD, member, ...end, follows.origin, first, second, recovery].join('\n')}\n`
  parseRecoveryText(text)
  return text
}

/** Reads the text of a note. Throws `log.invalid` for anything but its nine lines in their one spelling. */
export function parseRecoveryText(text: string): Recovery {
  const lines = text.split('\n', LINES + 1)
  const [head, member = '', origin = '', size = '', rootText = '', next = '', first = '', second = '', recovery = ''] =
    lines
  if (head !== HEAD || lines.length !== LINES || lines[LINES - 1] !== '')
    throw invalid(`it is not nine lines under ${HEAD}`)
  if (!isDomainLike(member)) throw invalid('the member is no domain-like name')
  const root = parseBase64(rootText)
  if (root?.length !== HASH_BYTES) throw invalid('a root is 32 bytes in canonical base64')
  if (!/^[0-9a-f]{64}$/.test(recovery)) throw invalid('the recovery key is named by 64 hex digits')
  const [before, after] = [originNumber(member, origin), originNumber(member, next)]
  if (before === undefined || after === undefined || after <= before)
    throw invalid('the log that follows has a higher number')
  const types = [first, second].map((vkey) => {
    if (vkey.length > LIMITS.vkeyCharsMax) throw invalid('a key is too long')
    const parsed = parseVkey(vkey)
    if (parsed.name !== next) throw invalid('a key is not of the log that follows')
    return parsed.type
  })
  if (types[0] !== SIGNATURE_TYPE.ed25519 || types[1] !== SIGNATURE_TYPE.mldsa44)
    throw invalid('the log that follows has an Ed25519 and then an ML-DSA-44 key')
  return {
    member,
    ends: { origin, size: parseSize(size), root },
    follows: { origin: next, vkeys: [first, second] },
    recovery,
  }
}

/** 1 for `member/log`, 2 for `member/log/2`, …; undefined for what is no log of this member. */
export function originNumber(member: string, origin: string): number | undefined {
  if (origin === `${member}/log`) return 1
  const digits = origin.startsWith(`${member}/log/`) ? origin.slice(member.length + 5) : ''
  const number = /^[1-9][0-9]{0,8}$/.test(digits) ? Number(digits) : 0
  return number >= 2 ? number : undefined
}

export function nextOrigin(member: string, origin: string): string {
  return `${member}/log/${(originNumber(member, origin) ?? 1) + 1}`
}

/** Signs with the recovery key's seed. */
export function signRecovery(recovery: Recovery, seed: Uint8Array): ShownRecovery {
  const key = signingKey('ed25519', seed)
  const name = recoveryName(recovery.member)
  const text = formatRecoveryText(recovery)
  const note = formatNote(text, [noteSigner(name, key).sign(text)])
  return { vkey: signerVkey(name, key), note: Buffer.from(note).toString('utf8') }
}

export type OpenedRecovery =
  | { readonly ok: true; readonly recovery: Recovery }
  | { readonly ok: false; readonly reason: string }

/** Opens a note under the recovery key that is known by its hash. Never throws for foreign bytes. */
export function openRecovery({ vkey, note }: ShownRecovery, knownHash: string | undefined): OpenedRecovery {
  if (knownHash === undefined) return refuse('no recovery key of this member is known')
  try {
    const { name, type, publicKey } = parseVkey(vkey)
    if (type !== SIGNATURE_TYPE.ed25519 || recoveryHash(publicKey) !== knownHash)
      return refuse('it is signed with another recovery key than the one known')
    const parsed = parseNote(Buffer.from(note))
    const recovery = parseRecoveryText(parsed.text)
    if (name !== recoveryName(recovery.member)) return refuse('its key is not under the member’s name')
    const verdict = verifyNote(parsed, [noteVerifier(vkey)])
    return verdict.ok ? { ok: true, recovery } : verdict
  } catch (error) {
    if (error instanceof Fault) return refuse(error.message)
    throw error
  }
}

function refuse(reason: string): OpenedRecovery {
  return { ok: false, reason }
}

function invalid(message: string): Fault {
  return new Fault('log.invalid', `this is no recovery note: ${message}`)
}
