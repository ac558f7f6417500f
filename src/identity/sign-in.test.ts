import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Browser, PASSWORD, withAdministrator } from '#test/browser.ts'
import { World } from '#test/world/world.ts'
import type { SessionView, UserView, Welcome } from './wire.ts'

test('the first administrator comes in by the code in the terminal, once', async () => {
  const world = new World('first')
  await using _ = world
  const node = await world.add('a.example')
  const stranger = new Browser(node)
  assert.equal((await stranger.ask('GET', '/session')).body['state'], 'first-administrator')
  const earlier = await node.gate.firstAdministrator()
  const first = await node.gate.firstAdministrator()
  assert.match(first?.link ?? '', /^http:\/\/a\.example\/welcome#[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/)
  const use = (code: string | undefined, more: object = {}) =>
    stranger.ask('POST', '/welcome', { code, name: 'mara', password: PASSWORD, ...more })
  assert.equal((await use(earlier?.code)).status, 403, 'a new code ends the one before')
  assert.equal((await use(first?.code, { password: 'aaaaaaaaaaaaaa' })).body['code'], 'input.invalid')
  assert.equal((await use(first?.code, { password: 'mara.a.example' })).body['code'], 'input.invalid')
  const info = await stranger.ask('POST', '/welcome/look', { code: first?.code.toLowerCase().replaceAll('-', ' ') })
  assert.equal(info.body['kind'], 'first-administrator')
  const answer = await use(first?.code)
  const view = answer.body as unknown as SessionView
  assert.deepEqual([view.state, view.user?.name, view.user?.role], ['signed-in', 'mara', 'administrator'])
  assert.match(answer.cookie ?? '', /^comity-80=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
  assert.equal((await stranger.ask('GET', '/users')).status, 200)
  assert.equal((await use(first?.code)).status, 403, 'a code works once')
  assert.equal(await node.gate.firstAdministrator(), undefined)
})

test('a name and a password open a session, signing out ends it, and a wrong pair says no more than that', async () => {
  const { world, node, browser } = await withAdministrator('password')
  await using _ = world
  assert.equal((await browser.ask('DELETE', '/session')).status, 204)
  assert.equal((await browser.ask('GET', '/users')).status, 401)
  const other = new Browser(node)
  const wrong = await other.ask('POST', '/session', { name: 'mara', password: 'not this one, no' })
  const nobody = await other.ask('POST', '/session', { name: 'nobody', password: 'not this one, no' })
  assert.deepEqual([wrong.status, wrong.body['detail']], [nobody.status, nobody.body['detail']])
  const right = await other.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  assert.equal((right.body['user'] as UserView).lastSignIn, new Date(world.clock.nowMs()).toISOString())
  const before = other.cookie
  await other.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  const thief = new Browser(node)
  thief.cookie = before
  assert.equal((await thief.ask('GET', '/users')).status, 401, 'signing in again ends the session before')
  const stored =
    JSON.stringify(await node.store.all('SELECT * FROM session')) +
    JSON.stringify(await node.store.all('SELECT * FROM account'))
  assert.doesNotMatch(stored, new RegExp(other.cookie.split('=')[1] ?? ''))
  assert.doesNotMatch(stored, /correct horse/)
  assert.doesNotMatch(node.logLines.join('\n'), /correct horse|not this one/)
})

test('a session ends after an hour without a request, and after twelve in any case', async () => {
  const { world, browser } = await withAdministrator('expiry')
  await using _ = world
  const state = async (): Promise<unknown> => (await browser.ask('GET', '/session')).body['state']
  for (let hours = 0; hours < 11; hours += 1) {
    world.clock.advance(3600_000 - 1)
    assert.equal((await browser.ask('GET', '/peers')).status, 200, `after ${hours + 1} hours of use`)
  }
  world.clock.advance(3600_000 - 1)
  assert.equal(await state(), 'signed-in')
  world.clock.advance(12)
  assert.equal(await state(), 'signed-out', 'twelve hours are over')
  await browser.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  world.clock.advance(3600_000)
  assert.equal(await state(), 'signed-out', 'nobody asked for an hour')
  await browser.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  for (const minutes of [30, 29]) {
    world.clock.advance(minutes * 60_000)
    const answer = await browser.ask('GET', '/peers', undefined, { 'x-comity-background': '1' })
    assert.equal(answer.status, 200)
  }
  world.clock.advance(60_000)
  assert.equal(await state(), 'signed-out', 'a page that asks by itself keeps nobody signed in')
})

test('who guesses waits longer and longer, never for good, and others do not wait for them', async () => {
  const { world, node } = await withAdministrator('guessing')
  await using _ = world
  const guesser = new Browser(node, '198.51.100.9')
  const guess = (browser: Browser, password = 'wrong wrong wrong') =>
    browser.ask('POST', '/session', { name: 'mara', password })
  for (let i = 0; i < 6; i += 1) assert.equal((await guess(guesser)).status, 401)
  const waits: unknown[] = []
  for (let i = 0; i < 8; i += 1) {
    const { status, retryAfter } = await guess(guesser, PASSWORD)
    assert.equal(status, 429, 'not even the right password is looked at')
    waits.push(retryAfter)
    world.clock.advance(Number(retryAfter) * 1000)
    assert.equal((await guess(guesser)).status, 401)
  }
  assert.deepEqual(waits, ['1', '2', '4', '8', '16', '32', '60', '60'])
  world.clock.advance(60_000)
  const owner = new Browser(node)
  assert.equal((await guess(owner, PASSWORD)).status, 200)
  const deeds = await node.store.all<{ action: string; n: number }>(
    "SELECT action, count(*) AS n FROM audit WHERE action LIKE 'session.%' AND action <> 'session.begin' GROUP BY action",
  )
  assert.deepEqual(
    deeds.map((row) => ({ ...row })),
    [
      { action: 'session.refused', n: 13 },
      { action: 'session.throttled', n: 1 },
    ],
  )
})

test('an invited user chooses a password; whose rights change is signed out; a removed name is not used again', async () => {
  const { world, node, browser } = await withAdministrator('users')
  await using _ = world
  const made = await browser.ask('POST', '/users', { name: 'ines', display: 'Inês', role: 'viewer' })
  const welcome = made.body as unknown as Welcome
  assert.deepEqual([made.status, welcome.user.state], [201, 'invited'])
  const ines = new Browser(node)
  await ines.ask('POST', '/welcome', { code: welcome.code, password: PASSWORD })
  assert.equal((await ines.ask('GET', '/users')).status, 403)
  assert.equal((await browser.ask('PATCH', '/users/ines', { role: 'auditor' })).status, 200)
  assert.equal((await ines.ask('GET', '/peers')).status, 401)
  await ines.ask('POST', '/session', { name: 'ines', password: PASSWORD })
  assert.equal((await ines.ask('GET', '/users')).status, 200)
  const reset = (await browser.ask('POST', '/users/ines/reset')).body as unknown as Welcome
  assert.equal((await ines.ask('GET', '/users')).status, 401)
  assert.equal((await ines.ask('POST', '/session', { name: 'ines', password: PASSWORD })).status, 401)
  world.clock.advance(8 * 24 * 3600_000)
  assert.equal((await ines.ask('POST', '/welcome', { code: reset.code, password: PASSWORD })).status, 403, 'a week ago')
  await browser.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  assert.equal((await browser.ask('DELETE', '/users/ines')).status, 204)
  const again = await browser.ask('POST', '/users', { name: 'ines', role: 'viewer' })
  assert.equal(again.status, 409)
  for (const [method, path, body] of [
    ['DELETE', '/users/mara', undefined],
    ['PATCH', '/users/mara', { suspended: true }],
    ['PATCH', '/users/mara', { role: 'analyst' }],
  ] as const)
    assert.equal((await browser.ask(method, path, body)).status, 409, 'the last administrator stays one')
  const actors = await node.store.all<{ actor: string }>("SELECT DISTINCT actor FROM audit WHERE action LIKE 'user.%'")
  assert.deepEqual(actors.map((row) => row.actor).toSorted(), ['node', 'user:ines', 'user:mara'])
})
