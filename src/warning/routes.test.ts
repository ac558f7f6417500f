import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { makeEgress } from '#kernel/egress.ts'
import { pino } from 'pino'
import { guardRoutes, LOCAL_CALLER } from '#kernel/http/access.ts'
import { createServer } from '#kernel/http/server.ts'
import { LIMITS } from '#kernel/limits.ts'
import { addCollection, requireCollection } from '#sharing/collection.ts'
import { putObjects } from '#sharing/put.ts'
import { openTestStore, testClock } from '#test/store.ts'
import { warningRoutes } from './routes.ts'
import { makeWarning } from './warning.ts'

async function begin() {
  const clock = testClock()
  await using stack = new AsyncDisposableStack()
  const store = stack.use(openTestStore({ clock }))
  const logger = pino({ level: 'silent' })
  const warning = stack.use(makeWarning({ store, egress: makeEgress(store), clock, logger }))
  const app = await createServer({
    logger,
    tls: undefined,
    trustedProxies: [],
    bodyBytesMax: 1 << 20,
    requestsPerMinute: 10_000,
    version: '0',
    requestId: () => 'request',
  })
  stack.defer(() => app.close())
  guardRoutes(app, async () => LOCAL_CALLER)
  await app.register(warningRoutes(warning))
  await store.write(addCollection, { actor: 'test', change: { title: 'Main', alias: 'main' } })
  const say = async (): Promise<void> => {
    const object = {
      type: 'indicator',
      spec_version: '2.1',
      id: 'indicator--00000000-0000-4000-8000-000000000001',
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      name: 'Bad',
      pattern: "[domain-name:value = 'www.example.org']",
      pattern_type: 'stix',
      valid_from: '2026-01-01T00:00:00Z',
    }
    const pieces = [{ bytes: Buffer.from(JSON.stringify(object)), index: 0 }]
    await putObjects({ store, now: clock.nowMs }, { collection: await requireCollection(store, 'main'), pieces })
    await warning.settle()
  }
  const kept = stack.move()
  return { app, clock, store, warning, say, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('a list with bad lines: the good ones are watched, each bad one is named by its line', async () => {
  await using node = await begin()
  const payload =
    'value,kind,asset,note\nexample.org,,Web,main\nnot a thing,,Web,\n192.0.2.0/24,net,,\nexample.org,,Web,again\n'
  const answer = await node.app.inject({
    method: 'POST',
    url: '/watch/import',
    payload,
    headers: { 'content-type': 'text/csv' },
  })
  assert.equal(answer.statusCode, 200, answer.body)
  const { added, known, refused } = answer.json<{ added: number; known: number; refused: { place: string }[] }>()
  assert.deepEqual([added, known, refused.map((each) => each.place)], [1, 1, ['line 3', 'line 4']])
})

test('what is watched is listed by pages, removed once, and every change is in the audit log', async () => {
  await using node = await begin()
  for (const value of ['example.org', '@example.org', 'CVE-2026-12345']) {
    const answer = await node.app.inject({ method: 'POST', url: '/watch', payload: { value, asset: 'Web' } })
    assert.equal(answer.statusCode, 201, answer.body)
  }
  const bad = await node.app.inject({ method: 'POST', url: '/watch', payload: { value: '10.0.0.0/2', asset: 'Web' } })
  assert.deepEqual([bad.statusCode, bad.json<{ code: string }>().code], [400, 'input.invalid'])
  type Page = { items: { value: string }[]; next?: string }
  const first = (await node.app.inject('/watch?limit=2')).json<Page>()
  const rest = (await node.app.inject(`/watch?limit=2&cursor=${first.next}`)).json<Page>()
  assert.deepEqual([first.items.length, rest.items.length, rest.next], [2, 1, undefined])
  for (const expected of [204, 404])
    assert.equal((await node.app.inject({ method: 'DELETE', url: '/watch/1' })).statusCode, expected)
  const actions = await node.store.all<{ action: string }>(
    "SELECT action FROM audit WHERE action LIKE 'watch.%' ORDER BY id",
  )
  assert.deepEqual(
    actions.map((each) => each.action),
    ['watch.add', 'watch.add', 'watch.add', 'watch.remove'],
  )
})

test('what is watched is found by a part of value, asset or note, defanged and in capitals or not', async () => {
  await using node = await begin()
  const entries = [
    { value: 'bad.example.org', asset: 'Mail' },
    { value: '192.0.2.1', asset: 'Ärztehaus' },
    { value: 'other.example', asset: 'Web', note: 'asked for by Mara' },
  ]
  for (const payload of entries) await node.app.inject({ method: 'POST', url: '/watch', payload })
  for (const [q, value] of [
    ['BAD[.]example', 'bad.example.org'],
    ['192.0[.]2', '192.0.2.1'],
    ['ärztehaus', '192.0.2.1'],
    ['mara', 'other.example'],
  ] as const) {
    const { items } = (await node.app.inject(`/watch?q=${encodeURIComponent(q)}`)).json<{
      items: { value: string }[]
    }>()
    assert.deepEqual(
      items.map((each) => each.value),
      [value],
      q,
    )
  }
})

test('a warning is answered with a note, by somebody, once there is one', async () => {
  await using node = await begin()
  const close = () => node.app.inject({ method: 'POST', url: '/warnings/1/close', payload: { note: 'blocked' } })
  assert.equal((await close()).statusCode, 404)
  await node.app.inject({ method: 'POST', url: '/watch', payload: { value: 'example.org', asset: 'Web' } })
  await node.say()
  const { state, reason, what, author, tlp, proof } = (await close()).json<Record<string, unknown>>()
  assert.deepEqual([state, reason, what, author, tlp], ['closed', 'blocked', 'Bad', 'a.example', 'AMBER+STRICT'])
  assert.deepEqual(proof, { origin: 'a.example/log', index: 0, size: 1 })
  const [row] = await node.store.all<{ actor: string; detail: string }>(
    "SELECT actor, detail FROM audit WHERE action = 'warning.closed'",
  )
  assert.deepEqual([row?.actor, row?.detail], ['admin', '{"note":"blocked"}'])
})

test('who listens hears of a warning, hears that it is quiet, and does not keep a node from stopping', async () => {
  await using node = await begin()
  await node.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = node.app.server.address() as AddressInfo
  const [response] = (await once(get(`http://127.0.0.1:${port}/warnings/stream`), 'response')) as [IncomingMessage]
  const heard = response.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string, undefined>
  const next = async (): Promise<string | undefined> => (await heard.next()).value
  assert.equal(await next(), ': listening\n\n')
  await node.app.inject({ method: 'POST', url: '/watch', payload: { value: 'example.org', asset: 'Web' } })
  await node.say()
  const text = (await next()) ?? ''
  const { asset, state } = JSON.parse(text.slice('data: '.length)) as { asset: string; state: string }
  assert.deepEqual([asset, state], ['Web', 'new'])
  node.clock.advance(LIMITS.eventsQuietMs)
  assert.equal(await next(), ': still here\n\n')
  const closing = node.app.close()
  assert.equal(await next(), undefined)
  await closing
})
