// What the matrix is drawn from, kept from one look to the next: nothing of it is decided for anybody yet. Records that
// came since are added, and where any record went, was replaced or came late, everything is read again. The store itself
// says which of these it is, so nothing is ever drawn from what is not there any more.
import { setImmediate } from 'node:timers/promises'
import { LIMITS } from '#kernel/limits.ts'
import { MENTIONS_SQL } from '#kernel/store/dialect.ts'
import type { Reader } from '#kernel/store/types.ts'
import { bytesOfRecord, recordsWhere, type RecordRow } from '../find.ts'
import { loadRecordState } from '../record-state.ts'
import { objectKey } from '../stix-id.ts'
import type { Held } from '../visible.ts'
import { matrixOf, tacticOf, techniqueOf, type Matrix, type Tactic, type Technique } from './technique.ts'

/** A record, and what the matrix needs of it; undefined where its author took it out of use. */
export type Kept<T> = Pick<RecordRow, 'seq' | 'labelClass' | 'collection' | 'id' | 'version'> & {
  readonly is: T | undefined
}
/** How many records of one type, collection and class speak of a technique. */
export type Mention = Held & { readonly oid: Uint8Array; readonly type: string; readonly n: number }
/** `newest` is the newest record that refers to the technique, whatever became of it. */
type Mentions = { readonly newest: number; readonly groups: readonly Mention[] }

export type Drawn = {
  readonly techniques: readonly Kept<Technique>[]
  readonly tactics: readonly Kept<Tactic>[]
  readonly matrices: readonly Kept<Matrix>[]
  /** By the id of the technique. */
  readonly mentions: ReadonlyMap<string, Mentions>
}

/** Techniques that are counted at once; between two such steps others have their turn. */
const STEP = 250

export class MatrixMemory {
  #state = ''
  #changes = -1
  #drawn: Promise<Drawn> | undefined

  async look(store: Reader): Promise<Drawn> {
    const { changes, newest } = await loadRecordState(store)
    const state = `${changes} ${newest}`
    if (this.#drawn !== undefined && this.#state === state) return this.#drawn
    const before = this.#changes === changes ? this.#drawn : undefined
    const drawn = draw(store, before)
    ;[this.#state, this.#changes, this.#drawn] = [state, changes, drawn]
    drawn.catch(() => {
      if (this.#drawn === drawn) this.#drawn = undefined
    })
    return drawn
  }
}

async function draw(store: Reader, earlier: Promise<Drawn> | undefined): Promise<Drawn> {
  const before = await earlier?.catch(() => undefined)
  const techniques = await keptOf(store, { type: 'attack-pattern', before: before?.techniques, read: techniqueOf })
  return {
    techniques,
    tactics: await keptOf(store, { type: 'x-mitre-tactic', before: before?.tactics, read: tacticOf }),
    matrices: await keptOf(store, { type: 'x-mitre-matrix', before: before?.matrices, read: matrixOf }),
    mentions: await mentionsOf(store, [...new Set(techniques.map(({ id }) => id))], before?.mentions),
  }
}

/** All records of one type that stand; each is read once. */
async function keptOf<T>(
  store: Reader,
  {
    type,
    before = [],
    read,
  }: {
    readonly type: string
    readonly before: readonly Kept<T>[] | undefined
    readonly read: (object: Readonly<Record<string, unknown>>) => T | undefined
  },
): Promise<Kept<T>[]> {
  const rows = await recordsWhere(
    store,
    `r.collection IN (SELECT id FROM collection) AND r.type = (SELECT id FROM stix_type WHERE name = ?)
     AND r.latest = 1 AND r.withdrawn IS NULL ORDER BY r.seq DESC LIMIT ?`,
    type,
    LIMITS.matrixTechniquesMax,
  )
  const known = new Map(before.map((each) => [each.seq, each]))
  const kept: Kept<T>[] = []
  for (const [n, { seq, labelClass, collection, id, version }] of rows.entries()) {
    if (n % STEP === STEP - 1) await setImmediate()
    const bytes = known.has(seq) ? undefined : await bytesOfRecord(store, seq)
    const is =
      bytes === undefined
        ? known.get(seq)?.is
        : read(JSON.parse(Buffer.from(bytes).toString('utf8')) as object as never)
    kept.push({ seq, labelClass, collection, id, ...(version === undefined ? {} : { version }), is })
  }
  return kept
}

/** What speaks of each technique. Counted are those that something came to refer to since. */
async function mentionsOf(
  store: Reader,
  ids: readonly string[],
  before: ReadonlyMap<string, Mentions> = new Map(),
): Promise<Map<string, Mentions>> {
  const byOid = new Map(ids.map((id) => [Buffer.from(objectKey(id)?.oid ?? []).toString('hex'), id]))
  const newest = await store.all<{ oid: string; seq: number | null }>(NEWEST_SQL, JSON.stringify([...byOid.keys()]))
  const mentions = new Map<string, Mentions>()
  const open: string[] = []
  for (const { oid, seq } of newest) {
    const id = byOid.get(oid) ?? ''
    const known = before.get(id)
    const same = known !== undefined && known.newest === (seq ?? 0)
    mentions.set(id, same ? known : { newest: seq ?? 0, groups: [] })
    if (!same && seq !== null) open.push(oid)
  }
  for (let from = 0; from < open.length; from += STEP) {
    const oids = JSON.stringify(open.slice(from, from + STEP))
    const groups = await store.all<Mention>(MENTIONS_SQL, oids, LIMITS.matrixMentionsMax - 1)
    for (const [oid, each] of Map.groupBy(groups, (group) => Buffer.from(group.oid).toString('hex'))) {
      const id = byOid.get(oid) ?? ''
      mentions.set(id, { newest: mentions.get(id)?.newest ?? 0, groups: each })
    }
    await setImmediate()
  }
  return mentions
}

const NEWEST_SQL = `SELECT w.value AS oid, (SELECT max(f.seq) FROM reference f WHERE f.oid = unhex(w.value)) AS seq
  FROM json_each(?) w`
