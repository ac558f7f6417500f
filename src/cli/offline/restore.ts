import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemRandom } from '#kernel/clock.ts'
import { openDataFolder } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { requirePositional, stringOption, type Command } from '../args.ts'
import { BACKUP_FILES, digestOf, type Manifest } from './backup.ts'

const KEY_FILES = ['log.json', 'http.json', 'recipient.json', 'cursor.json'] as const

export const command: Command = {
  name: 'restore',
  summary:
    'Make a data folder from a backup. It is marked as restored and signs nothing until “comity log resume --alone”.',
  usage: ['restore DIR --keys DIR --data-dir NEW'],
  options: { keys: { type: 'string', placeholder: 'DIR', description: 'The copy of the keys folder.' } },
  examples: ['comity restore /mnt/backup/2026-01-31 --keys /mnt/safe/keys --data-dir /var/lib/comity'],
  run: async ({ out, clock, cwd, dataDir, ...context }) => {
    const source = resolve(cwd, requirePositional(context, 0, 'the folder of the backup'))
    const keys = stringOption(context, 'keys')
    if (keys === undefined)
      throw new Fault('input.invalid', '--keys is missing', {
        place: 'the command line',
        remedy: 'Name the folder with the copy of the keys.',
      })
    if (existsSync(join(dataDir, 'comity.db')) || existsSync(join(dataDir, 'identity.json')))
      throw new Fault('conflict', 'there is a data folder here already; nothing was changed', {
        place: dataDir,
        remedy: 'Name a new one with --data-dir.',
      })
    const manifest = await readManifest(source)
    mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 })
    chmodSync(dataDir, 0o700)
    for (const name of Object.keys(manifest.files)) copyFileSync(join(source, name), join(dataDir, name))
    for (const name of KEY_FILES) {
      copyFileSync(join(resolve(cwd, keys), name), join(dataDir, 'keys', name))
      chmodSync(join(dataDir, 'keys', name), 0o600)
    }
    writeFileSync(join(dataDir, 'admin.token'), `${Buffer.from(systemRandom(32)).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
    })
    openDataFolder(dataDir)
    using database = new DatabaseSync(join(dataDir, 'comity.db'))
    database.prepare('UPDATE meta SET restored_ms = ?').run(clock.nowMs())
    out.line(`${manifest.member} as of ${manifest.time} is in ${dataDir}`)
    out.line(
      'What was said since then may be missing here and known to peers, so nothing is signed. Verify it first: comity log verify.',
    )
    out.line('If nothing was said since then, or it is lost for good: comity log resume --alone')
    out.data({ dataDir, member: manifest.member, time: manifest.time })
    return 0
  },
}

/** The manifest of a backup whose files are whole. Names in it are checked against the list, so no path leads elsewhere. */
async function readManifest(folder: string): Promise<Manifest> {
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest
  } catch (cause) {
    throw new Fault('input.invalid', 'this is not a whole backup: its manifest cannot be read', {
      place: folder,
      cause,
    })
  }
  const known = manifest.format === 1 && typeof manifest.files === 'object' && manifest.files['comity.db'] !== undefined
  if (!known || Object.keys(manifest.files).some((name) => !(BACKUP_FILES as readonly string[]).includes(name)))
    throw new Fault('input.invalid', 'this backup is of a form not known here', {
      place: folder,
      remedy: 'Use the version that made it, or a newer one.',
    })
  for (const [name, digest] of Object.entries(manifest.files))
    if (!existsSync(join(folder, name)) || (await digestOf(join(folder, name))) !== digest)
      throw new Fault('input.invalid', `the file ${name} of this backup is missing or damaged`, {
        place: folder,
        remedy: 'Use another backup.',
      })
  return manifest
}
