// Passwords: Argon2id (RFC 9106) with the parameters the OWASP Password Storage Cheat Sheet names, written as a PHC string,
// so that a hash says how it was made and is made again when the parameters have changed.
import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { PASSWORD_CHARS_MIN } from './wire.ts'

const derive = promisify(argon2)

export type Parameters = { readonly memoryKib: number; readonly passes: number; readonly parallelism: number }
/** 19 MiB, two passes, one lane. */
export const PARAMETERS: Parameters = { memoryKib: 19_456, passes: 2, parallelism: 1 }

const SALT_BYTES = 16
const TAG_BYTES = 32

export async function hashPassword(password: string, random: Random, parameters = PARAMETERS): Promise<string> {
  const salt = random(SALT_BYTES)
  const tag = await tagOf(password, salt, parameters)
  const { memoryKib, passes, parallelism } = parameters
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${plain(salt)}$${plain(tag)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

/** Whether a password belongs to a stored hash, and whether the hash should be made again. */
export async function checkPassword(
  password: string,
  stored: string | undefined,
): Promise<{ readonly ok: boolean; readonly stale: boolean }> {
  const match = PHC.exec(stored ?? NOBODY)
  if (match === null) throw new Fault('storage.failed', 'a stored password hash cannot be read')
  const [, memory, passes, lanes, salt = '', tag = ''] = match
  const parameters = { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(lanes) }
  const found = await tagOf(password, Buffer.from(salt, 'base64'), parameters)
  const ok = timingSafeEqual(found, Buffer.from(tag, 'base64')) && stored !== undefined
  return { ok, stale: ok && JSON.stringify(parameters) !== JSON.stringify(PARAMETERS) }
}

/** Who has no password costs the same time as who has one. */
const NOBODY = `$argon2id$v=19$m=${PARAMETERS.memoryKib},t=${PARAMETERS.passes},p=${PARAMETERS.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Refuses what is guessed first: short ones, one character over and over, the names of the person and the member. */
export function requireGoodPassword(password: string, names: readonly string[]): void {
  const plainText = password.normalize('NFKC').toLowerCase()
  const fault = (message: string): Fault =>
    new Fault('input.invalid', message, {
      place: 'password',
      remedy: 'Several random words are better than one word with digits.',
    })
  if ([...plainText].length < PASSWORD_CHARS_MIN)
    throw fault(`a password has at least ${PASSWORD_CHARS_MIN} characters`)
  if (new Set(plainText).size < 5) throw fault('this password repeats a few characters')
  const rest = names.reduce((text, name) => text.replaceAll(name.toLowerCase(), ''), plainText)
  if ([...rest].length < PASSWORD_CHARS_MIN / 2) throw fault('this password is little more than a name')
}

let running = 0

/** Each computation takes 19 MiB, so few run at once; who comes in a crowd is asked to come again. */
async function tagOf(password: string, nonce: Uint8Array, parameters: Parameters): Promise<Uint8Array> {
  if (running >= LIMITS.passwordChecksMax)
    throw new Fault('busy', 'too many people are signing in at once', { remedy: 'Try again in a moment.' })
  running += 1
  try {
    const { memoryKib: memory, passes, parallelism } = parameters
    const message = password.normalize('NFKC')
    return await derive('argon2id', { message, nonce, memory, passes, parallelism, tagLength: TAG_BYTES })
  } finally {
    running -= 1
  }
}

function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}
