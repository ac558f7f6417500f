// Feeds at work: each is a durable job that reads its source, says how it went, and is due again: after its interval, or
// after a longer and longer time while it fails.
import type { Box } from '#kernel/box.ts'
import { Fault } from '#kernel/fault.ts'
import type { Outbound } from '#kernel/http/outbound.ts'
import { Later, type JobHandler } from '#kernel/job.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Store } from '#kernel/store/types.ts'
import { requireCollection, type Collection } from '../collection.ts'
import type { Credentials } from './ask.ts'
import { beginFeed, endFeed, failFeed, forgetFeedValues } from './commands.ts'
import { FEED_FORGET_JOB, FEED_JOB, findFeed, type Feed, type FeedError } from './feed.ts'
import { previewSource, type PreviewSource } from './preview.ts'
import { runList } from './run-list.ts'
import { runStix, runTaxii, type Run, type RunDeps, type RunResult } from './run.ts'
import { isLostPlace, type TaxiiStep } from './taxii.ts'
import type { FeedPreview } from './wire.ts'

export type FeedDeps = {
  readonly store: Store
  readonly outbound: Outbound
  readonly now: () => number
  readonly newUuid: () => string
  readonly box: Box
  /** 0 to 1. */
  readonly jitter: () => number
  /** What is no expected failure of a source. */
  readonly onError: (name: string, error: unknown) => void
}

export type Feeds = {
  /** Reads sources; each may take long, so they run beside all other work. */
  readonly jobs: Readonly<Record<string, JobHandler>>
  /** Quick work. */
  readonly tidying: Readonly<Record<string, JobHandler>>
  readonly preview: (source: PreviewSource) => Promise<FeedPreview>
  readonly seal: (credentials: Credentials, about: { readonly name: string; readonly url: string }) => Uint8Array
}

export function makeFeeds(deps: FeedDeps): Feeds {
  const { store, box } = deps
  const read: JobHandler = async (payload, name, signal) => {
    const feed = await findFeed(store, name)
    if (feed === undefined || feed.paused) return undefined
    const step = (payload as TaxiiStep | null) ?? undefined
    try {
      if (step === undefined || feed.runningMs === null)
        await store.write(beginFeed, { id: feed.id, whole: feed.kind !== 'taxii' })
      const result = await runPiece(deps, feed, { step, signal })
      if ('rest' in result) return new Later(result.rest, 0)
      await store.write(endFeed, { id: feed.id, place: result.place })
      return new Later(null, Math.round(feed.everyMs * (0.95 + deps.jitter() / 10)))
    } catch (error) {
      if (signal.aborted) throw error
      if (step !== undefined && isLostPlace(error, step)) return new Later(withoutNext(step), 0)
      return await failed(deps, feed, { error, step })
    }
  }
  const forget: JobHandler = async (_payload, id) =>
    (await store.write(forgetFeedValues, { id: Number(id) })) ? null : undefined
  return {
    jobs: { [FEED_JOB]: read },
    tidying: { [FEED_FORGET_JOB]: forget },
    preview: (source) => previewSource(deps, source),
    seal: (credentials, about) => box.seal(Buffer.from(JSON.stringify(credentials)), sealedAbout(about)),
  }
}

/** A secret opens for the feed and the address it was given for, and for no other. */
const sealedAbout = ({ name, url }: { readonly name: string; readonly url: string }): string => `${name} ${url}`

async function runPiece(
  deps: FeedDeps,
  feed: Feed,
  { step, signal }: { readonly step: TaxiiStep | undefined; readonly signal: AbortSignal },
): Promise<RunResult> {
  const { frozen } = deps.store.status()
  if (frozen !== undefined)
    throw new Fault('node.restored', `nothing may be signed here now: ${frozen}`, {
      remedy: 'Feeds go on by themselves once the log is resumed: docs/operating/restore.md',
    })
  const credentials =
    feed.secret === null
      ? undefined
      : (JSON.parse(Buffer.from(deps.box.open(feed.secret, sealedAbout(feed))).toString('utf8')) as Credentials)
  const run: Run = { feed, collection: await targetOf(deps, feed), credentials, signal }
  const runDeps: RunDeps = deps
  if (feed.kind === 'taxii') return runTaxii(runDeps, run, step)
  return feed.kind === 'stix' ? runStix(runDeps, run) : runList(runDeps, run)
}

/** The collection as it stands now, with the feed's marking in place of its own; who is named stays the collection's. */
async function targetOf({ store }: FeedDeps, { collectionName, marking }: Feed): Promise<Collection> {
  const collection = await requireCollection(store, collectionName)
  const { named } = collection.marking.audience
  return { ...collection, marking: { ...marking, audience: { ...marking.audience, named } } }
}

const withoutNext = ({ after }: TaxiiStep): TaxiiStep => ({
  pages: 0,
  empty: 0,
  again: true,
  ...(after === undefined ? {} : { after }),
})

/** Says what went wrong, and when it is tried again. */
async function failed(
  deps: FeedDeps,
  feed: Feed,
  { error, step }: { readonly error: unknown; readonly step: TaxiiStep | undefined },
): Promise<Later | undefined> {
  const now = await findFeed(deps.store, feed.name)
  if (now?.id !== feed.id || now.paused) return undefined
  if (!(error instanceof Fault)) deps.onError(feed.name, error)
  await deps.store.write(failFeed, { id: feed.id, error: inWords(error) })
  const askedMs = error instanceof Fault ? (error.retryAfterSeconds ?? 0) * 1000 : 0
  const delayMs = feedDelayMs({ failures: feed.failures + 1, everyMs: feed.everyMs, askedMs }, deps.jitter())
  // A server that could not be reached is asked on where it was; one that answers nonsense from the beginning.
  const goesOn = step !== undefined && error instanceof Fault && error.code === 'peer.unreachable'
  return new Later(goesOn ? { ...step, pages: 0, empty: 0 } : null, delayMs)
}

function inWords(error: unknown): FeedError {
  if (!(error instanceof Fault))
    return { message: 'this node failed in a way it does not understand', remedy: 'Its log says more.' }
  return { message: error.message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) }
}

/**
 * How long a source that failed is left alone: doubling from a minute to its interval (an hour where that is less), and
 * as long as it asked for, a day at most.
 */
export function feedDelayMs(
  { failures, everyMs, askedMs }: { readonly failures: number; readonly everyMs: number; readonly askedMs: number },
  jitter: number,
): number {
  const most = Math.max(everyMs, LIMITS.jobBackoffMaxMs)
  const doubled = Math.min(LIMITS.feedBackoffMinMs * 2 ** Math.min(failures - 1, 20), most)
  return Math.min(LIMITS.feedBackoffMaxMs, Math.max(askedMs, Math.round(doubled * (0.75 + jitter / 2))))
}
