// What witnessing keeps: the largest checkpoint seen of each log, by compare-and-swap; the lines that others gave for
// our own log; forks that were proven; and the policy that says how many lines are enough.
import { hash } from 'node:crypto'
import { audit } from '#kernel/audit.ts'
import { equalBytes } from '#kernel/hash.ts'
import { LIMITS } from '#kernel/limits.ts'
import { EMPTY_ROOT } from '#kernel/log/merkle.ts'
import { formatNote, parseNote, parseSignatureLine, type NoteSignature } from '#kernel/note.ts'
import { parseTrustPolicy } from '#kernel/trust-policy.ts'
import { command, type Reader } from '#kernel/store/types.ts'
import { dueAgain } from '../forward/again.ts'

export type Seen = { readonly size: number; readonly root: Uint8Array }

const NOTHING_SEEN: Seen = { size: 0, root: EMPTY_ROOT }

/** The largest tree this node has cosigned of a log. */
export async function seenOf(reader: Reader, origin: string): Promise<Seen> {
  return (await reader.get<Seen>('SELECT size, root FROM witnessed WHERE origin = ?', origin)) ?? NOTHING_SEEN
}

export async function cosignedNote(reader: Reader, originHash: Uint8Array): Promise<Uint8Array | undefined> {
  return (await reader.get<{ note: Uint8Array }>('SELECT note FROM witnessed WHERE origin_hash = ?', originHash))?.note
}

/** Takes a checkpoint as the largest seen. False where another request was faster: then nothing may be handed out. */
export const saveWitnessed = command(
  'federation.save-witnessed',
  (
    tx,
    input: {
      readonly origin: string
      readonly originHash: Uint8Array
      readonly expected: number
      readonly size: number
      readonly root: Uint8Array
      /** The checkpoint as a text, and what stands under it: the log's own lines and ours. */
      readonly text: string
      readonly lines: readonly string[]
    },
  ): boolean => {
    const row = tx.get<Seen & { note: Uint8Array }>(
      'SELECT size, root, note FROM witnessed WHERE origin = ?',
      input.origin,
    )
    const seen = row ?? NOTHING_SEEN
    if (seen.size !== input.expected || input.size < seen.size) return false
    if (seen.size === input.size && seen.size > 0 && !equalBytes(seen.root, input.root)) return false
    tx.run(
      `INSERT INTO witnessed (origin, origin_hash, size, root, note, time_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note, time_ms = excluded.time_ms`,
      input.origin,
      input.originHash,
      input.size,
      input.root,
      formatNote(input.text, row?.size === input.size ? withOwnBefore(input, row.note) : input.lines),
      tx.nowMs,
    )
    return true
  },
)

/** Whoever shows a head once more may leave out lines of the log's own keys: those that stood there stay, as far as there is room. */
function withOwnBefore(
  { origin, lines }: { readonly origin: string; readonly lines: readonly string[] },
  before: Uint8Array,
): string[] {
  const shown = new Set(lines.map((line) => keyOfLine(parseSignatureLine(line))))
  const left = parseNote(before).signatures.filter((each) => each.name === origin && !shown.has(keyOfLine(each)))
  return [...left.slice(0, LIMITS.noteSignaturesMax - lines.length).map(({ line }) => line), ...lines]
}

function keyOfLine({ name, keyId }: NoteSignature): string {
  return `${name} ${keyId}`
}

/** A verified line under one of our own checkpoints. `key` is the witness's name and key id. */
export type Cosignature = {
  readonly key: string
  readonly witness: string
  readonly size: number
  readonly timeSec: number
  readonly line: string
}

/** Keeps the newest line of each key, and none of those that are gone. */
export const saveCosignatures = command(
  'federation.save-cosignatures',
  (tx, input: { readonly lines: readonly Cosignature[]; readonly gone: readonly string[] }): void => {
    for (const key of input.gone) tx.run('DELETE FROM cosignature WHERE key = ?', key)
    for (const { key, witness, size, timeSec, line } of input.lines)
      tx.run(
        `INSERT INTO cosignature (key, witness, size, time_sec, line) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET witness = excluded.witness, size = excluded.size, time_sec = excluded.time_sec,
           line = excluded.line WHERE excluded.size >= cosignature.size`,
        key,
        witness,
        size,
        timeSec,
        line,
      )
  },
)

export function cosignatures(reader: Reader): Promise<Cosignature[]> {
  return reader.all<Cosignature>('SELECT key, witness, size, time_sec AS timeSec, line FROM cosignature ORDER BY key')
}

/**
 * Lines for exactly this size of our log, to stand under its checkpoint, and how many there are in all. Where not all have
 * room, short ones go first: of each witness its Ed25519 line, before anybody's of ML-DSA.
 */
export async function linesAt(
  reader: Reader,
  { size, room }: { readonly size: number; readonly room: number },
): Promise<{ readonly lines: readonly string[]; readonly inAll: number }> {
  const rows = await reader.all<{ line: string; inAll: number }>(LINES_SQL, size, Math.max(0, room))
  return { lines: rows.map(({ line }) => line), inAll: rows[0]?.inAll ?? 0 }
}

const LINES_SQL =
  'SELECT line, count(*) OVER () AS inAll FROM cosignature WHERE size = ? ORDER BY length(line), key LIMIT ?'

/** The keys whose lines a witness gave, by their names in the store. */
export async function keysOfWitness(reader: Reader, witness: string): Promise<string[]> {
  const rows = await reader.all<{ key: string }>('SELECT key FROM cosignature WHERE witness = ?', witness)
  return rows.map(({ key }) => key)
}

/** The policy a person set, as text; undefined where the default holds. */
export async function storedPolicy(reader: Reader): Promise<string | undefined> {
  return (await reader.get<{ text: string }>('SELECT text FROM trust_policy'))?.text
}

/** Sets or, with undefined, takes back the member's own policy. Throws `input.invalid` for one that does not parse. */
export const setTrustPolicy = command(
  'federation.set-trust-policy',
  (tx, input: { readonly actor: string; readonly text: string | undefined }): void => {
    const before = tx.get<{ text: string }>('SELECT text FROM trust_policy')?.text
    const [action, text] = input.text === undefined ? ['trust.reset', before] : ['trust.set', input.text]
    const detail = text === undefined ? {} : { quorum: parseTrustPolicy(text).quorum, sha256: hash('sha256', text) }
    tx.run('DELETE FROM trust_policy')
    if (input.text !== undefined) tx.run('INSERT INTO trust_policy (one, text) VALUES (1, ?)', input.text)
    dueAgain(tx)
    audit(tx, { actor: input.actor, action, subject: '', detail })
    tx.emit({ name: 'federation.trust' })
  },
)
