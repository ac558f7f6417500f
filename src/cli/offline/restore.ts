import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { damagedFiles, readManifest, type Manifest } from '#kernel/backup.ts'
import { systemRandom } from '#kernel/clock.ts'
import { openDataFolder } from '#kernel/data-folder.ts'
import { syncPath } from '#kernel/durable.ts'
import { Fault } from '#kernel/fault.ts'
import { logKeys } from '#kernel/key-file.ts'
import { RECORD_KEYS_FILE } from '#kernel/record-key-file.ts'
import { RecordKeys } from '#kernel/record-keys.ts'
import { openSealedCopy, type Opened } from '#kernel/store/sealed-copy.ts'
import { LOCK_FILE } from '#kernel/key-folder.ts'
import type { Unlock } from '#kernel/passphrase.ts'
import { requirePositional, stringOption, type CliContext, type Command } from '../args.ts'
import { PASSPHRASE_OPTION, readPassphrase } from '../passphrase.ts'
import { ownVkeys } from './own-keys.ts'
import { KEY_BOX_BYTES_MAX, KEY_FILES, openKeyBox, TLS_FILES } from './key-box.ts'

export const command: Command = {
  name: 'restore',
  summary: 'Make a data folder from a backup. It is marked as restored and signs nothing until “comity log resume”.',
  usage: ['restore DIR --keys FILE --data-dir NEW', 'restore DIR --without-keys --data-dir NEW'],
  options: {
    keys: {
      type: 'string',
      placeholder: 'FILE',
      description: 'The file of “comity keys export”, or a copy of the keys folder.',
    },
    'without-keys': {
      type: 'boolean',
      description: 'The keys are lost: put back the data alone, for “comity recover”.',
    },
    'record-keys': {
      type: 'string',
      placeholder: 'FILE',
      description:
        'A copy of the file “record-keys” of the data folder, where it is newer than the keys, or not in them.',
    },
    ...PASSPHRASE_OPTION,
  },
  examples: ['comity restore /mnt/backup/2026-01-31 --keys /mnt/safe/cert.example.age --data-dir /var/lib/comity'],
  run: async (context) => {
    const { out, clock, cwd, dataDir } = context
    const source = resolve(cwd, requirePositional(context, 0, 'the folder of the backup'))
    refuseOccupied(dataDir)
    const manifest = await readWhole(source)
    const all = context.values['without-keys'] === true ? undefined : await readKeys(context, manifest)
    const recordKeys = readRecordKeys(context, all)
    const keys = all === undefined ? undefined : withoutRecordKeys(all)
    const building = join(dataDir, '.restoring')
    refuseLeftOver(building)
    let opened: Opened
    try {
      opened = await build(building, {
        source,
        manifest,
        keys,
        recordKeys,
        nowMs: clock.nowMs(),
        unlock: context.unlock,
      })
      putInPlace(building, dataDir)
    } catch (error) {
      rmSync(building, { recursive: true, force: true })
      throw error
    }
    out.line(`${manifest.member} as of ${manifest.time} is in ${dataDir}`)
    out.line(
      'What was said since then may be missing here and known to peers, so nothing is signed. Verify it first: comity log verify.',
    )
    if (keys === undefined) out.line('It has no keys. Go on in a new log, with the recovery key: comity recover')
    out.line('Then, while the node runs, ask the peers for what is missing: comity log resume')
    out.line('Where there is none to ask, with the node stopped: comity log resume --alone')
    if (recordKeys === undefined)
      out.line('What records say could not be opened: no record keys were given. Peers give back what they have of it.')
    else if (opened.erased > 0) out.line(`${opened.erased} records were erased since this backup, and stay so`)
    if (opened.kept > 0)
      out.line(
        `${opened.kept} changes that were kept then wait again: comity kept list. They are logged once it is resumed.`,
      )
    out.data({ dataDir, member: manifest.member, time: manifest.time, ...opened })
    return 0
  },
}

/** What a data folder consists of; a leftover of any of it would be mixed with what is restored. */
const PLACES = [
  'comity.db',
  'comity.db-wal',
  'comity.db-shm',
  'head',
  'identity.json',
  'admin.token',
  'keys',
  RECORD_KEYS_FILE,
] as const

function refuseOccupied(dataDir: string): void {
  const found = PLACES.find((name) => existsSync(join(dataDir, name)))
  if (found !== undefined)
    throw new Fault(
      'conflict',
      `there is a data folder here already, or a part of one (${found}); nothing was changed`,
      {
        place: dataDir,
        remedy: 'Name a new one with --data-dir, or move away what is here.',
      },
    )
}

type KeyFiles = Readonly<Record<string, string>>

/** The key files by name, from an encrypted file or a folder. */
async function readKeys(context: CliContext, manifest: Manifest): Promise<KeyFiles> {
  const given = stringOption(context, 'keys')
  if (given === undefined)
    throw new Fault('input.invalid', '--keys is missing', {
      place: 'the command line',
      remedy: 'Name the file of “comity keys export”, or the folder with the copy of the keys.',
    })
  const path = resolve(context.cwd, given)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Fault('not-found', 'there is nothing here', { place: path })
  if (found.isDirectory()) return keysInFolder(path)
  const text = readBounded(path, KEY_BOX_BYTES_MAX)
  const box = await openKeyBox(text, await readPassphrase(context, { confirm: false }))
  if (box.member !== manifest.member)
    throw new Fault('input.invalid', `these are the keys of ${box.member}, the backup is of ${manifest.member}`, {
      place: path,
    })
  return box.files
}

function withoutRecordKeys({ [RECORD_KEYS_FILE]: _, ...keys }: KeyFiles): KeyFiles {
  return keys
}

/** The record keys: those named, else those that came with the keys. Where all keys are lost, what records say is too. */
function readRecordKeys({ values, cwd }: CliContext, keys: KeyFiles | undefined): RecordKeys | undefined {
  const given = stringOption({ values }, 'record-keys')
  if (given !== undefined) {
    const path = resolve(cwd, given)
    if (!existsSync(path)) throw new Fault('not-found', 'there is nothing here', { place: path })
    return RecordKeys.decode(readFileSync(path))
  }
  if (keys === undefined) return undefined
  const boxed = keys[RECORD_KEYS_FILE]
  if (boxed !== undefined) return RecordKeys.decode(Buffer.from(boxed, 'base64'))
  throw new Fault('input.invalid', 'the keys that open the records of this backup are missing', {
    place: '--record-keys',
    remedy: 'Name a copy of the file “record-keys”, or a file of “comity keys export”, which holds it.',
  })
}

function readBounded(path: string, bytesMax: number): string {
  if (statSync(path).size > bytesMax)
    throw new Fault('input.too-large', `this file has more than ${bytesMax} bytes`, { place: path })
  return readFileSync(path, 'utf8')
}

function keysInFolder(folder: string): KeyFiles {
  const files: Record<string, string> = {}
  for (const name of [...KEY_FILES, ...TLS_FILES, LOCK_FILE]) {
    const path = join(folder, name)
    if (existsSync(path)) files[name] = readBounded(path, KEY_BOX_BYTES_MAX)
    else if ((KEY_FILES as readonly string[]).includes(name))
      throw new Fault('input.invalid', `there is no ${name} in this folder of keys`, { place: folder })
  }
  return files
}

function refuseLeftOver(building: string): void {
  if (existsSync(building))
    throw new Fault('conflict', 'another restore is under way, or one was interrupted', {
      place: building,
      remedy: 'If none is running, remove this folder and try again.',
    })
}

type Parts = {
  readonly source: string
  readonly manifest: Manifest
  readonly keys: KeyFiles | undefined
  readonly recordKeys: RecordKeys | undefined
  readonly nowMs: number
  readonly unlock: Unlock
}

/** Builds the whole folder apart and checks that keys and data belong together. */
async function build(folder: string, { source, manifest, keys, recordKeys, nowMs, unlock }: Parts): Promise<Opened> {
  mkdirSync(join(folder, 'keys'), { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  for (const name of Object.keys(manifest.files)) copyFileSync(join(source, name), join(folder, name))
  for (const [name, text] of Object.entries(keys ?? {}))
    writeFileSync(join(folder, 'keys', name), text, { mode: name === 'tls-cert.pem' ? 0o644 : 0o600, flag: 'wx' })
  writeFileSync(join(folder, 'admin.token'), `${Buffer.from(systemRandom(32)).toString('base64url')}\n`, {
    mode: 0o600,
    flag: 'wx',
  })
  if (keys !== undefined) await demandOwnKeys(folder, unlock)
  if (recordKeys !== undefined)
    writeFileSync(join(folder, RECORD_KEYS_FILE), recordKeys.encode(), { mode: 0o600, flag: 'wx' })
  const opened = openSealedCopy(join(folder, 'comity.db'), recordKeys, nowMs)
  {
    using database = new DatabaseSync(join(folder, 'comity.db'))
    database.prepare('UPDATE meta SET restored_ms = ?').run(nowMs)
  }
  for (const name of readdirSync(folder, { recursive: true })) syncPath(join(folder, String(name)))
  return opened
}

/** Holds the keys against those the restored log was signed with last. */
async function demandOwnKeys(folder: string, unlock: Unlock): Promise<void> {
  const { identity, seeds } = await openDataFolder(folder, unlock)
  const ours = logKeys(identity.origin, seeds.log).vkeys
  const known = ownVkeys(folder)
  if ((known.length === 0 ? identity.vkeys : known).some((vkey) => ours.includes(vkey))) return
  throw new Fault('config.invalid', 'the keys do not belong to this backup', {
    place: 'the keys',
    remedy: 'Use the file of “comity keys export” that was made last before the backup.',
  })
}

/** One by one into its place, last what makes it a data folder: one that was interrupted here is none. */
function putInPlace(building: string, dataDir: string): void {
  const names = readdirSync(building).filter((name) => name !== 'identity.json')
  for (const name of [...names, 'identity.json']) renameSync(join(building, name), join(dataDir, name))
  rmdirSync(building)
  chmodSync(dataDir, 0o700)
  syncPath(dataDir)
}

/** The manifest of a backup whose files are whole. Names in it are checked against the list, so no path leads elsewhere. */
async function readWhole(folder: string): Promise<Manifest> {
  const manifest = readManifest(folder)
  const [damaged] = await damagedFiles(folder, manifest)
  if (damaged !== undefined)
    throw new Fault('input.invalid', `the file ${damaged} of this backup is missing or damaged`, {
      place: folder,
      remedy: 'Use another backup.',
    })
  return manifest
}
