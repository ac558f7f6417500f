// Rotating a role: new keys beside the old ones, in one rename of its file. When the old ones stop is decided where the
// new ones are announced; here they only get their overlap, and are deleted when a person says that it is over.
import { formatBase64 } from './base64.ts'
import { Fault } from './fault.ts'
import type { Random } from './clock.ts'
import { generateSeed } from './key.ts'
import { readRoles, writeRole } from './key-folder.ts'
import { newSignatureSeeds } from './key-file.ts'
import { formatRole, type RoleFile } from './key-role.ts'
import { LIMITS } from './limits.ts'
import type { Unlock } from './passphrase.ts'

export const ROTATED_ROLES = ['log', 'http', 'witness', 'recipient'] as const
export type RotatedRole = (typeof ROTATED_ROLES)[number]

/** Writes new keys of a role; those before are on their way out. Throws `conflict` where some are already. */
export async function rotateRole(
  folder: string,
  role: RotatedRole,
  { random, overlapMs, unlock }: { readonly random: Random; readonly overlapMs: number; readonly unlock: Unlock },
): Promise<void> {
  const next = rotated((await readRoles(folder, unlock))[role], { random, overlapMs })
  await writeRole(folder, role, formatRole(next), unlock)
}

/** Deletes the keys of a role that are on their way out. Throws `conflict` where there are none. */
export async function finishRotation(folder: string, role: RotatedRole, unlock: Unlock): Promise<void> {
  const { outgoing, ...rest } = (await readRoles(folder, unlock))[role] as RoleFile & { outgoing?: unknown }
  if (outgoing === undefined)
    throw new Fault('conflict', `no ${role} keys are on their way out`, { remedy: 'See “comity keys”.' })
  await writeRole(folder, role, formatRole(rest as RoleFile), unlock)
}

/** What the file says after a rotation. Pure. */
export function rotated(
  file: RoleFile,
  { random, overlapMs }: { readonly random: Random; readonly overlapMs: number },
): RoleFile {
  if ('outgoing' in file && file.outgoing !== undefined)
    throw new Fault('conflict', `the ${file.role} keys are being rotated already`, {
      remedy: `End that one first: comity keys rotate ${file.role} --finish`,
    })
  switch (file.role) {
    case 'log':
    case 'witness': {
      const { ed25519, mlDsa44 } = newSignatureSeeds(random)
      const outgoing = { ed25519: file.ed25519, mlDsa44: file.mlDsa44, overlapMs }
      return { role: file.role, ed25519: formatBase64(ed25519), mlDsa44: formatBase64(mlDsa44), outgoing }
    }
    case 'http': {
      const generation = file.generation ?? 1
      const outgoing = { ed25519: file.ed25519, generation, overlapMs }
      return { role: 'http', ed25519: formatBase64(generateSeed(random)), generation: generation + 1, outgoing }
    }
    case 'recipient': {
      const earlier = [file.x25519, ...(file.earlier ?? [])]
      if (earlier.length > LIMITS.earlierKeysMax)
        throw new Fault('conflict', `${LIMITS.earlierKeysMax} earlier recipient keys are kept already`, {
          remedy: 'Take the oldest out of recipient.json once nothing encrypted to them is needed any more.',
        })
      return { role: 'recipient', x25519: formatBase64(generateSeed(random)), earlier }
    }
    default:
      throw new Fault('input.invalid', `${file.role} keys are not rotated`)
  }
}
