// What a run of each kind does: objects go through the same importer as a file, values of a list become objects first.
import { setImmediate as breathe } from 'node:timers/promises'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Reader, Writer } from '#kernel/store/types.ts'
import type { Collection } from '../collection.ts'
import { importObjects } from '../import.ts'
import type { ImportEvent } from '../wire.ts'
import { askSource, demandData, type Ask, type AskDeps, type Credentials } from './ask.ts'
import { noteFeed, type FeedCounts, type FeedRefusal } from './commands.ts'
import type { Feed, FeedPlace } from './feed.ts'
import { FIRST_STEP, readTaxiiPage, type TaxiiStep } from './taxii.ts'

export type RunDeps = AskDeps & { readonly store: Reader & Writer; readonly newUuid: () => string }

export type Run = {
  readonly feed: Feed
  /** Where it goes, under the feed's marking. */
  readonly collection: Collection
  readonly credentials: Credentials | undefined
  readonly signal: AbortSignal
}

/** Where the next piece of the run begins, or how far the source was read in the end. */
export type RunResult = { readonly rest: TaxiiStep } | { readonly place: FeedPlace }

/** One page. */
export async function runTaxii(deps: RunDeps, run: Run, step: TaxiiStep | undefined): Promise<RunResult> {
  const { feed, credentials, signal } = run
  const { addedAfter: after } = feed.place
  const here = step ?? { ...FIRST_STEP, ...(after === undefined ? {} : { after }) }
  const source = { url: feed.url, from: feed.options.from ?? '', credentials, signal }
  const { body, rest, last } = await readTaxiiPage(deps, source, here)
  if (body !== undefined) await importAll(deps, run, [body])
  if (rest !== undefined) return { rest }
  const addedAfter = last ?? feed.place.addedAfter
  return { place: addedAfter === undefined ? {} : { addedAfter } }
}

export const STIX_ACCEPT = 'application/stix+json;version=2.1, application/json;q=0.9, */*;q=0.1'

/** The whole bundle, as it comes. */
export async function runStix(deps: RunDeps, run: Run): Promise<RunResult> {
  using answer = await askSource(deps, wholeAsk(run, STIX_ACCEPT, LIMITS.feedBundleBytesMax))
  if (answer === undefined) return { place: run.feed.place }
  demandData(answer, new URL(run.feed.url).host)
  await importAll(deps, run, answer.body)
  return { place: placeOf(answer.headers) }
}

/** A request for everything, or to be told that nothing has changed. */
export function wholeAsk({ feed, credentials, signal }: Run, accept: string, bytesMax: number): Ask {
  const { etag, modified } = feed.place
  return { url: feed.url, accept, credentials, etag, modified, bytesMax, signal }
}

/** What tells the next time whether anything has changed (RFC 9110 section 8.8). */
export function placeOf(headers: Readonly<Record<string, string>>): FeedPlace {
  const { etag, 'last-modified': modified } = headers
  const short = (text: string | undefined): text is string => text !== undefined && text.length <= ETAG_CHARS_MAX
  return { ...(short(etag) ? { etag } : {}), ...(short(modified) ? { modified } : {}) }
}

const ETAG_CHARS_MAX = 1000

async function importAll(
  deps: RunDeps,
  { feed, collection }: Run,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  await using tally = new Tally(deps.store, feed.id)
  let broken: Fault | undefined
  const request = {
    collection,
    source: chunks(source),
    start: { offset: 0, objects: 0, line: 1 },
    feed: { id: feed.id },
  }
  for await (const event of importObjects(deps, request)) {
    if (event.kind === 'refused') tally.refuse(refusalOf(event))
    if (event.kind === 'progress') {
      await tally.settle(event)
      await breathe()
    }
    if (event.kind === 'broken')
      broken = new Fault('peer.invalid', `${event.message}${event.place === undefined ? '' : ` (${event.place})`}`, {
        remedy: event.remedy ?? 'What came before that was taken. Tell who runs the source.',
      })
  }
  if (broken !== undefined) throw broken
}

/** In pieces that nobody waits long for. */
async function* chunks(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) yield chunk.subarray(at, at + CHUNK_BYTES)
}

const CHUNK_BYTES = 128 * 1024

function refusalOf({ id, version, line, findings }: Extract<ImportEvent, { kind: 'refused' }>): FeedRefusal {
  const [first] = findings
  const what = id === undefined ? `line ${line}` : version === undefined ? id : `${id} ${version}`
  return {
    what,
    reason: first === undefined ? 'not taken' : `${first.message}${first.path === '' ? '' : ` (${first.path})`}`,
  }
}

/** Tells the store how a run goes, piece by piece. */
export class Tally implements AsyncDisposable {
  readonly #store: Writer
  readonly #id: number
  #told: FeedCounts = { added: 0, known: 0, refused: 0 }
  #refusals: FeedRefusal[] = []
  /** What was told last: it becomes durable together with the next objects, and nobody waits for it alone. */
  #telling: Promise<void> = Promise.resolve()

  constructor(store: Writer, id: number) {
    this.#store = store
    this.#id = id
  }

  refuse(refusal: FeedRefusal): void {
    if (this.#refusals.length < LIMITS.feedRefusalsMax) this.#refusals.push(refusal)
  }

  /** `so far` counts from the beginning of this tally. */
  async settle(soFar: FeedCounts & { readonly conflict?: number; readonly kept?: number }): Promise<void> {
    const counts = {
      added: soFar.added + (soFar.kept ?? 0),
      known: soFar.known,
      refused: soFar.refused + (soFar.conflict ?? 0),
    }
    const news = {
      added: counts.added - this.#told.added,
      known: counts.known - this.#told.known,
      refused: counts.refused - this.#told.refused,
    }
    const refusals = this.#refusals
    this.#told = counts
    this.#refusals = []
    await this.#telling
    this.#telling = this.#store.write(noteFeed, { id: this.#id, counts: news, refusals })
    this.#telling.catch(() => {})
  }

  /** When all that was told is durable. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#telling
  }
}

export const nowText = (deps: RunDeps): string => formatTime(deps.now())
