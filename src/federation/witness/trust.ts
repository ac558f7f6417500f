// How far others stand behind this member's log: which witnesses' lines hold for a statement, by the policy that is in
// force. A policy says what is enough; nothing waits for it and nothing is hidden below it.
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { formatCheckpoint, parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { knownVerifiers, noteVerifier } from '#kernel/note-verifier.ts'
import { parseNote, parseVkey, verifyNote, type NoteVerifier } from '#kernel/note.ts'
import { SELF } from '#kernel/standing.ts'
import type { Store, Reader } from '#kernel/store/types.ts'
import { countQuorum, defaultTrustPolicy, isQuorum, parseTrustPolicy, type TrustPolicy } from '#kernel/trust-policy.ts'
import { witnessVkeys } from '../document.ts'
import { listPeers } from '../peers.ts'
import { cosignatures, keysOfWitness, saveCosignatures, storedPolicy, type Cosignature } from './store.ts'

/** The policy in force: the member's own, or the one that follows from its peers. */
export async function currentPolicy(reader: Reader): Promise<{ readonly policy: TrustPolicy; readonly own: boolean }> {
  const text = await storedPolicy(reader)
  if (text !== undefined) return { policy: parseTrustPolicy(text), own: true }
  const approved = (await listPeers(reader)).filter(({ state }) => state === 'approved')
  const witnesses = approved.map(({ name, document }) => ({ member: name, vkeys: witnessVkeys(document) }))
  return { policy: defaultTrustPolicy(witnesses.filter(({ vkeys }) => vkeys.length > 0)), own: false }
}

/** The keys that the policy names for a log: only one that a person set names any. */
export async function trustedVerifiers(reader: Reader, origin: string): Promise<NoteVerifier[]> {
  const text = await storedPolicy(reader)
  if (text === undefined) return []
  const logs = parseTrustPolicy(text).logs.filter(({ vkey }) => parseVkey(vkey).name === origin)
  return logs.map(({ vkey }) => noteVerifier(vkey))
}

export type Witnessed = {
  /** Parts of the quorum that hold, of how many, and how many are enough. */
  readonly k: number
  readonly n: number
  readonly needed: number
  readonly enough: boolean
  /** Witnesses of the policy whose lines cover it. */
  readonly by: string[]
}

/** Who witnessed our log at a size above `index`. */
export async function witnessedOf(reader: Reader, index: number): Promise<Witnessed> {
  const { policy } = await currentPolicy(reader)
  const lines = new Map((await cosignatures(reader)).map((each) => [each.key, each]))
  const holding = new Set<string>()
  for (const { name, vkey } of policy.witnesses) {
    const line = lines.get(keyNameOf(vkey))
    if (line !== undefined && line.size > index) holding.add(name)
  }
  return { ...countQuorum(policy, holding), enough: isQuorum(policy, holding), by: [...holding] }
}

/** A key's name in the store: the witness's name and its key id, as in a vkey. */
export function keyNameOf(vkey: string): string {
  const { name, keyId } = parseVkey(vkey)
  return `${name}+${keyId.toString(16).padStart(8, '0')}`
}

/**
 * Takes lines that a witness gave for a checkpoint of our own log. Throws `log.fork` where they hold and the checkpoint is
 * not one of ours: then somebody signs a second history under this member's name. Lines for a log of ours that ended say
 * nothing any more.
 */
export async function takeCosignatures(
  store: Store,
  {
    origin,
    note,
    vkeys,
    witness,
  }: {
    readonly origin: string
    readonly note: Uint8Array
    readonly vkeys: readonly string[]
    readonly witness: string
  },
): Promise<number> {
  const parsed = parseNote(note)
  const checkpoint = parseCheckpoint(parsed.text)
  if (checkpoint.origin !== origin) {
    if (await store.get('SELECT 1 FROM log WHERE member = ? AND origin = ?', SELF, checkpoint.origin)) return 0
    throw new Fault('input.invalid', 'these lines are not for a head of this log')
  }
  const verdict = verifyNote(
    { text: formatCheckpoint(checkpoint), signatures: parsed.signatures },
    knownVerifiers(vkeys),
    { demand: 'any' },
  )
  if (!verdict.ok) throw new Fault('input.invalid', `these lines do not hold: ${verdict.reason}`)
  const own = await store.get<{ size: number }>('SELECT size FROM log WHERE id = ?', OWN_LOG)
  const known = checkpoint.size <= (own?.size ?? 0)
  const root = known ? treeRoot(checkpoint.size, await edgeTiles(store, OWN_LOG, [checkpoint.size])) : undefined
  if (root === undefined || !equalBytes(root, checkpoint.root))
    throw new Fault('log.fork', `${witness} witnessed ${checkpoint.size} statements of this log that are not its own`, {
      remedy: 'A copy of this node may be running, or it was restored from an old backup. Ask them by telephone.',
    })
  const lines: Cosignature[] = verdict.verified.map(({ name, keyId, timeSec, line }) => ({
    key: `${name}+${keyId.toString(16).padStart(8, '0')}`,
    witness,
    size: checkpoint.size,
    timeSec,
    line,
  }))
  await store.write(saveCosignatures, { lines, gone: await goneKeys(store, witness, vkeys) })
  return lines.length
}

/**
 * The keys of a witness that it has no more, and whose lines no policy counts. Not those that anybody else has: a witness
 * may have given the lines of another, too.
 */
async function goneKeys(reader: Reader, witness: string, vkeys: readonly string[]): Promise<string[]> {
  const held = new Set(vkeys.map(keyNameOf))
  const others = (await keysOfWitness(reader, witness)).filter((key) => !held.has(key))
  if (others.length === 0) return []
  const { policy } = await currentPolicy(reader)
  const counted = new Set(policy.witnesses.map(({ vkey }) => keyNameOf(vkey)))
  return others.filter((key) => !counted.has(key))
}
