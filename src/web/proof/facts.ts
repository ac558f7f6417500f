// What a proof says about itself, for drawing it. Nothing here judges; what cannot be read is left out.
import type { RecordProof } from '#sharing/wire.ts'

export type ProofFacts = {
  /** The id that the author gave the statement. */
  readonly statement: string
  readonly count: number
  readonly head: { readonly size: number; readonly root: string; readonly path: readonly string[] }
  /** Names of the algorithms that signed the head. */
  readonly algorithms: readonly string[]
}

const ALGORITHMS: Readonly<Record<number, string>> = { 1: 'Ed25519', 6: 'ML-DSA-44' }

export function factsOf(proof: RecordProof): ProofFacts {
  const header = readHeader(proof.statement.header.bytes)
  const size = Number(proof.checkpoint.split('\n')[1])
  const head = proof.trees.find((tree) => tree.size === size) ?? { size: 0, root: '', path: [] }
  return {
    statement: typeof header['id'] === 'string' ? header['id'] : '',
    count: proof.item.commits.length,
    head: { size: head.size, root: hexOf(head.root), path: head.path.map(hexOf) },
    algorithms: proof.log.vkeys.flatMap((vkey) => ALGORITHMS[typeOf(vkey)] ?? []),
  }
}

function readHeader(base64: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(base64))) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** `<name>+<id>+<base64(type || key)>` */
function typeOf(vkey: string): number {
  try {
    return Uint8Array.fromBase64(vkey.split('+').slice(2).join('+'))[0] ?? 0
  } catch {
    return 0
  }
}

export function hexOf(base64: string): string {
  try {
    return Uint8Array.fromBase64(base64).toHex()
  } catch {
    return ''
  }
}

/** `c41f…7ae3` */
export function shortHash(hex: string): string {
  return hex.length < 12 ? hex : `${hex.slice(0, 4)}…${hex.slice(-4)}`
}
