// A client of a node's own interface, for the command line and for scripts. It knows no capability: paths and shapes
// come from each capability's wire.ts.
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { Fault, FAULT_STATUS, type FaultCode } from '#kernel/fault.ts'

export type ApiClient = {
  /** Answers parsed JSON. Throws the node's own Fault for a refusal, `peer.unreachable` where nobody answers. */
  readonly get: <T>(path: string, query?: Query) => Promise<T>
  readonly post: <T>(path: string, body?: unknown, query?: Query) => Promise<T>
  readonly patch: <T>(path: string, body: unknown) => Promise<T>
  readonly put: <T>(path: string, body: unknown) => Promise<T>
  readonly delete: <T>(path: string) => Promise<T>
  /** Sends bytes as they come and yields the answer line by line (NDJSON). */
  readonly upload: <T>(path: string, body: Readable, query?: Query) => AsyncGenerator<T>
  /** Sends JSON and yields the answer line by line (NDJSON). */
  readonly lines: <T>(path: string, body: unknown) => AsyncGenerator<T>
  /** Yields the answer's bytes. */
  readonly download: (path: string, query?: Query, method?: 'GET' | 'POST') => AsyncGenerator<Uint8Array>
  /** Yields the data of server-sent events until the signal ends it. */
  readonly events: <T>(path: string, signal: AbortSignal) => AsyncGenerator<T>
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export type Endpoint = {
  readonly url: string
  readonly token: string
  /** The node's own certificate (PEM), where it made it itself. */
  readonly certificate?: string
}

export function makeClient(endpoint: Endpoint): ApiClient {
  const json = async <T>(method: string, path: string, query: Query | undefined, body?: unknown): Promise<T> => {
    const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const response = await send(endpoint, { method, path, query, body: sent })
    const text = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString('utf8')
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    get: (path, query) => json('GET', path, query),
    post: (path, body, query) => json('POST', path, query, body),
    patch: (path, body) => json('PATCH', path, undefined, body),
    put: (path, body) => json('PUT', path, undefined, body),
    delete: (path) => json('DELETE', path, undefined),
    upload: async function* <T>(path: string, body: Readable, query?: Query) {
      const response = await send(endpoint, { method: 'POST', path, query, body })
      try {
        for await (const line of linesOf(response)) if (line !== '') yield JSON.parse(line) as T
      } finally {
        // Where the node said enough before it heard all, the rest is not sent: it may have no end.
        if (!body.readableEnded) {
          body.destroy()
          ;(response as IncomingMessage & { readonly req: ClientRequest }).req.destroy()
        }
      }
    },
    lines: async function* <T>(path: string, body: unknown) {
      const response = await send(endpoint, { method: 'POST', path, body: Buffer.from(JSON.stringify(body)) })
      for await (const line of linesOf(response)) if (line !== '') yield JSON.parse(line) as T
    },
    download: async function* (path, query, method = 'GET') {
      yield* (await send(endpoint, { method, path, query })) as AsyncIterable<Uint8Array>
    },
    events: async function* <T>(path: string, signal: AbortSignal) {
      const response = await send(endpoint, { method: 'GET', path, signal, accept: 'text/event-stream' })
      try {
        for await (const line of linesOf(response)) if (line.startsWith('data:')) yield JSON.parse(line.slice(5)) as T
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

type Outgoing = {
  readonly method: string
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: Buffer | Readable | undefined
  readonly accept?: string
  readonly signal?: AbortSignal
}

async function send(endpoint: Endpoint, outgoing: Outgoing): Promise<IncomingMessage> {
  const url = new URL(`/api${outgoing.path}`, endpoint.url)
  for (const [name, value] of Object.entries(outgoing.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
    url,
    {
      method: outgoing.method,
      headers: headersFor(endpoint, outgoing),
      ...(outgoing.signal === undefined ? {} : { signal: outgoing.signal }),
      // The certificate itself is pinned, so the name in it does not matter.
      ...(endpoint.certificate === undefined ? {} : { ca: endpoint.certificate, checkServerIdentity: () => undefined }),
    },
    resolve,
  )
  request.on('error', reject)
  if (outgoing.body === undefined || Buffer.isBuffer(outgoing.body)) request.end(outgoing.body)
  else outgoing.body.on('error', (error) => request.destroy(error)).pipe(request)
  const response = await promise.catch((cause: unknown) => {
    throw new Fault('peer.unreachable', `no node answers at ${endpoint.url}`, {
      cause,
      remedy: 'Start it with “comity serve”, or name its data folder with --data-dir.',
    })
  })
  if ((response.statusCode ?? 500) < 400) return response
  throw await faultOf(response)
}

function headersFor(endpoint: Endpoint, { body, accept }: Outgoing): Record<string, string> {
  return {
    authorization: `Bearer ${endpoint.token}`,
    accept: accept ?? 'application/json',
    ...(body === undefined
      ? {}
      : { 'content-type': Buffer.isBuffer(body) ? 'application/json' : 'application/octet-stream' }),
  }
}

async function faultOf(response: IncomingMessage): Promise<Fault> {
  const text = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString('utf8')
  let problem: { code?: string; detail?: string; remedy?: string; place?: string } = {}
  try {
    problem = JSON.parse(text) as typeof problem
  } catch {
    // Whatever stands in front of the node answered in words of its own; the status must do.
  }
  const code = problem.code !== undefined && problem.code in FAULT_STATUS ? (problem.code as FaultCode) : 'internal'
  return new Fault(code, problem.detail ?? `the node answered ${response.statusCode}`, {
    ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    ...(problem.place === undefined ? {} : { place: problem.place }),
  })
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}
