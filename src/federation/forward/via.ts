// By whose way another member's statement came, where its author did not bring it.
import { formatTime } from '#kernel/clock.ts'
import { loadVkeys } from '#kernel/log/key-history.ts'
import { noteVerifier } from '#kernel/note-verifier.ts'
import { parseVkey, type NoteVerifier } from '#kernel/note.ts'
import type { Reader } from '#kernel/store/types.ts'
import { currentPolicy } from '../witness/trust.ts'
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

/** The keys of another member's log: as it announced them over time, else as the trust policy names them. */
export async function verifiersOf(reader: Reader, log: number): Promise<readonly NoteVerifier[]> {
  const vkeys = await loadVkeys(reader, log)
  if (vkeys.length > 0) return vkeys.map((vkey) => noteVerifier(vkey))
  const row = await reader.get<{ origin: string }>('SELECT origin FROM log WHERE id = ?', log)
  return row === undefined ? [] : trustedVerifiers(reader, row.origin)
}

/** The keys that the trust policy names for a log. */
export async function trustedVerifiers(reader: Reader, origin: string): Promise<NoteVerifier[]> {
  const { policy } = await currentPolicy(reader)
  return policy.logs.filter(({ vkey }) => parseVkey(vkey).name === origin).map(({ vkey }) => noteVerifier(vkey))
}
