import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { systemRandom } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import { CertificateRefused, createOutbound } from './outbound.ts'
import { createSelfSigned, spkiHash } from './tls.ts'

async function listening(
  server: Server,
): Promise<AsyncDisposable & { readonly port: number; readonly connections: () => Promise<number> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => new Promise((tell) => server.getConnections((_, count) => tell(count))),
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
    'http://2130706433:9/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[::7f00:1]/',
    'https://[fec0::1]/',
  ])
    await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' }, url)
  for (const url of ['file:///etc/passwd', 'https://user:secret@cert.example/', 'no url'])
    await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' }, url)
})

test('plain http reaches this machine and no other, whatever is allowed', async () => {
  using outbound = createOutbound({ allowPrivate: true })
  for (const url of ['http://192.0.2.1/', 'http://10.0.0.1/', 'http://[2001:db8::1]/'])
    await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' }, url)
})

test('an answer that is not what its encoding says is invalid, not absent', async () => {
  await using server = await plain((request, response) => {
    response.setHeader('content-encoding', (request.url ?? '').slice(1)).end('plain text under another name')
  })
  using outbound = createOutbound({ allowPrivate: true })
  for (const encoding of ['gzip', 'zstd', 'br'])
    await assert.rejects(
      outbound.request({ url: `http://127.0.0.1:${server.port}/${encoding}`, method: 'GET' }),
      { code: 'peer.invalid' },
      encoding,
    )
})

test('bytes that unpack to nothing are bounded too', async () => {
  const nothing = Buffer.concat(Array.from({ length: 10_000 }, () => gzipSync('')))
  let sent = 0
  await using server = await plain((_request, response) => {
    response.setHeader('content-encoding', 'gzip')
    const more = (): void => {
      for (sent += nothing.length; response.write(nothing) && sent < 20e6; sent += nothing.length);
      if (sent < 20e6) response.once('drain', more)
      else response.end()
    }
    more()
  })
  using outbound = createOutbound({ allowPrivate: true })
  await assert.rejects(
    outbound.request({ url: `http://127.0.0.1:${server.port}/`, method: 'GET', bodyBytesMax: 100_000 }),
    { code: 'peer.invalid' },
  )
  assert.ok(sent < 20e6)
})

test('a thin line gets the time that its bytes need', async () => {
  await using server = await plain((_request, response) => {
    let left = 10
    const timer = setInterval(() => (left-- > 0 ? response.write(Buffer.alloc(2048)) : response.end()), 30)
    response.on('close', () => clearInterval(timer))
  })
  using outbound = createOutbound({ allowPrivate: true })
  const { body } = await outbound.request({ url: `http://127.0.0.1:${server.port}/`, method: 'GET', timeoutMs: 150 })
  assert.equal(body.length, 20_480)
})

test('a handshake that never ends does not hold its caller, nor the connection beyond the client', async () => {
  const closed: Promise<unknown>[] = []
  const tcp = createTcp((socket) => {
    closed.push(once(socket, 'close'))
    socket.on('error', () => undefined).resume()
  })
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const url = `https://127.0.0.1:${(tcp.address() as AddressInfo).port}/`
  {
    using outbound = createOutbound({ allowPrivate: true })
    for (let i = 0; i < LIMITS.peerRequestsMax + 2; i += 1)
      await assert.rejects(outbound.request({ url, method: 'GET', timeoutMs: 20 }), { code: 'peer.unreachable' })
  }
  await Promise.all(closed)
  assert.ok(closed.length > 0)
  tcp.close()
  await once(tcp, 'close')
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
  const refused = await outbound.request({ url, method: 'GET' }).catch((error: unknown) => error)
  assert.ok(refused instanceof CertificateRefused)
  assert.equal((await outbound.request({ url, method: 'GET', anyCertificate: true })).status, 200)
  await assert.rejects(outbound.request({ url, method: 'GET' }), { code: 'peer.refused' }, 'and only that once')
})

const drip =
  (everyMs: number): RequestListener =>
  (_request, response) => {
    const timer = setInterval(() => response.write('x'), everyMs)
    response.on('close', () => clearInterval(timer))
  }

test('an answer that is read while it comes is bounded like any other, and its end is known', async () => {
  const bomb = zstdCompressSync(Buffer.alloc(8 << 20))
  await using server = await plain((request, response) => {
    if (request.url === '/bomb') response.setHeader('content-encoding', 'zstd').end(bomb)
    else if (request.url === '/cut')
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
    else response.writeHead(201, { etag: '"1"' }).end('hello')
  })
  using outbound = createOutbound({ allowPrivate: true })
  const read = async (path: string): Promise<string> => {
    const url = `http://127.0.0.1:${server.port}/${path}`
    using answer = await outbound.open({ url, method: 'GET', bodyBytesMax: 1 << 20 })
    const body = Buffer.concat(await Array.fromAsync(answer.body)).toString()
    return `${answer.status} ${answer.headers['etag']} ${body}`
  }
  assert.equal(await read(''), '201 "1" hello')
  await assert.rejects(read('bomb'), { code: 'peer.invalid' })
  await assert.rejects(read('cut'), { code: 'peer.unreachable' })
})

test('a drip ends while it is read; a reader that takes its time does not end the answer', async () => {
  await using slow = await plain(drip(20))
  using outbound = createOutbound({ allowPrivate: true })
  const open = (port: number, timeoutMs: number) =>
    outbound.open({ url: `http://127.0.0.1:${port}/`, method: 'GET', timeoutMs })
  {
    using answer = await open(slow.port, 150)
    await assert.rejects(Array.fromAsync(answer.body), { code: 'peer.unreachable' })
  }
  const sent = Buffer.alloc(4 << 20, 'x')
  await using quick = await plain((_request, response) => void response.end(sent))
  // Long enough for a busy machine to send the first of it, and less than the reader then takes.
  using answer = await open(quick.port, 2000)
  let bytes = 0
  for await (const chunk of answer.body) {
    if (bytes === 0) await new Promise((wake) => setTimeout(wake, 3000))
    bytes += chunk.length
  }
  assert.equal(bytes, sent.length)
})

test('whoever let go of an answer, or gave up, leaves no connection behind', async () => {
  await using server = await plain(drip(5))
  using outbound = createOutbound({ allowPrivate: true })
  const url = `http://127.0.0.1:${server.port}/`
  {
    using answer = await outbound.open({ url, method: 'GET' })
    for await (const _ of answer.body) break
  }
  const stop = new AbortController()
  using answer = await outbound.open({ url, method: 'GET', signal: stop.signal })
  const reading = Array.fromAsync(answer.body)
  stop.abort()
  await assert.rejects(reading, { code: 'peer.unreachable' })
  while ((await server.connections()) > 0) await new Promise((wake) => setImmediate(wake))
})
