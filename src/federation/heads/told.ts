// What a peer committed to giving this member, as it stands in the store: the newest head with its proof, and the doubt
// where what came is not what was committed. A doubt is told in the audit log once; it ends when the peer makes good, or
// when a person approves the peer anew.
import { audit } from '#kernel/audit.ts'
import { LIMITS } from '#kernel/limits.ts'
import { command, type Reader, type Tx } from '#kernel/store/types.ts'
import type { ToldHead } from './judge.ts'

/** `withheld`: more was committed than comes. `unproven`: no head is shown. `rewritten`: two things that cannot both be true. */
export type Doubt = { readonly kind: 'withheld' | 'unproven' | 'rewritten'; readonly reason: string }

export type HeadNote = {
  readonly peer: number
  readonly name: string
  /** The head now told, with its frame; absent where none was shown. */
  readonly told?: ToldHead & { readonly frame: Uint8Array }
  readonly doubt?: Doubt
  /** A proof of delivery that shows a rewrite to anybody. */
  readonly proof?: Uint8Array
}

/** Keeps the newest head, and doubts or trusts. */
export const noteHead = command('federation.note-head', (tx, { peer, name, told, doubt, proof }: HeadNote): void => {
  if (told !== undefined)
    tx.run(
      `INSERT INTO head_told (peer, idx, seq, hash, frame) VALUES (?, ?, ?, ?, ?) ON CONFLICT (peer) DO UPDATE
       SET idx = excluded.idx, seq = excluded.seq, hash = excluded.hash, frame = excluded.frame`,
      peer,
      told.index,
      told.seq,
      told.hash,
      told.frame,
    )
  if (doubt === undefined) tx.run(`DELETE FROM stream_doubt WHERE peer = ? AND kind <> 'rewritten'`, peer)
  else raiseDoubt(tx, { peer, name, doubt, proof })
})

function raiseDoubt(
  tx: Tx,
  {
    peer,
    name,
    doubt,
    proof,
  }: Pick<HeadNote, 'peer' | 'name'> & { readonly doubt: Doubt; readonly proof: Uint8Array | undefined },
): void {
  const before = tx.get<{ kind: Doubt['kind']; sinceMs: number; toldMs: number | null }>(
    'SELECT kind, since_ms AS sinceMs, told_ms AS toldMs FROM stream_doubt WHERE peer = ?',
    peer,
  )
  if (before?.kind === 'rewritten') return
  const same = before?.kind === doubt.kind
  const sinceMs = same ? before.sinceMs : tx.nowMs
  const telling = doubt.kind !== 'unproven' || tx.nowMs - sinceMs >= LIMITS.headsGraceMs
  const toldMs = same && before.toldMs !== null ? before.toldMs : telling ? tx.nowMs : null
  tx.run(
    `INSERT INTO stream_doubt (peer, kind, reason, since_ms, told_ms, proof) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (peer) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, since_ms = excluded.since_ms,
       told_ms = excluded.told_ms, proof = excluded.proof`,
    peer,
    doubt.kind,
    doubt.reason,
    sinceMs,
    toldMs,
    proof ?? null,
  )
  if (toldMs === tx.nowMs && !(same && before.toldMs !== null))
    audit(tx, {
      actor: 'node',
      action: 'delivery.alarm',
      subject: name,
      detail: { kind: doubt.kind, reason: doubt.reason },
    })
}

export type StoredHead = ToldHead & { readonly frame: Uint8Array }

export function toldBy(reader: Reader, peer: number): Promise<StoredHead | undefined> {
  return reader.get<StoredHead>('SELECT idx AS "index", seq, hash, frame FROM head_told WHERE peer = ?', peer)
}

/**
 * Whether all came that a peer has committed to. What is lost at the end of its stream shows only with a head: where it
 * shows none some time after they met, it gave nothing.
 */
export async function allCame(reader: Reader, peer: number, nowMs: number): Promise<boolean> {
  const sql = `SELECT 1 FROM peer p LEFT JOIN head_told h ON h.peer = p.id WHERE p.id = ?
    AND iif(h.seq IS NULL, p.stream_seq = 0 AND p.last_contact_ms < ?, h.seq <= p.stream_seq)
    AND NOT EXISTS (SELECT 1 FROM stream_doubt d WHERE d.peer = p.id)`
  return (await reader.get(sql, peer, nowMs - LIMITS.headsGraceMs)) !== undefined
}

export type StoredDoubt = Doubt & { readonly sinceMs: number; readonly proof: Uint8Array | null }

/** The doubt about a peer's stream that people are told of, if there is one. */
export function doubtAbout(reader: Reader, peer: number): Promise<StoredDoubt | undefined> {
  return reader.get<StoredDoubt>(
    'SELECT kind, reason, since_ms AS sinceMs, proof FROM stream_doubt WHERE peer = ? AND told_ms IS NOT NULL',
    peer,
  )
}
