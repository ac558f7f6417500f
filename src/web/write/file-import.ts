// A file on its way in: its hash, by which the node knows how far it has come before, and what the node tells of it.
import { sha256 } from '@noble/hashes/sha2.js'
import type { ImportCounts, ImportEvent } from '#sharing/wire.ts'
import { ApiFault, get } from '../api.ts'

export type Refusal = Extract<ImportEvent, { kind: 'refused' }>
export type Broken = Extract<ImportEvent, { kind: 'broken' }>

/** What the node told of an import so far. */
export type Tally = {
  readonly counts: ImportCounts
  readonly refusals: readonly Refusal[]
  readonly broken?: Broken
  /** Whether the node has told the end. */
  readonly ended: boolean
}

export type Place = { readonly offset: number; readonly objects: number; readonly line: number }
export const BEGINNING: Place = { offset: 0, objects: 0, line: 1 }

const NOTHING: ImportCounts = { read: 0, added: 0, known: 0, conflict: 0, refused: 0, kept: 0 }

/** Bytes that are done, of all. */
type Done = { readonly sent: number; readonly total: number }
export type Way = { readonly onProgress: (done: Done) => void; readonly signal: AbortSignal }

/** SHA-256 of a file in hex, read piece by piece, so that a large one is never in memory whole. */
export async function digestOf(file: Blob, { onProgress, signal }: Way): Promise<string> {
  const hash = sha256.create()
  let sent = 0
  const reader = file.stream().getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(notRead)
    if (signal.aborted) throw new ApiFault('link.lost', 'stopped here')
    if (done) return hash.digest().toHex()
    hash.update(value)
    onProgress({ sent: (sent += value.length), total: file.size })
  }
}

function notRead(): never {
  throw new ApiFault('input.invalid', 'the file cannot be read any more', { remedy: 'Choose it again.' })
}

/** How far an import of these bytes into this collection has come before. */
export function placeOf(collection: string, digest: string): Promise<Place & { readonly done: boolean }> {
  return get(`/import?${new URLSearchParams({ collection, digest })}`)
}

/** What the lines say that have come whole. */
export function tallyOf(text: string): Tally {
  const events = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ImportEvent)
  const counted = events.findLast((event) => event.kind === 'progress' || event.kind === 'done')
  const broken = events.find((event) => event.kind === 'broken')
  return {
    counts: counted ?? NOTHING,
    refusals: events.filter((event) => event.kind === 'refused'),
    ...(broken === undefined ? {} : { broken }),
    ended: counted?.kind === 'done',
  }
}

/** Refusals in which every word stands somewhere: in the id, the reason, its code or its place. */
export function refusalsWith(words: string, refusals: readonly Refusal[]): readonly Refusal[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return refusals
  return refusals.filter((refusal) => {
    const text = JSON.stringify([refusal.id, refusal.findings]).toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}
