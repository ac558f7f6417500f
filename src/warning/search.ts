// The search itself: new and late records against the whole watch list, new watches against all records, withdrawals and
// expiry against what was found. Each step is bounded and moves a durable cursor together with its findings.
import type { Clock } from '#kernel/clock.ts'
import { parseMicros } from '#kernel/clock.ts'
import { loadLabel } from '#kernel/standing.ts'
import type { Store } from '#kernel/store/types.ts'
import {
  matchableAfter,
  matchableAt,
  standingBeside,
  valuesAfter,
  valuesOf,
  withdrawnAfter,
  type MatchableRecord,
  type ValuePlace,
} from '#sharing/api.ts'
import { endMutes } from './care-commands.ts'
import {
  expireEvidence,
  recordMatches,
  recordWithdrawals,
  type Hit,
  type Judged,
  type RecordMatches,
} from './commands.ts'
import { lateRecords } from './late.ts'
import { buildMatcher, type Matcher } from './matcher.ts'
import type { WatchEntry, WatchKind } from './watch.ts'

const RECORDS_STEP = 500
const VALUES_STEP = 5000
const WATCH_PAGE = 20_000

type WatchRow = { id: number; kind: WatchKind; value: string; asset: string }

export class Search {
  readonly #store: Store
  readonly #clock: Clock
  #matcher: Matcher | undefined

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Does everything there is to do. Safe to call again at any time; one run at a time. */
  async run(isClosed: () => boolean): Promise<void> {
    await this.#scanNewWatches(isClosed)
    while (!isClosed() && (await this.#matchStep())) continue
    while (!isClosed() && (await this.#lateStep())) continue
    while (!isClosed() && (await this.#withdrawStep())) continue
    if (!isClosed() && (await this.#isSomethingExpired())) await this.#store.write(expireEvidence, null)
    if (!isClosed() && (await this.#isSomeMuteOver())) await this.#store.write(endMutes, null)
  }

  /** Takes an entry out of the tables in memory. */
  forget(id: number): void {
    this.#matcher?.remove(id)
  }

  async #matchStep(): Promise<boolean> {
    const { record: after } = (await this.#store.get<{ record: number }>('SELECT record FROM match_cursor')) as {
      record: number
    }
    const records = await matchableAfter(this.#store, after, RECORDS_STEP)
    const last = records.at(-1)
    if (last === undefined) return false
    await this.#store.write(recordMatches, { upToRecord: last.seq, ...(await this.#judge(records)) })
    return records.length === RECORDS_STEP
  }

  /** The same for what was added behind the cursor. */
  async #lateStep(): Promise<boolean> {
    const late = await lateRecords(this.#store, RECORDS_STEP)
    if (late.length === 0) return false
    const records: MatchableRecord[] = []
    for (const seq of late) {
      const record = await matchableAt(this.#store, seq)
      if (record !== undefined) records.push(record)
    }
    await this.#store.write(recordMatches, { late, ...(await this.#judge(records)) })
    return late.length === RECORDS_STEP
  }

  async #judge(records: readonly MatchableRecord[]): Promise<Pick<RecordMatches, 'judged' | 'hits'>> {
    const matcher = await this.#wholeList()
    const judged: Judged[] = []
    const hits: Hit[] = []
    for (const record of records) {
      if (!record.latest) continue
      const { over } = await this.#match(record, matcher, hits)
      if (await this.#isWarnedOf(record)) {
        const standing = (await standingBeside(this.#store, record.seq)).map((each) => each.seq)
        judged.push({ author: record.author, object: record.id, standing, over })
      }
    }
    return { judged, hits }
  }

  /** Adds what of a record touches the watch list. Answers why it accuses nothing, or null where it might. */
  async #match(record: MatchableRecord, matcher: Matcher, into: Hit[]): Promise<{ over: string | null }> {
    const object = JSON.parse(Buffer.from(record.bytes).toString('utf8')) as Record<string, unknown>
    const expiresMs = expiryOf(object)
    if (object['revoked'] === true) return { over: 'revoked by its author' }
    if (expiresMs !== null && expiresMs <= this.#clock.nowMs()) return { over: 'the indicator has expired' }
    if (await this.#isExercise(record.labelClass)) return { over: null }
    const standing = { record: record.seq, author: record.author, object: record.id, expiresMs }
    for (const { kind, value } of valuesOf(object))
      for (const id of matcher.match({ kind, value })) {
        const watch = await this.#watch(id)
        if (watch !== undefined) into.push({ ...standing, watch: id, asset: watch.asset, kind, value })
      }
    return { over: null }
  }

  async #withdrawStep(): Promise<boolean> {
    const { withdrawal: after } = (await this.#store.get<{ withdrawal: number }>(
      'SELECT withdrawal FROM match_cursor',
    )) as { withdrawal: number }
    const rows = await withdrawnAfter(this.#store, after)
    const last = rows.at(-1)
    if (last === undefined) return false
    const matcher = await this.#wholeList()
    const hits: Hit[] = []
    for (const { record } of rows)
      for (const beside of await standingBeside(this.#store, record)) await this.#match(beside, matcher, hits)
    await this.#store.write(recordWithdrawals, { upTo: last.withdrawal, withdrawn: rows, hits })
    return true
  }

  /** Entries added since the last run, against every value that is known. */
  async #scanNewWatches(isClosed: () => boolean): Promise<void> {
    const fresh = await this.#store.all<WatchRow>(
      'SELECT id, kind, value, asset FROM watch WHERE scanned = 0 ORDER BY id LIMIT ?',
      WATCH_PAGE,
    )
    if (fresh.length === 0) return
    for (const entry of fresh) this.#matcher?.add(entry)
    const few = buildMatcher(fresh)
    let place: ValuePlace | undefined
    while (!isClosed()) {
      const page = await valuesAfter(this.#store, place, VALUES_STEP)
      const seqs = new Set(
        page.filter((each) => few.match({ kind: each.kind, value: each.value }).length > 0).map((each) => each.seq),
      )
      const hits: Hit[] = []
      for (const seq of seqs) {
        const record = await matchableAt(this.#store, seq)
        if (record?.latest === true) await this.#match(record, few, hits)
      }
      if (hits.length > 0) await this.#store.write(recordMatches, { judged: [], hits })
      place = page.at(-1)
      if (page.length < VALUES_STEP) break
      // A long list must not keep what arrives meanwhile waiting.
      await this.#matchStep()
    }
    if (isClosed()) return
    await this.#store.write(recordMatches, { judged: [], hits: [], scanned: fresh.map((entry) => entry.id) })
    await this.#scanNewWatches(isClosed)
  }

  async #wholeList(): Promise<Matcher> {
    if (this.#matcher !== undefined) return this.#matcher
    const entries: WatchEntry[] = []
    for (let after = 0; ;) {
      const page = await this.#store.all<WatchRow>(
        'SELECT id, kind, value, asset FROM watch WHERE id > ? ORDER BY id LIMIT ?',
        after,
        WATCH_PAGE,
      )
      entries.push(...page)
      const last = page.at(-1)
      if (last === undefined) break
      after = last.id
    }
    this.#matcher = buildMatcher(entries)
    return this.#matcher
  }

  async #isWarnedOf({ author, id }: MatchableRecord): Promise<boolean> {
    return (
      (await this.#store.get('SELECT 1 FROM warning WHERE author = ? AND object = ? LIMIT 1', author, id)) !== undefined
    )
  }

  #watch(id: number): Promise<{ asset: string } | undefined> {
    return this.#store.get<{ asset: string }>('SELECT asset FROM watch WHERE id = ?', id)
  }

  /** What belongs to an exercise never warns about the real world. */
  async #isExercise(labelClass: number): Promise<boolean> {
    const marking = await loadLabel(this.#store, labelClass)
    return marking === undefined || marking.exercise !== undefined
  }

  async #isSomeMuteOver(): Promise<boolean> {
    const over = 'SELECT 1 FROM warning WHERE muted_until_ms <= ? LIMIT 1'
    return (await this.#store.get(over, this.#clock.nowMs())) !== undefined
  }

  async #isSomethingExpired(): Promise<boolean> {
    return (
      (await this.#store.get('SELECT 1 FROM evidence WHERE expires_ms <= ? LIMIT 1', this.#clock.nowMs())) !== undefined
    )
  }
}

function expiryOf(object: Readonly<Record<string, unknown>>): number | null {
  const until = object['valid_until']
  const micros = typeof until === 'string' ? parseMicros(until) : undefined
  return micros === undefined ? null : Math.floor(micros / 1000)
}
