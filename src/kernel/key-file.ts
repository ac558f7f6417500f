// Private keys, one file a role in a folder apart from the data, readable by the owner only. A role's key is never
// used for another role (protocol section 1).
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { formatBase64, parseBase64 } from './base64.ts'
import { Fault } from './fault.ts'
import {
  cosigner,
  generateSeed,
  noteSigner,
  noteVerifier,
  SEED_BYTES,
  signerVkey,
  signingKey,
  type Cosigner,
} from './key.ts'
import type { NoteSigner, NoteVerifier } from './note.ts'
import type { Random } from './clock.ts'

/** Seeds of every role a running node needs, base64 in the file. The recovery key is not among them: people keep it. */
export type Seeds = {
  readonly log: { readonly ed25519: Uint8Array; readonly mlDsa44: Uint8Array }
  readonly http: Uint8Array
  /** Cosigns other members' checkpoints; apart from the log's keys, for a witness says something else than a log. */
  readonly witness: { readonly ed25519: Uint8Array; readonly mlDsa44: Uint8Array }
  /** X25519, for files encrypted to this member. */
  readonly recipient: Uint8Array
  /** Makes TAXII cursors tamper-evident; not an identity. */
  readonly cursor: Uint8Array
}

export function newSeeds(random: Random): Seeds {
  return {
    log: { ed25519: generateSeed(random), mlDsa44: generateSeed(random) },
    http: generateSeed(random),
    witness: { ed25519: generateSeed(random), mlDsa44: generateSeed(random) },
    recipient: generateSeed(random),
    cursor: generateSeed(random),
  }
}

const ROLES = ['log', 'http', 'witness', 'recipient', 'cursor'] as const

/** Writes the key files, each synced before this returns. Never overwrites one. */
export function writeSeeds(folder: string, seeds: Seeds): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const texts = {
    log: { ed25519: formatBase64(seeds.log.ed25519), mlDsa44: formatBase64(seeds.log.mlDsa44) },
    http: { ed25519: formatBase64(seeds.http) },
    witness: { ed25519: formatBase64(seeds.witness.ed25519), mlDsa44: formatBase64(seeds.witness.mlDsa44) },
    recipient: { x25519: formatBase64(seeds.recipient) },
    cursor: { hmac: formatBase64(seeds.cursor) },
  }
  for (const role of ROLES) {
    const file = openSync(join(folder, `${role}.json`), 'wx', 0o600)
    try {
      writeSync(file, `${JSON.stringify({ role, ...texts[role] }, undefined, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}

/** Reads the key files; refuses files that others on this machine may read. */
export function readSeeds(folder: string): Seeds {
  const [log, witness] = [readRole(folder, 'log'), readRole(folder, 'witness')]
  return {
    log: { ed25519: seedOf(log, 'ed25519', folder), mlDsa44: seedOf(log, 'mlDsa44', folder) },
    http: seedOf(readRole(folder, 'http'), 'ed25519', folder),
    witness: { ed25519: seedOf(witness, 'ed25519', folder), mlDsa44: seedOf(witness, 'mlDsa44', folder) },
    recipient: seedOf(readRole(folder, 'recipient'), 'x25519', folder),
    cursor: seedOf(readRole(folder, 'cursor'), 'hmac', folder),
  }
}

function readRole(folder: string, role: string): Record<string, unknown> {
  const path = join(folder, `${role}.json`)
  if (!existsSync(path))
    throw new Fault('config.invalid', `the key file ${role}.json is missing`, {
      place: path,
      remedy: 'Restore the keys folder from the file that “comity keys export” made.',
    })
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Fault('config.invalid', `others on this machine may read ${role}.json`, {
      place: path,
      remedy: `Run: chmod 600 ${path}`,
    })
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  } catch (cause) {
    throw new Fault('config.invalid', `the key file ${role}.json is not JSON`, { place: path, cause })
  }
}

function seedOf(file: Record<string, unknown>, name: string, folder: string): Uint8Array {
  const text = file[name]
  const seed = typeof text === 'string' ? parseBase64(text) : undefined
  if (seed?.length === SEED_BYTES) return seed
  throw new Fault('config.invalid', `a key file has no ${name} of ${SEED_BYTES} bytes`, {
    place: join(folder, `${String(file['role'])}.json`),
    remedy: 'Restore the keys folder from the file that “comity keys export” made.',
  })
}

/** The two keys a member witnesses with, under its witness's name. */
export function witnessKeys(name: string, seeds: Seeds['witness']): readonly Cosigner[] {
  return [signingKey('ed25519', seeds.ed25519), signingKey('ml-dsa-44', seeds.mlDsa44)].map((key) =>
    cosigner(name, key),
  )
}

export type LogKeys = {
  readonly signers: readonly NoteSigner[]
  readonly verifiers: readonly NoteVerifier[]
  readonly vkeys: readonly string[]
}

/** The two keys of a log: every checkpoint is signed by both. */
export function logKeys(origin: string, seeds: Seeds['log']): LogKeys {
  const keys = [signingKey('ed25519', seeds.ed25519), signingKey('ml-dsa-44', seeds.mlDsa44)]
  const vkeys = keys.map((key) => signerVkey(origin, key))
  return {
    signers: keys.map((key) => noteSigner(origin, key)),
    verifiers: vkeys.map((vkey) => noteVerifier(vkey)),
    vkeys,
  }
}
