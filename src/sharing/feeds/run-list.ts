// A run of a list: what is new becomes objects, what is known stays as it is, and what is gone is left, or revoked after
// the days that the administrator chose.
import { setImmediate as breathe } from 'node:timers/promises'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Value } from '#kernel/value.ts'
import { latestObject } from '../find.ts'
import { putObjects } from '../put.ts'
import { askSource, demandData } from './ask.ts'
import { dropValues, markGone } from './commands.ts'
import { objectOfValue, revokedOf } from './indicator.ts'
import { readList, type ListLine } from './list.ts'
import { nowText, placeOf, Tally, wholeAsk, type Run, type RunDeps, type RunResult } from './run.ts'
import { ValueSet } from './value-set.ts'

export const LIST_ACCEPT = 'text/plain, text/csv;q=0.9, */*;q=0.1'

export async function runList(deps: RunDeps, run: Run): Promise<RunResult> {
  const { feed } = run
  using answer = await askSource(deps, wholeAsk(run, LIST_ACCEPT, LIMITS.feedListBytesMax))
  if (answer === undefined) {
    await revokeGone(deps, run)
    return { place: feed.place }
  }
  demandData(answer, new URL(feed.url).host)
  const there = await putLines(deps, run, readList(answer.body, feed.options.column))
  if (there.size === 0)
    throw new Fault('peer.invalid', 'no line of this list is a value', {
      remedy: 'Check the address and the column. What came from it before stays as it is.',
    })
  await compareWithStored(deps, run, there)
  await revokeGone(deps, run)
  return { place: placeOf(answer.headers) }
}

async function putLines(deps: RunDeps, run: Run, batches: AsyncIterable<readonly ListLine[]>): Promise<ValueSet> {
  const there = new ValueSet()
  await using tally = new Tally(deps.store, run.feed.id)
  const counts = { added: 0, known: 0, refused: 0 }
  let waiting = new Map<string, Value>()
  const settle = async (): Promise<void> => {
    const { added, known, refused } = await putValues(deps, run, [...waiting.values()])
    counts.added += added
    counts.known += known
    counts.refused += refused
    waiting = new Map()
    await tally.settle(counts)
    await breathe()
  }
  for await (const batch of batches)
    for (const line of batch) {
      if ('problem' in line) {
        counts.refused += 1
        tally.refuse({ what: `line ${line.line}`, reason: line.problem })
        continue
      }
      there.add(line.value)
      if (there.size > LIMITS.feedValuesMax)
        throw new Fault('peer.invalid', `this list holds more than ${LIMITS.feedValuesMax} values`, {
          remedy: 'What came before was taken. Use several smaller lists.',
        })
      waiting.set(`${line.value.kind} ${line.value.value}`, line.value)
      if (waiting.size >= LIMITS.feedBatch) await settle()
    }
  await settle()
  return there
}

/** Puts those of the values that are new. */
async function putValues(
  deps: RunDeps,
  { feed, collection }: Run,
  values: readonly Value[],
): Promise<{ readonly added: number; readonly known: number; readonly refused: number }> {
  const rows = await deps.store.all<{ kind: string; value: string }>(
    `SELECT v.kind, v.value FROM json_each(?1) j CROSS JOIN feed_value v
     WHERE v.feed = ?2 AND v.kind = json_extract(j.value, '$[0]') AND v.value = json_extract(j.value, '$[1]')`,
    JSON.stringify(values.map(({ kind, value }) => [kind, value])),
    feed.id,
  )
  const stored = new Set(rows.map(({ kind, value }) => `${kind} ${value}`))
  const fresh = values.filter(({ kind, value }) => !stored.has(`${kind} ${value}`))
  if (fresh.length === 0) return { added: 0, known: values.length, refused: 0 }
  const now = nowText(deps)
  const origin = { feed: feed.name, licence: feed.licence, tlp: collection.marking.tlp }
  const objects = fresh.map((value) => objectOfValue(value, origin, { now, uuid: deps.newUuid() }))
  const results = await putObjects(deps, {
    collection,
    pieces: objects.map((object, index) => ({ index, bytes: Buffer.from(JSON.stringify(object)) })),
    feed: {
      id: feed.id,
      values: fresh.map(({ kind, value }, i) => ({ object: objects[i]?.id ?? '', kind, value })),
    },
  })
  const added = results.filter(({ outcome }) => outcome === 'added').length
  return { added, known: stored.size, refused: fresh.length - added }
}

type Stored = { readonly kind: string; readonly value: string; readonly object: string; readonly goneMs: number | null }

/** Walks what was ever taken from this list and marks what is gone, and what is back. */
async function compareWithStored({ store }: RunDeps, { feed: { id } }: Run, there: ValueSet): Promise<void> {
  let [kind, value] = ['', '']
  for (;;) {
    const rows = await store.all<Stored>(
      `SELECT kind, value, object, gone_ms AS goneMs FROM feed_value WHERE feed = ? AND (kind, value) > (?, ?)
       ORDER BY kind, value LIMIT ?`,
      id,
      kind,
      value,
      LIMITS.feedBatch,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    ;[kind, value] = [last.kind, last.value]
    const gone = rows.filter((row) => row.goneMs === null && !there.has(row))
    const back = rows.filter((row) => row.goneMs !== null && there.has(row))
    if (gone.length + back.length > 0) await store.write(markGone, { id, gone, back })
    await breathe()
  }
}

const DAY_MS = 24 * 3600 * 1000

/** Revokes what has been gone for as long as the feed waits. */
async function revokeGone(deps: RunDeps, { feed, collection }: Run): Promise<void> {
  const { revokeAfterDays: days } = feed.options
  if (days === undefined) return
  const { store } = deps
  for (;;) {
    const values = await store.all<Stored>(
      'SELECT kind, value, object FROM feed_value WHERE feed = ? AND gone_ms <= ? LIMIT ?',
      feed.id,
      deps.now() - days * DAY_MS,
      LIMITS.feedBatch,
    )
    if (values.length === 0) return
    const pieces = []
    for (const [index, { object }] of values.entries()) {
      const bytes = await latestObject(store, object, collection.id)
      const known = bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as object)
      // A person may have taken it back meanwhile, or a run broke off behind this.
      if (known === undefined || (known as { revoked?: unknown }).revoked === true) continue
      pieces.push({ index, bytes: Buffer.from(JSON.stringify(revokedOf({ ...known }, nowText(deps)))) })
    }
    await putObjects(deps, { collection, pieces, feed: { id: feed.id } })
    await store.write(dropValues, { id: feed.id, values })
    await breathe()
  }
}
