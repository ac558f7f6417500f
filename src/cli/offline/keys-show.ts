// The public halves, to compare or to hand out; and how old each is and where it stands.
import { join } from 'node:path'
import { formatTime } from '#kernel/clock.ts'
import { openDataFolder, type Identity } from '#kernel/data-folder.ts'
import { sha256 } from '#kernel/hash.ts'
import { signingKey } from '#kernel/key.ts'
import { logKeys, witnessKeys, type HttpSeed, type Seeds } from '#kernel/key-file.ts'
import { isProtected } from '#kernel/key-folder.ts'
import type { RotatedRole } from '#kernel/key-rotation.ts'
import { bech32Recipient } from '#kernel/recipient.ts'
import type { CliContext } from '../args.ts'
import { announcedKeys } from './own-keys.ts'

/** The public keys of each role as the node document names them. */
export function publicKeys(
  { member, origin }: Pick<Identity, 'member' | 'origin'>,
  seeds: Seeds,
): Record<RotatedRole, string[]> {
  return {
    log: [...logKeys(origin, seeds.log).vkeys],
    http: [httpPublic(seeds.http)],
    witness: witnessKeys(`${member}/witness`, seeds.witness).map(({ vkey }) => vkey),
    recipient: [bech32Recipient(seeds.recipient)],
  }
}

function httpPublic({ ed25519 }: HttpSeed): string {
  return Buffer.from(signingKey('ed25519', ed25519).publicKey).toString('base64url')
}

type Listed = {
  readonly role: RotatedRole
  readonly fingerprint: string
  readonly since?: string
  readonly state: string
}

/** `comity keys`: one line a key. */
export async function listKeys({ out, dataDir, unlock }: CliContext): Promise<number> {
  const { identity, seeds } = await openDataFolder(dataDir, unlock)
  const announced = announcedKeys(dataDir)
  const shown = publicKeys(identity, seeds)
  const list: Listed[] = []
  const add = (role: RotatedRole, key: string, state: string): void => {
    const sinceMs = announced.get(key)
    const since = sinceMs === undefined ? {} : { since: formatTime(sinceMs) }
    list.push({ role, fingerprint: sha256(Buffer.from(key)).toHex().slice(0, 16), ...since, state })
  }
  for (const [role, keys] of Object.entries(shown) as [RotatedRole, string[]][])
    for (const key of keys) add(role, key, announced.has(key) ? 'in use' : 'announced at the next start')
  for (const { role, keys, overlapMs } of outgoingKeys(identity, seeds)) {
    const sinceMs = announced.get(shown[role][0] ?? '')
    const state =
      sinceMs === undefined ? 'in use' : `on its way out until ${formatTime(sinceMs + overlapMs).slice(0, 10)}`
    for (const key of keys) add(role, key, state)
  }
  for (const seed of seeds.earlierRecipients) add('recipient', bech32Recipient(seed), 'kept for old files')
  const isEncrypted = isProtected(join(dataDir, 'keys'))
  out.table(
    ['ROLE', 'KEY', 'SINCE', 'STATE'],
    list.map((each) => [each.role, each.fingerprint, each.since?.slice(0, 10) ?? '', each.state]),
  )
  out.line(isEncrypted ? 'encrypted at rest' : 'in clear on the disk: comity keys protect')
  out.data({ member: identity.member, keys: list, protected: isEncrypted })
  return 0
}

function outgoingKeys(identity: Identity, seeds: Seeds): { role: RotatedRole; keys: string[]; overlapMs: number }[] {
  const { log, http, witness } = seeds
  const found = []
  if (log.outgoing !== undefined)
    found.push({ role: 'log' as const, keys: [...logKeys(identity.origin, log.outgoing).vkeys], ...log.outgoing })
  if (http.outgoing !== undefined)
    found.push({ role: 'http' as const, keys: [httpPublic(http.outgoing)], ...http.outgoing })
  if (witness.outgoing !== undefined)
    found.push({
      role: 'witness' as const,
      keys: witnessKeys(`${identity.member}/witness`, witness.outgoing).map(({ vkey }) => vkey),
      ...witness.outgoing,
    })
  return found.map(({ role, keys, overlapMs }) => ({ role, keys, overlapMs }))
}

export async function showKeys({ out, dataDir, unlock }: CliContext): Promise<number> {
  const { identity, seeds } = await openDataFolder(dataDir, unlock)
  const { member, origin, recoveryHash } = identity
  const { log: vkeys, witness, http, recipient } = publicKeys(identity, seeds)
  out.line(`${member}, log ${origin}`)
  for (const vkey of vkeys) out.line(`  ${vkey}`)
  out.line('witness')
  for (const vkey of witness) out.line(`  ${vkey}`)
  out.line(`requests (Ed25519)\n  ${http[0]}`)
  out.line(`files for this member (age)\n  ${recipient[0]}`)
  if (recoveryHash !== undefined) out.line(`recovery key (SHA-256)\n  ${recoveryHash}`)
  out.data({ member, origin, vkeys, witness, http: http[0], recipient: recipient[0], recoveryHash })
  return 0
}
