// First contact in the store: invitations, and who came by one. Whoever knows the secret of an invitation uses it up, and a
// stranger that is not met hears one and the same, whatever the reason: our own people read it in the audit log.
import { audit } from '#kernel/audit.ts'
import { FIRST_HASH } from '#kernel/delivery-item.ts'
import { Fault } from '#kernel/fault.ts'
import { memberId } from '#kernel/id.ts'
import { LIMITS } from '#kernel/limits.ts'
import { readLogKeys, setLogKeys } from '#kernel/log/key-history.ts'
import { internMember, SELF } from '#kernel/standing.ts'
import { command, type Tx } from '#kernel/store/types.ts'
import { parseNodeDocument, readNodeDocument } from './document.ts'
import { offerEndedAgain } from './gap.ts'
import { ACCEPT_GAP, ASK_HELD, ASK_RETURNS } from './heal/wire.ts'
import { internLog } from './peers.ts'
import { beginStream, hasEnded, offerWhatItBrought } from './recovery.ts'
import type { NodeDocument, PeerState } from './wire.ts'

export const addInvitation = command(
  'federation.add-invitation',
  (
    tx,
    input: { readonly actor: string; readonly id: string; readonly secret: Uint8Array; readonly expiresMs: number },
  ): void => {
    tx.run('DELETE FROM invitation WHERE expires_ms <= ?', tx.nowMs)
    const open = tx.get<{ n: number }>('SELECT count(*) AS n FROM invitation')?.n ?? 0
    if (open >= LIMITS.invitationsMax)
      throw new Fault('busy', `${open} invitations are open`, { remedy: 'Wait until some are used or expire.' })
    tx.run(
      'INSERT INTO invitation (id, secret, expires_ms, created_ms) VALUES (?, ?, ?, ?)',
      input.id,
      input.secret,
      input.expiresMs,
      tx.nowMs,
    )
    audit(tx, { actor: input.actor, action: 'peer.invite', subject: input.id })
  },
)

export type NewPeer = {
  readonly actor: string
  readonly document: Uint8Array
  readonly words: readonly string[]
  /** The invitation this uses up; it works once. */
  readonly invitation?: string
}

/** It may know this member from before a backup, and hold what is lost here. */
const MET = ACCEPT_GAP | ASK_HELD | ASK_RETURNS

/** A peer that our own people meet: known, and pending until a person approves it. They are told why not. */
export const addPeer = command('federation.add-peer', (tx, input: NewPeer): void => {
  const parsed = parseNodeDocument(input.document)
  if (!parsed.ok) throw new Fault('peer.invalid', parsed.reason)
  if (input.invitation !== undefined && !useInvitation(tx, input.invitation)) throw uselessInvitation()
  const refusal = refusalOf(tx, parsed.document)
  if (refusal !== undefined) throw refusal
  meet(tx, parsed.document, input)
})

/** A peer that comes by itself, with an invitation, which it uses up also where it is not met. False where it is not. */
export const admitStranger = command(
  'federation.admit-stranger',
  (tx, input: NewPeer & { readonly invitation: string }): boolean => {
    if (!useInvitation(tx, input.invitation)) return false
    const parsed = parseNodeDocument(input.document)
    const refusal = parsed.ok
      ? (refusalOf(tx, parsed.document) ?? refusalOfOtherLog(tx, parsed.document))
      : new Fault('peer.invalid', parsed.reason)
    if (parsed.ok && refusal === undefined) {
      meet(tx, parsed.document, input)
      return true
    }
    const subject = parsed.ok ? parsed.document.member : 'a stranger'
    const detail = { invitation: input.invitation, reason: refusal?.message, remedy: refusal?.remedy }
    audit(tx, { actor: input.actor, action: 'peer.unmet', subject, detail })
    return false
  },
)

/** What is said of an invitation that does not hold, whatever the reason. */
export function uselessInvitation(): Fault {
  return new Fault('auth.denied', 'this invitation was used already, has expired, or is not ours', {
    remedy: 'Ask for a new one.',
  })
}

function useInvitation(tx: Tx, id: string): boolean {
  return tx.run('DELETE FROM invitation WHERE id = ? AND expires_ms > ?', id, tx.nowMs) === 1
}

type Known = { readonly state: PeerState; readonly document: Uint8Array }

function knownAs(tx: Tx, name: string): Known | undefined {
  return tx.get<Known>('SELECT state, document FROM peer WHERE name = ?', name)
}

/** Why nobody meets this member. One that comes back keeps its log: another under the same origin would be a second history. */
function refusalOf(tx: Tx, { member, log }: NodeDocument): Fault | undefined {
  if (tx.get('SELECT 1 FROM member WHERE id = ? AND name = ?', SELF, member) !== undefined)
    return new Fault('peer.invalid', `the node says it is ${member}, which is this member`, {
      remedy: 'Do not go on. Ask by telephone.',
    })
  const known = knownAs(tx, member)
  if (known === undefined) return undefined
  if (known.state === 'approved')
    return new Fault('conflict', `${member} is a peer already`, {
      remedy: `To begin anew, first: comity peer remove ${member}`,
    })
  if (hasEnded(tx, log.origin))
    return new Fault('peer.refused', `${member} shows a log that it has ended itself`, {
      remedy: 'Ask them by telephone: somebody may use keys that were stolen.',
    })
  const before = logIn(known)
  if (before?.origin !== log.origin || keysOf(before) === keysOf(log) || !hasKeys(tx, log.origin)) return undefined
  return new Fault('peer.refused', `${member} shows other log keys than before, without proof`, {
    remedy: 'Ask them by telephone. A log that is lost continues under a new origin.',
  })
}

/** False of a log whose keys were forgotten, since nobody approved who showed them. */
function hasKeys(tx: Tx, origin: string): boolean {
  return tx.get('SELECT 1 FROM log_key k JOIN log l ON l.id = k.log WHERE l.origin = ?', origin) !== undefined
}

/** Who waits for approval comes again with the log it came with: only our own people put another in its place. */
function refusalOfOtherLog(tx: Tx, { member, log }: NodeDocument): Fault | undefined {
  const known = knownAs(tx, member)
  if (known?.state !== 'pending' || logIn(known)?.origin === log.origin) return undefined
  return new Fault('peer.refused', `${member} waits for approval already, and this shows another log`, {
    remedy: `Ask them by telephone. If the new one is theirs: comity peer remove ${member}, and invite again.`,
  })
}

function logIn({ document }: Known): NodeDocument['log'] | undefined {
  const read = readNodeDocument(document)
  return read.ok ? read.document.log : undefined
}

const keysOf = ({ vkeys }: NodeDocument['log']): string => JSON.stringify(vkeys.toSorted())

function meet(tx: Tx, { member, log: { origin, vkeys } }: NodeDocument, { actor, document, words }: NewPeer): void {
  const name = memberId(member)
  const id = internMember(tx, name)
  const isKnown = knownAs(tx, name) !== undefined
  const log = internLog(tx, id, origin)
  if (readLogKeys(tx, log).length === 0) setLogKeys(tx, log, { vkeys, index: -1, nowMs: tx.nowMs })
  tx.run(
    `INSERT INTO peer (id, name, state, document, words, log, stream_hash, out_hash, accept_gap) VALUES (?, ?, 'pending', ?, ?, ?, ?, ?, ${MET})
     ON CONFLICT (id) DO UPDATE SET state = 'pending', document = excluded.document, words = excluded.words, log = excluded.log,
       accept_gap = ${MET}, confirmed_seq = 0, gaps = 0, stopped = NULL, last_contact_ms = NULL, last_error = NULL`,
    id,
    name,
    document,
    JSON.stringify(words),
    log,
    FIRST_HASH,
    FIRST_HASH,
  )
  // It may have gone back to a backup from before they met, and know nothing of what it committed to, nor of what came.
  if (isKnown) {
    beginStream(tx, id)
    offerEndedAgain(tx, id)
    offerWhatItBrought(tx, id)
  }
  audit(tx, { actor, action: 'peer.meet', subject: name, detail: { words } })
  tx.emit({ name: 'federation.peers' })
}
