// Saying it: objects go to the node as an import, and its answer is read line by line.
import { sha256 } from '#kernel/hash.ts'
import type { ImportEvent } from '#sharing/wire.ts'
import { sendFile } from '../api.ts'

/** The node names an import by the hash of its bytes, so that one that broke off goes on where it was. */
export async function importObjects(collection: string, objects: readonly object[]): Promise<ImportEvent[]> {
  const body = objects.map((each) => `${JSON.stringify(each)}\n`).join('')
  const digest = sha256(new TextEncoder().encode(body)).toHex()
  const answer = await sendFile<string>(
    `/import?${new URLSearchParams({ collection, digest })}`,
    body,
    'application/x-ndjson',
  )
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ImportEvent)
}

/** `crypto.randomUUID` is only for pages that came over TLS; the random bytes are for all. */
export function uuidv4(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toHex()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
