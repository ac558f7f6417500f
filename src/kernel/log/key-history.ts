// Which keys signed a log, and at which sizes: a log outlives its keys, and what an earlier key signed while it was in use
// stays checkable for good. A key that was put away signs nothing more, whoever holds it.
import { Fault } from '../fault.ts'
import { knownVerifiers } from '../note-verifier.ts'
import { parseNote, type NoteVerifier } from '../note.ts'
import type { Reader, Tx } from '../store/types.ts'
import { openCheckpoint, parseCheckpoint, type OpenedCheckpoint, type OpenOptions } from './checkpoint.ts'

export type LogKey = {
  readonly vkey: string
  /** The smallest head it may sign. */
  readonly fromSize: number
  /** The largest; null while it is in use. */
  readonly untilSize: number | null
  /** When it was first heard of here. */
  readonly sinceMs: number
}

const SQL =
  'SELECT vkey, from_size AS fromSize, until_size AS untilSize, since_ms AS sinceMs FROM log_key WHERE log = ? ORDER BY from_size, vkey'

export function loadLogKeys(reader: Reader, log: number): Promise<LogKey[]> {
  return reader.all<LogKey>(SQL, log)
}

/** Every key a log ever had. */
export async function loadVkeys(reader: Reader, log: number): Promise<string[]> {
  return (await loadLogKeys(reader, log)).map(({ vkey }) => vkey)
}

export function readLogKeys(sql: Pick<Tx, 'all'>, log: number): LogKey[] {
  return sql.all<LogKey>(SQL, log)
}

export function verifiersAt(keys: readonly LogKey[], size: number): NoteVerifier[] {
  const inUse = keys.filter(
    ({ fromSize, untilSize }) => fromSize <= size && size <= (untilSize ?? Number.MAX_SAFE_INTEGER),
  )
  return knownVerifiers(inUse.map(({ vkey }) => vkey))
}

/** Opens a head under the keys that were in use at its size. Never throws for foreign bytes. */
export function openHistoric(bytes: Uint8Array, keys: readonly LogKey[], options: OpenOptions = {}): OpenedCheckpoint {
  try {
    const { size } = parseCheckpoint(parseNote(bytes).text)
    return openCheckpoint(bytes, verifiersAt(keys, size), options)
  } catch (error) {
    if (error instanceof Fault) return { ok: false, reason: error.message }
    throw error
  }
}

/**
 * Makes `vkeys` the keys of a log from the head that contains the statement at `index` on (-1: from its beginning). What
 * signed before and is not among them is put away with that statement.
 */
export function setLogKeys(
  tx: Pick<Tx, 'run' | 'all'>,
  log: number,
  { vkeys, index, nowMs }: { readonly vkeys: readonly string[]; readonly index: number; readonly nowMs: number },
): void {
  for (const { vkey, untilSize } of readLogKeys(tx, log))
    if (untilSize === null && !vkeys.includes(vkey))
      tx.run('UPDATE log_key SET until_size = ? WHERE log = ? AND vkey = ?', Math.max(index, 0), log, vkey)
  for (const vkey of vkeys)
    tx.run(
      'INSERT INTO log_key (log, vkey, from_size, until_size, since_ms) VALUES (?, ?, ?, NULL, ?) ON CONFLICT DO NOTHING',
      log,
      vkey,
      index < 0 ? 0 : index + 1,
      nowMs,
    )
}

/** Of a log of which nothing was believed: whoever shows keys for it next may be somebody else. */
export function forgetLogKeys(tx: Pick<Tx, 'run'>, log: number): void {
  tx.run('DELETE FROM log_key WHERE log = ?', log)
}

/** Whether keys on their way out still sign: until `overlapMs` after the new ones, `vkeys`, were announced. */
export function inOverlap(
  known: readonly LogKey[],
  vkeys: readonly string[],
  overlapMs: number,
  nowMs: number,
): boolean {
  const announced = known.find(({ vkey }) => vkeys.includes(vkey))
  return announced === undefined || nowMs < announced.sinceMs + overlapMs
}
