// A machine in the middle, under the demo's control: it passes requests on to the author's node, until it is told to
// forge what it passes, or to pass them to another node that claims to be the author.
import { once } from 'node:events'
import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Relay = AsyncDisposable & {
  readonly url: string
  /** Where requests go. */
  target: string
  /** Changes the body of an answer at a path; the identity until the demo forges. */
  forge: (path: string, body: Buffer) => Buffer
}

export async function startRelay(): Promise<Relay> {
  const server = createServer((request, response) => {
    forward(relay, request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: '',
    forge: (_path, body) => body,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return relay
}

async function forward(relay: Relay, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { 'accept-encoding': _, connection: __, ...headers } = request.headers
  const outgoing = requestHttp(
    new URL(request.url ?? '/', relay.target),
    { method: request.method ?? 'GET', headers },
    resolve,
  )
  outgoing.on('error', reject)
  outgoing.end(body)
  const answer = await promise
  const forged = relay.forge(request.url ?? '', Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>)))
  // What is passed on is the whole page again, whatever piece of which page it was.
  const { 'content-length': ___, 'transfer-encoding': ____, 'comity-page': _____, ...answered } = answer.headers
  response.writeHead(answer.statusCode ?? 502, answered)
  response.end(forged)
}
