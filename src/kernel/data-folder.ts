// The data folder of a member: the database and its head, who the member is, the keys apart, the administrator's
// token. Made once by `comity init`, opened and checked at every start.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from './clock.ts'
import { replaceFile } from './durable.ts'
import { Fault } from './fault.ts'
import { memberId, type MemberId, type MemberKind } from './id.ts'
import { CHECKS_MODES, readSeeds, writeSeeds } from './key-folder.ts'
import { logKeys, newSeeds, type Seeds } from './key-file.ts'
import { signingKey } from './key.ts'
import { ensureFolder } from './ensure-folder.ts'
import { describeSelf } from './self-description.ts'
import { sha256 } from './hash.ts'
import type { Unlock } from './passphrase.ts'

/** Who a member is, as it stands in `identity.json`. Nothing in it is secret. */
export type Identity = {
  readonly member: MemberId
  /** Names by language tag, at least one. */
  readonly names: Readonly<Record<string, string>>
  readonly kind: MemberKind
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  /** As in security.txt: an address or a URL. */
  readonly contact?: string
  /** The log's name. */
  readonly origin: string
  /** The public keys that the log began with; those of today stand in the node document. */
  readonly vkeys: readonly string[]
  /** SHA-256 of the recovery public key, hex. */
  readonly recoveryHash?: string
}

export type DataFolder = { readonly identity: Identity; readonly seeds: Seeds; readonly adminToken: string }

export type NewMember = Pick<Identity, 'names' | 'kind' | 'country' | 'contact'> & { readonly member: string }

/** Makes the folder with fresh keys. Returns the recovery seed, which is kept nowhere: people must write it down. */
export function createDataFolder(
  path: string,
  member: NewMember,
  random: Random,
): { identity: Identity; recoverySeed: Uint8Array } {
  if (existsSync(join(path, IDENTITY_FILE)) || existsSync(join(path, 'comity.db')))
    throw new Fault('conflict', 'there is a data folder here already; nothing was changed', {
      place: path,
      remedy: 'Use another --data-dir, or run “comity serve” on this one.',
    })
  const id = memberId(member.member)
  const said = describeSelf(member, {})
  ensureFolder(path, 0o700)
  chmodSync(path, 0o700)
  const seeds = newSeeds(random)
  const recoverySeed = random(32)
  const origin = `${id}/log`
  const identity: Identity = {
    ...said,
    member: id,
    origin,
    vkeys: logKeys(origin, seeds.log).vkeys,
    recoveryHash: sha256(signingKey('ed25519', recoverySeed).publicKey).toHex(),
  }
  writeSeeds(join(path, 'keys'), seeds)
  writeFileSync(join(path, 'admin.token'), `${Buffer.from(random(32)).toString('base64url')}\n`, {
    mode: 0o600,
    flag: 'wx',
  })
  writeIdentity(join(path, IDENTITY_FILE), identity)
  return { identity, recoverySeed }
}

export const IDENTITY_FILE = 'identity.json'

/** Puts who a member is in the place of what stood there. */
export function writeIdentity(file: string, identity: Identity): void {
  replaceFile(file, `${JSON.stringify(identity, undefined, 2)}\n`, 0o644)
}

/** Reads and checks everything a node needs before it opens the database. `unlock` is asked where keys are protected. */
export async function openDataFolder(path: string, unlock: Unlock): Promise<DataFolder> {
  const identity = readIdentity(path)
  const adminToken = readToken(join(path, 'admin.token'))
  return { identity, seeds: await readSeeds(join(path, 'keys'), unlock), adminToken }
}

/** For folders whose keys are in clear: there is nothing to ask. */
export const noPassphrase: Unlock = async () => {
  throw new Fault('config.invalid', 'these keys are protected by a passphrase, and there is nobody to ask for it', {
    remedy: 'Set keys.command or keys.passphraseFile, or start this at a terminal.',
  })
}

/**
 * Whether everybody on this machine may look into the folder, and so read what records say; key files refuse that by
 * themselves. A group may: that of a mounted volume is often set by what mounts it.
 */
export function isOpenToAll(path: string): boolean {
  return CHECKS_MODES && ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o007) !== 0
}

/** Who the folder belongs to; needs no private key. */
export function readIdentity(path: string): Identity {
  const file = join(path, IDENTITY_FILE)
  if (!existsSync(file))
    throw new Fault('not-found', 'there is no data folder here yet', {
      place: path,
      remedy: 'Make one: comity init --member your-name.example',
    })
  return parseIdentity(file)
}

export function parseIdentity(file: string): Identity {
  try {
    const identity = JSON.parse(readFileSync(file, 'utf8')) as Identity
    memberId(identity.member)
    return identity
  } catch (cause) {
    throw new Fault('config.invalid', 'who this folder belongs to cannot be read', {
      place: file,
      cause,
      remedy: 'Restore it from a backup.',
    })
  }
}

/** A secret in a file that only its owner may read, without the line's end. */
export function readSecretFile(path: string): string {
  if (!existsSync(path)) throw new Fault('config.invalid', 'a file with a secret is missing', { place: path })
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Fault('config.invalid', 'others on this machine may read a file with a secret', {
      place: path,
      remedy: `Run: chmod 600 ${path}`,
    })
  return readFileSync(path, 'utf8').trim()
}

function readToken(path: string): string {
  if (!existsSync(path))
    throw new Fault('config.invalid', 'the administrator’s token is missing', {
      place: path,
      remedy: 'Write at least 32 random characters into it, readable by its owner only.',
    })
  if (CHECKS_MODES && (statSync(path).mode & 0o077) !== 0)
    throw new Fault('config.invalid', 'others on this machine may read the administrator’s token', {
      place: path,
      remedy: `Run: chmod 600 ${path}`,
    })
  const token = readFileSync(path, 'utf8').trim()
  if (token.length < 32)
    throw new Fault('config.invalid', 'the administrator’s token is too short', {
      place: path,
      remedy: 'Use at least 32 random characters.',
    })
  return token
}
