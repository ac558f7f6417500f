// A TAXII server for tests on a real port, with one collection and clients made on demand. Requests go through a
// plain socket, so that what only a socket shows (chunks, both slash forms, odd paths) is really sent.
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { request as sendRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import type { Clock } from '#kernel/clock.ts'
import { makeEgress } from '#kernel/egress.ts'
import { createServer } from '#kernel/http/server.ts'
import type { Store } from '#kernel/store/types.ts'
import { addCollection } from '#sharing/collection.ts'
import { addClient } from '#sharing/taxii-server/client-commands.ts'
import { TAXII_MEDIA_TYPE } from '#sharing/taxii-server/negotiate.ts'
import { taxiiRoutes } from '#sharing/taxii-server/routes.ts'
import { openTestStore, seededRandom, testClock } from './store.ts'

export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

export type Sent = {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Sends the body without a Content-Length. */
  readonly chunked?: boolean
}

/** The TAXII side of a node over a store of a test; it answers what is injected, and listens where it is told to. */
export async function taxiiApp(
  store: Store,
  clock: Clock,
  options: { readonly requestsPerMinute?: number } = {},
): Promise<Awaited<ReturnType<typeof createServer>>> {
  const app = await createServer({
    logger: pino({ level: 'silent' }),
    tls: undefined,
    trustedProxies: [],
    bodyBytesMax: 1 << 20,
    requestsPerMinute: options.requestsPerMinute ?? 100_000,
    version: 'test',
    requestId: () => 'test',
  })
  await app.register(
    taxiiRoutes({
      store,
      egress: makeEgress(store),
      publicUrl: 'https://node.a.example',
      now: clock.nowMs,
      random: seededRandom('taxii'),
      cursorSecret: new Uint8Array(32).fill(7),
      maxContentLength: 200_000,
      title: 'a.example',
    }),
  )
  return app
}

export async function listenTaxii(options: { readonly requestsPerMinute?: number } = {}) {
  const clock = testClock()
  const store = openTestStore({ clock })
  const app = await taxiiApp(store, clock, options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const uuid = await store.write(addCollection, {
    actor: 'test',
    change: {
      title: 'Main',
      alias: 'main',
      marking: { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' },
      share: 'peers',
    },
  })
  return {
    clock,
    store,
    base: `/taxii2/api/collections/${uuid}/`,
    /** Makes a client of this member and returns its Authorization header. */
    client: async (name: string, rights: 'r' | 'rw'): Promise<string> => {
      await store.write(addClient, {
        actor: 'test',
        name,
        actsFor: 'self',
        secretHash: hash('sha256', `${name}-secret`, 'buffer'),
        grants: [{ collection: 'main', read: true, write: rights === 'rw' }],
      })
      return `Bearer ${name}-secret`
    },
    send: (method: string, path: string, sent: Sent = {}) => send(port, method, path, sent),
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** What a client posts to add objects. */
export function envelope(authorization: string, objects: readonly unknown[]): Sent {
  return { headers: { authorization, 'content-type': TAXII_MEDIA_TYPE }, body: JSON.stringify({ objects }) }
}

async function send(port: number, method: string, path: string, { headers, body, chunked }: Sent): Promise<Answer> {
  const length = body === undefined || chunked === true ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const request = sendRequest({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: { ...length, ...headers },
  })
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  if (body !== undefined && chunked === true) {
    const bytes = Buffer.from(body)
    for (let at = 0; at < bytes.length; at += 16_384) request.write(bytes.subarray(at, at + 16_384))
    request.end()
  } else request.end(body)
  const [response] = await answered
  const bytes = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>))
  return { status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString('utf8') }
}
