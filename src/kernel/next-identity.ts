// A recovery changes the database, the keys and the identity of a folder, and no one step changes all three. What takes
// the place of keys and identity is prepared beside them; the database decides, and whoever opens the folder next puts it
// in place, however far that had come when the power went.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { IDENTITY_FILE, parseIdentity, writeIdentity, type Identity } from './data-folder.ts'
import { replaceFile, syncPath } from './durable.ts'
import { writeSeeds } from './key-folder.ts'
import type { Seeds } from './key-file.ts'
import { OWN_LOG } from './log/tile-store.ts'

const NEXT = 'identity.next.json'
const [KEYS, BUILT, OLD] = ['keys', 'keys.new', 'keys.old'] as const
const TLS_FILES = ['tls-key.pem', 'tls-cert.pem'] as const

/** Prepares keys and identity; nothing that works with the folder sees them yet. */
export function prepareNext(folder: string, identity: Identity, seeds: Seeds): void {
  forgetNext(folder)
  writeSeeds(join(folder, BUILT), seeds)
  for (const name of TLS_FILES) {
    const path = join(folder, KEYS, name)
    if (existsSync(path)) replaceFile(join(folder, BUILT, name), readFileSync(path))
  }
  writeIdentity(join(folder, NEXT), identity)
}

export function forgetNext(folder: string): void {
  rmSync(join(folder, NEXT), { force: true })
  rmSync(join(folder, BUILT), { recursive: true, force: true })
}

/**
 * Puts what was prepared in place, where the database has gone over to its log. Only for who holds the folder's lock.
 * Returns the identity that counts from now on; undefined where there was nothing to do.
 */
export function settleNext(folder: string): Identity | undefined {
  const prepared = join(folder, NEXT)
  if (!existsSync(prepared)) return undefined
  const identity = parseIdentity(prepared)
  if (ownOrigin(folder) !== identity.origin) return undefined
  const [keys, built, old] = [join(folder, KEYS), join(folder, BUILT), join(folder, OLD)]
  if (existsSync(built)) {
    if (existsSync(keys)) {
      rmSync(old, { recursive: true, force: true })
      renameSync(keys, old)
    }
    renameSync(built, keys)
  }
  rmSync(join(folder, 'head'), { force: true })
  writeIdentity(join(folder, IDENTITY_FILE), identity)
  rmSync(prepared)
  syncPath(folder)
  return identity
}

function ownOrigin(folder: string): string | undefined {
  const path = join(folder, 'comity.db')
  if (!existsSync(path)) return undefined
  using database = new DatabaseSync(path, { readOnly: true })
  return (database.prepare('SELECT origin FROM log WHERE id = ?').get(OWN_LOG) as { origin: string } | undefined)
    ?.origin
}
