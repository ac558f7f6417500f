import { basename, resolve } from 'node:path'
import { makeBackup } from '#kernel/backup.ts'
import { systemRandom } from '#kernel/clock.ts'
import { VERSION } from '#src/version.ts'
import { requirePositional, type Command } from '../args.ts'
import { noteDeed } from './deed.ts'

export const command: Command = {
  name: 'backup',
  summary:
    'Back up a data folder, also while its node runs. What records say is sealed in it; private keys and record keys are not in it: see “comity keys export”.',
  usage: ['backup DIR'],
  options: {},
  examples: ['comity backup /mnt/backup/2026-01-31 --data-dir /var/lib/comity'],
  run: async (context) => {
    const { out, clock, cwd, dataDir } = context
    const target = resolve(cwd, requirePositional(context, 0, 'the folder to write to'))
    const manifest = await makeBackup({
      dataDir,
      target,
      version: VERSION,
      nowMs: clock.nowMs(),
      random: systemRandom,
      onProgress: (done, all) => out.progress(`${done} of ${all} statements`),
    })
    noteDeed(context, { action: 'backup.make', subject: basename(target), detail: { folder: target } })
    out.line(`${manifest.member} is backed up in ${target}`)
    out.line('The private keys are not in it, nor the keys that open the records in it.')
    out.line('Keep both in another place, and renew that after each erase: comity keys export FILE')
    out.data({ folder: target, ...manifest })
    return 0
  },
}
