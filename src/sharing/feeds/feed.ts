// A feed as it stands in the store: where it is read, what becomes of it, and how the last run went.
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import type { Asked } from '#kernel/list-shape.ts'
import { listing, type ListPage } from '#kernel/listing.ts'
import { DEFAULT_MARKING, parseMarking, type Marking } from '#kernel/marking.ts'
import type { Reader } from '#kernel/store/types.ts'
import type { FeedKind, FeedState, FeedView } from './wire.ts'

/** The kind of the jobs that read feeds; their key is the feed's name. */
export const FEED_JOB = 'sharing.feed'
/** Forgets, step by step, the values of a feed that was removed; its key is the feed's number. */
export const FEED_FORGET_JOB = 'sharing.feed-forget'

/** What is particular to a kind. */
export type FeedOptions = {
  readonly from?: string
  readonly column?: string
  readonly revokeAfterDays?: number
}

/** How far a source was read: a TAXII server's time, or what tells whether a file has changed. */
export type FeedPlace = { readonly addedAfter?: string; readonly etag?: string; readonly modified?: string }

export type FeedError = { readonly message: string; readonly remedy?: string }

export type Feed = {
  readonly id: number
  readonly name: string
  readonly kind: FeedKind
  readonly url: string
  readonly options: FeedOptions
  /** The collection it goes to: row id, and the name people know. */
  readonly collection: number
  readonly collectionName: string
  readonly marking: Marking
  readonly licence: string
  /** Sealed; null where the source asks for nothing. */
  readonly secret: Uint8Array | null
  readonly everyMs: number
  readonly paused: boolean
  readonly place: FeedPlace
  readonly runningMs: number | null
  readonly triedMs: number | null
  readonly readMs: number | null
  readonly nextMs: number | null
  readonly failures: number
  readonly error: FeedError | undefined
  readonly added: number
  readonly known: number
  readonly refused: number
  readonly total: number
  readonly withUser: boolean
}

type Row = Omit<Feed, 'options' | 'marking' | 'paused' | 'place' | 'error' | 'withUser'> & {
  readonly options: string
  readonly marking: string
  readonly paused: number
  readonly place: string
  readonly error: string | null
}

const COLUMNS = `f.id, f.name, f.kind, f.url, f.options, f.collection, coalesce(c.alias, c.uuid) AS collectionName, f.marking,
  f.licence, f.secret, f.every_ms AS everyMs, f.paused, f.place, f.running_ms AS runningMs, f.tried_ms AS triedMs,
  f.read_ms AS readMs, f.failures, f.error, f.added, f.known, f.refused, f.total, j.due_ms AS nextMs`
const FROM = `feed f JOIN collection c ON c.id = f.collection LEFT JOIN job j ON j.kind = '${FEED_JOB}' AND j.key = f.name`
const FEED_SQL = `SELECT ${COLUMNS} FROM ${FROM}`
const readList = listing<Row>({
  columns: COLUMNS,
  from: FROM,
  key: 'f.name',
  order: 'by name',
  texts: ['f.name', 'f.url', 'c.alias', 'c.title', 'f.licence'],
})

export async function findFeed(reader: Reader, name: string): Promise<Feed | undefined> {
  const row = await reader.get<Row>(`${FEED_SQL} WHERE f.name = ?`, name)
  return row === undefined ? undefined : toFeed(row)
}

export async function requireFeed(reader: Reader, name: string): Promise<Feed> {
  const feed = await findFeed(reader, name)
  if (feed !== undefined) return feed
  throw new Fault('not-found', `there is no feed “${name.slice(0, 80)}”`, { remedy: 'See “comity feed list”.' })
}

/** Feeds by name, page by page; words are looked for in the name, the address, the collection and the licence. */
export async function listFeeds(reader: Reader, asked: Asked): Promise<ListPage<Feed>> {
  const { rows, next } = await readList(reader, asked)
  return { rows: rows.map(toFeed), next }
}

function toFeed({ options, marking, paused, place, error, ...row }: Row): Feed {
  const read = JSON.parse(options) as FeedOptions & { readonly withUser?: boolean }
  const { withUser = false, ...own } = read
  return {
    ...row,
    options: own,
    withUser,
    marking: parseMarking(JSON.parse(marking)) ?? DEFAULT_MARKING,
    paused: paused === 1,
    place: JSON.parse(place) as FeedPlace,
    error: error === null ? undefined : (JSON.parse(error) as FeedError),
  }
}

export function stateOf({ paused, runningMs, failures, readMs }: Feed): FeedState {
  if (paused) return 'paused'
  if (runningMs !== null) return 'running'
  if (failures > 0) return 'failing'
  return readMs === null ? 'waiting' : 'ok'
}

export function toFeedView(feed: Feed): FeedView {
  const { name, kind, url, options, marking, licence, secret, failures, error, added, known, refused, total } = feed
  const times = { tried: feed.triedMs, read: feed.readMs, next: feed.nextMs }
  return {
    name,
    kind,
    url,
    ...options,
    collection: feed.collectionName,
    marking: marking as FeedView['marking'],
    licence,
    everyMinutes: Math.round(feed.everyMs / 60_000),
    credentials: secret === null ? 'none' : feed.withUser ? 'password' : 'token',
    state: stateOf(feed),
    ...Object.fromEntries(Object.entries(times).flatMap(([key, ms]) => (ms === null ? [] : [[key, formatTime(ms)]]))),
    failures,
    ...(error === undefined ? {} : { error: { ...error } }),
    added,
    known,
    refused,
    total,
  }
}
