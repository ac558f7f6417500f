// All keys in one file under a passphrase of its own, to keep away from the machine and from the backups.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { formatTime } from '#kernel/clock.ts'
import { readIdentity } from '#kernel/data-folder.ts'
import { syncPath } from '#kernel/durable.ts'
import { readKeyTexts } from '#kernel/key-folder.ts'
import { ensureRecordKeys, RECORD_KEYS_FILE } from '#kernel/record-key-file.ts'
import { requirePositional, type CliContext } from '../args.ts'
import { refuseExisting } from '../file.ts'
import { readPassphrase } from '../passphrase.ts'
import { noteDeed } from './deed.ts'
import { closeKeyBox, TLS_FILES } from './key-box.ts'

export async function exportKeys(context: CliContext): Promise<number> {
  const { out, clock, cwd, dataDir } = context
  const target = resolve(cwd, requirePositional(context, 1, 'the file to write'))
  const { member, origin } = readIdentity(dataDir)
  refuseExisting(target)
  const files: Record<string, string> = { ...(await readKeyTexts(join(dataDir, 'keys'), context.unlock)) }
  for (const name of TLS_FILES) {
    const path = join(dataDir, 'keys', name)
    if (existsSync(path)) files[name] = readFileSync(path, 'utf8')
  }
  files[RECORD_KEYS_FILE] = Buffer.from(ensureRecordKeys(dataDir).encode()).toString('base64')
  const passphrase = await readPassphrase(context, { confirm: true, question: 'Passphrase of the new file: ' })
  const time = formatTime(clock.nowMs())
  const text = await closeKeyBox({ format: 1, member, origin, time, files }, passphrase)
  refuseExisting(target)
  const file = openSync(target, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncPath(dirname(target))
  noteDeed(context, { action: 'keys.export', subject: basename(target), detail: { file: target } })
  out.line(`The keys of ${member} are in ${target}, encrypted.`)
  out.line('Keep it and the passphrase in two places, neither of them this machine.')
  out.data({ file: target, member, time, keys: Object.keys(files) })
  return 0
}
