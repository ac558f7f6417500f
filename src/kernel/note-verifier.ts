// Verifiers of notes from their public text form (c2sp.org/signed-note, c2sp.org/tlog-cosignature).
import { parseCheckpoint } from './log/checkpoint.ts'
import { cosignatureMessage, subtreeMessage, TIME_BYTES } from './log/cosignature.ts'
import { Fault } from './fault.ts'
import { Memo } from './memo.ts'
import { parseVkey, SIGNATURE_TYPE, type NoteVerifier, type Vkey } from './note.ts'
import { publicKey, verifySignature, type PublicKey } from '#kernel/verify.ts'

/** A verifier for types 0x01, 0x04 and 0x06, from a vkey or its text. Throws `log.invalid`, also for other types. */
export function noteVerifier(vkey: Vkey | string): NoteVerifier {
  return typeof vkey === 'string' ? VERIFIERS.of(vkey, () => makeVerifier(parseVkey(vkey))) : makeVerifier(vkey)
}

/**
 * Verifiers of those keys that can be verified with here. What others announce may hold keys of types that only a later
 * version knows: they are kept, and ignored.
 */
export function knownVerifiers(vkeys: readonly string[]): NoteVerifier[] {
  return vkeys.map(verifierOrNone).filter((verifier) => verifier !== undefined)
}

function verifierOrNone(vkey: string): NoteVerifier | undefined {
  try {
    return noteVerifier(vkey)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** By the text of the key: the same few keys verify every request and every head. */
const VERIFIERS = new Memo<NoteVerifier>(1024)

function makeVerifier({ name, keyId: id, type, publicKey: bytes }: Vkey): NoteVerifier {
  return { name, keyId: id, type, verify: verifyByType(name, type, bytes) }
}

function verifyByType(name: string, type: number, bytes: Uint8Array): NoteVerifier['verify'] {
  switch (type) {
    case SIGNATURE_TYPE.ed25519: {
      const key = publicKey('ed25519', bytes)
      return (text, signature) => (verifySignature(key, new TextEncoder().encode(text), signature) ? 0 : undefined)
    }
    case SIGNATURE_TYPE.ed25519Cosignature: {
      const key = publicKey('ed25519', bytes)
      return (text, blob) => verifyTimed(key, text, blob, (timeSec) => cosignatureMessage(timeSec, text))
    }
    case SIGNATURE_TYPE.mldsa44: {
      const key = publicKey('ml-dsa-44', bytes)
      return (text, blob) =>
        verifyTimed(key, text, blob, (timeSec) => subtreeMessage(name, timeSec, parseCheckpoint(text)))
    }
    default:
      throw new Fault('log.invalid', `signatures of type ${type} are not known here`, { place: name })
  }
}

/** Only checkpoints can be cosigned: whatever else the text is, or a time beyond 2^53, does not hold. */
function verifyTimed(
  key: PublicKey,
  text: string,
  blob: Uint8Array,
  message: (timeSec: number) => Uint8Array,
): number | undefined {
  if (blob.length < TIME_BYTES) return undefined
  const timeSec = Number(new DataView(blob.buffer, blob.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(timeSec)) return undefined
  try {
    parseCheckpoint(text)
    return verifySignature(key, message(timeSec), blob.subarray(TIME_BYTES)) ? timeSec : undefined
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
