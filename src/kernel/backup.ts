// Backups of a data folder: made while its node runs, checked against their own manifest, read back by `comity restore`.
// What records say is sealed in them; no private key, no record key and no token is.
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, createReadStream, existsSync, openSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatTime, type Random } from './clock.ts'
import { readIdentity } from './data-folder.ts'
import { syncPath } from './durable.ts'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'
import { ensureFolder } from './ensure-folder.ts'
import { ensureRecordKeys } from './record-key-file.ts'
import { writeSealedCopy } from './store/sealed-copy.ts'

/** What a backup consists of; never a private key, never a record key, never the administrator's token. */
export const BACKUP_FILES = ['comity.db', 'head', 'identity.json'] as const
export const MANIFEST_FILE = 'manifest.json'

export type Manifest = {
  readonly format: 2
  readonly member: string
  readonly version: string
  readonly time: string
  /** SHA-256 of each file, hex. */
  readonly files: Readonly<Record<string, string>>
}

export type BackupOrder = {
  readonly dataDir: string
  /** A folder that is not there yet. */
  readonly target: string
  readonly version: string
  readonly nowMs: number
  readonly random: Random
  readonly onProgress: (done: number, all: number) => void
}

/** Copies a data folder as of one moment. Throws `conflict` where something is at the target already. */
export async function makeBackup({ dataDir, target, ...order }: BackupOrder): Promise<Manifest> {
  const { member } = readIdentity(dataDir)
  if (existsSync(target))
    throw new Fault('conflict', 'there is something here already; nothing was written', {
      place: target,
      remedy: 'Name a new folder.',
    })
  ensureFolder(target, 0o700)
  // The head first: a database that is newer than its head is fine, one that is older would sign nothing.
  for (const name of ['head', 'identity.json'])
    if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(target, name))
  writeSealedCopy(
    { source: join(dataDir, 'comity.db'), target: join(target, 'comity.db') },
    { keys: ensureRecordKeys(dataDir), random: order.random, onProgress: order.onProgress },
  )
  const files: Record<string, string> = {}
  for (const name of BACKUP_FILES) if (existsSync(join(target, name))) files[name] = await sha256Of(join(target, name))
  const manifest: Manifest = { format: 2, member, version: order.version, time: formatTime(order.nowMs), files }
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  writeFileSync(join(target, MANIFEST_FILE), text, { mode: 0o600, flag: 'wx' })
  for (const name of [...Object.keys(files), MANIFEST_FILE, '.']) syncPath(join(target, name))
  return manifest
}

/** What a backup says of itself. Throws `input.invalid` where that cannot be read or is of another form. */
export function readManifest(folder: string): Manifest {
  let manifest: Manifest
  try {
    manifest = JSON.parse(readBounded(join(folder, MANIFEST_FILE))) as Manifest
  } catch (cause) {
    throw new Fault('input.invalid', 'this is not a whole backup: its manifest cannot be read', {
      place: folder,
      cause,
    })
  }
  if (!isManifest(manifest))
    throw new Fault('input.invalid', 'this backup is of a form not known here', {
      place: folder,
      remedy: 'Use the version that made it, or a newer one.',
    })
  return manifest
}

/** Files of a backup that are missing or are not what its manifest says; none where it is whole. */
export async function damagedFiles(
  folder: string,
  { files }: Manifest,
  onFile: (done: number, all: number) => void = () => {},
): Promise<string[]> {
  const damaged: string[] = []
  const all = Object.entries(files)
  for (const [at, [name, digest]] of all.entries()) {
    onFile(at, all.length)
    if (!existsSync(join(folder, name)) || (await sha256Of(join(folder, name))) !== digest) damaged.push(name)
  }
  return damaged
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false
  const { format, member, version, time, files } = value as Partial<Record<keyof Manifest, unknown>>
  if (format !== 2 || [member, version, time].some((each) => typeof each !== 'string')) return false
  if (typeof files !== 'object' || files === null || !('comity.db' in files)) return false
  return Object.entries(files).every(
    ([name, digest]) => (BACKUP_FILES as readonly string[]).includes(name) && typeof digest === 'string',
  )
}

/** Not more of a manifest than one may have, whatever lies there. */
function readBounded(path: string): string {
  const buffer = Buffer.alloc(LIMITS.backupManifestBytesMax + 1)
  const file = openSync(path, 'r')
  try {
    const read = readSync(file, buffer)
    if (read > LIMITS.backupManifestBytesMax) throw new Error('it is larger than any manifest')
    return buffer.toString('utf8', 0, read)
  } finally {
    closeSync(file)
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}
