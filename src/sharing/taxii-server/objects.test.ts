import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indicator, serveTaxii, uuidOf } from '#test/taxii-server.ts'

test('objects go in with a status that names each, come out in pages that neither lose nor repeat', async () => {
  await using taxii = await serveTaxii()
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
  await using taxii = await serveTaxii()
  await taxii.post([indicator(1)])
  const first = await taxii.get(`${taxii.base}objects/`)
  const date = String(first.headers['x-taxii-date-added-last'])
  assert.deepEqual((await taxii.get(`${taxii.base}objects/?added_after=${date}`)).body, {})
  taxii.clock.advance(1000)
  await taxii.post([indicator(2)])
  assert.equal((await taxii.get(`${taxii.base}objects/?added_after=${date}`)).body.objects.length, 1)
  assert.equal((await taxii.get(`${taxii.base}objects/?added_after=2020-01-01T00:00:00Z`)).body.objects.length, 2)
})

test('posting the same again succeeds; another value under the same version fails and both are shown', async () => {
  await using taxii = await serveTaxii()
  await taxii.post([indicator(1)])
  const again = await taxii.post([indicator(1)])
  assert.equal(again.body.success_count, 1)
  const other = await taxii.post([indicator(1, undefined, { name: 'another' }), { type: 'indicator' }, indicator(9)])
  assert.equal(other.status, 202)
  assert.deepEqual([other.body.success_count, other.body.failure_count], [1, 2])
  assert.match(other.body.failures[0].message, /another value.*Here: .*Sent: .*another/)
  assert.match(other.body.failures[1].message, /object 1/)
})

test('a deleted object is gone for everyone and cannot be deleted again', async () => {
  await using taxii = await serveTaxii()
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
