// By whose way another member's statement came, where its author did not bring it.
import { formatTime } from '#kernel/clock.ts'
import type { StatementRef } from '#kernel/header.ts'
import { loadVkeys } from '#kernel/log/key-history.ts'
import { knownVerifiers } from '#kernel/note-verifier.ts'
import type { NoteVerifier } from '#kernel/note.ts'
import { referTo } from '#kernel/log/say.ts'
import type { Reader, Tx } from '#kernel/store/types.ts'
import { trustedVerifiers } from '../witness/trust.ts'
import type { LeafProof } from './prove.ts'

export type Via = LeafProof & {
  readonly member: string
  readonly at: string
  /** When its author brought it, too. */
  readonly direct?: string
}

export async function viaOf(reader: Reader, statement: number): Promise<Via | undefined> {
  const row = await reader.get<LeafProof & { member: string; timeMs: number; directMs: number | null }>(
    `SELECT m.name AS member, v.time_ms AS timeMs, v.direct_ms AS directMs, v.entry, v.proof
     FROM via v JOIN member m ON m.id = v.peer WHERE v.statement = ?`,
    statement,
  )
  if (row === undefined) return undefined
  const { member, entry, proof, timeMs, directMs } = row
  const direct = directMs === null ? {} : { direct: formatTime(directMs) }
  return { member, entry, proof, at: formatTime(timeMs), ...direct }
}

/** How headers refer to a statement that is held here: its leaf is in the mirror of its log, or came with it. */
export function referToHeld(tx: Pick<Tx, 'get'>, log: number, index: number): StatementRef | undefined {
  const mirrored = referTo(tx, log, index)
  if (mirrored !== undefined) return mirrored
  const row = tx.get<{ origin: string; entry: Uint8Array }>(
    `SELECT l.origin, v.entry FROM via v JOIN statement s ON s.seq = v.statement JOIN log l ON l.id = s.log
     WHERE s.log = ? AND s.idx = ?`,
    log,
    index,
  )
  return row === undefined ? undefined : { origin: row.origin, index, commitment: row.entry.subarray(1, 33).toHex() }
}

/** The keys of another member's log: as it announced them over time, else as the trust policy names them. */
export async function verifiersOf(reader: Reader, log: number): Promise<readonly NoteVerifier[]> {
  const vkeys = await loadVkeys(reader, log)
  if (vkeys.length > 0) return knownVerifiers(vkeys)
  const row = await reader.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', log)
  return row === undefined ? [] : trustedVerifiers(reader, row.origin)
}
