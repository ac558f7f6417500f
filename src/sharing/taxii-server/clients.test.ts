import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireCollection, setCollection } from '#sharing/collection.ts'
import { indicator, serveTaxii } from '#test/taxii-server.ts'
import { setGrants } from './client-commands.ts'

test('each client sees what its principal may have: RED nobody’s machine, GREEN approved members, CLEAR the public', async () => {
  await using taxii = await serveTaxii()
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

test('what a client may read changes without a new secret', async () => {
  await using taxii = await serveTaxii()
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
