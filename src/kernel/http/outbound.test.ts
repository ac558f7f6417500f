import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { systemRandom } from '../clock.ts'
import { createOutbound } from './outbound.ts'
import { createSelfSigned, spkiHash } from './tls.ts'

async function listening(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const plain = (handler: RequestListener) => listening(createHttp(handler))

test('an answer comes back as it was sent, plain or compressed', async () => {
  await using server = await plain((request, response) => {
    const text = Buffer.from('hello '.repeat(100))
    if (request.url === '/gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync(text))
    else if (request.url === '/zstd') response.setHeader('content-encoding', 'zstd').end(zstdCompressSync(text))
    else response.end(text)
  })
  using outbound = createOutbound({ allowPrivate: true })
  for (const path of ['', 'gzip', 'zstd']) {
    const { status, body } = await outbound.request({ url: `http://127.0.0.1:${server.port}/${path}`, method: 'GET' })
    assert.equal(status, 200)
    assert.equal(Buffer.from(body).toString(), 'hello '.repeat(100))
  }
})

test('a decompression bomb is cut at the bound, and a redirect is an answer like any other', async () => {
  const bomb = zstdCompressSync(Buffer.alloc(8 << 20))
  await using server = await plain((request, response) => {
    if (request.url === '/bomb') response.setHeader('content-encoding', 'zstd').end(bomb)
    else response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  })
  using outbound = createOutbound({ allowPrivate: true })
  const url = `http://127.0.0.1:${server.port}`
  await assert.rejects(outbound.request({ url: `${url}/bomb`, method: 'GET', bodyBytesMax: 1 << 20 }), {
    code: 'peer.invalid',
  })
  assert.equal((await outbound.request({ url: `${url}/away`, method: 'GET' })).status, 302)
})

test('a slow drip ends with the time allowed', async () => {
  await using server = await plain((_request, response) => {
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  })
  using outbound = createOutbound({ allowPrivate: true })
  await assert.rejects(outbound.request({ url: `http://127.0.0.1:${server.port}/`, method: 'GET', timeoutMs: 150 }), {
    code: 'peer.unreachable',
  })
})

test('private addresses are refused unless allowed, by number and by name', async () => {
  using outbound = createOutbound({ allowPrivate: false })
  for (const url of [
    'http://127.0.0.1:9/',
    'http://[::1]:9/',
    'http://[::ffff:10.0.0.1]/',
    'http://localhost:9/',
    'http://169.254.169.254/',
  ])
    await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' }, url)
  for (const url of ['file:///etc/passwd', 'https://user:secret@cert.example/', 'no url'])
    await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' }, url)
})

test('a self-signed server is believed only under the key it announced, and hears nothing otherwise', async () => {
  const identity = createSelfSigned({
    member: 'cert.example',
    host: '127.0.0.1',
    nowMs: Date.now(),
    random: systemRandom,
  })
  const heard: string[] = []
  await using server = await listening(
    createHttps({ cert: identity.cert, key: identity.key }, (request, response) => {
      heard.push(request.url ?? '')
      response.end('hello')
    }),
  )
  using outbound = createOutbound({ allowPrivate: true })
  const url = `https://127.0.0.1:${server.port}/`
  await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' })
  await assert.rejects(
    outbound.request({
      url,
      method: 'GET',
      tlsKeyHashes: [
        spkiHash(
          createSelfSigned({ member: 'x.example', host: 'x.example', nowMs: Date.now(), random: systemRandom }).cert,
        ),
      ],
    }),
    { code: 'peer.refused' },
  )
  assert.deepEqual(heard, [])
  assert.equal((await outbound.request({ url, method: 'GET', tlsKeyHashes: [spkiHash(identity.cert)] })).status, 200)
})
