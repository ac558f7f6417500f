// The folder of key files, apart from the data: one file a role, readable by the owner only, and, where a member protects
// them, encrypted under one key that the file `lock.age` holds under a passphrase. Each change is one rename: at every
// moment each file is there, whole, and can be read by whoever has the passphrase.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  isAgeText,
  newWrapKey,
  openWithKey,
  openWithPassphrase,
  sealUnderKey,
  sealUnderPassphrase,
  wrapKeyOf,
  type WrapKey,
} from './age-file.ts'
import { replaceFile } from './durable.ts'
import { Fault } from './fault.ts'
import type { Seeds } from './key-file.ts'
import { KEY_ROLES, parseRole, roleTexts, seedsOf, type KeyRole, type RoleFile } from './key-role.ts'
import { LIMITS } from './limits.ts'
import type { Unlock } from './passphrase.ts'

/** Opens the others, where it is there. */
export const LOCK_FILE = 'lock.age'
const LOST = 'Restore the keys folder from the file that “comity keys export” made.'

/** Whether this system knows who may read a file; elsewhere the folder must be closed by other means. */
export const CHECKS_MODES = process.platform !== 'win32'

/** Writes the key files, each synced before this returns. Never overwrites one. */
export function writeSeeds(folder: string, seeds: Seeds): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  for (const [role, text] of Object.entries(roleTexts(seeds))) {
    const path = join(folder, `${role}.json`)
    if (existsSync(path)) throw new Fault('conflict', `there is a key file ${role}.json already`, { place: path })
    replaceFile(path, text)
  }
}

export function isProtected(folder: string): boolean {
  return existsSync(join(folder, LOCK_FILE))
}

/** Reads the key files; refuses those that others on this machine may read. `unlock` is asked only where it is needed. */
export async function readSeeds(folder: string, unlock: Unlock): Promise<Seeds> {
  const files = await readRoles(folder, unlock)
  return seedsOf((role) => files[role], folder)
}

export type RoleFiles = Readonly<Record<KeyRole, RoleFile>>

/** The files of all roles as they say it themselves. */
export async function readRoles(folder: string, unlock: Unlock): Promise<RoleFiles> {
  const texts = await readKeyTexts(folder, unlock)
  const entries = KEY_ROLES.map((role) => [role, parseRole(role, texts[`${role}.json`] ?? '', folder)] as const)
  return Object.fromEntries(entries) as RoleFiles
}

/** The key files in clear, by name, as `comity keys export` takes them. */
export async function readKeyTexts(folder: string, unlock: Unlock): Promise<Readonly<Record<string, string>>> {
  refuseOpen(folder, '700', 'the folder of the keys')
  const stored = KEY_ROLES.map((role) => [`${role}.json`, readKeyFile(folder, `${role}.json`)] as const)
  const key = stored.some(([, text]) => isAgeText(text)) ? await openLock(folder, unlock) : undefined
  const texts: Record<string, string> = {}
  for (const [name, text] of stored) texts[name] = await clear(text, key, join(folder, name))
  return texts
}

/** Writes one role anew, protected as the folder is. */
export async function writeRole(folder: string, role: KeyRole, text: string, unlock: Unlock): Promise<void> {
  const key = isProtected(folder) ? await openLock(folder, unlock) : undefined
  replaceFile(join(folder, `${role}.json`), key === undefined ? text : await sealUnderKey(text, key))
}

/** Encrypts every file under a passphrase. Interrupted, it can be run again; until then both kinds are read. */
export async function protectKeys(folder: string, { passphrase, unlock }: Passphrases): Promise<void> {
  const texts = await readKeyTexts(folder, unlock)
  if (isProtected(folder) && everyFile(folder, isAgeText))
    throw new Fault('conflict', 'the keys are protected already', {
      place: folder,
      remedy: 'To change the passphrase: comity keys change-passphrase',
    })
  const key = isProtected(folder) ? await openLock(folder, unlock) : await newWrapKey()
  if (!isProtected(folder))
    replaceFile(join(folder, LOCK_FILE), await sealUnderPassphrase(`${key.identity}\n`, passphrase))
  for (const [name, text] of Object.entries(texts)) replaceFile(join(folder, name), await sealUnderKey(text, key))
}

export type Passphrases = { readonly passphrase: string; readonly unlock: Unlock }

/** Writes every file in clear, and only then takes away what opened them. */
export async function unprotectKeys(folder: string, unlock: Unlock): Promise<void> {
  demandProtected(folder)
  const texts = await readKeyTexts(folder, unlock)
  for (const [name, text] of Object.entries(texts)) replaceFile(join(folder, name), text)
  rmSync(join(folder, LOCK_FILE))
}

/** One rename: before it the old passphrase opens the keys, after it the new one. */
export async function changePassphrase(folder: string, { passphrase, unlock }: Passphrases): Promise<void> {
  demandProtected(folder)
  const key = await openLock(folder, unlock)
  replaceFile(join(folder, LOCK_FILE), await sealUnderPassphrase(`${key.identity}\n`, passphrase))
}

function demandProtected(folder: string): void {
  if (!isProtected(folder))
    throw new Fault('conflict', 'the keys are not protected', {
      place: folder,
      remedy: 'To protect them: comity keys protect',
    })
}

function everyFile(folder: string, holds: (text: string) => boolean): boolean {
  return KEY_ROLES.every((role) => holds(readKeyFile(folder, `${role}.json`)))
}

async function openLock(folder: string, unlock: Unlock): Promise<WrapKey> {
  const path = join(folder, LOCK_FILE)
  const text = readKeyFile(folder, LOCK_FILE)
  const passphrase = await unlock()
  try {
    return await wrapKeyOf(
      Buffer.from(await openWithPassphrase(text, passphrase))
        .toString('latin1')
        .trim(),
    )
  } catch (cause) {
    const reason = cause instanceof Fault && cause.message.includes('scrypt') ? cause.message : undefined
    throw new Fault('config.invalid', reason ?? 'the passphrase does not open the keys', {
      place: path,
      cause,
      remedy: 'Check the passphrase, or what the key command prints. Nothing was started.',
    })
  }
}

async function clear(text: string, key: WrapKey | undefined, place: string): Promise<string> {
  if (!isAgeText(text)) return text
  try {
    return Buffer.from(await openWithKey(text, key as WrapKey)).toString('utf8')
  } catch (cause) {
    throw new Fault('config.invalid', 'a protected key file does not open', { place, cause, remedy: LOST })
  }
}

function readKeyFile(folder: string, name: string): string {
  const path = join(folder, name)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    throw new Fault('config.invalid', `the key file ${name} is missing`, { place: path, remedy: LOST })
  refuseOpen(path, '600', name)
  if (found.size > LIMITS.keyFileBytesMax)
    throw new Fault('config.invalid', `the key file ${name} has more than ${LIMITS.keyFileBytesMax} bytes`, {
      place: path,
      remedy: LOST,
    })
  return readFileSync(path, 'utf8')
}

function refuseOpen(path: string, mode: string, what: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Fault('config.invalid', `${what} is missing`, { place: path, remedy: LOST })
  if (CHECKS_MODES && (found.mode & 0o077) !== 0)
    throw new Fault('config.invalid', `others on this machine may read ${what}`, {
      place: path,
      remedy: `Run: chmod ${mode} ${path}`,
    })
}
