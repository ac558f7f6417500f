// What belongs to a record and goes its own way (part 2 of a statement): who was hit, where it comes from, personal data.
// It comes beside the records, as one JSON object from STIX id to an object; it is found and shown where it is held, and
// neither TAXII nor an export ever gives it.
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Tx } from '#kernel/store/types.ts'
import { objectKey } from './stix-id.ts'

export type Contexts = ReadonlyMap<string, Uint8Array>

/** Words beyond this are not indexed. */
const TEXT_CHARS_MAX = 8192

/** Reads a file of contexts. Throws `input.invalid` with the place of what is not one. */
export function parseContexts(bytes: Uint8Array): Contexts {
  const value = parseJson(bytes, { place: 'the context file' })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('this is not an object from STIX ids to objects', '/')
  return new Map(Object.entries(value).map(([id, context]) => [id, encodeContext(id, context)]))
}

function encodeContext(id: string, context: unknown): Uint8Array {
  const place = `/${id.slice(0, 80)}`
  if (objectKey(id) === undefined) throw invalid('this is not a STIX id', place)
  if (typeof context !== 'object' || context === null || Array.isArray(context))
    throw invalid('the context of a record is a JSON object', place)
  const encoded = Buffer.from(JSON.stringify(context))
  if (encoded.length > LIMITS.contextBytesMax)
    throw new Fault('input.too-large', `a context has at most ${LIMITS.contextBytesMax} bytes`, { place })
  return encoded
}

function invalid(message: string, place: string): Fault {
  return new Fault('input.invalid', message, {
    place,
    remedy: 'For example: {"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f": {"victim": "…", "source": "…"}}',
  })
}

/** The context as people are shown it: the author's object, or its text where another author sent no JSON. */
export function readContext(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return Buffer.from(bytes).toString('utf8')
  }
}

/** Makes the words of a record's context findable here. Called when it is stored, or came later than its record. */
export function indexContext(tx: Tx, seq: number, bytes: Uint8Array): void {
  if (bytes.length === 0 || tx.get('SELECT 1 FROM record WHERE seq = ? AND withdrawn IS NULL', seq) === undefined)
    return
  tx.run('DELETE FROM context_text WHERE rowid = ?', seq)
  const text = textOf(readContext(bytes)).join('\n').slice(0, TEXT_CHARS_MAX)
  if (text !== '') tx.run('INSERT INTO context_text (rowid, text) VALUES (?, ?)', seq, text)
}

function textOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textOf)
}
