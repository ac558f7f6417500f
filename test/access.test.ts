// Every way into a node's own interface, tried as everybody: each role by session and by token, a stranger, and those
// whose session or token has ended. A route that is added must be added here too.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { guardRoutes, needs } from '#kernel/http/access.ts'
import { RIGHTS, ROLE_RIGHTS, ROLES, type Right, type Role } from '#kernel/role.ts'
import { createServer } from '#kernel/http/server.ts'
import { pino } from 'pino'
import { RIGHTS_OF } from './rights.ts'
import { makePeople, routesOf, type Person } from './people.ts'
import { World } from './world/world.ts'

/** Not tried by who may: these answer for as long as somebody listens, or end the session that the next try needs. */
const ENDLESS = new Set([
  'GET /api/warnings/stream',
  'GET /api/events',
  'DELETE /api/session',
  'DELETE /api/account/totp',
])

function mayPass(access: Right | 'user', who: Person): boolean {
  return access === 'user' ? who.signedIn : ROLE_RIGHTS[who.role].includes(access)
}

test('every route of the interface stands in this table, and nothing else does', async () => {
  await using world = new World('access routes')
  const routes = routesOf((await world.add('a.example')).app).filter((route) => / \/api\//.test(route))
  assert.deepEqual(
    routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route)).toSorted(),
    Object.keys(RIGHTS_OF).toSorted(),
  )
})

test('each role may do what the table says and nothing more; strangers and ended credentials nothing', async () => {
  await using world = new World('access')
  const node = await world.add('a.example')
  const people = await makePeople(world, node)
  const wrong: string[] = []
  let passed = 0
  for (const [route, access] of Object.entries(RIGHTS_OF)) {
    if (access === 'anyone') continue
    const [method = '', path = ''] = route.split(' ')
    const url = path.replaceAll(/:\w+/g, '999999')
    const body = method === 'GET' || method === 'DELETE' ? {} : { payload: {} }
    for (const [title, person] of people) {
      const may = person.works && mayPass(access, person)
      if (may && ENDLESS.has(route)) continue
      const answer = await node.app.inject({ method: method as 'GET', url, headers: { ...person.headers }, ...body })
      const { code } = answer.statusCode < 400 ? { code: '' } : answer.json<{ code: string }>()
      const expected = may ? undefined : person.works ? 'auth.denied' : 'auth.required'
      const refusal = code.startsWith('auth.') ? code : undefined
      if (refusal !== expected) wrong.push(`${route} as ${title}: ${answer.statusCode} ${code}`)
      if (may) passed += 1
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(passed > 100)
})

test('a write by a session needs its token, and no other site’s page can send one', async () => {
  await using world = new World('csrf')
  const node = await world.add('a.example')
  const people = new Map(await makePeople(world, node))
  const { headers } = people.get('administrator by session') as Person
  const post = async (extra: Record<string, string | undefined>): Promise<number> =>
    (
      await node.app.inject({
        method: 'POST',
        url: '/api/peers/invitations',
        headers: Object.fromEntries(
          Object.entries({ ...headers, ...extra }).filter((each): each is [string, string] => each[1] !== undefined),
        ),
      })
    ).statusCode
  assert.equal(await post({}), 201)
  assert.equal(await post({ origin: 'http://a.example', 'sec-fetch-site': 'same-origin' }), 201)
  assert.equal(await post({ 'x-comity-csrf': undefined }), 403)
  assert.equal(await post({ 'x-comity-csrf': 'A'.repeat(43) }), 403)
  for (const origin of ['https://evil.example', 'http://a.example:81', 'https://a.example', 'null', ''])
    assert.equal(await post({ origin }), 403, origin)
  for (const from of ['cross-site', 'same-site']) assert.equal(await post({ 'sec-fetch-site': from }), 403, from)
  const cookie = await node.app.inject({ url: '/api/peers', headers: { ...headers, 'sec-fetch-site': 'same-site' } })
  assert.equal(cookie.statusCode, 403, 'nor can it read what a cookie opens')
})

test('a token is for its parts only, and makes none that may do more', async () => {
  await using world = new World('parts')
  const node = await world.add('a.example')
  const make = (body: unknown) => world.api<{ secret: string }>(node, 'POST', '/tokens', body)
  const { secret } = await make({ name: 'partly', role: 'administrator', parts: ['identity', 'warning'] })
  const call = async (method: 'GET' | 'POST', url: string, payload?: object): Promise<number> =>
    (
      await node.app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${secret}` },
        ...(payload && { payload }),
      })
    ).statusCode
  assert.deepEqual(
    [await call('GET', '/api/warnings'), await call('GET', '/api/users'), await call('GET', '/api/peers')],
    [200, 200, 403],
  )
  assert.equal(await call('POST', '/api/tokens', { name: 'x1', role: 'viewer' }), 403)
  assert.equal(await call('POST', '/api/tokens', { name: 'x2', role: 'viewer', parts: ['sharing'] }), 403)
  assert.equal(await call('POST', '/api/tokens', { name: 'x3', role: 'viewer', parts: ['warning'] }), 201)
})

test('a route that does not say who may use it keeps a node from starting', async () => {
  const app = await createServer({
    logger: pino({ level: 'silent' }),
    tls: undefined,
    trustedProxies: [],
    bodyBytesMax: 1000,
    requestsPerMinute: 1000,
    version: '0',
    requestId: () => 'x',
  })
  guardRoutes(app, async () => undefined)
  app.get('/told', { config: needs('read', 'sharing') }, async () => 'x')
  assert.throws(() => app.get('/untold', async () => 'x'), /GET \/untold does not say who may use it/)
  await app.close()
})

test('the page about users says who may do what, as the code does', () => {
  const page = readFileSync(new URL('../docs/operating/users.md', import.meta.url), 'utf8')
  const [head = ''] = page.split('\n').filter((line) => line.startsWith('| right |'))
  const roles = cellsOf(head).slice(1, -1)
  assert.deepEqual(roles, [...ROLES])
  for (const right of RIGHTS) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${right}\` |`)) ?? ''
    const told = cellsOf(row)
      .slice(1, -1)
      .map((cell) => cell === 'yes')
    assert.deepEqual(
      told,
      ROLES.map((role: Role) => ROLE_RIGHTS[role].includes(right)),
      right,
    )
  }
})

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}
