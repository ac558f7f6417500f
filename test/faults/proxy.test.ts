// Who asks is whom the socket says, unless a proxy that the operator named says otherwise: nobody gets a second share of
// requests, or spends another's, by writing a header.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { pino } from 'pino'
import { createServer } from '#kernel/http/server.ts'

/** The statuses of one request for each claimed address, at a server that allows two in a minute. */
async function ask(trustedProxies: readonly string[], claimed: readonly Record<string, string>[]): Promise<number[]> {
  const app = await createServer({
    logger: pino({ level: 'silent' }),
    tls: undefined,
    trustedProxies,
    bodyBytesMax: 1000,
    requestsPerMinute: 2,
    version: 'test',
    requestId: () => 'test',
  })
  app.get('/', async () => ({}))
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    const { port } = app.server.address() as AddressInfo
    const statuses: number[] = []
    for (const headers of claimed) {
      const sent = request({ host: '127.0.0.1', port, path: '/', headers, agent: false })
      sent.end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      response.resume()
      await once(response, 'end')
      statuses.push(response.statusCode ?? 0)
    }
    return statuses
  } finally {
    await app.close()
  }
}

const from = (address: string): Record<string, string> => ({
  'x-forwarded-for': address,
  'x-real-ip': address,
  'x-client-ip': address,
  forwarded: `for=${address}`,
})

test('without a trusted proxy no header makes another caller', async () => {
  const claimed = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(from)
  assert.deepEqual(await ask([], claimed), [200, 200, 429])
  assert.deepEqual(await ask(['192.0.2.1'], claimed), [200, 200, 429])
})

test('behind a trusted proxy each caller has a share of its own, by what that proxy added last', async () => {
  const callers = ['203.0.113.1', '203.0.113.2', '203.0.113.3']
  assert.deepEqual(await ask(['127.0.0.1'], callers.map(from)), [200, 200, 200])
  const lied = callers.map((each) => ({ 'x-forwarded-for': `${each}, 198.51.100.7` }))
  assert.deepEqual(await ask(['127.0.0.1'], lied), [200, 200, 429])
})
