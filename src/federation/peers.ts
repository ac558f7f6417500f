// Peers as they stand in the store: how one is approved, renewed, stopped and removed (meet.ts has how one comes to be).
// Every change of standing is a deed in the audit log and raises the policy epoch.
import { audit } from '#kernel/audit.ts'
import { Fault } from '#kernel/fault.ts'
import { forgetClasses } from './classes.ts'
import { dueAgain, mayAskAgain } from './forward/again.ts'
import { passOverWithheld } from './gap.ts'
import { ACCEPT_GAP, ASK_HELD, ASK_RETURNS } from './heal/wire.ts'
import { noPeer, takeDescription } from './peer-standing.ts'
import { communityId, memberId } from '#kernel/id.ts'
import { LIMITS } from '#kernel/limits.ts'
import { forgetLogKeys, setLogKeys } from '#kernel/log/key-history.ts'
import { EMPTY_ROOT } from '#kernel/log/merkle.ts'
import { truncateLog } from '#kernel/log/tile-store.ts'
import { endStanding, internMember, setStanding } from '#kernel/standing.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import type { TakenRecovery } from './document-proof.ts'
import { beginStream, followRecovery } from './recovery.ts'
import { logVerifiers, parseNodeDocument, readNodeDocument } from './document.ts'
import { storedDocument } from './stored-document.ts'
import type { NodeDocument, PeerState } from './wire.ts'
import type { NoteVerifier } from '#kernel/note.ts'

export type Peer = {
  readonly id: number
  readonly name: string
  readonly state: PeerState
  readonly document: NodeDocument
  readonly words: readonly string[]
  /** Row id of the mirror of its log. */
  readonly log: number
  readonly verifiers: readonly NoteVerifier[]
  readonly streamSeq: number
  readonly streamHash: Uint8Array
  readonly outSeq: number
  /** The last item of our stream that was put into an answer: what it names may be there. */
  readonly givenSeq: number
  /** The last item of our stream that the peer asked beyond: what came before it has. */
  readonly confirmedSeq: number
  readonly confirmedMs: number | null
  readonly stopped: string | null
  /** They met, or a person let replication go on after it stood still: a hole is passed over until all came that it committed to. */
  readonly acceptGap: boolean
  /** Since when it has to be asked where it stands, for this node was put back to a backup: until then it is given nothing. */
  readonly unaskedMs: number | null
  /** It is to be asked what it holds of our logs, once: they met, people decided about it, or one of them may be put back. */
  readonly asksHeld: boolean
  /** And for what it has of our log of today: what it was given since a backup of ours was made may be lost here. */
  readonly asksReturns: boolean
  readonly lastContactMs: number | null
  readonly lastError: string | null
}

type Row = {
  id: number
  name: string
  state: PeerState
  document: Uint8Array
  words: string
  log: number
  stream_seq: number
  stream_hash: Uint8Array
  out_seq: number
  given_seq: number
  confirmed_seq: number
  confirmed_ms: number | null
  stopped: string | null
  accept_gap: number
  unasked_ms: number | null
  last_contact_ms: number | null
  last_error: string | null
}

export async function listPeers(reader: Reader): Promise<Peer[]> {
  return (await reader.all<Row>('SELECT * FROM peer ORDER BY name LIMIT ?', LIMITS.peersMax)).map(toPeer)
}

export async function findPeer(reader: Reader, name: string): Promise<Peer | undefined> {
  const row = await reader.get<Row>('SELECT * FROM peer WHERE name = ?', name)
  return row === undefined ? undefined : toPeer(row)
}

/** The peer whose log of today has this origin. */
export async function findPeerOfLog(reader: Reader, origin: string): Promise<Peer | undefined> {
  const row = await reader.get<Row>(
    'SELECT p.* FROM log l JOIN peer p ON p.id = l.member WHERE l.origin = ? AND p.log = l.id',
    origin,
  )
  return row === undefined ? undefined : toPeer(row)
}

export async function requirePeer(reader: Reader, name: string): Promise<Peer> {
  const peer = await findPeer(reader, name)
  if (peer !== undefined) return peer
  throw noPeer(name)
}

function toPeer(row: Row): Peer {
  const { document, unreadable } = storedDocument(row.name, row.document)
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    document,
    words: JSON.parse(row.words) as string[],
    log: row.log,
    verifiers: logVerifiers(document),
    streamSeq: row.stream_seq,
    streamHash: row.stream_hash,
    outSeq: row.out_seq,
    givenSeq: row.given_seq,
    confirmedSeq: row.confirmed_seq,
    confirmedMs: row.confirmed_ms,
    stopped: unreadable ?? row.stopped,
    acceptGap: (row.accept_gap & ACCEPT_GAP) !== 0,
    asksHeld: (row.accept_gap & ASK_HELD) !== 0,
    asksReturns: (row.accept_gap & ASK_RETURNS) !== 0,
    unaskedMs: row.unasked_ms,
    lastContactMs: row.last_contact_ms,
    lastError: row.last_error,
  }
}

/** A newer document of a peer, after its proof at `index` of its log was checked. An older one changes nothing. */
export const renewDocument = command(
  'federation.renew-document',
  (
    tx,
    input: {
      readonly name: string
      readonly document: Uint8Array
      readonly index: number
      readonly recovery?: TakenRecovery
    },
  ): void => {
    const row = tx.get<{ document: Uint8Array; log: number }>(
      'SELECT document, log FROM peer WHERE name = ?',
      input.name,
    )
    if (row === undefined) return
    const [known, next] = [readNodeDocument(row.document), parseNodeDocument(input.document)]
    if (!known.ok || !next.ok) return
    if (next.document.version <= known.document.version) return
    const { origin, vkeys } = next.document.log
    if (input.recovery !== undefined) followRecovery(tx, { name: input.name, log: row.log }, input.recovery)
    const log = tx.get<{ id: number }>('SELECT id FROM log WHERE origin = ?', origin)?.id ?? row.log
    setLogKeys(tx, log, { vkeys, index: input.index, nowMs: tx.nowMs })
    // It may have been passed on under keys that are known only now.
    dueAgain(tx, input.name)
    tx.run('UPDATE peer SET document = ? WHERE name = ?', input.document, input.name)
    const { version, endpoint } = next.document
    audit(tx, { actor: input.name, action: 'peer.renew', subject: input.name, detail: { version, endpoint } })
    tx.emit({ name: 'federation.peers' })
  },
)

/** The row id of a log, made on first mention. */
export function internLog(tx: Tx, member: number, origin: string): number {
  const known = tx.get<{ id: number }>('SELECT id FROM log WHERE origin = ?', origin)
  if (known !== undefined) return known.id
  tx.run('INSERT INTO log (member, origin, size, root) VALUES (?, ?, 0, ?)', member, origin, EMPTY_ROOT)
  return tx.get<{ id: number }>('SELECT id FROM log WHERE origin = ?', origin)?.id as number
}

/** Takes away the leaves of a log that came and were never believed, since no head that was seen signs them all yet. */
export function forgetStaged(tx: Tx, log: number): void {
  const row = tx.get<{ size: number; staged: number }>('SELECT size, staged FROM log WHERE id = ?', log)
  if (row === undefined || row.staged === 0) return
  truncateLog(tx, log, row.size)
  tx.run('UPDATE log SET staged = 0 WHERE id = ?', log)
}

/** A stream that was not committed to, for its recipient was removed then, is committed to now. */
const UNCOMMITTED_SQL = `UPDATE heads_state SET due = 1 WHERE EXISTS (SELECT 1 FROM peer p WHERE p.name = ? AND p.out_seq > 0
  AND NOT EXISTS (SELECT 1 FROM head_place h WHERE h.peer = p.id))`

/** The log of a peer has ended by its own word, and no other follows it. */
const LEFT_SQL = 'SELECT 1 FROM log_end e JOIN peer p ON p.log = e.log WHERE p.name = ? AND e.follows IS NULL'

/** A person compared the words: the peer may have what policy allows. Also ends a stop, and a doubt about its stream. */
export const approvePeer = command(
  'federation.approve-peer',
  (tx, input: { readonly actor: string; readonly name: string; readonly communities?: readonly string[] }): void => {
    const name = memberId(input.name)
    const row = tx.get<{ communities: string }>(
      'SELECT m.communities FROM peer p JOIN member m ON m.id = p.id WHERE p.name = ?',
      name,
    )
    if (row === undefined) throw noPeer(name)
    if (tx.get(LEFT_SQL, name) !== undefined)
      throw new Fault('conflict', `${name} has left: its log has ended`, {
        remedy: 'It comes back in another log, after a recovery, and is met anew: by invitation.',
      })
    tx.run(
      `UPDATE peer SET state = 'approved', accept_gap = accept_gap | ${ASK_HELD} | iif(stopped IS NULL, 0, ${ACCEPT_GAP}), stopped = NULL, last_error = NULL,
         gaps = 0, widened_epoch = 0 WHERE name = ?`,
      name,
    )
    const communities = (input.communities ?? (JSON.parse(row.communities) as string[])).map(communityId)
    passOverWithheld(tx, { actor: input.actor, name })
    const rewritten = tx.get<{ peer: number }>(
      `SELECT d.peer FROM stream_doubt d JOIN peer p ON p.id = d.peer WHERE p.name = ? AND d.kind = 'rewritten'`,
      name,
    )
    if (rewritten !== undefined) beginStream(tx, rewritten.peer)
    tx.run('DELETE FROM stream_doubt WHERE peer = (SELECT id FROM peer WHERE name = ?)', name)
    takeDescription(tx, name)
    if (tx.run(UNCOMMITTED_SQL, name) === 1) tx.emit({ name: 'federation.heads-due' })
    dueAgain(tx, name)
    mayAskAgain(tx, name)
    forgetClasses(tx, internMember(tx, name))
    setStanding(tx, name, { approved: true, communities })
    audit(tx, { actor: input.actor, action: 'peer.approve', subject: name, detail: { communities } })
    tx.emit({ name: 'federation.peers' })
  },
)

/** The log of a peer that nobody approved, and of which nothing is here: somebody else may have come under its name. */
const UNPROVEN_SQL = `SELECT p.log FROM peer p JOIN log l ON l.id = p.log
  WHERE p.name = ? AND p.state = 'pending' AND l.size = 0 AND l.staged = 0`

/** Nothing more goes there and nothing more is taken; what is here and its proofs stay, and leaves without a proof do not. */
export const removePeer = command(
  'federation.remove-peer',
  (tx, input: { readonly actor: string; readonly name: string }): void => {
    const name = memberId(input.name)
    const unproven = tx.get<{ log: number }>(UNPROVEN_SQL, name)
    if (tx.run(`UPDATE peer SET state = 'removed' WHERE name = ?`, name) !== 1) throw noPeer(name)
    if (unproven !== undefined) forgetLogKeys(tx, unproven.log)
    const { log } = tx.get<{ log: number }>('SELECT log FROM peer WHERE name = ?', name) as { log: number }
    forgetStaged(tx, log)
    endStanding(tx, name, 'removed')
    audit(tx, { actor: input.actor, action: 'peer.remove', subject: name })
    tx.emit({ name: 'federation.peers' })
  },
)

/** A peer asks for what comes behind an item: so it has applied everything up to there. */
export const noteConfirmed = command(
  'federation.note-confirmed',
  (tx, input: { readonly peer: number; readonly seq: number }): void => {
    tx.run(
      'UPDATE peer SET confirmed_seq = ?, confirmed_ms = ? WHERE id = ? AND confirmed_seq < ? AND out_seq >= ?',
      input.seq,
      tx.nowMs,
      input.peer,
      input.seq,
      input.seq,
    )
  },
)

type Contact =
  /** `told`: it was asked what it holds of our logs, and has said it. `whole`: a hole was accepted, and none is left. */
  | { readonly name: string; readonly error: null; readonly told: boolean; readonly whole: boolean }
  /** `stopped` only where a person must look, and then it is audited. */
  | { readonly name: string; readonly error: string; readonly stopped?: string }

/** How the last round went. */
export const noteContact = command('federation.note-contact', (tx, input: Contact): void => {
  if (input.error === null) {
    tx.run(
      'UPDATE peer SET last_contact_ms = ?, last_error = NULL, accept_gap = accept_gap & ~? WHERE name = ?',
      tx.nowMs,
      (input.told ? ASK_HELD | ASK_RETURNS : 0) | (input.whole ? ACCEPT_GAP : 0),
      input.name,
    )
    return
  }
  tx.run('UPDATE peer SET last_error = ? WHERE name = ?', input.error.slice(0, 500), input.name)
  if (input.stopped === undefined) return
  const before = tx.get<{ stopped: string | null }>('SELECT stopped FROM peer WHERE name = ?', input.name)?.stopped
  tx.run('UPDATE peer SET stopped = ? WHERE name = ?', input.stopped.slice(0, 500), input.name)
  if (before !== input.stopped)
    audit(tx, { actor: 'node', action: 'peer.stop', subject: input.name, detail: { reason: input.stopped } })
})
