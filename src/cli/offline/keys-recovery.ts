// A recovery key for a member that has none yet. To change one, the old one must speak: comity recover --new-recovery-key.
import { join } from 'node:path'
import { systemRandom } from '#kernel/clock.ts'
import { readIdentity } from '#kernel/data-folder.ts'
import { replaceFile } from '#kernel/durable.ts'
import { Fault } from '#kernel/fault.ts'
import { generateSeed, signingKey } from '#kernel/key.ts'
import { formatRecovery } from '#kernel/recovery-key.ts'
import { recoveryHash } from '#kernel/recovery-note.ts'
import type { CliContext } from '../args.ts'

export async function makeRecoveryKey({ out, dataDir }: CliContext): Promise<number> {
  const identity = readIdentity(dataDir)
  if (identity.recoveryHash !== undefined)
    throw new Fault('conflict', `${identity.member} has a recovery key already; it was shown when it was made`, {
      place: join(dataDir, 'identity.json'),
      remedy: 'Only the old one can bring a new one: comity recover --new-recovery-key',
    })
  const seed = generateSeed(systemRandom)
  const hash = recoveryHash(signingKey('ed25519', seed).publicKey)
  replaceFile(
    join(dataDir, 'identity.json'),
    `${JSON.stringify({ ...identity, recoveryHash: hash }, undefined, 2)}\n`,
    0o644,
  )
  const recoveryKey = formatRecovery(seed)
  out.line('Recovery key. It is shown this once and kept nowhere. Write it down and keep it away from this machine:')
  out.line(`  ${recoveryKey}`)
  out.line('Restart the node: it announces the key to its peers.')
  out.data({ member: identity.member, recoveryKey, recoveryHash: hash })
  return 0
}
