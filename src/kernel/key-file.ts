// The private keys of a member, one set a role, and what signs and verifies under them. A role's key is never used for
// another role (protocol section 1). A role that is being rotated has its new keys and, until the overlap ends, the ones
// on their way out; `key-folder.ts` keeps them on the disk.
import { cosigner, generateSeed, noteSigner, signerVkey, signingKey, type Cosigner } from './key.ts'
import type { NoteSigner, NoteVerifier } from './note.ts'
import { noteVerifier } from './note-verifier.ts'
import type { Random } from './clock.ts'

/** Seeds of the two signature algorithms. */
export type SignatureSeeds = { readonly ed25519: Uint8Array; readonly mlDsa44: Uint8Array }

/** Keys on their way out: in use beside the new ones for this long after those were announced. */
export type Outgoing<T> = T & { readonly overlapMs: number }

/** Seeds of every role a running node needs. The recovery key is not among them: people keep it. */
export type Seeds = {
  readonly log: SignatureSeeds & { readonly outgoing?: Outgoing<SignatureSeeds> }
  /** Signs requests. The generation numbers its name in the node document: `http-1`, `http-2`, … */
  readonly http: HttpSeed & { readonly outgoing?: Outgoing<HttpSeed> }
  /** Cosigns other members' checkpoints; apart from the log's keys, for a witness says something else than a log. */
  readonly witness: SignatureSeeds & { readonly outgoing?: Outgoing<SignatureSeeds> }
  /** X25519, for files encrypted to this member. */
  readonly recipient: Uint8Array
  /** Earlier ones, for files that were encrypted before the last rotation. They are kept for good. */
  readonly earlierRecipients: readonly Uint8Array[]
  /** Makes TAXII cursors tamper-evident; not an identity. */
  readonly cursor: Uint8Array
}

export type HttpSeed = { readonly ed25519: Uint8Array; readonly generation: number }

export function newSeeds(random: Random): Seeds {
  return {
    log: newSignatureSeeds(random),
    http: { ed25519: generateSeed(random), generation: 1 },
    witness: newSignatureSeeds(random),
    recipient: generateSeed(random),
    earlierRecipients: [],
    cursor: generateSeed(random),
  }
}

export function newSignatureSeeds(random: Random): SignatureSeeds {
  return { ed25519: generateSeed(random), mlDsa44: generateSeed(random) }
}

/** The two keys a member witnesses with, under its witness's name. */
export function witnessKeys(name: string, seeds: SignatureSeeds): readonly Cosigner[] {
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
export function logKeys(origin: string, seeds: SignatureSeeds): LogKeys {
  const keys = [signingKey('ed25519', seeds.ed25519), signingKey('ml-dsa-44', seeds.mlDsa44)]
  const vkeys = keys.map((key) => signerVkey(origin, key))
  return {
    signers: keys.map((key) => noteSigner(origin, key)),
    verifiers: vkeys.map((vkey) => noteVerifier(vkey)),
    vkeys,
  }
}
