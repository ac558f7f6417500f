// Every way out of a node, walked as everybody who might use it, with a record of each class behind it. A route that is
// added must be added here too: what this test does not know makes it fail.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '#kernel/hash.ts'
import { TLP } from '#kernel/marking.ts'
import { SHARES } from '#kernel/policy/types.ts'
import type { NodeDocument } from '#federation/wire.ts'
import { routesOf, signedIn } from './people.ts'
import { RIGHTS_OF } from './rights.ts'
import { canariesIn, Histories, NAMES } from './world/history.ts'
import type { Reader } from './world/may.ts'

const OWNER = 'a.example'

/** Paths to try for each route that answers GET; ids are filled in from what is there. */
const GET_ROUTES: Readonly<Record<string, readonly string[]>> = {
  '/.well-known/comity': [''],
  '/.well-known/comity.proof': [''],
  // The server names /log/tile/* and /peer/mirror/tile/* so.
  '/*': [
    '/warnings',
    '/assets/nothing.js',
    '/log/tile/0/000.p/12',
    '/log/tile/entries/000.p/12',
    '/log/tile/entries/000',
    '/nowhere',
    '/api/nowhere',
    '/peer/mirror/tile/0/000.p/1',
    '/peer/mirror/tile/entries/000.p/1',
  ],
  '/': [''],
  '/healthz': [''],
  '/readyz': [''],
  '/metrics': [''],
  '/log/checkpoint': [''],
  '/peer/mirror/checkpoint': [''],
  '/peer/returns': ['/peer/returns?after=-1'],
  '/peer/returns/held': ['a', 'b', 'd'].map((each) => `/peer/returns/held?after=-1&origin=${each}.example%2Flog`),
  '/peer/deliveries': ['/peer/deliveries?after=0', '/peer/deliveries?after=1&maxBytes=1'],
  '/taxii2': [''],
  '/taxii2/': [''],
  '/taxii2/*': ['/taxii2/COLLECTION', '/taxii2/api/x/y'],
  '/taxii2/api/': [''],
  '/taxii2/api/status/:status/': ['/taxii2/api/status/OBJECT/'],
  '/taxii2/api/collections/': [''],
  '/taxii2/api/collections/:collection/': ['/taxii2/api/collections/COLLECTION/'],
  '/taxii2/api/collections/:collection/objects/': [
    '/taxii2/api/collections/COLLECTION/objects/',
    '/taxii2/api/collections/COLLECTION/objects/?match[version]=all&match[spec_version]=2.0,2.1',
    '/taxii2/api/collections/COLLECTION/objects/?match[id]=OBJECT',
    '/taxii2/api/collections/COLLECTION/objects/?limit=1',
  ],
  '/taxii2/api/collections/:collection/manifest/': ['/taxii2/api/collections/COLLECTION/manifest/'],
  '/taxii2/api/collections/:collection/objects/:object/': ['/taxii2/api/collections/COLLECTION/objects/OBJECT/'],
  '/taxii2/api/collections/:collection/objects/:object/versions/': [
    '/taxii2/api/collections/COLLECTION/objects/OBJECT/versions/',
  ],
  '/api/openapi.json': [''],
  '/api/import': ['/api/import?digest=0000000000000000000000000000000000000000000000000000000000000000'],
  '/api/export': [
    '/api/export?collection=COLLECTION',
    '/api/export?collection=COLLECTION&for=public',
    '/api/export?collection=COLLECTION&for=b.example',
  ],
  '/api/search': [
    '/api/search?q=canary*',
    '/api/search',
    '/api/search?versions=all&tlp=RED',
    '/api/search?author=a.example',
  ],
  '/api/records/:id': ['/api/records/OBJECT'],
  '/api/records/:id/related': ['/api/records/OBJECT/related'],
  '/api/records/:id/neighbours': ['/api/records/OBJECT/neighbours'],
  '/api/graph/path': ['/api/graph/path?from=OBJECT&to=OBJECT'],
  '/api/attack': ['', '/api/attack?by=OBJECT'],
  '/api/records/:id/timeline': ['/api/records/OBJECT/timeline'],
  '/api/search/facets': ['/api/search/facets?q=canary*', '/api/search/facets'],
  '/api/records/:id/proof': ['/api/records/OBJECT/proof'],
  '/api/collections': [''],
  '/api/collections/:name': ['/api/collections/COLLECTION'],
  '/api/answers': [''],
  '/api/policy': [''],
  '/api/policy/versions': [''],
  '/api/policy/matrix': [''],
  '/api/policy/explain': ['/api/policy/explain?id=OBJECT&to=b.example', '/api/policy/explain?id=OBJECT&to=public'],
  '/api/quarantine': [''],
  '/api/erasures': [''],
  '/api/erasures/asked': [''],
  '/api/trust': [''],
  '/api/evidence': [''],
  '/witness/:hash/checkpoint': [
    '/witness/0000000000000000000000000000000000000000000000000000000000000000/checkpoint',
    `/witness/${sha256(Buffer.from('b.example/log')).toHex()}/checkpoint`,
  ],
  '/api/feeds': [''],
  '/api/feeds/:name': ['/api/feeds/f'],
  '/api/feeds/:name/refusals': ['/api/feeds/f/refusals'],
  '/api/clients': [''],
  '/api/member': [''],
  '/api/peers': [''],
  '/api/peers/:member': ['/api/peers/b.example'],
  '/api/peers/:member/given': ['/api/peers/b.example/given'],
  '/api/peers/:member/taken': ['/api/peers/b.example/taken'],
  '/api/peers/:member/proof': ['/api/peers/b.example/proof'],
  '/api/peers/:member/bundles': ['/api/peers/b.example/bundles'],
  '/api/watch': [''],
  '/api/warnings': ['/api/warnings', '/api/warnings?state=open&muted=false'],
  '/api/warnings/assignees': [''],
  '/api/warnings/:id': ['/api/warnings/1'],
  '/api/warnings/:id/deeds': ['/api/warnings/1/deeds'],
  '/api/warnings/stream': [],
  '/api/events': [],
  '/api/home': [''],
  '/api/node': [''],
  '/api/left': [''],
  '/api/jobs': [''],
  '/api/kept': [''],
  '/api/backups': [''],
  '/api/audit.csv': [''],
  '/api/audit': [''],
  '/api/session': [''],
  '/api/sessions': [''],
  '/api/account': [''],
  '/api/account/sessions': [''],
  '/api/account/searches': [''],
  '/api/users': [''],
  '/api/users/:name': ['/api/users/a'],
  '/api/tokens': [''],
}

/** Routes that change something: a stranger is refused there and learns nothing. */
const OTHER_ROUTES = [
  'POST /peer/again',
  'POST /peer/hint',
  'POST /peer/token',
  'POST /peer/pair',
  'POST /peer/cosignature',
  'POST /peer/heads',
  'POST /witness/add-checkpoint',
  'POST /api/trust/check',
  'POST /api/leave',
  'POST /api/log/resume',
  'PUT /api/trust',
  'DELETE /api/trust',
  'POST /taxii2/api/collections/:collection/objects/',
  'DELETE /taxii2/api/collections/:collection/objects/:object/',
  'POST /api/import',
  'POST /api/example',
  'DELETE /api/example',
  'POST /api/withdrawals',
  'POST /api/erasures',
  'POST /api/erasures/asked/:number',
  'POST /api/collections',
  'PATCH /api/collections/:name',
  'POST /api/feeds',
  'POST /api/feeds/preview',
  'PATCH /api/feeds/:name',
  'POST /api/feeds/:name/run',
  'DELETE /api/feeds/:name',
  'POST /api/clients',
  'PATCH /api/clients/:name',
  'DELETE /api/clients/:name',
  'POST /api/peers/invitations',
  'POST /api/peers/accept',
  'POST /api/peers/:member/approve',
  'POST /api/peers/:member/pull',
  'PATCH /api/peers/:member',
  'PATCH /api/member',
  'PUT /api/policy',
  'POST /api/policy/reach',
  'POST /api/policy/check',
  'POST /api/policy/preview',
  'POST /api/peers/:member/bundles',
  'POST /api/bundles/look',
  'POST /api/bundles',
  'DELETE /api/peers/:member',
  'POST /api/watch',
  'POST /api/watch/import',
  'DELETE /api/watch/:id',
  'POST /api/warnings/:id/acknowledge',
  'POST /api/warnings/:id/close',
  'POST /api/warnings/:id/assign',
  'POST /api/warnings/:id/mute',
  'POST /api/warnings/:id/unmute',
  'POST /api/session',
  'DELETE /api/session',
  'POST /api/session/passkey/options',
  'POST /api/session/passkey',
  'POST /api/welcome/passkey/options',
  'POST /api/welcome/passkey',
  'PATCH /api/account',
  'PUT /api/account/password',
  'POST /api/account/totp',
  'PUT /api/account/totp',
  'DELETE /api/account/totp',
  'POST /api/account/recovery-codes',
  'DELETE /api/account/sessions/:id',
  'POST /api/account/passkeys/options',
  'POST /api/account/passkeys',
  'DELETE /api/account/passkeys/:id',
  'POST /api/account/searches',
  'DELETE /api/account/searches/:id',
  'DELETE /api/sessions/:id',
  'POST /api/welcome',
  'POST /api/welcome/look',
  'POST /api/users',
  'PATCH /api/users/:name',
  'DELETE /api/users/:name',
  'POST /api/users/:name/reset',
  'POST /api/jobs/:id/retry',
  'DELETE /api/kept/:number',
  'POST /api/backups',
  'POST /api/backups/:name/check',
  'POST /api/tokens',
  'DELETE /api/tokens/:name',
]

async function prepared(): Promise<Histories> {
  const histories = new Histories('egress')
  for (const name of NAMES) await histories.world.add(name)
  await histories.introduce('a.example', 'b.example')
  await histories.introduce('a.example', 'd.example')
  for (const share of SHARES)
    for (const isPublic of share === 'peers' ? [true, false] : [false])
      for (const named of [[], ['b.example'], ['c.example']]) {
        const collection = await histories.addCollection(OWNER, { share, public: isPublic, named })
        await histories.publish(collection, TLP)
      }
  await histories.world.quiesce()
  return histories
}

function pathsOf(histories: Histories, route: string): string[] {
  const given = GET_ROUTES[route] ?? []
  const collections = histories.collections.map((each) => each.alias)
  const objects = [...histories.said.values()].slice(0, 40).map((each) => each.id)
  return given.flatMap((template) => {
    const path = template === '' ? route : template
    const withCollections = path.includes('COLLECTION')
      ? collections.map((name) => path.replaceAll('COLLECTION', name))
      : [path]
    return withCollections.flatMap((each) =>
      each.includes('OBJECT') ? objects.slice(0, 10).map((id) => each.replaceAll('OBJECT', id)) : [each],
    )
  })
}

test('no route is unknown to this test', async () => {
  const histories = new Histories('routes')
  await using _ = histories.world
  const node = await histories.world.add(OWNER)
  const known = new Set([
    ...Object.keys(GET_ROUTES).flatMap((path) => [`GET ${path}`, `HEAD ${path}`]),
    ...OTHER_ROUTES,
  ])
  const routes = new Set(routesOf(node.app))
  // Methods that TAXII paths answer with a refusal of their own are registered for all methods there are.
  const unknown = [...routes].filter((route) => !known.has(route) && !/^[A-Z]+ (\*|\/taxii2)/.test(route))
  assert.deepEqual(
    unknown.filter((route) => !/^(HEAD|OPTIONS|TRACE) /.test(route)),
    [],
  )
  const unknownRights = [...routes].filter((route) => / \/api\//.test(route) && RIGHTS_OF[route] === undefined)
  assert.deepEqual(
    unknownRights.filter((route) => !/^(HEAD|OPTIONS) /.test(route)),
    [],
    'test/rights.ts says which right each asks for',
  )
  const gone = [...Object.keys(GET_ROUTES).map((path) => `GET ${path}`), ...OTHER_ROUTES]
  assert.deepEqual(
    gone.filter((route) => !routes.has(route)),
    [],
  )
})

test('whoever walks every way out sees what the rules allow, and somebody does see something', async () => {
  const histories = await prepared()
  await using world = histories.world
  const node = histories.member(OWNER)
  const grants = histories.collections.map(({ alias }) => ({ collection: alias, read: true, write: false }))
  const seen = new Map<string, number>()
  type Walker = { readonly who: string; readonly reader: Reader; readonly headers: Record<string, string> }
  const walkers: Walker[] = [{ who: 'stranger', reader: 'public', headers: {} }]
  for (const actsFor of ['public', 'b.example', 'c.example', 'd.example', 'self']) {
    const { secret } = await world.api<{ secret: string }>(node, 'POST', '/clients', { name: actsFor, actsFor, grants })
    const reader: Reader =
      actsFor === 'public' ? 'public' : { member: actsFor === 'self' ? OWNER : actsFor, machine: true, at: OWNER }
    walkers.push({ who: actsFor, reader, headers: { authorization: `Bearer ${secret}` } })
  }
  // Who is not named for RED sees what a program of this member does.
  const [red, other] = [
    await signedIn(node, { name: 'red', role: 'administrator', red: true }),
    await signedIn(node, { name: 'other', role: 'administrator' }),
  ]
  walkers.push({ who: 'user named for RED', reader: { member: OWNER, machine: false }, headers: red })
  walkers.push({ who: 'user', reader: { member: OWNER, machine: true, at: OWNER }, headers: other })
  const token = { name: 'walker', role: 'administrator' }
  const made = await world.api<{ secret: string }>(node, 'POST', '/tokens', token)
  const headers = { authorization: `Bearer ${made.secret}` }
  walkers.push({ who: 'token', reader: { member: OWNER, machine: true, at: OWNER }, headers })
  for (const { who, reader, headers } of walkers)
    for (const route of Object.keys(GET_ROUTES))
      for (const url of pathsOf(histories, route)) {
        const answer = await node.app.inject({
          url,
          headers: {
            accept: 'application/taxii+json;version=2.1, */*',
            ...headers,
          },
        })
        const text = answer.body + JSON.stringify(answer.headers)
        seen.set(who, (seen.get(who) ?? 0) + histories.disclosed(text, reader, `${who} at ${url}`).size)
      }
  assert.deepEqual(histories.leaks, [])
  for (const who of walkers.map((walker) => walker.who))
    assert.ok((seen.get(who) ?? 0) > 0, `${who} sees nothing, so this test shows nothing`)
})

test('a source that this node reads hears nothing of what the node holds', async () => {
  const histories = await prepared()
  await using world = histories.world
  const node = histories.member(OWNER)
  const heard: { readonly url: string; readonly headers: Record<string, string> }[] = []
  world.network.watch = (request) => void (new URL(request.url).host === 'source.example' && heard.push(request))
  const marking = { tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' }
  for (const kind of ['taxii', 'stix', 'list'])
    await world.api(node, 'POST', '/feeds', {
      name: kind,
      kind,
      url: 'http://source.example/a/',
      ...(kind === 'taxii' ? { from: 'c' } : {}),
      collection: histories.collections[0]?.alias,
      marking,
      licence: 'CC0',
      everyMinutes: 5,
      secret: 'for the source',
    })
  await world.quiesce()
  assert.deepEqual(heard.map(({ url }) => url).toSorted(), [
    'http://source.example/a/',
    'http://source.example/a/',
    'http://source.example/a/collections/c/objects/?limit=1000',
  ])
  for (const { url, headers } of heard) {
    assert.deepEqual(Object.keys(headers).toSorted(), ['accept', 'authorization'], url)
    assert.equal(headers['authorization'], 'Bearer for the source')
    assert.equal(canariesIn(JSON.stringify({ url, headers })).size, 0)
  }
})

test('a peer’s node sees what is for it, and nothing by other ways', async () => {
  const histories = await prepared()
  await using _ = histories.world
  const node = histories.member(OWNER)
  const document = JSON.parse((await node.app.inject({ url: '/.well-known/comity' })).body) as NodeDocument
  for (const name of ['b.example', 'd.example']) {
    const peer = histories.member(name)
    let deliveries = 0
    for (const route of Object.keys(GET_ROUTES))
      for (const path of pathsOf(histories, route)) {
        const answer = await peer.federation.caller
          .call(document, { method: 'GET', url: `${document.endpoint}${path}` })
          .catch(() => undefined)
        if (answer !== undefined && path.startsWith('/peer/')) deliveries += answer.body.length
      }
    assert.ok(deliveries > 0)
  }
  assert.deepEqual(histories.leaks, [])
})

test('who changes things without being known is refused and learns nothing', async () => {
  const histories = await prepared()
  await using _ = histories.world
  const node = histories.member(OWNER)
  for (const route of OTHER_ROUTES) {
    const [method = '', path = ''] = route.split(' ')
    const url = path
      .replace(':collection', 'c0')
      .replace(':object', [...histories.said.values()][0]?.id ?? '')
      .replaceAll(/:\w+/g, '1')
    const answer = await node.app.inject({
      method: method as 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      ...(method === 'DELETE' ? {} : { payload: '{}' }),
    })
    assert.ok(answer.statusCode >= 400, `${route} answers ${answer.statusCode}`)
    assert.equal(canariesIn(answer.body).size, 0, route)
  }
})
