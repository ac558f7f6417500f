// The node documents of peers as they stand in the store. One that cannot be read takes nobody else with it: its member
// counts as one of whom nothing is known.
import { sha256 } from '#kernel/hash.ts'
import { Memo } from '#kernel/memo.ts'
import { addressOfNobody, readNodeDocument } from './document.ts'
import type { NodeDocument } from './wire.ts'

export type StoredDocument = {
  readonly document: NodeDocument
  /** Why it cannot be read; then `document` says nothing but the name. */
  readonly unreadable?: string
}

export function storedDocument(name: string, bytes: Uint8Array): StoredDocument {
  return DOCUMENTS.of(`${name} ${sha256(bytes).toHex()}`, () => {
    const read = readNodeDocument(bytes)
    if (read.ok) return { document: read.document }
    const unreadable = `what is kept here of its node document cannot be read, meet it anew: ${read.reason}`
    return { document: nothingKnown(name), unreadable }
  })
}

/** Whether it stands for one that cannot be read: the first version of a document is 1. */
export function saysNothing({ version }: NodeDocument): boolean {
  return version === 0
}

/** By the hash of their bytes: they are the same at every request, and change once in months. */
const DOCUMENTS = new Memo<StoredDocument>(1024)

/** No key, so that nothing it signs is believed, and no address, so that nobody calls it. */
function nothingKnown(member: string): NodeDocument {
  const endpoint = addressOfNobody(member)
  return {
    member,
    names: {},
    kind: 'private',
    protocol: [1],
    log: { origin: `${member}/log`, vkeys: [], prefix: `${endpoint}/log`, earlier: [] },
    http: [],
    recipients: [],
    tls: [],
    endpoint,
    limits: { pageBytes: 1, requests: 1 },
    version: 0,
    time: '',
  }
}
