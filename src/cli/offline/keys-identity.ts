// The recipient keys in the form that every age tool reads, so that bundles open without this program.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { openDataFolder } from '#kernel/data-folder.ts'
import { bech32Identity } from '#kernel/recipient.ts'
import { requirePositional, type CliContext } from '../args.ts'
import { refuseExisting } from '../file.ts'

export async function writeIdentity(context: CliContext): Promise<number> {
  const { out, cwd, dataDir, unlock } = context
  const target = resolve(cwd, requirePositional(context, 1, 'the file to write'))
  refuseExisting(target)
  const { identity, seeds } = await openDataFolder(dataDir, unlock)
  const keys = [seeds.recipient, ...seeds.earlierRecipients].map((seed) => bech32Identity(seed))
  writeFileSync(target, `# ${identity.member}\n${keys.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
  out.line(`${target} opens what is encrypted to ${identity.member}: age -d -i ${target} FILE`)
  out.line('It is not encrypted itself. Remove it when you are done.')
  out.data({ file: target, member: identity.member, keys: keys.length })
  return 0
}
