// A source on a real port that a test scripts, and a store whose feeds read it through the real door.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeBox } from '#kernel/box.ts'
import { createOutbound } from '#kernel/http/outbound.ts'
import { uuidv4 } from '#kernel/id.ts'
import { makeJobRunner } from '#kernel/job.ts'
import type { Marking } from '#kernel/marking.ts'
import { addCollection, requireCollection } from '#sharing/collection.ts'
import { addFeed, type FeedInput } from '#sharing/feeds/commands.ts'
import { requireFeed, toFeedView } from '#sharing/feeds/feed.ts'
import { makeFeeds } from '#sharing/feeds/feeds.ts'
import type { FeedView } from '#sharing/feeds/wire.ts'
import { openTestStore, seededRandom, testClock } from './store.ts'

export type Heard = {
  readonly url: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
export type Script = (request: Heard, response: ServerResponse) => void

/** Answers as the script says, and remembers every request whole. */
export async function listenSource(script: Script) {
  const heard: Heard[] = []
  const current = { script }
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const one = { url: request.url ?? '', method: request.method ?? '', headers: request.headers, body }
      heard.push(one)
      current.script(one, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (next: Script) => void (current.script = next),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const CLEAR: Marking = { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' }

/** A member with one collection `in` and feeds that read by real HTTP; time stands still but for `pass`. */
export async function feedStage({ allowPrivate = true }: { readonly allowPrivate?: boolean } = {}) {
  const clock = testClock()
  const store = openTestStore({ clock })
  const random = seededRandom('feeds')
  const outbound = createOutbound({ allowPrivate })
  const errors: unknown[] = []
  const feeds = makeFeeds({
    store,
    outbound,
    now: clock.nowMs,
    newUuid: () => uuidv4(random(16)),
    box: makeBox(new Uint8Array(32).fill(9), random, { name: 'feed', otherwise: 'give the credentials again' }),
    jitter: () => 0.5,
    onError: (_name, error) => errors.push(error),
  })
  const runner = makeJobRunner({
    store,
    clock,
    handlers: { ...feeds.jobs, ...feeds.tidying },
    lanes: 4,
    jitter: () => 0.5,
    onError: (_job, error) => errors.push(error),
  })
  await store.write(addCollection, { actor: 'test', change: { title: 'In', alias: 'in' } })
  const collection = (await requireCollection(store, 'in')).id
  const view = async (name = 'f'): Promise<FeedView> => toFeedView(await requireFeed(store, name))
  return {
    clock,
    store,
    feeds,
    errors,
    collection,
    view,
    /** Adds a feed called `f` into the collection `in`, without reading it. */
    add: (input: Partial<FeedInput> & Pick<FeedInput, 'kind' | 'url'>) =>
      store.write(addFeed, {
        actor: 'test',
        feed: {
          name: 'f',
          options: {},
          collection,
          marking: CLEAR,
          licence: 'CC0',
          secret: null,
          everyMs: 3600_000,
          ...input,
        },
      }),
    /** Reads whatever is due, to the end, and says how the feed is then. */
    read: async (name = 'f'): Promise<FeedView> => {
      while ((await runner.tick()) > 0) continue
      return view(name)
    },
    /** Records in the store: type, id and label. */
    records: () =>
      store.all<{ type: string; tlp: string; bytes: Uint8Array }>(
        `SELECT t.name AS type, json_extract(l.marking, '$.tlp') AS tlp, i.bytes FROM record r JOIN stix_type t ON t.id = r.type
         JOIN label_class l ON l.id = r.label_class JOIN item i ON i.seq = r.seq WHERE r.latest = 1 ORDER BY r.seq`,
      ),
    [Symbol.asyncDispose]: async () => {
      await runner[Symbol.asyncDispose]()
      outbound[Symbol.dispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

export const indicator = (n: number, more: object = {}): object => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  created: '2026-01-10T00:00:00.000Z',
  modified: '2026-01-10T00:00:00.000Z',
  pattern: `[ipv4-addr:value = '203.0.113.${n % 250}']`,
  pattern_type: 'stix',
  valid_from: '2026-01-10T00:00:00Z',
  ...more,
})
