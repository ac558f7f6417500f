// A whole file in: split as it arrives, checked and stored in groups, with a report of everything that was not
// taken. Where an import broke off, the same file continues behind the last group that was stored.
import { Fault } from '#kernel/fault.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { Collection } from './collection.ts'
import { putObjects, type PutDeps, type PutResult } from './put.ts'
import { splitObjects, type Piece } from './stream.ts'
import type { ImportEvent } from './wire.ts'

/** Objects checked and sent to the writer at once, and how many such groups are under way. */
const GROUP = 4000
const GROUPS_AHEAD = 3

export type ImportRequest = {
  readonly collection: Collection
  readonly source: AsyncIterable<Uint8Array>
  /** SHA-256 of the whole source in hex, by which an import is continued. */
  readonly digest: string
  /** Where in the source the stream begins: 0, or what importOffset said. */
  readonly startOffset: number
}

/** Where to continue an import of the same bytes into the same collection; done tells that nothing is left. */
export async function importOffset(
  reader: Reader,
  digest: string,
  collection: number,
): Promise<{ offset: number; done: boolean }> {
  const row = await reader.get<{ offset: number; done: number }>(
    'SELECT offset, done FROM import_progress WHERE digest = ? AND collection = ?',
    digest,
    collection,
  )
  return { offset: row?.offset ?? 0, done: row?.done === 1 }
}

/** Yields one event per thing worth telling: what was refused and why, how far it is, and the totals at the end. */
export async function* importObjects(deps: PutDeps, request: ImportRequest): AsyncGenerator<ImportEvent> {
  const counts = { read: 0, added: 0, known: 0, conflict: 0, refused: 0 }
  const under: Promise<{ pieces: readonly Piece[]; results: PutResult[] }>[] = []
  const settle = async function* (): AsyncGenerator<ImportEvent> {
    const first = under.shift()
    if (first === undefined) return
    const { pieces, results } = await first
    for (const [i, result] of results.entries()) {
      counts.read += 1
      counts[result.outcome] += 1
      const piece = pieces[i] as Piece
      if (result.outcome === 'refused' || result.outcome === 'conflict') yield refusal(piece, result)
    }
    yield { kind: 'progress', ...counts, offset: endOf(pieces) }
  }
  let group: Piece[] = []
  let last: number = request.startOffset
  let broken: Fault | undefined
  try {
    for await (const batch of splitObjects(request.source, { startOffset: request.startOffset })) {
      group.push(...batch)
      if (group.length < GROUP) continue
      last = endOf(group)
      under.push(putGroup(deps, request, group, { offset: last, done: false }))
      group = []
      while (under.length >= GROUPS_AHEAD) yield* settle()
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    broken = error
  }
  if (group.length > 0) last = endOf(group)
  under.push(putGroup(deps, request, group, { offset: last, done: broken === undefined }))
  while (under.length > 0) yield* settle()
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
  { offset, done }: { offset: number; done: boolean },
): Promise<{ pieces: readonly Piece[]; results: PutResult[] }> {
  const progress = { digest: request.digest, offset, done }
  return { pieces, results: await putObjects(deps, { collection: request.collection, pieces, progress }) }
}

function endOf(pieces: readonly Piece[]): number {
  const last = pieces.at(-1)
  return last === undefined ? 0 : last.end
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
        ? [{ code: 'conflict', path: '', message: 'the same id and version stands here with another value', clause: '3.4' }]
        : result.findings.map((each) => ({ ...each })),
    ...(result.stored === undefined
      ? {}
      : { sent: Buffer.from(piece.bytes).toString('utf8'), stored: Buffer.from(result.stored).toString('utf8') }),
  }
}
