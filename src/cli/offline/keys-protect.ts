// Keys that lie encrypted: who copies the folder has nothing without the passphrase. The node asks for it when it starts.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readIdentity } from '#kernel/data-folder.ts'
import { changePassphrase, isProtected, protectKeys, unprotectKeys } from '#kernel/key-folder.ts'
import type { CliContext } from '../args.ts'
import { readPassphrase } from '../passphrase.ts'

export async function protect(context: CliContext): Promise<number> {
  const { out, dataDir } = context
  const { member } = readIdentity(dataDir)
  const folder = join(dataDir, 'keys')
  // An interrupted run left its lock: what is left to encrypt is encrypted under that one.
  const passphrase = isProtected(folder)
    ? await context.unlock()
    : await readPassphrase(context, { confirm: true, question: 'New passphrase: ' })
  await protectKeys(folder, { passphrase, unlock: async () => passphrase })
  out.line(`The keys of ${member} are encrypted. Nobody can start this node without the passphrase: keep it safe.`)
  if (existsSync(join(folder, 'tls-key.pem')))
    out.line('Only tls-key.pem stays in clear, the key of the certificate; it signs nothing in the log.')
  out.line('A node that starts by itself takes it from keys.command or keys.passphraseFile.')
  out.line('Copies made before (backups of the machine, snapshots) still hold the keys in clear.')
  out.data({ protected: true, folder })
  return 0
}

export async function unprotect({ out, dataDir, unlock }: CliContext): Promise<number> {
  const folder = join(dataDir, 'keys')
  await unprotectKeys(folder, unlock)
  out.line('The keys lie in clear again, readable by their owner only.')
  out.data({ protected: false, folder })
  return 0
}

export async function changeKeysPassphrase(context: CliContext): Promise<number> {
  const { out, dataDir } = context
  const folder = join(dataDir, 'keys')
  const before = await context.unlock()
  const passphrase = await readPassphrase(context, { confirm: true, question: 'New passphrase: ' })
  await changePassphrase(folder, { passphrase, unlock: async () => before })
  out.line('From now on the new passphrase opens the keys. The node that runs needs nothing; the next start does.')
  out.line('A copy of the keys folder from before still opens with the old one.')
  out.data({ protected: true, folder })
  return 0
}
