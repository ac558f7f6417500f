import assert from 'node:assert/strict'
import { request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { hash } from 'node:crypto'
import type { Marking } from '#kernel/marking.ts'
import { addCollection, requireCollection, setCollection } from '#sharing/collection.ts'
import { openTestStore, testClock } from '#test/store.ts'
import { taxiiApp } from '#test/taxii.ts'
import { addClient, setGrants } from './client-commands.ts'

const TAXII = 'application/taxii+json;version=2.1'
const green: Marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }

async function serve() {
  const clock = testClock()
  const store = openTestStore({ clock })
  const app = await taxiiApp(store, clock)
  const uuid = await store.write(addCollection, {
    actor: 'test',
    change: { title: 'Main', alias: 'main', marking: green, share: 'peers' },
  })
  const hidden = await store.write(addCollection, { actor: 'test', change: { title: 'Hidden', alias: 'hidden' } })
  const client = async (name: string, actsFor: string, read: boolean, write: boolean) => {
    await store.write(addClient, {
      actor: 'test',
      name,
      actsFor,
      secretHash: hash('sha256', `${name}-secret`, 'buffer'),
      grants: [{ collection: 'main', read, write }],
    })
    return `Basic ${Buffer.from(`${name}:${name}-secret`).toString('base64')}`
  }
  const writer = await client('writer', 'self', true, true)
  const reader = await client('reader', 'self', true, false)
  const get = async (
    path: string,
    authorization: string | undefined = reader,
    headers: Record<string, string> = {},
  ) => {
    const response = await app.inject({
      method: 'GET',
      url: path,
      headers: { ...(authorization === '' ? {} : { authorization }), ...headers },
    })
    return { status: response.statusCode, headers: response.headers, body: JSON.parse(response.body) }
  }
  const base = `/taxii2/api/collections/${uuid}/`
  const post = async (objects: unknown[], authorization = writer, contentType = TAXII) => {
    const response = await app.inject({
      method: 'POST',
      url: `${base}objects/`,
      headers: { authorization, 'content-type': contentType },
      payload: JSON.stringify({ objects }),
    })
    return { status: response.statusCode, body: JSON.parse(response.body) }
  }
  return {
    app,
    store,
    clock,
    uuid,
    hidden,
    base,
    get,
    post,
    writer,
    reader,
    client,
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await store[Symbol.asyncDispose]()
    },
  }
}

const uuidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const indicator = (n: number, modified = '2026-01-10T00:00:00.000Z', extra: object = {}) => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${uuidOf(n)}`,
  created: '2026-01-10T00:00:00.000Z',
  modified,
  pattern: `[ipv4-addr:value = '203.0.113.${n % 250}']`,
  pattern_type: 'stix',
  valid_from: '2026-01-10T00:00:00Z',
  ...extra,
})

test('every answer is TAXII, whatever went wrong', async () => {
  await using taxii = await serve()
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
    assert.equal(answer.headers['content-type'], TAXII, path)
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
  await using taxii = await serve()
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
  await using taxii = await serve()
  const { body } = await taxii.get('/taxii2/', undefined, { host: 'evil.example', 'x-forwarded-host': 'evil.example' })
  assert.deepEqual(body.api_roots, ['https://node.a.example/taxii2/api/'])
  assert.doesNotMatch(JSON.stringify(body), /evil/)
})

test('objects go in with a status that names each, come out in pages that neither lose nor repeat', async () => {
  await using taxii = await serve()
  const { post, get, base } = taxii
  assert.deepEqual((await get(`${base}objects/`)).body, {})
  const made = await post(Array.from({ length: 25 }, (_, n) => indicator(n)))
  assert.equal(made.status, 202)
  assert.equal(made.body.success_count, 25)
  assert.equal(made.body.total_count, made.body.success_count + made.body.failure_count + made.body.pending_count)
  assert.equal((await get(`/taxii2/api/status/${made.body.id}/`, taxii.writer)).status, 200)
  assert.equal((await get(`/taxii2/api/status/${made.body.id}/`, taxii.reader)).status, 404)
  const seen: string[] = []
  let next = ''
  for (let limit = 7; ; limit += 1) {
    const { body, headers } = await get(`${base}objects/?limit=${limit}&next=${next}`)
    seen.push(...body.objects.map((each: { id: string }) => each.id))
    assert.match(String(headers['x-taxii-date-added-first']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    if (body.more !== true) break
    next = body.next
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, n) => `indicator--${uuidOf(n)}`),
  )
  const changed = await get(`${base}objects/?limit=7&match[type]=indicator&next=${next}`)
  assert.equal(changed.status, 400)
  const tampered = await get(`${base}objects/?next=${next.slice(0, -2)}AA`)
  assert.equal(tampered.status, 400)
})

test('added_after is exclusive and about when the server added it', async () => {
  await using taxii = await serve()
  await taxii.post([indicator(1)])
  const first = await taxii.get(`${taxii.base}objects/`)
  const date = String(first.headers['x-taxii-date-added-last'])
  assert.deepEqual((await taxii.get(`${taxii.base}objects/?added_after=${date}`)).body, {})
  taxii.clock.advance(1000)
  await taxii.post([indicator(2)])
  assert.equal((await taxii.get(`${taxii.base}objects/?added_after=${date}`)).body.objects.length, 1)
  assert.equal((await taxii.get(`${taxii.base}objects/?added_after=2020-01-01T00:00:00Z`)).body.objects.length, 2)
})

test('versions: the last by default, first, all, exact times, and a manifest that says so', async () => {
  await using taxii = await serve()
  const { get, post, base } = taxii
  await post([
    indicator(1),
    indicator(1, '2026-01-11T00:00:00.000Z'),
    indicator(1, '2026-01-12T00:00:00.000Z'),
    indicator(2),
  ])
  const versions = async (query: string) =>
    ((await get(`${base}objects/indicator--${uuidOf(1)}/${query}`)).body.objects ?? []).map(
      (each: { modified: string }) => each.modified.slice(8, 10),
    )
  assert.deepEqual(await versions(''), ['12'])
  assert.deepEqual(await versions('?match[version]=first'), ['10'])
  assert.deepEqual(await versions('?match[version]=first,last'), ['10', '12'])
  assert.deepEqual(await versions('?match%5Bversion%5D=all'), ['10', '11', '12'])
  assert.deepEqual(await versions('?match[version]=2026-01-11T00:00:00Z'), ['11'])
  const list = await get(`${base}objects/indicator--${uuidOf(1)}/versions/`)
  assert.equal(list.body.versions.length, 3)
  const manifest = await get(`${base}manifest/?match[version]=all`)
  assert.equal(manifest.body.objects.length, 4)
  assert.equal(manifest.body.objects[0].media_type, 'application/stix+json;version=2.1')
  assert.equal((await get(`${base}objects/?match[spec_version]=2.0`)).body.objects, undefined)
  assert.equal(
    (await get(`${base}objects/?match[id]=indicator--${uuidOf(1)},indicator--${uuidOf(2)}`)).body.objects.length,
    2,
  )
})

test('posting the same again succeeds; another value under the same version fails and both are shown', async () => {
  await using taxii = await serve()
  await taxii.post([indicator(1)])
  const again = await taxii.post([indicator(1)])
  assert.equal(again.body.success_count, 1)
  const other = await taxii.post([indicator(1, undefined, { name: 'another' }), { type: 'indicator' }, indicator(9)])
  assert.equal(other.status, 202)
  assert.deepEqual([other.body.success_count, other.body.failure_count], [1, 2])
  assert.match(other.body.failures[0].message, /another value.*Here: .*Sent: .*another/)
  assert.match(other.body.failures[1].message, /object 1/)
})

test('what is no envelope is refused with the right status', async () => {
  await using taxii = await serve()
  const send = async (payload: string, contentType = TAXII) =>
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

test('a deleted object is gone for everyone and cannot be deleted again', async () => {
  await using taxii = await serve()
  await taxii.post([indicator(1), indicator(1, '2026-01-11T00:00:00.000Z'), indicator(2)])
  const url = `${taxii.base}objects/indicator--${uuidOf(1)}/`
  const remove = async (query = '', authorization = taxii.writer) =>
    (await taxii.app.inject({ method: 'DELETE', url: url + query, headers: { authorization } })).statusCode
  assert.equal(await remove('', taxii.reader), 403)
  assert.equal(await remove('?match[version]=last'), 200)
  assert.equal((await taxii.get(url)).body.objects[0].modified, '2026-01-10T00:00:00.000Z')
  assert.equal(await remove(), 200)
  assert.equal((await taxii.get(url)).status, 404)
  assert.equal((await taxii.get(`${url}versions/`)).status, 404)
  assert.equal(await remove(), 404)
  assert.equal((await taxii.get(`${taxii.base}manifest/`)).body.objects.length, 1)
})

test('each client sees what its principal may have: RED nobody’s machine, GREEN approved members, CLEAR the public', async () => {
  await using taxii = await serve()
  const tlp = {
    CLEAR: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
    GREEN: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
    RED: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
  }
  await taxii.post(
    [tlp.CLEAR, tlp.GREEN, tlp.RED].map((marking, n) => indicator(n, undefined, { object_marking_refs: [marking] })),
  )
  const member = await taxii.client('partner', 'b.example', true, false)
  const open = await taxii.client('open', 'public', true, false)
  const count = async (authorization: string) =>
    ((await taxii.get(`${taxii.base}objects/`, authorization)).body.objects ?? []).length
  assert.equal(await count(taxii.reader), 2)
  assert.equal(await count(member), 0)
  assert.equal(await count(open), 0)
  await taxii.store.write(setCollection, {
    actor: 'test',
    id: (await requireCollection(taxii.store, 'main')).id,
    change: { public: true },
  })
  assert.equal(await count(open), 1)
  assert.equal((await taxii.get(`${taxii.base}objects/`, '')).body.objects.length, 1)
})

test('the last version for somebody is the last that is for somebody', async () => {
  await using taxii = await serve()
  const green = { object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'] }
  const red = { object_marking_refs: ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'] }
  const [first, second, third] = ['2026-01-10', '2026-01-11', '2026-01-12'].map((day) => `${day}T00:00:00.000Z`)
  await taxii.post([indicator(1, first, green)])
  await taxii.post([indicator(1, second, green)])
  await taxii.post([indicator(1, third, red)])
  await taxii.post([indicator(2, first, green)])
  const versions = async (query: string) =>
    ((await taxii.get(`${taxii.base}objects/${query}`)).body.objects as { modified: string }[]).map(
      (each) => each.modified,
    )
  assert.deepEqual(await versions(''), [second, first])
  assert.deepEqual(await versions('?match[version]=last'), [second, first])
  assert.deepEqual(await versions('?match[version]=first'), [first, first])
  assert.deepEqual(await versions('?match[version]=all'), [first, second, first])
  assert.equal((await taxii.get(`${taxii.base}manifest/`)).body.objects.length, 2)
})

test('what a client may read changes without a new secret', async () => {
  await using taxii = await serve()
  await taxii.post([indicator(1)])
  const client = await taxii.client('siem', 'self', false, false)
  assert.notEqual((await taxii.get(`${taxii.base}objects/`, client)).status, 200)
  const change = (read: boolean) =>
    taxii.store.write(setGrants, {
      actor: 'test',
      name: 'siem',
      grants: read ? [{ collection: 'main', read, write: false }] : [],
    })
  await change(true)
  assert.equal((await taxii.get(`${taxii.base}objects/`, client)).status, 200)
  await change(false)
  assert.notEqual((await taxii.get(`${taxii.base}objects/`, client)).status, 200)
  await assert.rejects(taxii.store.write(setGrants, { actor: 'test', name: 'nobody', grants: [] }), {
    code: 'not-found',
  })
})

test('the last version is of the newest STIX version, whatever else is in the collection', async () => {
  await using taxii = await serve()
  const { spec_version: _, ...older } = indicator(1, '2026-01-12T00:00:00.000Z')
  await taxii.post([indicator(1, '2026-01-11T00:00:00.000Z')])
  await taxii.post([{ ...older, labels: ['malicious-activity'] }])
  const last = async () =>
    ((await taxii.get(`${taxii.base}objects/?match[id]=${older.id}`)).body.objects as { modified: string }[])[0]
      ?.modified
  assert.equal(await last(), '2026-01-11T00:00:00.000Z')
  const red = { object_marking_refs: ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'] }
  await taxii.post([indicator(2)])
  await taxii.post([indicator(2, '2026-01-13T00:00:00.000Z', red)])
  assert.equal(await last(), '2026-01-11T00:00:00.000Z')
})

test('who may not write is refused by the headers alone', async () => {
  await using taxii = await serve()
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
  assert.equal(await status({ authorization: taxii.reader, 'content-type': TAXII }), 403)
  assert.equal(await status({ authorization: taxii.writer, 'content-type': 'text/plain' }), 415)
  await taxii.store.write(setCollection, {
    actor: 'test',
    id: (await requireCollection(taxii.store, 'main')).id,
    change: { public: true },
  })
  assert.equal(await status({ 'content-type': TAXII }), 401)
})
