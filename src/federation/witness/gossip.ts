// Heads passed on between neighbours (protocol section 4): what I saw of a third member's log, for who follows it too.
// A member that shows two histories needs only one honest pair of readers that compare.
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import { formatCheckpoint, parseCheckpoint, type OpenedCheckpoint } from '#kernel/log/checkpoint.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { loadLogKeys, loadVkeys, openHistoric } from '#kernel/log/key-history.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { knownVerifiers } from '#kernel/note-verifier.ts'
import { formatNote, parseNote, SIGNATURE_TYPE, verifyNote } from '#kernel/note.ts'
import { command, type Reader, type Store } from '#kernel/store/types.ts'
import { witnessVkeys } from '../document.ts'
import { findPeerOfLog, type Peer } from '../peers.ts'
import { evidenceFromMirror, recordFork } from './fork.ts'

/** Which peer was seen to witness which log: those two know of it, and may be told. */
export const noteFollower = command(
  'federation.note-follower',
  (tx, input: { readonly origin: string; readonly members: readonly string[] }): void => {
    for (const member of input.members)
      tx.run('INSERT INTO follower (origin, member) VALUES (?, ?) ON CONFLICT DO NOTHING', input.origin, member)
  },
)

/** The members that are known to follow a log. */
export async function followersOf(store: Store, origin: string): Promise<string[]> {
  const rows = await store.all<{ member: string }>('SELECT member FROM follower WHERE origin = ?', origin)
  return rows.map(({ member }) => member)
}

/** The peers whose witness lines stand under a note and hold. A line that does not hold is nobody's. */
export function followersIn(note: Uint8Array, peers: readonly Peer[]): string[] {
  if (peers.length === 0) return []
  const parsed = parseNote(note)
  const names = new Set(parsed.signatures.map(({ name }) => name))
  return peers
    .filter(({ document }) => {
      if (document.witness === undefined || !names.has(document.witness.name)) return false
      return verifyNote(parsed, knownVerifiers(witnessVkeys(document)), { demand: 'any' }).ok
    })
    .map(({ name }) => name)
}

export type Head = { readonly origin: string; readonly text: string }

/**
 * The heads to tell a peer: those of logs it is known to follow, with their Ed25519 line alone, by origin. First come those
 * behind the origin that it was told of last: what has no room in one message is told with the next.
 */
export async function headsFor(store: Store, peer: string, told = ''): Promise<Head[]> {
  const rows = await store.all<{ origin: string; checkpoint: Uint8Array }>(
    `SELECT l.origin, l.checkpoint FROM follower f JOIN log l ON l.origin = f.origin
     WHERE f.member = ? AND l.checkpoint IS NOT NULL AND l.id <> ? ORDER BY l.origin <= ?, l.origin LIMIT ?`,
    peer,
    OWN_LOG,
    told,
    LIMITS.gossipHeadsMax,
  )
  return rows.map(({ origin, checkpoint }) => {
    const note = parseNote(checkpoint)
    const line = note.signatures.find(({ name, signature }) => name === origin && signature.length === ED25519_BYTES)
    const text = Buffer.from(formatNote(note.text, line === undefined ? [] : [line.line])).toString('utf8')
    return { origin, text }
  })
}

/** As many of these heads, from the first on, as one message has room for. */
export function inOneMessage(heads: readonly Head[]): readonly Head[] {
  let bytes = 0
  const end = heads.findIndex(
    ({ text }) => (bytes += Buffer.byteLength(JSON.stringify(text)) + 1) > LIMITS.gossipBytesMax,
  )
  return end < 0 ? heads : heads.slice(0, end)
}

const ED25519_BYTES = 64

export type HeadVerdict = 'same' | 'newer' | 'unknown' | 'unsigned' | 'fork' | 'alarm'

/** `member` is the peer whose log it is, `origin` that log, where they are known; `reason` why it did not sign the head. */
export type Heard = {
  readonly verdict: HeadVerdict
  readonly member?: string
  readonly origin?: string
  readonly reason?: string
}

/** Holds a head that somebody passed on against what this node has of that log. */
export async function judgeHeard(store: Store, ownOrigin: string, text: string): Promise<Heard> {
  const note = Buffer.from(text)
  const checkpoint = parseCheckpoint(parseNote(note).text)
  if (checkpoint.origin === ownOrigin) return { verdict: await judgeOwn(store, note) }
  const peer = await findPeerOfLog(store, checkpoint.origin)
  if (peer === undefined) return { verdict: 'unknown' }
  const mirror = await store.get<{ size: number; root: Uint8Array; checkpoint: Uint8Array | null }>(
    'SELECT size, root, checkpoint FROM log WHERE id = ?',
    peer.log,
  )
  const known = { member: peer.name, origin: checkpoint.origin }
  const opened = openHistoric(note, await loadLogKeys(store, peer.log), { types: [SIGNATURE_TYPE.ed25519] })
  if (mirror === undefined || mirror.checkpoint === null || checkpoint.size > mirror.size)
    // What is not signed by the keys known here may be by newer ones: its own log tells of those.
    return opened.ok ? { verdict: 'newer', member: peer.name } : { verdict: 'unknown' }
  if (!opened.ok) return { verdict: 'unsigned', reason: opened.reason }
  if (checkpoint.size === 0) return { verdict: 'same', ...known }
  const root = treeRoot(checkpoint.size, await edgeTiles(store, peer.log, [checkpoint.size]))
  if (equalBytes(root, checkpoint.root)) return { verdict: 'same', ...known }
  const evidence = await evidenceFromMirror(store, peer.log, {
    vkeys: await loadVkeys(store, peer.log),
    older: { note, size: checkpoint.size },
    newer: { note: mirror.checkpoint, size: mirror.size },
  })
  if (evidence === undefined) return { verdict: 'unknown' }
  await store.write(recordFork, { bytes: evidence, member: peer.name, origin: checkpoint.origin })
  return { verdict: 'fork', ...known }
}

/** Opens a head under the keys of our own log. */
export async function openOwn(reader: Reader, note: Uint8Array): Promise<OpenedCheckpoint> {
  return openHistoric(note, await loadLogKeys(reader, OWN_LOG), { types: [SIGNATURE_TYPE.ed25519] })
}

/** A head of our own log: is it one of ours? Throws where our keys did not sign it, for anybody can write down a head. */
async function judgeOwn(store: Store, note: Uint8Array): Promise<HeadVerdict> {
  const opened = await openOwn(store, note)
  if (!opened.ok) throw new Fault('input.invalid', `a head of this log is not signed by it: ${opened.reason}`)
  const { checkpoint } = opened
  const own = await store.get<{ size: number }>('SELECT size FROM log WHERE id = ?', OWN_LOG)
  if (checkpoint.size > (own?.size ?? 0)) return 'alarm'
  if (checkpoint.size === 0) return 'same'
  const root = treeRoot(checkpoint.size, await edgeTiles(store, OWN_LOG, [checkpoint.size]))
  return equalBytes(root, checkpoint.root) ? 'same' : 'alarm'
}

/** A checkpoint with some witness lines, as it travels back to the log it is about. */
export function noteWithLines(note: Uint8Array, lines: readonly string[]): Uint8Array {
  return formatNote(formatCheckpoint(parseCheckpoint(parseNote(note).text)), lines)
}
