import assert from 'node:assert/strict'
import { request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { requireCollection, setCollection } from '#sharing/collection.ts'
import { indicator, serveTaxii } from '#test/taxii-server.ts'
import { TAXII_MEDIA_TYPE } from './negotiate.ts'

test('every answer is TAXII_MEDIA_TYPE, whatever went wrong', async () => {
  await using taxii = await serveTaxii()
  const { get, base } = taxii
  for (const [path, status] of [
    ['/taxii2/', 200],
    ['/taxii2', 200],
    ['/taxii2/api/', 200],
    ['/taxii2/api/collections/', 200],
    [base, 200],
    ['/taxii2/api/collections/nonsense/', 404],
    [`/taxii2/api/collections/${taxii.hidden}/`, 404],
    ['/taxii2/nowhere/', 404],
    [`${base}objects/?limit=0`, 400],
    [`${base}objects/?limit=x`, 400],
    [`${base}objects/?added_after=yesterday`, 400],
    [`${base}objects/?match[version]=all,first`, 400],
    [`${base}objects/?match[nonsense]=1`, 400],
    [`${base}objects/?next=AAAA`, 400],
    [`${base}objects/not--there/`, 404],
    ['/taxii2/api/status/nonsense/', 404],
  ] as const) {
    const answer = await get(path)
    assert.equal(answer.status, status, path)
    assert.equal(answer.headers['content-type'], TAXII_MEDIA_TYPE, path)
    if (status >= 400) {
      assert.equal(answer.body.http_status, String(status))
      assert.equal(typeof answer.body.title, 'string')
    }
  }
  const stranger = await get('/taxii2/', '')
  assert.equal(stranger.status, 401)
  assert.match(String(stranger.headers['www-authenticate']), /^Basic/)
  const put = await taxii.app.inject({
    method: 'PUT',
    url: `${base}objects/`,
    headers: { authorization: taxii.reader },
  })
  assert.equal(put.statusCode, 405)
})

test('Accept is read liberally and refused only where nothing fits', async () => {
  await using taxii = await serveTaxii()
  for (const accept of [
    'application/taxii+json; version=2.1',
    'application/taxii+json',
    '*/*',
    'application/json, text/plain, */*',
    'application/taxii+json;version=2.0, application/taxii+json;version=2.1',
  ])
    assert.equal((await taxii.get('/taxii2/', undefined, { accept })).status, 200, accept)
  for (const accept of ['text/html', 'application/taxii+json;version=2.0'])
    assert.equal((await taxii.get('/taxii2/', undefined, { accept })).status, 406, accept)
})

test('discovery gives absolute URLs of the configured address, whatever Host says', async () => {
  await using taxii = await serveTaxii()
  const { body } = await taxii.get('/taxii2/', undefined, { host: 'evil.example', 'x-forwarded-host': 'evil.example' })
  assert.deepEqual(body.api_roots, ['https://node.a.example/taxii2/api/'])
  assert.doesNotMatch(JSON.stringify(body), /evil/)
})

test('what is no envelope is refused with the right status', async () => {
  await using taxii = await serveTaxii()
  const send = async (payload: string, contentType = TAXII_MEDIA_TYPE) =>
    (
      await taxii.app.inject({
        method: 'POST',
        url: `${taxii.base}objects`,
        headers: { authorization: taxii.writer, 'content-type': contentType },
        payload,
      })
    ).statusCode
  assert.equal(await send('{'), 400)
  assert.equal(await send('[]'), 422)
  assert.equal(await send('{"objects":{}}'), 422)
  assert.equal(await send('{}', 'application/json'), 415)
  assert.equal(await send(JSON.stringify({ objects: [indicator(1)] }), 'application/taxii+json; version="2.1"'), 202)
  assert.equal(await send('x'.repeat(300_000)), 413)
  assert.equal((await taxii.post([indicator(1)], taxii.reader)).status, 403)
})

test('who may not write is refused by the headers alone', async () => {
  await using taxii = await serveTaxii()
  await taxii.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = taxii.app.server.address() as AddressInfo
  const status = async (headers: Record<string, string>): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const request = sendRequest(
      { port, method: 'POST', path: `${taxii.base}objects/`, headers: { 'content-length': '100000', ...headers } },
      (response) => resolve(response.statusCode ?? 0),
    )
    request.on('error', reject)
    request.write('{')
    const answer = await promise
    request.destroy()
    return answer
  }
  assert.equal(await status({ authorization: taxii.reader, 'content-type': TAXII_MEDIA_TYPE }), 403)
  assert.equal(await status({ authorization: taxii.writer, 'content-type': 'text/plain' }), 415)
  await taxii.store.write(setCollection, {
    actor: 'test',
    id: (await requireCollection(taxii.store, 'main')).id,
    change: { public: true },
  })
  assert.equal(await status({ 'content-type': TAXII_MEDIA_TYPE }), 401)
})
