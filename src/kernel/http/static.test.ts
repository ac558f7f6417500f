import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { request as send, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliCompressSync, brotliDecompressSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { pino } from 'pino'
import { createServer } from './server.ts'
import { staticRoutes } from './static.ts'

async function begin() {
  const root = mkdtempSync(join(tmpdir(), 'comity-static-'))
  const folder = join(root, 'console')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(root, 'secret.js'), 'secret')
  const app = await createServer({
    logger: pino({ level: 'silent' }),
    tls: undefined,
    trustedProxies: [],
    bodyBytesMax: 1000,
    requestsPerMinute: 100_000,
    version: '0',
    requestId: () => 'x',
  })
  app.get('/api/thing', async () => ({ thing: true }))
  await app.register(staticRoutes(folder))
  const put = (name: string, bytes: string | Uint8Array): void => writeFileSync(join(folder, name), bytes)
  return {
    app,
    root,
    folder,
    put,
    [Symbol.asyncDispose]: async () => {
      await app.close()
      rmSync(root, { recursive: true })
    },
  }
}

const HTML = { accept: 'text/html,application/xhtml+xml' }
const SCRIPT = 'export const answer = 42\n'.repeat(100)

test('where nothing is built, a page says which command builds it', async () => {
  await using site = await begin()
  const answer = await site.app.inject({ url: '/', headers: HTML })
  assert.equal(answer.statusCode, 200)
  assert.match(answer.body, /npm run build:console/)
  assert.match(String(answer.headers['content-security-policy']), /require-trusted-types-for 'script'/)
})

test('a page path answers the page, a file path the file, and what programs ask for neither', async () => {
  await using site = await begin()
  site.put('index.html', '<!doctype html><title>Comity</title>')
  site.put('assets/app-1a2b3c.js', SCRIPT)
  for (const url of ['/', '/warnings', '/records/indicator--1?x=1', '/welcome'])
    assert.match((await site.app.inject({ url, headers: HTML })).body, /<title>Comity/, url)
  for (const url of ['/api/nowhere', '/peer/nowhere', '/taxii2', '/assets/gone.js', '/robots.txt', '/.well-known/x'])
    assert.equal((await site.app.inject({ url, headers: HTML })).statusCode, 404, url)
  assert.equal((await site.app.inject({ url: '/warnings', headers: { accept: 'application/json' } })).statusCode, 404)
  assert.deepEqual((await site.app.inject({ url: '/api/thing' })).json(), { thing: true })
  const script = await site.app.inject({ url: '/assets/app-1a2b3c.js' })
  assert.deepEqual(
    [script.body, script.headers['content-type'], script.headers['cache-control']],
    [SCRIPT, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  )
})

test('a browser gets the smallest coding it takes, and a file it has once more only when it changed', async () => {
  await using site = await begin()
  site.put('index.html', 'one')
  site.put('assets/app-1.js', SCRIPT)
  site.put('assets/app-1.js.zst', zstdCompressSync(Buffer.from(SCRIPT)))
  site.put('assets/app-1.js.br', brotliCompressSync(Buffer.from(SCRIPT)))
  site.put('assets/app-1.js.gz', gzipSync(Buffer.from(SCRIPT)))
  const get = (encoding: string) =>
    site.app.inject({ url: '/assets/app-1.js', headers: { 'accept-encoding': encoding } })
  const zstd = await get('gzip, deflate, br, zstd')
  assert.equal(zstdDecompressSync(zstd.rawPayload).toString(), SCRIPT)
  const br = await get('gzip, br, zstd;q=0')
  assert.equal(brotliDecompressSync(br.rawPayload).toString(), SCRIPT)
  assert.equal((await get('identity')).body, SCRIPT)
  assert.deepEqual([zstd.headers['content-encoding'], br.headers['vary']], ['zstd', 'accept-encoding'])
  const page = await site.app.inject({ url: '/', headers: HTML })
  const again = { ...HTML, 'if-none-match': String(page.headers['etag']) }
  assert.equal((await site.app.inject({ url: '/', headers: again })).statusCode, 304)
  site.put('index.html', 'two')
  utimesSync(join(site.folder, 'index.html'), 2_000_000_000, 2_000_000_000)
  assert.equal((await site.app.inject({ url: '/', headers: again })).body, 'two')
})

test('no path leads out of the folder', async () => {
  await using site = await begin()
  site.put('index.html', 'page')
  symlinkSync(site.root, join(site.folder, 'assets', 'out'))
  await site.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = site.app.server.address() as AddressInfo
  for (const path of [
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/..%5c..%5csecret.js',
    '/assets/out/secret.js',
    '//secret.js',
    '/assets/app.js%00.html',
    '/./../secret.js',
    '/assets/out/../secret.js',
    `/${site.root}/secret.js`,
  ]) {
    const request = send({ host: '127.0.0.1', port, path, agent: false })
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const text = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString()
    assert.doesNotMatch(text, /^secret/, path)
    assert.equal(response.statusCode, 404, path)
  }
})

test('every answer forbids frames, sniffing and readers from other sites', async () => {
  await using site = await begin()
  for (const url of ['/', '/api/thing', '/nowhere.txt']) {
    const { headers } = await site.app.inject({ url, headers: HTML })
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, url)
    assert.deepEqual(
      [
        headers['x-content-type-options'],
        headers['referrer-policy'],
        headers['cross-origin-opener-policy'],
        headers['cross-origin-resource-policy'],
      ],
      ['nosniff', 'no-referrer', 'same-origin', 'same-origin'],
    )
  }
})
