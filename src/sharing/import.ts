// A whole file in: split as it arrives, checked and stored in groups, with a report of everything that was not
// taken. Where an import broke off, the same file continues behind the last group that was stored.
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Collection } from './collection.ts'
import { quoteReadable, type Teller } from './conflict.ts'
import type { Contexts } from './context.ts'
import type { FeedPut } from './feeds/put.ts'
import { putObjects, type PutDeps, type PutResult } from './put.ts'
import type { Piece } from './piece.ts'
import { splitObjects } from './stream.ts'
import type { ImportEvent } from './wire.ts'

/** Objects checked and sent to the writer at once, and how many such groups are under way; in the background fewer. */
const GROUP = 2000
const GROUPS_AHEAD = 2

export type ImportRequest = {
  readonly collection: Collection
  readonly source: AsyncIterable<Uint8Array>
  /** SHA-256 of the whole source in hex, by which an import is continued; absent for what is not continued. */
  readonly digest?: string
  /** What belongs to the records, by their ids. */
  readonly contexts?: Contexts
  /** Where the stream begins: the beginning, or what importPlace said. */
  readonly start: ImportPlace
  /** The feed that brings it. */
  readonly feed?: FeedPut
  /** To whom it is told what a conflict met, as far as they may read that; absent: to nobody. */
  readonly teller?: Teller
}

/** A place between two objects of a source. */
export type ImportPlace = { readonly offset: number; readonly objects: number; readonly line: number }

/** Where to continue an import of the same bytes into the same collection; done tells that nothing is left. */
export async function importPlace(
  reader: Reader,
  digest: string,
  collection: number,
): Promise<ImportPlace & { readonly done: boolean }> {
  const row = await reader.get<ImportPlace & { done: number }>(
    'SELECT offset, objects, line, done FROM import_progress WHERE digest = ? AND collection = ?',
    digest,
    collection,
  )
  if (row === undefined) return { offset: 0, objects: 0, line: 1, done: false }
  return { offset: row.offset, objects: row.objects, line: row.line, done: row.done === 1 }
}

/** Yields one event per thing worth telling: what was refused and why, how far it is, and the totals at the end. */
export async function* importObjects(deps: PutDeps, request: ImportRequest): AsyncGenerator<ImportEvent> {
  const counts = { read: 0, added: 0, known: 0, conflict: 0, refused: 0, kept: 0 }
  const under: Promise<{ pieces: readonly Piece[]; results: PutResult[] }>[] = []
  const unused = new Set(request.contexts?.keys())
  const settle = async function* (): AsyncGenerator<ImportEvent> {
    const first = under.shift()
    if (first === undefined) return
    const { pieces, results } = await first
    for (const [i, result] of results.entries()) {
      counts.read += 1
      counts[result.outcome] += 1
      if ((result.outcome === 'added' || result.outcome === 'kept') && result.id !== undefined) unused.delete(result.id)
      const piece = pieces[i] as Piece
      if (result.outcome === 'refused' || result.outcome === 'conflict') yield refusal(piece, result)
    }
    yield { kind: 'progress', ...counts, offset: placeBehind(pieces)?.offset ?? 0 }
  }
  const [size, ahead] = request.feed === undefined ? [GROUP, GROUPS_AHEAD] : [LIMITS.feedBatch, 1]
  let group: Piece[] = []
  let last = request.start
  let broken: Fault | undefined
  try {
    for await (const batch of splitObjects(request.source, {
      startOffset: request.start.offset,
      startIndex: request.start.objects,
      startLine: request.start.line,
    })) {
      group.push(...batch)
      if (group.length < size) continue
      last = placeBehind(group) ?? last
      under.push(putGroup(deps, request, group, { ...last, done: false }))
      group = []
      while (under.length >= ahead) yield* settle()
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    broken = error
  }
  last = placeBehind(group) ?? last
  under.push(putGroup(deps, request, group, { ...last, done: broken === undefined }))
  while (under.length > 0) yield* settle()
  for (const id of unused)
    yield { kind: 'context', id, message: 'this import added no such record, so its context was not taken' }
  if (broken !== undefined)
    yield {
      kind: 'broken',
      message: broken.message,
      ...(broken.place === undefined ? {} : { place: broken.place }),
      ...(broken.remedy === undefined ? {} : { remedy: broken.remedy }),
    }
  yield { kind: 'done', ...counts }
}

async function putGroup(
  deps: PutDeps,
  request: ImportRequest,
  pieces: readonly Piece[],
  place: ImportPlace & { readonly done: boolean },
): Promise<{ pieces: readonly Piece[]; results: PutResult[] }> {
  const { collection, contexts, digest, feed, teller } = request
  const results = await putObjects(deps, {
    collection,
    pieces,
    ...(contexts === undefined ? {} : { contexts }),
    ...(digest === undefined ? {} : { progress: { digest, ...place } }),
    ...(feed === undefined ? {} : { feed }),
  })
  return { pieces, results: await quoteReadable(deps.store, teller, results) }
}

function placeBehind(pieces: readonly Piece[]): ImportPlace | undefined {
  const last = pieces.at(-1)
  return last === undefined ? undefined : { offset: last.end, objects: last.index + 1, line: last.lineEnd }
}

function refusal(piece: Piece, result: PutResult): ImportEvent {
  return {
    kind: 'refused',
    outcome: result.outcome === 'conflict' ? 'conflict' : 'refused',
    index: piece.index,
    offset: piece.offset,
    line: piece.line,
    ...(result.id === undefined ? {} : { id: result.id }),
    ...(result.version === undefined ? {} : { version: result.version }),
    findings:
      result.outcome === 'conflict'
        ? [
            {
              code: 'conflict',
              path: '',
              message: 'the same id and version stands here with another value',
              clause: '3.4',
            },
          ]
        : result.findings.map((each) => ({ ...each })),
    ...(result.outcome === 'conflict' ? { sent: Buffer.from(piece.bytes).toString('utf8') } : {}),
    ...(result.stored === undefined ? {} : { stored: Buffer.from(result.stored).toString('utf8') }),
  }
}
