// What shows who said a version of a record, whole: from its bytes over the statement and the leaf to the signed head and
// the lines of witnesses. Whoever has it can check it without asking anybody, a browser as well (src/web/proof).
import { Fault } from '#kernel/fault.ts'
import { formatBase64 } from '#kernel/base64.ts'
import { parseCheckpoint } from '#kernel/log/checkpoint.ts'
import { loadEntry } from '#kernel/log/entry-store.ts'
import { loadLogKeys } from '#kernel/log/key-history.ts'
import { loadParts } from '#kernel/log/statement-store.ts'
import { edgeTiles, storedInclusionProof } from '#kernel/log/stored-proof.ts'
import { treeRoot } from '#kernel/log/tree.ts'
import { discloseItems } from '#kernel/list-part.ts'
import { parseNote } from '#kernel/note.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { RecordRow } from './find.ts'
import type { RecordProof } from './wire.ts'

/** A witness and, where it gave one, its newest line for a log. */
export type WitnessLine = {
  readonly member: string
  readonly vkey: string
  readonly size?: number
  readonly line?: string
}

export type ProofDeps = {
  readonly store: Reader
  /** Who witnesses a log, by its row id, and how many of them are enough; the replication knows. */
  readonly witnessesOf: (
    log: number,
  ) => Promise<{ readonly needed: number; readonly witnesses: readonly WitnessLine[] }>
}

type StatementRow = { seq: number; log: number; idx: number; origin: string; checkpoint: Uint8Array | null }

export async function proveRecord(deps: ProofDeps, record: Pick<RecordRow, 'seq'>): Promise<RecordProof> {
  const { store } = deps
  const row = await store.get<StatementRow>(
    `SELECT s.seq, s.log, s.idx, l.origin, l.checkpoint FROM statement s JOIN log l ON l.id = s.log
     WHERE s.seq <= ? ORDER BY s.seq DESC LIMIT 1`,
    record.seq,
  )
  const entry = row === undefined ? undefined : await loadEntry(store, row.log, row.idx)
  const parts = row === undefined ? undefined : await loadParts(store, row.seq)
  if (row?.checkpoint == null || entry === undefined || parts === undefined)
    throw new Fault('not-found', 'there is no proof for this version: its leaf or its content is not here')
  const place = record.seq - row.seq
  const { itemCommits, items } = discloseItems(parts.content, [place])
  const [item] = items
  if (item === undefined) throw new Fault('not-found', 'this version was erased here')
  const { size: headSize } = parseCheckpoint(parseNote(row.checkpoint).text)
  const { needed, witnesses } = await deps.witnessesOf(row.log)
  // A line about a smaller tree says nothing of this leaf.
  const covering = witnesses.map(({ member, vkey, size, line }) =>
    size === undefined || line === undefined || size <= row.idx ? { member, vkey } : { member, vkey, size, line },
  )
  const sizes = new Set([headSize, ...covering.flatMap(({ size }) => (size === undefined ? [] : [size]))])
  return {
    item: {
      place,
      salt: formatBase64(item.salt),
      bytes: formatBase64(item.bytes),
      commits: itemCommits.map(formatBase64),
    },
    statement: {
      header: { salt: formatBase64(parts.header.salt), bytes: formatBase64(parts.header.bytes) },
      partCommits: parts.partCommits.map(formatBase64),
      entrySalt: formatBase64(parts.entrySalt),
    },
    leaf: { index: row.idx, entry: formatBase64(entry) },
    log: { origin: row.origin, vkeys: await keysAt(store, row.log, headSize) },
    checkpoint: Buffer.from(row.checkpoint).toString('utf8'),
    trees: await Promise.all([...sizes].map((size) => proveTree(store, row, size))),
    witnesses: covering,
    needed,
  }
}

async function keysAt(store: Reader, log: number, size: number): Promise<string[]> {
  return (await loadLogKeys(store, log))
    .filter(({ fromSize, untilSize }) => fromSize <= size && size <= (untilSize ?? Number.MAX_SAFE_INTEGER))
    .map(({ vkey }) => vkey)
}

async function proveTree(
  store: Reader,
  { log, idx }: StatementRow,
  size: number,
): Promise<RecordProof['trees'][number]> {
  const path = await storedInclusionProof(store, log, idx, size)
  const root = treeRoot(size, await edgeTiles(store, log, [size]))
  return { size, root: formatBase64(root), path: path.map(formatBase64) }
}
