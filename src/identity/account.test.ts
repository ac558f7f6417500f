import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base32nopad } from '@scure/base'
import { Browser, PASSWORD, withAdministrator } from '#test/browser.ts'
import { codeAt } from './totp.ts'

test('an authenticator counts once a code was shown; then a password alone opens nothing, and no code works twice', async () => {
  const { world, node, browser } = await withAdministrator('totp')
  await using _ = world
  const { secret } = (await browser.ask('POST', '/account/totp')).body as { secret: string }
  const now = (): number => Math.floor(world.clock.nowMs() / 30_000)
  const code = (): string => codeAt(base32nopad.decode(secret), now())
  const signIn = (more: object = {}) =>
    new Browser(node).ask('POST', '/session', { name: 'mara', password: PASSWORD, ...more })
  assert.equal((await signIn()).status, 200, 'it does not count yet')
  const wrong = codeAt(base32nopad.decode(secret), now() + 9)
  assert.equal((await browser.ask('PUT', '/account/totp', { code: wrong })).body['code'], 'auth.code')
  const { recoveryCodes } = (await browser.ask('PUT', '/account/totp', { code: code() })).body as {
    recoveryCodes: string[]
  }
  assert.equal(recoveryCodes.length, 10)

  const alone = await signIn()
  assert.deepEqual([alone.status, alone.body['code']], [401, 'auth.code'])
  assert.equal((await signIn({ code: code() })).status, 401, 'it confirmed already')
  world.clock.advance(30_000)
  assert.equal((await signIn({ code: code() })).status, 200)
  assert.equal((await signIn({ code: code() })).status, 401, 'a code works once')
  assert.equal((await signIn({ password: 'not this password', code: code() })).body['code'], 'auth.required')
  assert.equal((await signIn({ code: recoveryCodes[0] })).status, 200)
  assert.equal((await signIn({ code: recoveryCodes[0] })).status, 401, 'so does a recovery code')
  assert.equal((await signIn({ code: recoveryCodes[1]?.toLowerCase() })).status, 200)
  assert.equal((await browser.ask('GET', '/account')).body['recoveryCodes'], 8)

  const [row] = await node.store.all<{ totp: Uint8Array }>('SELECT totp FROM account')
  assert.ok(!Buffer.from(row?.totp ?? []).includes(base32nopad.decode(secret)), 'sealed, not as it is')
  assert.equal((await browser.ask('POST', '/account/recovery-codes')).status, 200)
  assert.equal((await signIn({ code: recoveryCodes[2] })).status, 401, 'the ones before are gone')
  assert.equal((await browser.ask('DELETE', '/account/totp')).status, 200)
  assert.equal((await signIn()).status, 200)
})

test('a code that is guessed costs as much as a password that is', async () => {
  const { world, node, browser } = await withAdministrator('guessed codes')
  await using _ = world
  const { secret } = (await browser.ask('POST', '/account/totp')).body as { secret: string }
  const code = codeAt(base32nopad.decode(secret), Math.floor(world.clock.nowMs() / 30_000))
  await browser.ask('PUT', '/account/totp', { code })
  const guesser = new Browser(node, '198.51.100.3')
  const statuses: number[] = []
  for (let i = 0; i < 8; i += 1)
    statuses.push(
      (await guesser.ask('POST', '/session', { name: 'mara', password: PASSWORD, code: `00000${i}` })).status,
    )
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 401, 429, 429])
})

test('another password ends all other sessions, and the one in use goes on under another secret', async () => {
  const { world, node, browser } = await withAdministrator('password change')
  await using _ = world
  const other = new Browser(node)
  await other.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  const change = (body: object) => browser.ask('PUT', '/account/password', body)
  const next = 'another horse, another battery'
  assert.equal((await change({ current: 'wrong', password: next })).status, 403)
  assert.equal((await change({ password: next })).status, 403)
  assert.equal((await change({ current: PASSWORD, password: 'short' })).status, 400)
  const stolen = browser.cookie
  assert.equal((await change({ current: PASSWORD, password: next })).status, 200)
  assert.equal((await browser.ask('GET', '/users')).status, 200)
  assert.equal((await other.ask('GET', '/users')).status, 401)
  const thief = new Browser(node)
  thief.cookie = stolen
  assert.equal((await thief.ask('GET', '/users')).status, 401)
  assert.equal((await other.ask('POST', '/session', { name: 'mara', password: next })).status, 200)
})

test('people see their own sessions, end them, and nobody else’s', async () => {
  const { world, node, browser } = await withAdministrator('own sessions')
  await using _ = world
  const second = new Browser(node, '203.0.113.5')
  await second.ask('POST', '/session', { name: 'mara', password: PASSWORD })
  type Row = { id: number; way: string; address: string; current: boolean }
  const mine = async (): Promise<Row[]> => (await browser.ask('GET', '/account/sessions')).body['items'] as Row[]
  assert.deepEqual(
    (await mine()).map(({ way, address, current }) => [way, address, current]),
    [
      ['password', '203.0.113.5', false],
      ['welcome', '192.0.2.7', true],
    ],
  )
  const made = await browser.ask('POST', '/users', { name: 'ines', role: 'viewer' })
  const ines = new Browser(node)
  await ines.ask('POST', '/welcome', { code: made.body['code'] as string, password: PASSWORD })
  const [newest] = await mine()
  assert.equal((await ines.ask('DELETE', `/account/sessions/${newest?.id}`)).status, 404)
  assert.equal((await browser.ask('DELETE', `/account/sessions/${newest?.id}`)).status, 204)
  assert.equal((await second.ask('GET', '/users')).status, 401)
})
