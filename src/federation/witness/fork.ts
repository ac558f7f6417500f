// A fork that was found: made into evidence that convinces without us, kept, logged, told to peers, and the log frozen at
// what is verified. Nobody is expelled by it; people decide what follows.
import { audit } from '#kernel/audit.ts'
import {
  EVIDENCE_MEDIA_TYPE,
  formatEvidence,
  judgeEvidence,
  parseEvidence,
  type ForkEvidence,
} from '#kernel/evidence.ts'
import { Fault } from '#kernel/fault.ts'
import { sha256 } from '#kernel/hash.ts'
import { enqueue } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import { openHistoric, readLogKeys } from '#kernel/log/key-history.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { edgeCoordinates } from '#kernel/log/tile.ts'
import { subtreeRoots, type ReadTile } from '#kernel/log/tree.ts'
import type { Marking } from '#kernel/marking.ts'
import { parseNote, parseVkey, SIGNATURE_TYPE } from '#kernel/note.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import type { AppliedStatement } from '../apply.ts'
import { say } from '../say.ts'
import type { Source } from '../source.ts'
import { alarm } from './alarm.ts'

/** Thrown where two signed heads cannot both be true and that can be shown to anybody. */
export class ForkFound extends Fault {
  readonly evidence: Uint8Array

  constructor(message: string, evidence: Uint8Array) {
    super('log.fork', message, {
      remedy: 'Ask them by telephone. The evidence is kept: comity log evidence.',
    })
    this.evidence = evidence
  }
}

export type Heads = {
  readonly vkeys: readonly string[]
  readonly older: { readonly note: Uint8Array; readonly size: number }
  readonly newer: { readonly note: Uint8Array; readonly size: number }
}

/** Evidence out of two heads and the tiles of the newer log, or undefined where they prove nothing. */
export function makeEvidence({ vkeys, older, newer }: Heads, readTile: ReadTile): Uint8Array | undefined {
  const evidence: ForkEvidence = {
    vkeys: keysUnder([older.note, newer.note], vkeys),
    older: older.note,
    newer: newer.note,
    left: older.size === newer.size ? [] : subtreeRoots(0, older.size, readTile),
    right: older.size === newer.size ? [] : subtreeRoots(older.size, newer.size, readTile),
  }
  return judgeEvidence(evidence).ok ? formatEvidence(evidence) : undefined
}

/** Of all keys a log ever had, those whose lines stand under these notes. */
function keysUnder(notes: readonly Uint8Array[], vkeys: readonly string[]): string[] {
  const lines = new Set(
    notes.flatMap((note) => parseNote(note).signatures.map(({ name, keyId }) => `${name} ${keyId}`)),
  )
  return vkeys.filter((vkey) => {
    const { name, keyId } = parseVkey(vkey)
    return lines.has(`${name} ${keyId}`)
  })
}

/** Evidence where the newer log is the one this node mirrors. */
export async function evidenceFromMirror(reader: Reader, log: number, heads: Heads): Promise<Uint8Array | undefined> {
  return makeEvidence(heads, await edgeTiles(reader, log, [heads.older.size, heads.newer.size]))
}

/** Evidence where the newer log is the one a peer shows now, with the tiles that its own head signs. */
export async function evidenceFromShown(source: Source, heads: Heads): Promise<Uint8Array | undefined> {
  const tiles = new Map<string, Uint8Array>()
  for (const { level, n, width } of edgeCoordinates([heads.older.size, heads.newer.size], heads.newer.size)) {
    const bytes = await source.tile(level, n, width)
    if (bytes !== undefined) tiles.set(`${level}/${n}`, bytes)
  }
  try {
    return makeEvidence(heads, (level, n) => tiles.get(`${level}/${n}`))
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

const FOR_PEERS: Marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }

export type NewEvidence = { readonly bytes: Uint8Array; readonly member: string; readonly origin: string }

/** Keeps evidence that this node found, freezes the log it is about, and says it in the own log, for every peer. */
export const recordFork = command('federation.record-fork', (tx, input: NewEvidence): boolean => {
  if (!keepEvidence(tx, input, 'found here')) return false
  say(tx, { kind: 'evidence', marking: FOR_PEERS, mediaType: EVIDENCE_MEDIA_TYPE, item: input.bytes })
  return true
})

/** False where what it proves is known here already, however that was written. */
function keepEvidence(tx: Tx, { bytes, member, origin }: NewEvidence, source: string): boolean {
  const kept = tx.all<{ bytes: Uint8Array }>('SELECT bytes FROM fork_evidence WHERE origin = ?', origin)
  const heads = headsIn(bytes)
  if (kept.length >= LIMITS.evidencePerLogMax || kept.some((each) => headsIn(each.bytes) === heads)) return false
  tx.run(
    'INSERT INTO fork_evidence (digest, origin, member, bytes, source, time_ms) VALUES (?, ?, ?, ?, ?, ?)',
    sha256(bytes),
    origin,
    member,
    bytes,
    source,
    tx.nowMs,
  )
  tx.run(
    `UPDATE peer SET stopped = 'two heads were signed that cannot both be true; the evidence is kept' WHERE name = ? AND stopped IS NULL`,
    member,
  )
  audit(tx, { actor: 'node', action: 'log.fork', subject: member, detail: { origin, source } })
  tx.emit({ name: 'federation.peers' })
  return true
}

/** The two heads that cannot both be true, of which each has one spelling: all that evidence proves. */
function headsIn(bytes: Uint8Array): string {
  const { older, newer } = parseEvidence(bytes)
  return [older, newer]
    .map((note) => parseNote(note).text)
    .toSorted()
    .join('\n')
}

/** What a peer's evidence is, outside the writer: checked by itself, believed for no other reason. */
export function prepareEvidence(items: readonly (Uint8Array | undefined)[]): PreparedEvidence {
  try {
    const bytes = items[0] ?? new Uint8Array(0)
    const evidence = parseEvidence(bytes)
    const verdict = judgeEvidence(evidence)
    if (!verdict.ok) return { ok: false, reason: verdict.reason }
    return { ok: true, bytes, origin: verdict.origin, vkeys: evidence.vkeys }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, reason: error.message }
    throw error
  }
}

export type PreparedEvidence =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly origin: string; readonly vkeys: readonly string[] }
  | { readonly ok: false; readonly reason: string }

/**
 * Takes a peer's evidence: freezes the log it is about where that log is known under these very keys, and passes it on. What
 * accuses this member is kept for its people.
 */
export function applyEvidence(
  quarantine: (tx: Tx, member: number, seq: number, reason: string) => void,
): (tx: Tx, statement: AppliedStatement, prepared: unknown) => void {
  return (tx, { member, memberName, seq }, prepared) => {
    const evidence = prepared as PreparedEvidence
    if (!evidence.ok) return quarantine(tx, member, seq, `its evidence of a fork does not hold: ${evidence.reason}`)
    const row = peerWithLog(tx, evidence.origin)
    if (row === undefined) {
      const own = tx.get<Pick<Known, 'name'>>(
        'SELECT m.name FROM log l JOIN member m ON m.id = l.member WHERE l.id = ? AND l.origin = ?',
        OWN_LOG,
        evidence.origin,
      )
      if (own === undefined) return undefined
      if (!isOfLog(tx, OWN_LOG, evidence)) return quarantine(tx, member, seq, NOT_ITS_KEYS)
      keepEvidence(tx, { bytes: evidence.bytes, member: own.name, origin: evidence.origin }, memberName)
      alarm(tx, { member: memberName, reason: 'there is evidence that this log forked' })
      return undefined
    }
    if (!isOfLog(tx, row.log, evidence)) return quarantine(tx, member, seq, NOT_ITS_KEYS)
    const first = tx.get('SELECT 1 FROM fork_evidence WHERE origin = ?', evidence.origin) === undefined
    keepEvidence(tx, { bytes: evidence.bytes, member: row.name, origin: evidence.origin }, memberName)
    if (first) enqueue(tx, { kind: PASS_ON_JOB, key: evidence.origin, payload: null })
    return undefined
  }
}

const NOT_ITS_KEYS = 'its evidence of a fork is signed with keys that were not the log’s'

/** An own statement of evidence that came back after a restore: the log it is about is as frozen as it was. */
export function returnEvidence(tx: Tx, _statement: unknown, prepared: unknown): void {
  const evidence = prepared as PreparedEvidence
  const row = evidence.ok ? peerWithLog(tx, evidence.origin) : undefined
  if (!evidence.ok || row === undefined || !isOfLog(tx, row.log, evidence)) return
  keepEvidence(tx, { bytes: evidence.bytes, member: row.name, origin: evidence.origin }, 'found here')
}

type Known = { readonly name: string; readonly log: number }

function peerWithLog(tx: Tx, origin: string): Known | undefined {
  return tx.get<Known>('SELECT p.name, p.log FROM peer p JOIN log l ON l.id = p.log WHERE l.origin = ?', origin)
}

/** Whether both heads were signed with keys that the log had. */
function isOfLog(tx: Tx, log: number, { bytes }: { readonly bytes: Uint8Array }): boolean {
  const keys = readLogKeys(tx, log)
  const { older, newer } = parseEvidence(bytes)
  return [older, newer].every((note) => openHistoric(note, keys, { types: [SIGNATURE_TYPE.ed25519] }).ok)
}

export const PASS_ON_JOB = 'federation.pass-on-evidence'

/** Says the first evidence about a log in our own, so that it reaches peers of peers; each member does so once. */
export const passOnEvidence = command('federation.pass-on-evidence', (tx, input: { readonly origin: string }): void => {
  const kept = tx.get<{ bytes: Uint8Array }>(
    'SELECT bytes FROM fork_evidence WHERE origin = ? ORDER BY id LIMIT 1',
    input.origin,
  )
  if (kept !== undefined)
    say(tx, { kind: 'evidence', marking: FOR_PEERS, mediaType: EVIDENCE_MEDIA_TYPE, item: kept.bytes })
})

export type KeptEvidence = {
  readonly id: number
  readonly member: string
  readonly origin: string
  readonly source: string
  readonly timeMs: number
  readonly bytes: Uint8Array
}

export function listEvidence(reader: Reader): Promise<KeptEvidence[]> {
  return reader.all<KeptEvidence>(
    'SELECT id, member, origin, source, time_ms AS timeMs, bytes FROM fork_evidence ORDER BY id DESC LIMIT ?',
    LIMITS.pageMax,
  )
}
