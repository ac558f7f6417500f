// What one key file says: the keys of one role as base64 in a small JSON document, with those that are on their way out
// or kept for old files. Parsing is pure: whatever the text is, it becomes keys or a Fault that names the file.
import { join } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { formatBase64, parseBase64 } from './base64.ts'
import { Fault } from './fault.ts'
import { SEED_BYTES } from './key.ts'
import type { Seeds, SignatureSeeds } from './key-file.ts'
import { parseJson } from './json.ts'
import { LIMITS } from './limits.ts'

export const KEY_ROLES = ['log', 'http', 'witness', 'recipient', 'cursor'] as const
export type KeyRole = (typeof KEY_ROLES)[number]

const Seed = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })
const OverlapMs = Type.Integer({ minimum: 0 })
const Generation = Type.Integer({ minimum: 1, maximum: 1_000_000 })
const pair = { ed25519: Seed, mlDsa44: Seed }

const SignatureRole = { ...pair, outgoing: Type.Optional(Type.Object({ ...pair, overlapMs: OverlapMs })) }
const http = { ed25519: Seed, generation: Type.Optional(Generation) }
const SHAPES = {
  log: Type.Object({ role: Type.Literal('log'), ...SignatureRole }),
  witness: Type.Object({ role: Type.Literal('witness'), ...SignatureRole }),
  http: Type.Object({
    role: Type.Literal('http'),
    ...http,
    outgoing: Type.Optional(Type.Object({ ...http, overlapMs: OverlapMs })),
  }),
  recipient: Type.Object({
    role: Type.Literal('recipient'),
    x25519: Seed,
    earlier: Type.Optional(Type.Array(Seed, { maxItems: LIMITS.earlierKeysMax })),
  }),
  cursor: Type.Object({ role: Type.Literal('cursor'), hmac: Seed }),
} satisfies Record<KeyRole, TSchema>

type Files = { readonly [R in KeyRole]: Static<(typeof SHAPES)[R]> }
export type RoleFile = Files[KeyRole]

const CHECKS = Object.fromEntries(KEY_ROLES.map((role) => [role, Compile(SHAPES[role])])) as unknown as Record<
  KeyRole,
  { readonly Check: (value: unknown) => boolean }
>

/** Reads the text of a role's file. Throws `config.invalid` for anything that is not one. */
export function parseRole(role: KeyRole, text: string, folder: string): RoleFile {
  const place = join(folder, `${role}.json`)
  const remedy = 'Restore the keys folder from the file that “comity keys export” made.'
  let value: unknown
  try {
    value = parseJson(Buffer.from(text))
  } catch (cause) {
    throw new Fault('config.invalid', `the key file ${role}.json is not JSON`, { place, cause, remedy })
  }
  if (CHECKS[role].Check(value)) return value as RoleFile
  throw new Fault('config.invalid', `the key file ${role}.json does not hold the keys of that role`, { place, remedy })
}

export function formatRole(file: RoleFile): string {
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** The seeds that the files hold. */
export function seedsOf(fileOf: (role: KeyRole) => RoleFile, folder: string): Seeds {
  const seed = (role: KeyRole, text: string): Uint8Array => {
    const bytes = parseBase64(text)
    if (bytes?.length === SEED_BYTES) return bytes
    throw new Fault('config.invalid', `a key has ${SEED_BYTES} bytes in canonical base64`, {
      place: join(folder, `${role}.json`),
      remedy: 'Restore the keys folder from the file that “comity keys export” made.',
    })
  }
  const signature = (role: 'log' | 'witness'): Seeds['log'] => {
    const { ed25519, mlDsa44, outgoing } = fileOf(role) as Files['log']
    const both = (keys: { ed25519: string; mlDsa44: string }): SignatureSeeds => ({
      ed25519: seed(role, keys.ed25519),
      mlDsa44: seed(role, keys.mlDsa44),
    })
    return {
      ...both({ ed25519, mlDsa44 }),
      ...(outgoing === undefined ? {} : { outgoing: { ...both(outgoing), overlapMs: outgoing.overlapMs } }),
    }
  }
  const request = fileOf('http') as Files['http']
  const recipient = fileOf('recipient') as Files['recipient']
  return {
    log: signature('log'),
    http: {
      ed25519: seed('http', request.ed25519),
      generation: request.generation ?? 1,
      ...(request.outgoing === undefined
        ? {}
        : {
            outgoing: {
              ed25519: seed('http', request.outgoing.ed25519),
              generation: request.outgoing.generation ?? 1,
              overlapMs: request.outgoing.overlapMs,
            },
          }),
    },
    witness: signature('witness'),
    recipient: seed('recipient', recipient.x25519),
    earlierRecipients: (recipient.earlier ?? []).map((text) => seed('recipient', text)),
    cursor: seed('cursor', (fileOf('cursor') as Files['cursor']).hmac),
  }
}

/** The texts of all files for fresh keys. */
export function roleTexts(seeds: Seeds): Record<KeyRole, string> {
  const { log, http: request, witness, recipient, cursor, earlierRecipients } = seeds
  const earlier = earlierRecipients.length === 0 ? {} : { earlier: earlierRecipients.map(formatBase64) }
  return {
    log: formatRole({ role: 'log', ...signatureTexts(log) }),
    http: formatRole({ role: 'http', ed25519: formatBase64(request.ed25519), generation: request.generation }),
    witness: formatRole({ role: 'witness', ...signatureTexts(witness) }),
    recipient: formatRole({ role: 'recipient', x25519: formatBase64(recipient), ...earlier }),
    cursor: formatRole({ role: 'cursor', hmac: formatBase64(cursor) }),
  }
}

function signatureTexts({ ed25519, mlDsa44 }: SignatureSeeds): { ed25519: string; mlDsa44: string } {
  return { ed25519: formatBase64(ed25519), mlDsa44: formatBase64(mlDsa44) }
}
