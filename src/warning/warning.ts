// Early warning as one object: it searches whenever there is something new, and reads out what it found.
import type { Logger } from 'pino'
import { formatTime, type Clock } from '#kernel/clock.ts'
import type { Egress } from '#kernel/egress.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Principal } from '#kernel/policy/types.ts'
import type { Store } from '#kernel/store/types.ts'
import { recordFacts, visible } from '#sharing/api.ts'
import { Search } from './search.ts'
import type { WarningView } from './wire.ts'

export type WarningDeps = {
  readonly store: Store
  readonly egress: Egress
  readonly clock: Clock
  readonly logger: Pick<Logger, 'error'>
}

export type Warning = AsyncDisposable & {
  readonly store: Store
  readonly clock: Clock
  /** Searches now; resolves when nothing is left to do. */
  readonly settle: () => Promise<void>
  /** Called with the id of every warning that came or changed. */
  readonly onChange: (listener: (id: number) => void) => Disposable
  /** Warnings as a principal may see them: those that rest on records it may not look at are left out. */
  readonly list: (query: WarningQuery, principal: Principal) => Promise<{ items: WarningView[]; next?: string }>
  readonly find: (id: number, principal: Principal) => Promise<WarningView | undefined>
}

export type WarningQuery = {
  /** A state, or `open` for what is neither closed nor retracted. */
  readonly state?: string
  readonly asset?: string
  /** Whose they are; an empty name: nobody's. */
  readonly assigned?: string
  readonly muted?: boolean
  readonly limit: number
  readonly before?: number
}

const WAKING = new Set(['sharing.put', 'sharing.withdrawn', 'warning.watch'])
/** How often evidence is looked through for what has expired. */
const EXPIRY_EVERY_MS = 60_000

export function makeWarning({ store, egress, clock, logger }: WarningDeps): Warning {
  const search = new Search(store, clock)
  const listeners = new Set<(id: number) => void>()
  let running: Promise<void> | undefined
  let again = false
  let closed = false
  let timer: Disposable | undefined

  const loop = async (): Promise<void> => {
    do {
      again = false
      await search.run(() => closed)
    } while (again && !closed)
  }
  const settle = (): Promise<void> => {
    again = true
    running ??= loop().finally(() => {
      running = undefined
    })
    return running
  }
  const wake = (): void =>
    void settle().catch((error: unknown) => {
      if (!closed) logger.error({ err: error }, 'the search for warnings failed and will be tried again')
    })
  const tick = (): void => {
    wake()
    timer = clock.after(EXPIRY_EVERY_MS, tick)
  }
  const subscription = store.onCommit((events) => {
    for (const { name, data } of events) {
      if (name === 'warning.changed') for (const listener of listeners) listener((data as { id: number }).id)
      const removed = name === 'warning.watch' ? (data as { removed?: number } | undefined)?.removed : undefined
      if (removed !== undefined) search.forget(removed)
    }
    if (events.some((event) => WAKING.has(event.name))) wake()
  })
  tick()

  return {
    store,
    clock,
    settle,
    onChange: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    list: (query, principal) => listWarnings({ store, egress, principal }, query),
    find: async (id, principal) => {
      const { items } = await listWarnings({ store, egress, principal }, { limit: 1, before: id + 1 })
      return items.find((each) => each.id === id)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      timer?.[Symbol.dispose]()
      subscription[Symbol.dispose]()
      await running?.catch(() => {})
    },
  }
}

type Row = {
  id: number
  asset: string
  author: string
  object: string
  state: WarningView['state']
  reason: string
  firstMs: number
  changedMs: number
  assigned: string
  mutedUntilMs: number | null
  mutedReason: string
}
type EvidenceRow = {
  record: number
  kind: string
  value: string
  timeMs: number
  watched: string
  labelClass: number | null
  collection: number | null
}
type Looking = { readonly store: Store; readonly egress: Egress; readonly principal: Principal }

async function listWarnings(looking: Looking, query: WarningQuery): Promise<{ items: WarningView[]; next?: string }> {
  const limit = Math.min(query.limit, LIMITS.pageMax)
  const { sql, values } = conditionOf(query)
  const rows = await looking.store.all<Row>(
    `SELECT id, asset, author, object, state, reason, first_ms AS firstMs, changed_ms AS changedMs, assigned,
       muted_until_ms AS mutedUntilMs, muted_reason AS mutedReason FROM warning WHERE ${sql} ORDER BY id DESC LIMIT ?`,
    ...values,
    limit + 1,
  )
  const page = rows.slice(0, limit)
  const items = []
  for (const row of page) items.push(await describe(looking, row))
  const next = rows.length > limit ? page.at(-1)?.id : undefined
  const seen = items.filter((each) => each !== undefined)
  return { items: seen, ...(next === undefined ? {} : { next: String(next) }) }
}

/** Words stand in the text where an index is made for them. */
function conditionOf({ before, state, asset, assigned, muted }: WarningQuery): {
  readonly sql: string
  readonly values: readonly (string | number)[]
} {
  const parts: string[] = ['id < ?']
  const values: (string | number)[] = [before ?? Number.MAX_SAFE_INTEGER]
  const equal = (column: string, value: string | undefined): void => {
    if (value === undefined) return
    parts.push(`${column} = ?`)
    values.push(value)
  }
  if (state === 'open') parts.push("state IN ('new', 'acknowledged')")
  else equal('state', state)
  equal('asset', asset)
  equal('assigned', assigned)
  if (muted !== undefined) parts.push(`muted_until_ms IS ${muted ? 'NOT ' : ''}NULL`)
  return { sql: parts.join(' AND '), values }
}

/** Undefined where all that it rests on is hidden from whoever looks. */
async function describe({ store, egress, principal }: Looking, row: Row): Promise<WarningView | undefined> {
  const all = await store.all<EvidenceRow>(
    `SELECT e.record, e.kind, e.value, e.time_ms AS timeMs, w.value AS watched, r.label_class AS labelClass, r.collection
     FROM evidence e JOIN watch w ON w.id = e.watch LEFT JOIN record r ON r.seq = e.record
     WHERE e.warning = ? ORDER BY e.time_ms LIMIT 100`,
    row.id,
  )
  const held = all.map((each) => ({
    ...each,
    seq: each.record,
    labelClass: each.labelClass ?? -1,
    collection: each.collection ?? -1,
  }))
  const evidence = await visible(egress, { principal, route: 'warning', cursor: String(row.id) }, held)
  if (all.length > 0 && evidence.length === 0) return undefined
  const record = evidence[0]?.record
  const facts = record === undefined ? undefined : await recordFacts(store, record)
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    asset: row.asset,
    what: facts?.name ?? row.object,
    object: row.object,
    type: row.object.split('--', 1)[0] ?? '',
    author: row.author,
    tlp: facts?.marking.tlp ?? '',
    ...(row.assigned === '' ? {} : { assigned: row.assigned }),
    ...(row.mutedUntilMs === null ? {} : { muted: { until: formatTime(row.mutedUntilMs), reason: row.mutedReason } }),
    firstSeen: formatTime(row.firstMs),
    changed: formatTime(row.changedMs),
    matches: evidence.map(({ watched, kind, value, timeMs }) => ({ watched, kind, value, at: formatTime(timeMs) })),
    ...(facts === undefined ? {} : { proof: facts.proof }),
  }
}
