import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { resolveConfig } from '#src/config.ts'
import { startNode } from '#src/start.ts'
import { startSetUp } from '#src/set-up.ts'
import { seededRandom, testClock } from '#test/store.ts'
import type { SessionView, SetUpDone } from './wire.ts'

const MEMBER = {
  member: 'cert.example',
  names: { en: 'CERT Example', 'zh-Hans': '示例应急中心' },
  kind: 'government',
  country: 'XX',
}

test('an empty folder: a page on this machine, a code from the terminal, a member, its administrator, one port', async () => {
  const root = mkdtempSync(join(tmpdir(), 'comity-set-up-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(root, { recursive: true }))
  const flags = { 'data-dir': join(root, 'data'), port: '0', 'log-level': 'silent' }
  const free = resolveConfig({ cwd: root, flags, env: {} })
  const page = await startSetUp(free, { clock: testClock(), random: seededRandom('set-up') })
  const { origin, hash } = new URL(page.link)
  assert.equal(hash.slice(1), page.code)
  const config = { ...free, port: Number(new URL(origin).port) }
  const ask = async (method: 'GET' | 'POST', path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${origin.replace('localhost', '127.0.0.1')}/api${path}`, {
      method,
      headers: {
        connection: 'close',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, headers: answer.headers }
  }
  assert.equal((await ask('GET', '/session')).body['state'], 'set-up')
  assert.equal((await ask('POST', '/setup', { code: 'AAAA-AAAA-AAAA-AAAA', ...MEMBER })).status, 403)
  const evil = await ask('POST', '/setup', { code: page.code, ...MEMBER }, { origin: 'https://evil.example' })
  assert.equal(evil.status, 403)
  const misnamed = await ask('POST', '/setup', { code: page.code, ...MEMBER, member: 'no name' })
  assert.deepEqual([misnamed.status, misnamed.body['code']], [400, 'input.invalid'])
  const answer = await ask('POST', '/setup', { code: page.code, ...MEMBER })
  const done = answer.body as SetUpDone
  assert.deepEqual([answer.status, done.member, done.page], [200, 'cert.example', origin])
  assert.match(done.recoveryKey, /^([0-9A-Z]{5}-){10}[0-9A-Z]{2}$/)
  await page.done
  await page[Symbol.asyncDispose]()

  const node = stack.use(await startNode(config, () => performance.now()))
  await node.gate.firstAdministrator(page.code)
  assert.equal((await ask('GET', '/session')).body['state'], 'first-administrator')
  const welcome = { code: done.welcome, name: 'mara', password: 'correct horse battery staple' }
  const signedIn = await ask('POST', '/welcome', welcome, { origin, 'sec-fetch-site': 'same-origin' })
  const view = signedIn.body as unknown as SessionView
  assert.deepEqual([view.state, view.member?.names], ['signed-in', MEMBER.names])
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  assert.equal((await ask('GET', '/users', undefined, { cookie })).status, 200)
  assert.equal((await ask('POST', '/setup', { code: page.code, ...MEMBER })).status, 404)
})
