import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { envelope, listenTaxii } from '#test/taxii.ts'

const TAXII = 'application/taxii+json;version=2.1'
const uuidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const idOf = (n: number): string => `indicator--${uuidOf(n)}`
const indicator = (n: number, modified = '2026-01-10T00:00:00.000Z') => ({
  type: 'indicator',
  spec_version: '2.1',
  id: idOf(n),
  created: '2026-01-10T00:00:00.000Z',
  modified,
  pattern: `[ipv4-addr:value = '203.0.113.${n % 250}']`,
  pattern_type: 'stix',
  valid_from: '2026-01-10T00:00:00Z',
})
const olderSpec = (n: number) => ({
  type: 'indicator',
  id: idOf(n),
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  labels: ['malicious-activity'],
  pattern: "[ipv4-addr:value = '203.0.113.9']",
  valid_from: '2026-01-01T00:00:00Z',
})

test('too much is 413 by the bytes that come, whether or not a length was announced', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const announced = JSON.parse((await taxii.send('GET', '/taxii2/api/', { headers: { authorization } })).text)
  for (const chunked of [false, true]) {
    const answer = await taxii.send('POST', `${taxii.base}objects/`, {
      headers: { authorization, 'content-type': TAXII },
      body: Buffer.alloc(announced.max_content_length + 1, ' '),
      chunked,
    })
    assert.deepEqual([answer.status, answer.headers['content-type']], [413, TAXII])
    assert.match(JSON.parse(answer.text).title, /200000/)
  }
})

test('too many requests are answered in TAXII’s own form, with when to come back', async () => {
  await using taxii = await listenTaxii({ requestsPerMinute: 2 })
  const headers = { authorization: await taxii.client('reader', 'r') }
  const answers = []
  for (let i = 0; i < 3; i += 1) answers.push(await taxii.send('GET', '/taxii2/', { headers }))
  assert.deepEqual(
    answers.map((each) => each.status),
    [200, 200, 429],
  )
  assert.equal(answers[2]?.headers['content-type'], TAXII)
  assert.match(String(answers[2]?.headers['retry-after']), /^\d+$/)
})

test('every path that takes a closing slash works without it', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  await taxii.send('POST', `${taxii.base}objects`, envelope(authorization, [indicator(1)]))
  const own = ['', 'objects/', 'manifest/', `objects/${idOf(1)}/`, `objects/${idOf(1)}/versions/`]
  for (const path of ['/taxii2/', '/taxii2/api/', '/taxii2/api/collections/', ...own.map((each) => taxii.base + each)])
    for (const url of [path, path.slice(0, -1)])
      assert.equal((await taxii.send('GET', url, { headers: { authorization } })).status, 200, url)
})

test('odd ids in the path are not found, whatever they are made of', async () => {
  await using taxii = await listenTaxii()
  const headers = { authorization: await taxii.client('reader', 'r') }
  const odd = ['--', 'x', 'indicator--zz', '%00', '%27', '%2e%2e', 'a%2Fb', '%F0%9F%92%A9--1', '%ff', idOf(9)]
  for (const id of odd)
    for (const path of [`${taxii.base}objects/${id}/`, `/taxii2/api/collections/${id}/`, `/taxii2/api/status/${id}/`]) {
      const answer = await taxii.send('GET', path, { headers })
      assert.deepEqual([answer.status, answer.headers['content-type']], [404, TAXII], path)
    }
})

test('every paged endpoint goes on by next, one row at a time, with dates that only grow', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const days = ['10', '11', '12'].map((day) => indicator(1, `2026-01-${day}T00:00:00.000Z`))
  await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, days))
  for (const [path, key] of [
    ['objects/?match[version]=all', 'objects'],
    ['manifest/?match[version]=all', 'objects'],
    [`objects/${idOf(1)}/?match[version]=all`, 'objects'],
    [`objects/${idOf(1)}/versions/?match[spec_version]=2.1`, 'versions'],
  ] as const) {
    const dates: string[] = []
    let next = ''
    for (let page = 0; page < 3; page += 1) {
      const answer = await taxii.send('GET', `${taxii.base}${path}&limit=1&next=${next}`, {
        headers: { authorization },
      })
      const body = JSON.parse(answer.text)
      assert.equal(body[key].length, 1, path)
      assert.equal(body.more, page < 2, path)
      dates.push(String(answer.headers['x-taxii-date-added-first']))
      assert.equal(answer.headers['x-taxii-date-added-last'], dates.at(-1))
      next = body.next
    }
    assert.deepEqual(dates, [...new Set(dates)].toSorted(), path)
  }
})

test('a status stands for as long as it is kept and is then not found', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const made = await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, [indicator(1)]))
  const path = `/taxii2/api/status/${JSON.parse(made.text).id}/`
  const read = async () => (await taxii.send('GET', path, { headers: { authorization } })).status
  taxii.clock.advance(25 * 3600 * 1000)
  assert.equal(await read(), 200)
  taxii.clock.advance(LIMITS.taxiiStatusKeptMs)
  assert.equal(await read(), 404)
})

test('posting again keeps the first date, and bytes come out as they went in', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const raw = JSON.stringify({ ...indicator(1), x_n: 'N' })
    .replace('"N"', '1.0e2')
    .replace('{', '{  ')
    .replace('type', '\\u0074ype')
  const send = () =>
    taxii.send('POST', `${taxii.base}objects/`, { ...envelope(authorization, []), body: `{"objects": [ ${raw} ]}` })
  await send()
  const manifest = async () => (await taxii.send('GET', `${taxii.base}manifest/`, { headers: { authorization } })).text
  const before = await manifest()
  taxii.clock.advance(1000)
  assert.equal(JSON.parse((await send()).text).success_count, 1)
  assert.equal(await manifest(), before)
  const { text } = await taxii.send('GET', `${taxii.base}objects/`, { headers: { authorization } })
  assert.equal(text, `{"more":false,"objects":[${raw}]}`)
})

test('a coding weighed as nothing is not used', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const objects = Array.from({ length: 30 }, (_, n) => indicator(n))
  await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, objects))
  for (const [accepted, used] of [
    ['zstd;q=0, gzip', 'gzip'],
    ['gzip;q=0, zstd;q=0', undefined],
  ] as const) {
    const answer = await taxii.send('GET', `${taxii.base}objects/`, {
      headers: { authorization, 'accept-encoding': accepted },
    })
    assert.equal(answer.headers['content-encoding'], used)
  }
})

test('deleting without a match leaves no version of any STIX version, however many there are', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const modified = (i: number) => new Date(Date.UTC(2026, 0, 10) + i * 1000).toISOString()
  const many = Array.from({ length: LIMITS.taxiiPageMax + 50 }, (_, i) => indicator(1, modified(i)))
  for (let from = 0; from < many.length; from += 400)
    await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, many.slice(from, from + 400)))
  await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, [olderSpec(2), indicator(2), indicator(3)]))
  for (const id of [idOf(1), idOf(2)]) {
    const url = `${taxii.base}objects/${id}/`
    assert.equal((await taxii.send('DELETE', url, { headers: { authorization } })).status, 200)
    for (const query of ['', '?match[spec_version]=2.0', '?match[version]=all'])
      assert.equal((await taxii.send('GET', url + query, { headers: { authorization } })).status, 404, id)
    assert.equal((await taxii.send('DELETE', url, { headers: { authorization } })).status, 404)
  }
  const { text } = await taxii.send('GET', `${taxii.base}manifest/?match[version]=all`, { headers: { authorization } })
  assert.deepEqual(
    JSON.parse(text).objects.map((each: { id: string }) => each.id),
    [idOf(3)],
  )
})

test('deleting within one STIX version leaves the other', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  await taxii.send('POST', `${taxii.base}objects/`, envelope(authorization, [olderSpec(2), indicator(2)]))
  const url = `${taxii.base}objects/${idOf(2)}/`
  assert.equal(
    (await taxii.send('DELETE', `${url}?match[spec_version]=2.0`, { headers: { authorization } })).status,
    200,
  )
  const { text } = await taxii.send('GET', `${url}?match[version]=all`, { headers: { authorization } })
  assert.equal(JSON.parse(text).objects[0].spec_version, '2.1')
})
