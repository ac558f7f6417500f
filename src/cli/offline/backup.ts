import { createHash } from 'node:crypto'
import { copyFileSync, createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { formatTime, systemRandom } from '#kernel/clock.ts'
import { readIdentity } from '#kernel/data-folder.ts'
import { syncPath } from '#kernel/durable.ts'
import { Fault } from '#kernel/fault.ts'
import { ensureRecordKeys } from '#kernel/record-key-file.ts'
import { writeSealedCopy } from '#kernel/store/sealed-copy.ts'
import { VERSION } from '#src/version.ts'
import { requirePositional, type Command } from '../args.ts'

/** What a backup consists of; never a private key, never a record key, never the administrator's token. */
export const BACKUP_FILES = ['comity.db', 'head', 'identity.json'] as const

export type Manifest = {
  readonly format: 2
  readonly member: string
  readonly version: string
  readonly time: string
  /** SHA-256 of each file, hex. */
  readonly files: Readonly<Record<string, string>>
}

export const command: Command = {
  name: 'backup',
  summary:
    'Back up a data folder, also while its node runs. What records say is sealed in it; private keys and record keys are not in it: see “comity keys export”.',
  usage: ['backup DIR'],
  options: {},
  examples: ['comity backup /mnt/backup/2026-01-31 --data-dir /var/lib/comity'],
  run: async ({ out, clock, cwd, dataDir, ...context }) => {
    const target = resolve(cwd, requirePositional(context, 0, 'the folder to write to'))
    const identity = readIdentity(dataDir)
    if (existsSync(target))
      throw new Fault('conflict', 'there is something here already; nothing was written', {
        place: target,
        remedy: 'Name a new folder.',
      })
    mkdirSync(target, { recursive: true, mode: 0o700 })
    // The head first: a database that is newer than its head is fine, one that is older would sign nothing.
    for (const name of ['head', 'identity.json'])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(target, name))
    writeSealedCopy(
      { source: join(dataDir, 'comity.db'), target: join(target, 'comity.db') },
      {
        keys: ensureRecordKeys(dataDir),
        random: systemRandom,
        onProgress: (done, all) => out.progress(`${done} of ${all} statements`),
      },
    )
    const files: Record<string, string> = {}
    for (const name of BACKUP_FILES)
      if (existsSync(join(target, name))) files[name] = await digestOf(join(target, name))
    const manifest: Manifest = {
      format: 2,
      member: identity.member,
      version: VERSION,
      time: formatTime(clock.nowMs()),
      files,
    }
    writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    })
    for (const name of [...Object.keys(files), 'manifest.json', '.']) syncPath(join(target, name))
    out.line(`${identity.member} is backed up in ${target}`)
    out.line('The private keys are not in it, nor the keys that open the records in it.')
    out.line('Keep both in another place, and renew that after each erase: comity keys export FILE')
    out.data({ folder: target, ...manifest })
    return 0
  },
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}
