// The leaf of a statement that somebody else passed on: not in a mirror of its author's log, but under the proof that came
// with it.
import type { DatabaseSync } from 'node:sqlite'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { parseTlogProof, verifyTlogProof } from '#kernel/log/tlog-proof.ts'
import { knownVerifiers } from '#kernel/note-verifier.ts'
import { parseVkey } from '#kernel/note.ts'
import { parseTrustPolicy } from '#kernel/trust-policy.ts'

export type PassedOn = { readonly entry?: Uint8Array; readonly problem?: string }

/** Empty where nobody passed it on. `vkeys` are the keys known of the log; without any, those the trust policy names. */
export function leafPassedOn(
  database: DatabaseSync,
  statement: { readonly seq: number; readonly index: number; readonly origin: string },
  vkeys: readonly string[],
): PassedOn {
  const row = database.prepare('SELECT entry, proof FROM via WHERE statement = ?').get(statement.seq) as
    | { entry: Uint8Array; proof: Uint8Array }
    | undefined
  if (row === undefined) return {}
  const keys = vkeys.length > 0 ? vkeys : trustedKeys(database, statement.origin)
  const proof = parseTlogProof(row.proof)
  const opened = verifyTlogProof(proof, {
    leafHash: hashLeaf(row.entry),
    verifiers: knownVerifiers(keys),
    types: [],
  })
  if (!opened.ok) return { entry: row.entry, problem: `the proof it came with does not hold: ${opened.reason}` }
  const same = proof.index === statement.index && opened.checkpoint.origin === statement.origin
  return { entry: row.entry, ...(same ? {} : { problem: 'the proof it came with is of another statement' }) }
}

function trustedKeys(database: DatabaseSync, origin: string): string[] {
  const row = database.prepare('SELECT text FROM trust_policy').get() as { text: string } | undefined
  if (row === undefined) return []
  return parseTrustPolicy(row.text)
    .logs.map(({ vkey }) => vkey)
    .filter((vkey) => parseVkey(vkey).name === origin)
}
