import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Marking } from '#kernel/marking.ts'
import { memberId } from '#kernel/id.ts'
import { setStanding } from '#kernel/standing.ts'
import { command, type AnyCommand } from '#kernel/store/types.ts'
import { newSeeds } from '#kernel/key-file.ts'
import { openInlineStore } from '#kernel/store/open.ts'
import { writerProgram } from '#src/writer.ts'
import { addCollection, type CollectionChange } from '../collection.ts'
import { seededRandom, testClock } from '#test/store.ts'
import { taxiiApp } from '#test/taxii.ts'
import { addClient, revokeClient } from './client-commands.ts'

const TAXII = 'application/taxii+json;version=2.1'
const marked = (tlp: Marking['tlp']): Marking => ({
  tlp,
  audience: { named: false, communities: [] },
  personal: 'none',
})
const approve = command('test.approve', (tx, name: string) =>
  setStanding(tx, memberId(name), { approved: true, communities: [] }),
)

async function serve() {
  const clock = testClock()
  const random = seededRandom('access')
  const store = openInlineStore({
    place: { kind: 'memory' },
    identity: { member: 'a.example', origin: 'a.example/log', seeds: newSeeds(random).log },
    program: { ...writerProgram, commands: [...writerProgram.commands, approve as unknown as AnyCommand] },
    clock,
    random,
  })
  const app = await taxiiApp(store, clock)
  const collection = (alias: string, change: CollectionChange = {}) =>
    store.write(addCollection, { actor: 'test', change: { title: alias, alias, marking: marked('GREEN'), ...change } })
  const client = async (name: string, actsFor: string, grants: Record<string, string>) => {
    await store.write(addClient, {
      actor: 'test',
      name,
      actsFor,
      secretHash: hash('sha256', `${name}-secret`, 'buffer'),
      grants: Object.entries(grants).map(([alias, rights]) => ({
        collection: alias,
        read: rights.includes('r'),
        write: rights.includes('w'),
      })),
    })
    return `Basic ${Buffer.from(`${name}:${name}-secret`).toString('base64')}`
  }
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    authorization?: string,
    objects?: readonly unknown[],
  ) => {
    const response = await app.inject({
      method,
      url: `/taxii2/api/${path}`,
      headers: { ...(authorization === undefined ? {} : { authorization }), 'content-type': TAXII },
      ...(objects === undefined ? {} : { payload: JSON.stringify({ objects }) }),
    })
    assert.equal(response.headers['content-type'], TAXII, `${method} ${path}`)
    return { status: response.statusCode, body: JSON.parse(response.body), headers: response.headers }
  }
  const close = async () => {
    await app.close()
    await store[Symbol.asyncDispose]()
  }
  return { app, store, collection, client, call, [Symbol.asyncDispose]: close }
}

const idOf = (n: number) => `indicator--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const indicator = (n: number, extra: object = {}) => ({
  type: 'indicator',
  spec_version: '2.1',
  id: idOf(n),
  created: '2026-01-10T00:00:00.000Z',
  modified: '2026-01-10T00:00:00.000Z',
  pattern: `[ipv4-addr:value = '203.0.113.${n % 250}']`,
  pattern_type: 'stix',
  valid_from: '2026-01-10T00:00:00Z',
  ...extra,
})

test('a stranger is asked who they are, and learns nothing of what is not public', async () => {
  await using taxii = await serve()
  await taxii.collection('inner')
  assert.equal((await taxii.call('GET', 'collections/')).status, 401)
  const open = await taxii.collection('open', { marking: marked('CLEAR'), share: 'peers', public: true })
  const writer = await taxii.client('writer', 'self', { open: 'rw' })
  await taxii.call('POST', 'collections/open/objects/', writer, [indicator(1)])
  const listed = await taxii.call('GET', 'collections/')
  assert.deepEqual(
    listed.body.collections.map((each: { id: string }) => each.id),
    [open],
  )
  assert.equal((await taxii.call('GET', 'collections/open/objects/')).body.objects.length, 1)
  for (const path of ['collections/inner/objects/', 'collections/nowhere/objects/']) {
    const answer = await taxii.call('GET', path)
    assert.equal(answer.status, 401)
    assert.match(String(answer.headers['www-authenticate']), /^Basic/)
  }
  assert.equal((await taxii.call('POST', 'collections/open/objects/', undefined, [indicator(2)])).status, 401)
  assert.equal((await taxii.call('DELETE', `collections/open/objects/${idOf(1)}/`)).status, 401)
})

test('hidden is 404, visible but not granted is 403, revoked is 401; Bearer works like Basic', async () => {
  await using taxii = await serve()
  await taxii.collection('main')
  await taxii.collection('other')
  const dropbox = await taxii.client('dropbox', 'self', { main: 'w' })
  assert.equal((await taxii.call('GET', 'collections/other/', dropbox)).status, 404)
  assert.equal((await taxii.call('GET', 'collections/main/objects/', dropbox)).status, 403)
  assert.equal((await taxii.call('GET', 'collections/main/', 'Bearer dropbox-secret')).body.can_write, true)
  assert.equal((await taxii.call('POST', 'collections/main/objects/', dropbox, [indicator(1)])).status, 202)
  assert.equal((await taxii.call('DELETE', `collections/main/objects/${idOf(1)}/`, dropbox)).status, 403)
  assert.equal((await taxii.call('GET', 'collections/', 'Basic ZHJvcGJveDp3cm9uZw==')).status, 401)
  await taxii.store.write(revokeClient, { actor: 'test', name: 'dropbox' })
  assert.equal((await taxii.call('GET', 'collections/main/', dropbox)).status, 401)
})

test('a conflict never quotes what stands in a collection the writer cannot read', async () => {
  await using taxii = await serve()
  await taxii.collection('secret')
  await taxii.collection('main')
  const inside = await taxii.client('inside', 'self', { secret: 'rw' })
  const writer = await taxii.client('writer', 'self', { main: 'rw' })
  await taxii.call('POST', 'collections/secret/objects/', inside, [indicator(1, { name: 'codename' })])
  const { body } = await taxii.call('POST', 'collections/main/objects/', writer, [indicator(1)])
  assert.equal(body.failure_count, 1)
  assert.doesNotMatch(JSON.stringify(body), /codename/)
})

test('deleting from one collection leaves the same object in another', async () => {
  await using taxii = await serve()
  await taxii.collection('one')
  await taxii.collection('two')
  const both = await taxii.client('both', 'self', { one: 'rw', two: 'r' })
  const second = await taxii.client('second', 'self', { two: 'rw' })
  await taxii.call('POST', 'collections/one/objects/', both, [indicator(1)])
  await taxii.call('POST', 'collections/two/objects/', second, [indicator(1)])
  assert.equal((await taxii.call('DELETE', `collections/one/objects/${idOf(1)}/`, both)).status, 200)
  assert.equal((await taxii.call('GET', `collections/one/objects/${idOf(1)}/`, both)).status, 404)
  assert.equal((await taxii.call('GET', `collections/two/objects/${idOf(1)}/`, both)).status, 200)
})

test('a member’s client gets what names that member, in full pages, and never counts what does not', async () => {
  await using taxii = await serve()
  await taxii.collection('named', { marking: marked('AMBER+STRICT'), named: ['b.example'], share: 'named' })
  const writer = await taxii.client('writer', 'self', { named: 'rw' })
  const named = await taxii.client('named', 'b.example', { named: 'r' })
  const other = await taxii.client('other', 'c.example', { named: 'r' })
  for (const name of ['b.example', 'c.example']) await taxii.store.write(approve, name)
  await taxii.call('POST', 'collections/named/objects/', writer, [indicator(1), indicator(2), indicator(3)])
  const first = await taxii.call('GET', 'collections/named/objects/?limit=2', named)
  assert.deepEqual([first.body.objects.length, first.body.more], [2, true])
  const rest = await taxii.call('GET', `collections/named/objects/?next=${first.body.next}`, named)
  assert.equal(rest.body.objects.length, 1)
  assert.deepEqual((await taxii.call('GET', 'collections/named/objects/?limit=2', other)).body, {})
  assert.equal((await taxii.call('GET', `collections/named/objects/${idOf(1)}/`, other)).status, 404)
  await assert.rejects(taxii.client('wrong', 'b.example', { named: 'rw' }), { code: 'input.invalid' })
})

test('paging works by alias, over types that lie apart, and in zstd and gzip', async () => {
  await using taxii = await serve()
  await taxii.collection('main')
  const writer = await taxii.client('writer', 'self', { main: 'rw' })
  const domain = (n: number) => ({
    type: 'domain-name',
    spec_version: '2.1',
    id: `domain-name--00000000-0000-5000-8000-${String(n).padStart(12, '0')}`,
    value: `host${n}.example`,
  })
  const mixed = Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? indicator(n) : domain(n)))
  assert.equal((await taxii.call('POST', 'collections/main/objects/', writer, mixed)).body.success_count, 60)
  const seen: string[] = []
  for (let next = ''; ;) {
    const { body } = await taxii.call(
      'GET',
      `collections/main/objects/?limit=7&match[type]=domain-name&next=${next}`,
      writer,
    )
    seen.push(...body.objects.map((each: { id: string }) => each.id))
    if (body.more !== true) break
    next = body.next
  }
  assert.deepEqual(
    seen,
    mixed.filter((each) => each.type === 'domain-name').map((each) => each.id),
  )
  const manifest = await taxii.call('GET', 'collections/main/manifest/?match[type]=domain-name&limit=1', writer)
  const { version } = manifest.body.objects[0]
  const again = await taxii.call('GET', `collections/main/objects/?match[version]=${version}`, writer)
  assert.equal(again.body.objects.length, 30)
  for (const [encoding, decode] of [
    ['zstd', zstdDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const packed = await taxii.app.inject({
      url: '/taxii2/api/collections/main/objects/',
      headers: { authorization: writer, 'accept-encoding': encoding },
    })
    assert.equal(packed.headers['content-encoding'], encoding)
    assert.equal(JSON.parse(decode(packed.rawPayload).toString()).objects.length, 60)
  }
})

test('odd paths and methods are answered in TAXII’s own form too', async () => {
  await using taxii = await serve()
  await taxii.collection('main')
  const reader = await taxii.client('reader', 'self', { main: 'r' })
  assert.equal((await taxii.call('GET', 'collections/main/objects/%zz/', reader)).status, 404)
  assert.equal((await taxii.call('GET', `collections/main/objects/${'a'.repeat(600)}/`, reader)).status, 404)
  for (const method of ['HEAD', 'OPTIONS', 'PATCH'] as const) {
    const answer = await taxii.app.inject({ method, url: '/taxii2/api/', headers: { authorization: reader } })
    assert.deepEqual([answer.statusCode, answer.headers['content-type'], answer.headers.allow], [405, TAXII, 'GET'])
  }
})
