// The public halves, to compare or to hand out.
import { join } from 'node:path'
import { openDataFolder } from '#kernel/data-folder.ts'
import { signingKey } from '#kernel/key.ts'
import { logKeys, witnessKeys } from '#kernel/key-file.ts'
import { isProtected } from '#kernel/key-folder.ts'
import { bech32Recipient } from '#kernel/recipient.ts'
import type { CliContext } from '../args.ts'

export async function showKeys({ out, dataDir, unlock }: CliContext): Promise<number> {
  const { identity, seeds } = await openDataFolder(dataDir, unlock)
  const { member, origin, recoveryHash } = identity
  const { vkeys } = logKeys(origin, seeds.log)
  const witness = witnessKeys(`${member}/witness`, seeds.witness).map((key) => key.vkey)
  const http = Buffer.from(signingKey('ed25519', seeds.http.ed25519).publicKey).toString('base64url')
  const recipient = bech32Recipient(seeds.recipient)
  const isEncrypted = isProtected(join(dataDir, 'keys'))
  out.line(`${member}, log ${origin}`)
  for (const vkey of vkeys) out.line(`  ${vkey}`)
  out.line('witness')
  for (const vkey of witness) out.line(`  ${vkey}`)
  out.line(`requests (Ed25519)\n  ${http}`)
  out.line(`files for this member (age)\n  ${recipient}`)
  if (recoveryHash !== undefined) out.line(`recovery key (SHA-256)\n  ${recoveryHash}`)
  out.line(isEncrypted ? 'encrypted at rest' : 'in clear on the disk: comity keys protect')
  out.data({ member, origin, vkeys, witness, http, recipient, recoveryHash, protected: isEncrypted })
  return 0
}
