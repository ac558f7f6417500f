import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createDataFolder } from '#kernel/data-folder.ts'
import { resolveConfig } from '#src/config.ts'
import { startNode } from '#src/start.ts'
import { PROVIDER_CLIENT, startProvider } from '#test/provider.ts'
import { seededRandom } from '#test/store.ts'
import type { SessionView } from './wire.ts'

/** A browser that follows where it is led, with one jar of cookies for the node. */
class Traveller {
  readonly cookies = new Map<string, string>()
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  /** One step; answers where it leads. */
  async go(url: string): Promise<{ status: number; location: string; body: string }> {
    const ours = url.startsWith(this.#origin)
    const answer = await fetch(url.replace('//localhost', '//127.0.0.1'), {
      redirect: 'manual',
      headers: {
        connection: 'close',
        ...(ours ? { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
      },
    })
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split('=')
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return { status: answer.status, location: answer.headers.get('location') ?? '', body: await answer.text() }
  }

  /** From the button to wherever the node leads in the end. */
  async signIn(): Promise<string> {
    const out = await this.go(`${this.#origin}/api/oidc/start`)
    if (!out.location.startsWith('http://')) return out.location
    const back = await this.go(out.location)
    return (await this.go(back.location)).location
  }

  async session(): Promise<SessionView> {
    return JSON.parse((await this.go(`${this.#origin}/api/session`)).body) as SessionView
  }
}

async function begin() {
  const root = mkdtempSync(join(tmpdir(), 'comity-oidc-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(root, { recursive: true }))
  const provider = stack.use(await startProvider())
  const dataDir = join(root, 'data')
  createDataFolder(dataDir, { member: 'a.example', names: { en: 'A' }, kind: 'technical' }, seededRandom('oidc'))
  writeFileSync(join(dataDir, 'oidc.secret'), `${PROVIDER_CLIENT.secret}\n`, { mode: 0o600 })
  const oidc = {
    issuer: provider.issuer,
    clientId: PROVIDER_CLIENT.id,
    clientSecretFile: 'oidc.secret',
    roles: { soc: 'analyst', boss: 'administrator', everyone: 'viewer' },
    allowPrivate: true,
  }
  writeFileSync(join(dataDir, 'comity.json'), JSON.stringify({ oidc, port: 0, logLevel: 'silent' }))
  const config = resolveConfig({ cwd: root, flags: { 'data-dir': dataDir }, env: {} })
  const node = stack.use(await startNode(config, () => performance.now()))
  const origin = node.gate.site.origins[0] ?? ''
  const kept = stack.move()
  return { provider, node, origin, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('who comes by the member’s provider has the role the provider says, each time anew', async () => {
  await using scene = await begin()
  const { provider, node, origin } = scene
  const browser = new Traveller(origin)
  assert.deepEqual((await browser.session()).ways.oidc, { title: 'Single sign-on', start: '/api/oidc/start' })
  provider.claims = { preferred_username: 'Mara.Ito@corp.example', name: 'Mara Ito', groups: ['everyone', 'soc'] }
  assert.equal(await browser.signIn(), '/')
  const first = await browser.session()
  assert.deepEqual(
    [first.state, first.user?.name, first.user?.display, first.user?.role, first.user?.red],
    ['signed-in', 'mara.ito', 'Mara Ito', 'analyst', false],
  )
  assert.deepEqual([...browser.cookies.keys()], [node.gate.site.cookie], 'what it kept on the way is gone')
  provider.claims = { ...provider.claims, groups: 'everyone' }
  const second = new Traveller(origin)
  assert.equal(await second.signIn(), '/')
  assert.equal((await second.session()).user?.role, 'viewer')
  assert.equal((await browser.session()).state, 'first-administrator', 'the session with the other role has ended')
  const accounts = await node.store.all('SELECT name FROM account')
  assert.equal(accounts.length, 1)
})

test('what does not fit is led back with a word that says why, and nobody is signed in', async () => {
  await using scene = await begin()
  const { provider, node, origin } = scene
  const good = { preferred_username: 'mara', groups: ['soc'] }
  const cases: [string, Partial<typeof provider>][] = [
    ['role', { claims: { preferred_username: 'mara', groups: ['others'] } }],
    ['role', { claims: { preferred_username: 'mara', groups: ['constructor', '__proto__'] } }],
    ['role', { claims: { preferred_username: 'mara' } }],
    ['name', { claims: { preferred_username: '！', groups: ['soc'] } }],
    ['denied', { twist: { nonce: 'another' } }],
    ['denied', { twist: { audience: 'another' } }],
    ['denied', { twist: { key: 'other' } }],
    ['denied', { twist: { expired: true } }],
  ]
  for (const [why, change] of cases) {
    Object.assign(provider, { claims: good, twist: {} }, change)
    const browser = new Traveller(origin)
    assert.equal(await browser.signIn(), `/?refused=${why}`, JSON.stringify(change))
    assert.notEqual((await browser.session()).state, 'signed-in')
  }
  Object.assign(provider, { claims: good, twist: {} })
  const [thief, owner] = [new Traveller(origin), new Traveller(origin)]
  const out = await thief.go(`${origin}/api/oidc/start`)
  const back = await thief.go(out.location)
  assert.equal((await owner.go(back.location)).location, '/?refused=stale', 'another browser cannot come back with it')
  assert.equal((await thief.go(back.location)).location, '/')
  assert.equal((await thief.go(back.location)).location, '/?refused=stale', 'nor the same one twice')
  await node.store.write((await import('./account-commands.ts')).addUser, {
    actor: 'test',
    name: 'boss',
    display: 'boss',
    role: 'administrator',
    red: false,
  })
  provider.claims = { sub: 'subject-2', preferred_username: 'boss', groups: ['everyone'] }
  assert.equal(await new Traveller(origin).signIn(), '/?refused=name', 'a name here is not taken over by a name there')
  const refusals = await node.store.all<{ n: number }>(
    "SELECT count(*) AS n FROM audit WHERE action = 'session.refused'",
  )
  assert.equal(refusals[0]?.n, cases.length + 3)
})

test('where the provider is down or says it is somebody else, people are told, and nothing else is called', async () => {
  await using scene = await begin()
  const { provider, origin } = scene
  provider.twist = { down: true }
  assert.equal(await new Traveller(origin).signIn(), '/?refused=unreachable')
  provider.twist = { issuer: 'http://127.0.0.1:1' }
  assert.equal(await new Traveller(origin).signIn(), '/?refused=unreachable')
  assert.ok(provider.requests.every((request) => request === 'GET /.well-known/openid-configuration'))
})
