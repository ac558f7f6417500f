// Feeds under /api, for those who run the node.
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { formatTime } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import { needs } from '#kernel/http/access.ts'
import { NamedQuery, NumberedQuery, pageShape } from '#kernel/list-shape.ts'
import { listing, pageView } from '#kernel/listing.ts'
import { requireMarking } from '#kernel/marking.ts'
import type { Store } from '#kernel/store/types.ts'
import { requireCollection } from '../collection.ts'
import { addFeed, removeFeed, runFeed, setFeed, type FeedInput } from './commands.ts'
import { listFeeds, requireFeed, toFeedView } from './feed.ts'
import type { Feeds } from './feeds.ts'
import { taxiiAddress } from './taxii.ts'
import {
  FeedChangeShape,
  FeedPreviewShape,
  FeedRefusalShape,
  FeedShape,
  FeedSourceShape,
  NewFeedShape,
  type FeedChange,
  type FeedSource,
  type FeedView,
  type NewFeed,
} from './wire.ts'

const TAGS = { tags: ['feeds'] }
const listRefusals = listing<{ readonly what: string; readonly timeMs: number; readonly reason: string }>({
  columns: 'what, time_ms AS timeMs, reason',
  from: 'feed_refusal',
  key: 'seq',
  order: 'newest first',
  where: 'feed = ?',
  texts: ['what', 'reason'],
})

export type FeedRouteDeps = { readonly store: Store; readonly feeds: Feeds }

export function feedRoutes(deps: FeedRouteDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(reading(deps))
    await app.register(changing(deps))
  }
}

function reading({ store }: FeedRouteDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get<{ Querystring: Static<typeof NamedQuery> }>(
      '/feeds',
      {
        config: needs('audit', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Feeds by name, with how each is',
          querystring: NamedQuery,
          response: { 200: pageShape(FeedShape) },
        },
      },
      async ({ query }) => pageView(await listFeeds(store, query), toFeedView),
    )
    app.get<{ Params: { name: string } }>(
      '/feeds/:name',
      {
        config: needs('audit', 'sharing'),
        schema: { ...TAGS, summary: 'One feed', response: { 200: FeedShape } },
      },
      async ({ params }) => toFeedView(await requireFeed(store, params.name)),
    )
    app.get<{ Params: { name: string }; Querystring: Static<typeof NumberedQuery> }>(
      '/feeds/:name/refusals',
      {
        config: needs('audit', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'What a feed brought that was not taken, and why, newest first',
          querystring: NumberedQuery,
          response: { 200: pageShape(FeedRefusalShape) },
        },
      },
      async ({ params, query }) => {
        const { id } = await requireFeed(store, params.name)
        const found = await listRefusals(store, query, id)
        return pageView(found, ({ what, timeMs, reason }) => ({ what, reason, at: formatTime(timeMs) }))
      },
    )
  }
}

function changing({ store, feeds }: FeedRouteDeps): (app: FastifyInstance) => Promise<void> {
  const view = async (name: string): Promise<FeedView> => toFeedView(await requireFeed(store, name))
  return async (app) => {
    app.post<{ Body: FeedSource }>(
      '/feeds/preview',
      {
        config: needs('administer', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'What a source holds, what of it would be refused; nothing is stored',
          body: FeedSourceShape,
          response: { 200: FeedPreviewShape },
        },
      },
      async ({ body }, reply) => {
        // Whoever asked may not wait for a slow source: then neither does the node.
        const gone = new AbortController()
        reply.raw.once('close', () => reply.raw.writableEnded || gone.abort())
        const { kind, column } = body
        const marking = requireMarking(body.marking, 'marking')
        const source = { kind, ...addressOf(body), column, marking, ...credentialsOf(body), signal: gone.signal }
        return feeds.preview(source).catch((error: unknown) => {
          throw isOfTheSource(error) ? cannotBeRead(error) : error
        })
      },
    )
    app.post<{ Body: NewFeed }>(
      '/feeds',
      {
        config: needs('administer', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Add a feed; it is read at once and then at its interval',
          body: NewFeedShape,
          response: { 201: FeedShape },
        },
      },
      async ({ caller, body }, reply) => {
        await store.write(addFeed, { actor: caller.actor, feed: await toInput(body) })
        return reply.code(201).send(await view(body.name))
      },
    )
    app.patch<{ Params: { name: string }; Body: FeedChange }>(
      '/feeds/:name',
      {
        config: needs('administer', 'sharing'),
        schema: {
          ...TAGS,
          summary: 'Pause or resume a feed, give it another interval or other credentials',
          body: FeedChangeShape,
          response: { 200: FeedShape },
        },
      },
      async ({ caller, params: { name }, body }) => {
        const { paused, everyMinutes } = body
        const { credentials } = credentialsOf(body)
        const about = await requireFeed(store, name)
        await store.write(setFeed, {
          actor: caller.actor,
          name,
          setting: {
            ...(paused === undefined ? {} : { paused }),
            ...(everyMinutes === undefined ? {} : { everyMs: everyMinutes * 60_000 }),
            ...(credentials === undefined
              ? {}
              : { secret: { sealed: feeds.seal(credentials, about), withUser: credentials.user !== undefined } }),
          },
        })
        return view(name)
      },
    )
    app.post<{ Params: { name: string } }>(
      '/feeds/:name/run',
      {
        config: needs('administer', 'sharing'),
        schema: { ...TAGS, summary: 'Read a feed now', response: { 202: FeedShape } },
      },
      async ({ caller, params: { name } }, reply) => {
        await store.write(runFeed, { actor: caller.actor, name })
        return reply.code(202).send(await view(name))
      },
    )
    app.delete<{ Params: { name: string } }>(
      '/feeds/:name',
      {
        config: needs('administer', 'sharing'),
        schema: { ...TAGS, summary: 'Remove a feed; what it brought stays' },
      },
      async ({ caller, params: { name } }, reply) => {
        await store.write(removeFeed, { actor: caller.actor, name })
        return reply.code(204).send()
      },
    )
  }

  async function toInput(body: NewFeed): Promise<FeedInput> {
    const { name, kind, column, revokeAfterDays, licence } = body
    const { url, from } = addressOf(body)
    if (kind === 'taxii' && from === undefined)
      throw new Fault('input.invalid', 'the collection of the server is not named', {
        place: 'from',
        remedy: 'Give its id, or the address of the collection itself; a preview without it lists what there is.',
      })
    if (kind !== 'list' && (column !== undefined || revokeAfterDays !== undefined))
      throw new Fault('input.invalid', 'only a list has a column and entries that vanish', { place: 'kind' })
    const collection = await requireCollection(store, body.collection)
    const { credentials } = credentialsOf(body)
    return {
      name,
      kind,
      url,
      options: {
        ...(from === undefined ? {} : { from }),
        ...(column === undefined ? {} : { column }),
        ...(revokeAfterDays === undefined ? {} : { revokeAfterDays }),
        ...(credentials?.user === undefined ? {} : { withUser: true }),
      },
      collection: collection.id,
      marking: requireMarking(body.marking, 'marking'),
      licence: licence.trim(),
      secret: credentials === undefined ? null : feeds.seal(credentials, { name, url }),
      everyMs: body.everyMinutes * 60_000,
    }
  }
}

const isOfTheSource = (error: unknown): error is Fault => error instanceof Fault && error.code.startsWith('peer.')

/** What is wrong with a source is wrong with what was asked, and no trouble of this node. */
function cannotBeRead(cause: Fault): Fault {
  const { message, remedy } = cause
  return new Fault('input.unprocessable', message, { place: 'url', cause, ...(remedy === undefined ? {} : { remedy }) })
}

/** The address as it is asked. What this node never calls is refused here already. */
function addressOf({ kind, url: given, from }: Pick<FeedSource, 'kind' | 'url' | 'from'>): {
  readonly url: string
  readonly from?: string
} {
  const url = URL.parse(given.trim())
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username + url.password !== '')
    throw new Fault('input.invalid', 'this is not an address that a feed is read from', {
      place: 'url',
      remedy: 'Give an https URL; a user and a password are given apart from it.',
    })
  url.hash = ''
  if (kind !== 'taxii') return { url: url.href }
  return taxiiAddress(url.href, from?.trim() === '' ? undefined : from?.trim())
}

function credentialsOf({ user, secret }: Pick<FeedSource, 'user' | 'secret'>): {
  readonly credentials: { readonly user?: string; readonly secret: string } | undefined
} {
  if (secret === undefined) {
    if (user === undefined) return { credentials: undefined }
    throw new Fault('input.invalid', 'there is a user and no password', { place: 'secret' })
  }
  if (user?.includes(':') === true || /[^\x20-\x7e]/.test(secret + (user ?? '')))
    throw new Fault('input.invalid', 'a user has no colon, and both are printable ASCII', { place: 'user' })
  return { credentials: { secret, ...(user === undefined || user === '' ? {} : { user }) } }
}
