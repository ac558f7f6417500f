// Small texts encrypted at rest with age (age-encryption.org/v1), in its ASCII armour: under a passphrase for people, or
// under a key that is itself kept under one. Any age tool opens them, on a day when this program is not at hand.
import type * as Age from 'age-encryption'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'

/** About half a second and 128 MiB for each guess (scrypt, N = 2^17). */
const WORK_FACTOR = 17
const HEAD = '-----BEGIN AGE ENCRYPTED FILE-----'

/** Loaded when something is sealed or opened: a node whose keys are not protected does neither. */
const age = (): Promise<typeof Age> => import('age-encryption')

/** Whether a text looks like one of these, and so is not what is inside. */
export function isAgeText(text: string): boolean {
  return text.startsWith(HEAD)
}

export async function sealUnderPassphrase(plain: string, passphrase: string): Promise<string> {
  const { armor, Encrypter } = await age()
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(WORK_FACTOR)
  return armor.encode(await encrypter.encrypt(plain))
}

/**
 * Opens what a passphrase closes. Throws `input.invalid`; a file that asks for more memory than
 * `LIMITS.scryptLogNMax` allows is refused before the work is done.
 */
export async function openWithPassphrase(text: string, passphrase: string): Promise<Uint8Array> {
  const { armor, Decrypter } = await age()
  const bytes = dearmored(armor, text)
  const logN = workFactorOf(bytes)
  if (logN !== undefined && logN > LIMITS.scryptLogNMax)
    throw new Fault(
      'input.invalid',
      `this file asks for scrypt with N = 2^${logN}; 2^${LIMITS.scryptLogNMax} is the most`,
      {
        remedy: 'It was not made by this program. Open it with an age tool on a machine that can spare the memory.',
      },
    )
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  return await decrypted(decrypter, bytes, 'Check the passphrase. If it is right, the file is damaged.')
}

/** A key to encrypt several files under, so that one passphrase is worked out once for all of them. */
export type WrapKey = { readonly identity: string; readonly recipient: string }

export async function newWrapKey(): Promise<WrapKey> {
  return wrapKeyOf(await (await age()).generateX25519Identity())
}

export async function wrapKeyOf(identity: string): Promise<WrapKey> {
  return { identity, recipient: await (await age()).identityToRecipient(identity) }
}

export async function sealUnderKey(plain: string, { recipient }: WrapKey): Promise<string> {
  const { armor, Encrypter } = await age()
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(plain))
}

export async function openWithKey(text: string, { identity }: WrapKey): Promise<Uint8Array> {
  const { armor, Decrypter } = await age()
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return await decrypted(
    decrypter,
    dearmored(armor, text),
    'It is damaged, or was encrypted for another folder of keys.',
  )
}

async function decrypted(decrypter: Age.Decrypter, bytes: Uint8Array, remedy: string): Promise<Uint8Array> {
  try {
    return await decrypter.decrypt(bytes)
  } catch (cause) {
    throw new Fault('input.invalid', 'this encrypted file does not open', { cause, remedy })
  }
}

/** log2 N of the first recipient where that is a passphrase. */
function workFactorOf(bytes: Uint8Array): number | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const digits = /^[^\n]*\n-> scrypt [^ \n]+ ([0-9]{1,9})\n/.exec(head)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function dearmored(armor: typeof Age.armor, text: string): Uint8Array {
  try {
    return armor.decode(text)
  } catch (cause) {
    throw new Fault('input.invalid', 'this is not a whole age file in ASCII armour', {
      cause,
      remedy: `It begins with ${HEAD}.`,
    })
  }
}
