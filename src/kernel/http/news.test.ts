import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import type { Role } from '#kernel/role.ts'
import { signedIn } from '#test/people.ts'
import { World } from '#test/world/world.ts'

/** A listener on a real line: each call of `next` answers one event or comment. */
async function listen(port: number, headers: Record<string, string>, after?: string) {
  const path = `/api/events${after === undefined ? '' : `?after=${after}`}`
  const request = get({ host: '127.0.0.1', port, path, headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string, undefined>
  let rest = ''
  const next = async (): Promise<string | undefined> => {
    while (!rest.includes('\n\n')) {
      const chunk = await chunks.next().catch(() => ({ done: true, value: undefined }))
      if (chunk.done === true) return undefined
      rest += chunk.value
    }
    const end = rest.indexOf('\n\n')
    const text = rest.slice(0, end)
    rest = rest.slice(end + 2)
    return text
  }
  return { status: response.statusCode, next, close: () => request.destroy() }
}

async function begin(seed: string) {
  const world = new World(seed)
  const node = await world.add('a.example')
  await node.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = node.app.server.address() as AddressInfo
  const as = async (role: Role, more: Record<string, string> = {}) => {
    const line = await listen(port, { ...(await signedIn(node, { name: role, role })), ...more })
    assert.equal(await line.next(), ': listening')
    return line
  }
  const change = async (method: 'POST' | 'PATCH', path: string, body: unknown): Promise<void> => {
    await world.api(node, method, path, body)
    world.clock.advance(LIMITS.newsGatherMs)
  }
  const watch = (value: string) => change('POST', '/watch', { value, asset: 'Web' })
  return { world, node, port, as, change, watch }
}

test('open pages hear which part has changed, each what its role may, and never what it says', async () => {
  const { world, as, change, watch } = await begin('news')
  await using _ = world
  const [viewer, auditor] = [await as('viewer'), await as('auditor')]
  await change('POST', '/users', { name: 'ines', role: 'viewer' })
  await watch('example.org')
  const seen = [await auditor.next(), await auditor.next()].map((text) => text?.split('\n').slice(1))
  assert.deepEqual(seen, [
    ['event: users', 'data: {"topic":"users"}'],
    ['event: watch', 'data: {"topic":"watch"}'],
  ])
  assert.match((await viewer.next()) ?? '', /event: watch/)
  world.clock.advance(LIMITS.eventsQuietMs)
  assert.equal(await viewer.next(), ': still here')
  viewer.close()
  auditor.close()
})

test('who comes back hears what came meanwhile, and who was away too long reads all again', async () => {
  const { world, as, watch } = await begin('news missed')
  await using _ = world
  const line = await as('viewer')
  await watch('one.example')
  const id = /^id: (\S+)/.exec((await line.next()) ?? '')?.[1] ?? ''
  line.close()
  await watch('two.example')
  await watch('three.example')
  const back = await as('viewer', { 'last-event-id': id })
  const [run, n] = id.split('-')
  assert.match((await back.next()) ?? '', new RegExp(`^id: ${run}-${Number(n) + 1}\nevent: watch`))
  assert.match((await back.next()) ?? '', new RegExp(`^id: ${run}-${Number(n) + 2}\nevent: watch`))
  back.close()
  for (const unknown of ['other-1', `${run}-99`, `${run}-x`, 'nonsense']) {
    const lost = await as('viewer', { 'last-event-id': unknown })
    assert.match((await lost.next()) ?? '', /event: again/)
    lost.close()
  }
})

test('who reads a page and listens then hears what came between the two, and nothing from before', async () => {
  const { world, node, port, watch } = await begin('news between')
  await using _ = world
  await watch('before.example')
  const headers = await signedIn(node, { name: 'mara', role: 'analyst' })
  const session = (await node.app.inject({ url: '/api/session', headers })).json<{ news: string }>()
  await watch('between.example')
  const line = await listen(port, headers, session.news)
  assert.equal(await line.next(), ': listening')
  const [run, n] = session.news.split('-')
  assert.match((await line.next()) ?? '', new RegExp(`^id: ${run}-${Number(n) + 1}\nevent: watch`))
  await watch('after.example')
  assert.match((await line.next()) ?? '', new RegExp(`^id: ${run}-${Number(n) + 2}\nevent: watch`))
  line.close()
  assert.equal((await node.app.inject({ url: '/api/session' })).json<{ news?: string }>().news, undefined)
})

test('a line ends with the session it stands on, and nobody has more of them than is good', async () => {
  const { world, node, port, as, watch } = await begin('news end')
  await using _ = world
  const line = await as('viewer')
  await world.api(node, 'PATCH', '/users/viewer', { suspended: true })
  await watch('example.org')
  assert.equal(await line.next(), undefined)
  const headers = await signedIn(node, { name: 'many', role: 'viewer' })
  const lines = await Promise.all(Array.from({ length: LIMITS.listenersPerCallerMax }, () => listen(port, headers)))
  assert.equal((await listen(port, headers)).status, 429)
  for (const each of lines) each.close()
})
