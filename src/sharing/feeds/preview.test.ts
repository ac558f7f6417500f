import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { CLEAR, feedStage, indicator, listenSource } from '#test/feeds.ts'

const { signal } = new AbortController()

test('a look says what a source holds and what would be refused, reads little, and stores nothing', async () => {
  await using source = await listenSource(({ url }, response) => {
    if (url === '/list') return void response.end('evil[.]example\nnothing\nCVE-2026-12345\n')
    if (url === '/long') return void response.end('198.51.100.1\n'.repeat(100_000))
    if (url === '/html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')
    const many = url === '/many' ? 20_000 : 3
    const objects = Array.from({ length: many }, (_, n) => indicator(n))
    response.end(JSON.stringify({ type: 'bundle', id: 'bundle--1', objects: [{ type: 'indicator' }, ...objects] }))
  })
  await using stage = await feedStage()
  const look = (kind: 'list' | 'stix', path: string) =>
    stage.feeds.preview({ kind, url: `${source.url}/${path}`, marking: CLEAR, credentials: undefined, signal })
  const list = await look('list', 'list')
  assert.deepEqual([list.read, list.more, list.refused.map(({ what }) => what)], [3, false, ['line 2']])
  assert.deepEqual(
    list.sample.map(({ kind, name, tlp }) => `${kind} ${name} ${tlp}`),
    ['domain evil.example CLEAR', 'vulnerability CVE-2026-12345 CLEAR'],
  )
  const few = await look('stix', 'few')
  assert.deepEqual(
    [few.read, few.more, few.refused.length, few.kinds],
    [4, false, 1, [{ kind: 'indicator', count: 3 }]],
  )
  for (const [kind, path] of [
    ['stix', 'many'],
    ['list', 'long'],
  ] as const) {
    const { read, more } = await look(kind, path)
    assert.deepEqual([read, more], [LIMITS.feedPreviewObjectsMax, true], path)
  }
  await assert.rejects(look('list', 'html'), /a page for people/)
  assert.deepEqual(await stage.records(), [])
  assert.equal((await stage.store.get<{ n: number }>('SELECT count(*) AS n FROM feed'))?.n, 0)
})
