// What has changed on this node, for pages that are open: which part, never what it says. Listeners read again what they
// show. The last changes are kept, so that a line that broke for a moment misses nothing.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Clock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import type { Right } from '../role.ts'
import type { Store, StoreEvent } from '../store/types.ts'
import { needs, type Caller } from './access.ts'
import { eventStreams } from './event-stream.ts'
import type { News, Topic } from './wire.ts'

/** Who may hear of a topic; most may be heard by whoever reads. */
const RIGHT_OF: Partial<Record<Topic, Right>> = { jobs: 'administer', users: 'audit' }

export type NewsDeps = {
  readonly store: Pick<Store, 'onCommit'>
  readonly clock: Clock
  /** What an event of the store is to people, where it is anything. */
  readonly newsOf: (event: StoreEvent) => News | undefined
  /** Whether this caller may know of it, beyond the right. */
  readonly mayKnow: (caller: Caller, news: News) => Promise<boolean>
}

type Kept = { readonly n: number; readonly news: News }

export type NewsDesk = {
  /** Where the news stand now: an id that `GET /events` takes. What is read after this needs nothing from before it. */
  readonly position: () => string
  readonly routes: (app: FastifyInstance) => Promise<void>
}

const EventsQuery = Type.Object({
  after: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Begin behind this id, as Last-Event-ID does; `news` of a session is one.',
    }),
  ),
})

/**
 * `GET /events`. Each event has an id; who names the last it knows (`Last-Event-ID`, else `after`) gets what came since, or is
 * told to read all again.
 */
export function makeNews({ store, clock, newsOf, mayKnow }: NewsDeps): NewsDesk {
  const begun = clock.nowMs().toString(36)
  const kept: Kept[] = []
  const listeners = new Set<(news: Kept) => void>()
  const gathered = new Map<string, News>()
  let count = 0
  let timer: Disposable | undefined

  const flush = (): void => {
    timer = undefined
    for (const news of gathered.values()) {
      const item = { n: (count += 1), news }
      kept.push(item)
      if (kept.length > LIMITS.newsKeptMax) kept.shift()
      for (const listener of listeners) listener(item)
    }
    gathered.clear()
  }
  const subscription = store.onCommit((events) => {
    for (const event of events) {
      const news = newsOf(event)
      if (news === undefined) continue
      const key = `${news.topic} ${news.about ?? ''}`
      gathered.set(gathered.size < LIMITS.newsKeptMax ? key : news.topic, news)
      timer ??= clock.after(LIMITS.newsGatherMs, flush)
    }
  })
  const since = (lastEventId: string): Kept[] | undefined => {
    const [run = '', n = ''] = lastEventId.split('-')
    const last = Number(n)
    const oldest = kept[0]?.n ?? count + 1
    if (run !== begun || !Number.isSafeInteger(last) || last < oldest - 1 || last > count) return undefined
    return kept.filter((each) => each.n > last)
  }

  const routes = async (app: FastifyInstance): Promise<void> => {
    const answer = eventStreams(app, clock)
    app.addHook('onClose', async () => {
      timer?.[Symbol.dispose]()
      subscription[Symbol.dispose]()
    })
    app.get<{ Querystring: Static<typeof EventsQuery> }>(
      '/events',
      {
        config: needs('read', 'node'),
        schema: {
          tags: ['node'],
          summary: 'What has changed, as it changes (server-sent events)',
          querystring: EventsQuery,
        },
      },
      async (request, reply) => {
        const { caller } = request
        return answer(request, reply, (stream) => {
          let before: Promise<void> = Promise.resolve()
          const tell = async ({ n, news }: Kept): Promise<void> => {
            const { topic } = news
            if (!caller.rights.includes(RIGHT_OF[topic] ?? 'read')) return
            if (!(await stream.listens()) || !(await mayKnow(caller, news))) return
            stream.send({ id: `${begun}-${n}`, name: topic, data: news })
          }
          const queue = (item: Kept): void => {
            before = before.then(() => tell(item)).catch(() => {})
          }
          const last = request.headers['last-event-id'] ?? request.query.after
          const missed = typeof last === 'string' ? since(last) : []
          // Where nothing says what was missed, everything may have changed.
          if (missed === undefined) stream.send({ id: `${begun}-${count}`, name: 'again', data: {} })
          for (const item of missed ?? []) queue(item)
          listeners.add(queue)
          return { [Symbol.dispose]: () => void listeners.delete(queue) }
        })
      },
    )
  }
  return { position: () => `${begun}-${count}`, routes }
}
