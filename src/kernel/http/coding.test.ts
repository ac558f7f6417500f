import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { signedIn } from '#test/people.ts'
import { World } from '#test/world/world.ts'
import { acceptsCoding } from './coding.ts'

test('a coding is used only where it is named and not weighed as nothing', () => {
  assert.equal(acceptsCoding('gzip, deflate, br, zstd', 'zstd'), true)
  assert.equal(acceptsCoding('GZIP;q=0.5', 'gzip'), true)
  for (const header of [undefined, '', 'identity', 'zstd;q=0', 'zstd; q=0.000', 'x-zstd', '*'])
    assert.equal(acceptsCoding(header, 'zstd'), false, String(header))
})

test('no header makes reading it fail', () => {
  fc.assert(fc.property(fc.string(), (header) => void acceptsCoding(header, 'gzip')))
})

test('what is read comes smaller where the caller takes it so, and an answer that holds a secret never does', async () => {
  await using world = new World('coding')
  const node = await world.add('a.example')
  for (let n = 0; n < 20; n += 1)
    await world.api(node, 'POST', '/watch', { value: `host-${n}.example`, asset: 'The mail relay of the head office' })
  const headers = await signedIn(node, { name: 'mara', role: 'administrator' })
  const ask = (url: string, coding: string) =>
    node.app.inject({ url, headers: { ...headers, 'accept-encoding': coding } })
  const plain = await ask('/api/watch', 'identity')
  for (const [coding, open] of [
    ['zstd', zstdDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const packed = await ask('/api/watch', `${coding}, br`)
    assert.deepEqual([packed.headers['content-encoding'], packed.headers['vary']], [coding, 'accept-encoding'])
    assert.ok(packed.rawPayload.length < plain.rawPayload.length / 2)
    assert.equal(open(packed.rawPayload).toString(), plain.body)
  }
  assert.equal(plain.headers['content-encoding'], undefined)
  const session = await ask('/api/session', 'zstd, gzip')
  assert.match(session.body, /"csrf":"/)
  assert.equal(session.headers['content-encoding'], undefined)
})
