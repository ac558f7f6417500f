import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indicator, serveTaxii, uuidOf } from '#test/taxii-server.ts'

test('versions: the last by default, first, all, exact times, and a manifest that says so', async () => {
  await using taxii = await serveTaxii()
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

test('the last version for somebody is the last that is for somebody', async () => {
  await using taxii = await serveTaxii()
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

test('the last version is of the newest STIX version, whatever else is in the collection', async () => {
  await using taxii = await serveTaxii()
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
