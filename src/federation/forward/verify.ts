// What a peer passes on of another member: believed for what its author's log proves, never for who brought it. What cannot
// be believed is left out with its reason and stops nothing, for its author may have changed keys that only the other knows.
import { parseBase64 } from '#kernel/base64.ts'
import { Fault } from '#kernel/fault.ts'
import { equalBytes } from '#kernel/hash.ts'
import { memberOf } from '#kernel/id.ts'
import { alignedItems } from '#kernel/list-part.ts'
import { parseCheckpoint, type OpenOptions } from '#kernel/log/checkpoint.ts'
import { loadLogKeys, verifiersAt } from '#kernel/log/key-history.ts'
import { hashLeaf } from '#kernel/log/merkle.ts'
import { edgeTiles } from '#kernel/log/stored-proof.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { parseTlogProof, verifyTlogProof, type TlogProof } from '#kernel/log/tlog-proof.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { knownVerifiers } from '#kernel/note-verifier.ts'
import { parseNote, type NoteVerifier } from '#kernel/note.ts'
import type { Store } from '#kernel/store/types.ts'
import type { Author, VerifiedStatement } from '../apply.ts'
import type { DeliveredStatement, Delivery } from '../frames.ts'
import { findPeer, type Peer } from '../peers.ts'
import { judgeStatement } from '../verify-round.ts'
import { evidenceFromMirror, recordFork } from '../witness/fork.ts'
import { trustedVerifiers } from '../witness/trust.ts'

export type ForwardDeps = {
  readonly store: Store
  readonly nowMs: number
  readonly prepare: (kind: string, items: readonly (Uint8Array | undefined)[]) => unknown
  /** Who brings it. */
  readonly peer: Peer
}

export type Forwarded = {
  readonly author?: Author
  readonly origin?: string
  readonly statements: readonly VerifiedStatement[]
  /** Why each of the others was left out, and which they are. */
  readonly malformed: readonly string[]
  readonly refused?: readonly number[]
}

/** A log whose keys are known here. */
type KnownLog = {
  readonly origin: string
  /** The keys that may sign a head of this size. */
  readonly verifiersAt: (size: number) => readonly NoteVerifier[]
  readonly options: OpenOptions
  /** Where its member is a peer: the name, the keys, and the mirror where there is one. */
  readonly peer?: { readonly name: string; readonly vkeys: readonly string[]; readonly log?: number }
  /** Where that peer ended it: its last head. */
  readonly end?: Head
  /** Where its member left: how much it had said. */
  readonly left?: number
  /** Whether who brings it is its member. */
  readonly isSenders: boolean
}

type Head = { readonly size: number; readonly root: Uint8Array }

type Shown = Exclude<DeliveredStatement, { readonly gone: unknown }>

export async function verifyForwarded(deps: ForwardDeps, { item, statements }: Delivery): Promise<Forwarded> {
  const { origin = '' } = item
  const known = await knownLog(deps, origin)
  if (known === 'own') return { statements: [], malformed: [] }
  const shown = statements.filter((each): each is Shown => !('gone' in each))
  if (typeof known === 'string')
    return { origin, statements: [], malformed: [known], refused: shown.map(({ index }) => index) }
  const taken: VerifiedStatement[] = []
  const malformed: string[] = []
  const refused: number[] = []
  let author: Author | undefined
  for (const statement of shown) {
    const judged = await judgeForwarded(deps, known, statement)
    if (typeof judged === 'string') {
      malformed.push(`forwarded from ${origin}: ${judged}`)
      refused.push(statement.index)
    } else {
      author ??= {
        name: judged.header.member,
        origin,
        ...(known.peer === undefined ? {} : { vkeys: known.peer.vkeys }),
      }
      taken.push(judged)
    }
  }
  return { origin, statements: taken, malformed, refused, ...(author === undefined ? {} : { author }) }
}

/** The log, or why nothing is taken of it. */
async function knownLog({ store, peer: sender }: ForwardDeps, origin: string): Promise<KnownLog | string> {
  const row = await store.get<{ id: number; name: string }>(
    'SELECT l.id, m.name FROM log l JOIN member m ON m.id = l.member WHERE l.origin = ?',
    origin,
  )
  if (row?.id === OWN_LOG) return 'own'
  const peer = await findPeer(store, row?.name ?? memberOf(origin))
  const left = peer === undefined ? undefined : await sizeWhenLeft(store, peer)
  if (peer !== undefined && (peer.state === 'approved' || left !== undefined)) {
    if (left === undefined && peer.stopped !== null)
      return `forwarded from ${origin}, whose log stands still here: ${peer.stopped}`
    const isSenders = peer.name === sender.name
    return peer.document.log.origin === origin
      ? { ...(await presentLog(store, peer)), isSenders, ...(left === undefined ? {} : { left }) }
      : (endedLog(peer, origin, row?.id, isSenders) ??
          `forwarded from ${origin}, a log that ${peer.name} does not name`)
  }
  if (peer !== undefined) return `forwarded from ${origin}, whose member is ${peer.state} here`
  const verifiers = await trustedVerifiers(store, origin)
  if (verifiers.length > 0) return { origin, verifiersAt: () => verifiers, options: { types: [] }, isSenders: false }
  return `forwarded from ${origin}, whose keys are not known here: meet its member, or name the log in the trust policy; it is asked for again then`
}

/** A log that its member ended by leaving is no less its own, as far as it went; its last withdrawals may come behind that. */
async function sizeWhenLeft(store: Store, { log }: Peer): Promise<number | undefined> {
  return (await store.get<{ size: number }>('SELECT size FROM log_end WHERE log = ? AND follows IS NULL', log))?.size
}

async function presentLog(store: Store, { name, log, document }: Peer): Promise<Omit<KnownLog, 'isSenders'>> {
  const keys = await loadLogKeys(store, log)
  const vkeys = keys.map(({ vkey }) => vkey)
  const { origin } = document.log
  return { origin, verifiersAt: (size) => verifiersAt(keys, size), options: {}, peer: { name, log, vkeys } }
}

/** A log that a peer ended, by its document: the keys at its end and its last head. It may never have been mirrored here. */
function endedLog(
  { name, document }: Peer,
  origin: string,
  log: number | undefined,
  isSenders: boolean,
): KnownLog | undefined {
  const { vkeys, size, root } = document.log.earlier.find((each) => each.origin === origin) ?? {}
  if (vkeys === undefined || size === undefined || root === undefined) return undefined
  const verifiers = knownVerifiers(vkeys)
  const peer = { name, vkeys, ...(log === undefined ? {} : { log }) }
  const end = { size, root: parseBase64(root) ?? new Uint8Array(0) }
  return { origin, verifiersAt: () => verifiers, options: {}, peer, end, isSenders }
}

/** The statement, or why it is not taken. */
async function judgeForwarded(
  deps: ForwardDeps,
  known: KnownLog,
  { proof: shown, ...disclosed }: Shown,
): Promise<VerifiedStatement | string> {
  if (shown === undefined) return `statement ${disclosed.index} comes without a proof`
  const parsed = readProof(shown.proof)
  if (typeof parsed === 'string') return parsed
  const opened = verifyTlogProof(parsed, {
    leafHash: hashLeaf(shown.entry),
    verifiers: known.verifiersAt(parsed.size),
    ...known.options,
  })
  if (!opened.ok) return `the proof of statement ${disclosed.index} does not hold: ${opened.reason}`
  if (opened.checkpoint.origin !== known.origin || parsed.index !== disclosed.index)
    return `the proof of statement ${disclosed.index} is of another log or place`
  const contradiction =
    (await contradictEnd(deps.store, known, parsed.index, opened.checkpoint)) ??
    (await contradictMirror(deps.store, known, parsed, opened.checkpoint))
  if (contradiction !== undefined) return contradiction
  const member = known.peer?.name ?? memberOf(known.origin)
  const judged = judgeStatement(shown.entry, disclosed, { member, origin: known.origin, nowMs: deps.nowMs })
  if (judged.kind !== 'statement') return judged.reason
  const { statement } = judged
  const { kind, marking } = statement.header
  if (!known.isSenders && (marking.tlp === 'RED' || marking.tlp === 'AMBER+STRICT'))
    return `statement ${disclosed.index} is TLP:${marking.tlp}, which nobody may pass on`
  return { ...statement, prepared: deps.prepare(kind, alignedItems(statement.parts.content)), proof: shown }
}

function readProof(bytes: Uint8Array): (TlogProof & { readonly size: number }) | string {
  try {
    const proof = parseTlogProof(bytes)
    return { ...proof, size: parseCheckpoint(parseNote(proof.checkpoint).text).size }
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

/** Keys of a log that ended may be in a thief's hands: only what its last head contains is believed under them. */
async function contradictEnd(
  store: Store,
  { peer, end, left }: KnownLog,
  index: number,
  head: Head,
): Promise<string | undefined> {
  if (left !== undefined && index >= left) return beyondEnd(index, left)
  if (end === undefined) return undefined
  const ended = await endKnownHere(store, peer?.log)
  if (index >= Math.max(end.size, ended)) return beyondEnd(index, end.size)
  if (head.size === end.size && equalBytes(head.root, end.root)) return undefined
  const mirror = peer?.log === undefined ? undefined : await mirrorOf(store, peer.log)
  if (peer?.log !== undefined && mirror !== undefined && head.size <= mirror.size)
    if (await isMirrored(store, peer.log, head)) return undefined
  return `its proof is under a head of ${head.size} statements, which is neither the one its log ended with nor mirrored here`
}

const beyondEnd = (index: number, size: number): string =>
  `statement ${index} lies beyond the end of its log, at size ${size}`

/** The size at which the member's recovery key ended a log; its own data may have been older than that. */
async function endKnownHere(store: Store, log: number | undefined): Promise<number> {
  return (await store.get<{ size: number }>('SELECT size FROM log_end WHERE log = ?', log ?? 0))?.size ?? 0
}

/** A head that the mirror does not contain is a fork of the author's, proven by whoever brought it. */
async function contradictMirror(
  store: Store,
  { peer, origin }: KnownLog,
  { checkpoint }: TlogProof,
  head: Head,
): Promise<string | undefined> {
  if (peer?.log === undefined) return undefined
  const mirror = await mirrorOf(store, peer.log)
  if (mirror === undefined || head.size > mirror.size) return undefined
  if (await isMirrored(store, peer.log, head)) return undefined
  const evidence = await evidenceFromMirror(store, peer.log, {
    vkeys: peer.vkeys,
    older: { note: checkpoint, size: head.size },
    newer: { note: mirror.checkpoint, size: mirror.size },
  })
  if (evidence !== undefined) await store.write(recordFork, { bytes: evidence, member: peer.name, origin })
  return `its proof is under a head of ${head.size} statements that the log known here does not contain`
}

async function mirrorOf(store: Store, log: number): Promise<{ size: number; checkpoint: Uint8Array } | undefined> {
  return store.get('SELECT size, checkpoint FROM log WHERE id = ? AND checkpoint IS NOT NULL', log)
}

/** Whether a head, at most as large as the mirror, is one of its history. */
async function isMirrored(store: Store, log: number, { size, root }: Head): Promise<boolean> {
  return equalBytes(treeRoot(size, await edgeTiles(store, log, [size])), root)
}
