// Using what was put aside for its date, once that has come: as if it had arrived now, with what was erased of it left out.
import { parseHeader, type Header } from '#kernel/header.ts'
import { Later } from '#kernel/job.ts'
import { alignedItems } from '#kernel/list-part.ts'
import { readErased, withoutErased } from '#kernel/log/erase-store.ts'
import { loadParts, placesOf, readParts } from '#kernel/log/statement-store.ts'
import { command, type Command, type Reader, type Store, type Tx } from '#kernel/store/types.ts'
import { applyKind, preparedAt, tellContext, type AppliedStatement, type Appliers, type Erasure } from './apply.ts'
import { EARLY_LOOK_MS } from './early.ts'

/** Statements that are read and used in one step. */
const STEP = 20
const USE = 'federation.use-early'

/** `header` is absent where nothing of it is left. */
type Early = { readonly seq: number; readonly header?: Header; readonly prepared?: unknown }
type UseInput = { readonly erasure: Erasure; readonly statements: readonly Early[] }

/** The command that uses them; what each kind means is given in `src/writer.ts`. */
export function useEarlyCommand(appliers: Appliers): Command<UseInput, void> {
  return command(
    USE,
    (tx, { erasure, statements }: UseInput): void => {
      for (const each of statements)
        if (tx.run('DELETE FROM early WHERE statement = ?', each.seq) === 1) use(tx, appliers, erasure, each)
    },
    { weigh: ({ statements }) => statements.reduce((sum, { header }) => sum + (header?.count ?? 0), 0) },
  )
}

const useCommand: Command<UseInput, void> = {
  name: USE,
  run: () => {
    throw new Error('only the writer uses what was put aside')
  },
  weigh: ({ statements }) => statements.length,
}

type Place = Pick<AppliedStatement, 'log' | 'index' | 'member' | 'memberName' | 'labelClass'>
const PLACE_SQL = `SELECT s.log, s.idx AS "index", s.label_class AS labelClass, m.id AS member, m.name AS memberName
  FROM statement s JOIN log l ON l.id = s.log JOIN member m ON m.id = l.member WHERE s.seq = ?`

function use(tx: Tx, appliers: Appliers, erasure: Erasure, { seq, header, prepared }: Early): void {
  appliers.release(tx, seq)
  const place = tx.get<Place>(PLACE_SQL, seq)
  const held = readParts(tx, seq)
  if (place === undefined || held === undefined || header === undefined) return
  const { kind, re } = header
  const statement = { ...place, seq, erasure, ...(re === undefined ? {} : { re }) }
  const parts = withoutErased(held, readErased(tx, place))
  applyKind(tx, appliers, statement, { kind, prepared: preparedAt(prepared, new Set(placesOf(parts.content))) })
  // When it arrived there was no record yet that its words could have been found with.
  tellContext(tx, seq, parts, appliers)
}

type Prepare = (kind: string, items: readonly (Uint8Array | undefined)[]) => unknown
export type EarlyDeps = {
  readonly store: Store
  readonly nowMs: () => number
  readonly prepare: Prepare
  readonly erasure: Erasure
}

/** Uses the first of what is due, and says when to look again; undefined where nothing waits. */
export async function useEarly(
  { store, nowMs, prepare, erasure }: EarlyDeps,
  payload: unknown,
): Promise<Later | undefined> {
  const due = await store.all<{ seq: number }>(
    'SELECT statement AS seq FROM early WHERE due_ms <= ? ORDER BY due_ms, statement LIMIT ?',
    nowMs(),
    STEP,
  )
  const statements: Early[] = []
  for (const { seq } of due) statements.push(await readEarly(store, prepare, seq))
  if (statements.length > 0) await store.write(useCommand, { erasure, statements })
  const next = (await store.get<{ dueMs: number | null }>('SELECT min(due_ms) AS dueMs FROM early'))?.dueMs ?? undefined
  return next === undefined ? undefined : new Later(payload, Math.min(EARLY_LOOK_MS, Math.max(0, next - nowMs())))
}

async function readEarly(reader: Reader, prepare: Prepare, seq: number): Promise<Early> {
  const parts = await loadParts(reader, seq)
  if (parts === undefined) return { seq }
  const header = parseHeader(parts.header.bytes)
  return { seq, header, prepared: prepare(header.kind, alignedItems(parts.content)) }
}
