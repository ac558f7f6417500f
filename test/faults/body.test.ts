// Bodies that no honest client sends, over every way in that takes one: refused with a code, a place and, where there
// is one, a remedy; nothing by halves; and what was taken is given out again as it came.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { requirePeer } from '#federation/peers.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { seededRandom } from '#test/store.ts'
import { envelope, listenTaxii } from '#test/taxii.ts'
import { World } from '#test/world/world.ts'

type Taxii = Awaited<ReturnType<typeof listenTaxii>>
type TaxiiError = { error_code?: string; description?: string; title?: string; details?: { place?: string } }
type Status = { success_count: number; failure_count: number; failures?: { message: string }[] }

const idOf = (n: number): string => `identity--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
const identity = (n: number): string =>
  JSON.stringify({
    type: 'identity',
    spec_version: '2.1',
    id: idOf(n),
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: `name ${n}`,
  })
const GOOD = identity(1)
const around = (object: string): string => `{"objects":[${object}]}`
const MARK = [0xef, 0xbb, 0xbf]

/** What is no envelope at all: nothing of it goes in. */
const BROKEN: Readonly<Record<string, string | Uint8Array>> = {
  empty: '',
  'cut off': around(GOOD).slice(0, -2),
  'nested 100,000 deep and cut off': '['.repeat(100_000),
  'a byte-order mark': Buffer.concat([Buffer.from(MARK), Buffer.from(around(GOOD))]),
  'UTF-16': Buffer.from(around(GOOD), 'utf16le'),
  'not UTF-8': Buffer.concat([Buffer.from(`{"objects":["`), Buffer.from([0xc3, 0x28]), Buffer.from('"]}')]),
  'a bare NUL': around(GOOD.replace('name 1', 'name\u00001')),
  'two envelopes': around(GOOD) + around(identity(2)),
  'objects twice': `{"objects":[${GOOD}],"objects":[${identity(2)}]}`,
  'objects twice, first no list': `{"objects":{},"objects":[${GOOD}]}`,
  'objects twice, spelled differently': `{"objects":0,"\\u006fbjects":[${GOOD}]}`,
  'two types': `{"type":"identity","type":"bundle","objects":[${GOOD}]}`,
}

/** An envelope around an object that cannot be taken. */
const REFUSED: Readonly<Record<string, string>> = {
  'nested 80,000 deep': GOOD.replace('{', `{"x_deep":${'['.repeat(80_000)}${']'.repeat(80_000)},`),
  'a key twice': GOOD.replace('{', '{"name":"another",'),
  'a key twice, spelled differently': GOOD.replace('{', '{"n\\u0061me":"another",'),
  'a number beyond doubles': GOOD.replace('{', '{"confidence":1e999,'),
  'a list': '[]',
  'an envelope in an envelope': around(GOOD),
  'a time that is none': GOOD.replaceAll('2026-01-01T00', '2026-13-01T00'),
  'dated in the year 9999': GOOD.replaceAll('2026-01-01', '9999-12-31'),
}

/** Odd and allowed: kept and given out byte for byte. */
const KEPT: Readonly<Record<string, string>> = {
  'half a character': GOOD.replace('name 1', 'name \\ud800'),
  'NUL as an escape': GOOD.replace('name 1', 'name\\u00001'),
  'a number of 30 digits': GOOD.replace('{', '{"x_count":123456789012345678901234567890,'),
  'digits below the microsecond': GOOD.replace(
    '"modified":"2026-01-01T00:00:00.000Z"',
    '"modified":"2026-01-01T00:00:00.123456Z"',
  ),
  'dated an hour ahead': GOOD.replaceAll('2026-01-01T00', '2026-01-15T09'),
}

const held = async (taxii: Pick<Taxii, 'store'>): Promise<number> =>
  (await taxii.store.get<{ n: number }>('SELECT count(*) AS n FROM record'))?.n ?? -1

const post = (taxii: Taxii, authorization: string, body: string | Uint8Array) =>
  taxii.send('POST', `${taxii.base}objects/`, { ...envelope(authorization, []), body })

test('over TAXII, what is no envelope is refused whole, with its code, its place and a remedy', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  for (const [what, body] of Object.entries(BROKEN)) {
    const answer = await post(taxii, authorization, body)
    const error = JSON.parse(answer.text) as TaxiiError
    assert.deepEqual([answer.status, error.error_code], [400, 'input.malformed'], what)
    assert.ok(error.details?.place !== undefined || /nested/.test(error.title ?? ''), `${what} has no place`)
    assert.equal(await held(taxii), 0, what)
  }
  assert.equal((await post(taxii, authorization, around(GOOD))).status, 202)
  assert.equal(await held(taxii), 1)
})

test('over TAXII, a bad object is named by its index and why, and the good one beside it goes in', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  for (const [n, [what, object]] of Object.entries(REFUSED).entries()) {
    const answer = await post(taxii, authorization, `{"objects":[${object},${identity(100 + n)}]}`)
    assert.equal(answer.status, 202, what)
    const status = JSON.parse(answer.text) as Status
    assert.deepEqual([status.success_count, status.failure_count], [1, 1], what)
    assert.match(status.failures?.[0]?.message ?? '', /^object 0: .{10}/, what)
    assert.equal(await held(taxii), n + 1, what)
  }
})

test('what is odd and allowed is given out byte for byte', async () => {
  for (const [what, object] of Object.entries(KEPT)) {
    await using taxii = await listenTaxii()
    const authorization = await taxii.client('writer', 'rw')
    assert.equal((JSON.parse((await post(taxii, authorization, around(object))).text) as Status).success_count, 1, what)
    const { text } = await taxii.send('GET', `${taxii.base}objects/`, { headers: { authorization } })
    assert.equal(text, `{"more":false,"objects":[${object}]}`, what)
  }
})

test('what is dated ahead keeps its place in the order of arrival and breaks no paging', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const times = ['2026-01-16T07', '2026-01-01T00', '2026-01-16T06', '2026-01-02T00']
  for (const [n, time] of times.entries())
    await post(taxii, authorization, around(identity(n).replaceAll('2026-01-01T00', time)))
  const seen: string[] = []
  for (let next = ''; seen.length < 10;) {
    const query = `limit=1${next === '' ? '' : `&next=${next}`}`
    const { text } = await taxii.send('GET', `${taxii.base}objects/?${query}`, { headers: { authorization } })
    const page = JSON.parse(text) as { more: boolean; next?: string; objects: { id: string }[] }
    seen.push(...page.objects.map(({ id }) => id))
    if (!page.more) break
    next = page.next ?? ''
  }
  assert.deepEqual(
    seen,
    times.map((_time, n) => idOf(n)),
  )
})

test('over TAXII, no mutation makes the server fail, and what it says is in is given out', async () => {
  await using taxii = await listenTaxii()
  const authorization = await taxii.client('writer', 'rw')
  const seed = seedOf('envelopes')
  const random = seededRandom(seed)
  const pick = (n: number): number => Buffer.from(random(4)).readUInt32BE() % n
  for (let round = 0; round < rounds({ test: 150, soak: 10_000 }); round += 1) {
    const where = `seed ${seed}, round ${round}`
    const objects = [0, 1, 2].map((i) => identity(1000 + round * 3 + i))
    const bytes = Buffer.from(around(objects.join(',')))
    for (let change = 0; change <= pick(3); change += 1) bytes[pick(bytes.length)] = pick(256)
    const before = await held(taxii)
    const answer = await post(taxii, authorization, pick(5) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes)
    const added = (await held(taxii)) - before
    assert.ok(answer.status === 202 || (answer.status >= 400 && answer.status < 500), `${where}: ${answer.status}`)
    if (answer.status !== 202) {
      assert.equal(added, 0, where)
      continue
    }
    const { successes = [] } = JSON.parse(answer.text) as { successes?: { id: string }[] }
    assert.equal(added, successes.length, where)
    for (const { id } of successes) {
      const url = `${taxii.base}objects/${encodeURIComponent(id)}/`
      assert.equal((await taxii.send('GET', url, { headers: { authorization } })).status, 200, `${where}: ${id}`)
    }
  }
})

test('an import above the limit of the whole is broken off and says so', async () => {
  const world = new World('above')
  await using _ = world
  const node = await world.add('a.example')
  await world.api(node, 'POST', '/collections', { title: 'Open', alias: 'open' })
  const answer = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=open&digest=${'0'.repeat(64)}&offset=${LIMITS.importBytesMax}&objects=1`,
    headers: { authorization: `Bearer ${node.token}` },
    payload: `\n${GOOD}`,
  })
  assert.match(answer.body, /"kind":"broken".*17179869184 bytes.*"remedy":"Split the file\."/)
  assert.equal(await held(node), 0)
})

const ODD: Readonly<Record<string, string | Uint8Array>> = {
  ...BROKEN,
  'nested 100,000 deep': `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  'a prototype': '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}',
  'no object': '42',
  null: 'null',
  'odd values': '{"title":"\\ud800","alias":"\\u0000","name":1e999,"grants":[null],"heads":[null],"node":{}}',
}

const WAYS_IN = [
  ['POST', '/api/collections'],
  ['PATCH', '/api/collections/open'],
  ['POST', '/api/clients'],
  ['PATCH', '/api/clients/reader'],
  ['POST', '/api/withdrawals'],
  ['POST', '/api/peers/accept'],
  ['POST', '/api/peers/b.example/approve'],
  ['POST', '/api/watch'],
  ['POST', '/api/watch/import'],
  ['POST', '/api/trust/check'],
  ['PUT', '/api/trust'],
  ['PUT', '/api/policy'],
  ['POST', '/api/policy/check'],
  ['POST', '/api/policy/preview'],
  ['PATCH', '/api/peers/b.example'],
  ['POST', '/api/warnings/1/acknowledge'],
  ['POST', '/api/warnings/1/close'],
  ['POST', '/peer/pair'],
] as const

test('every other way in answers odd bodies and media types with a refusal that has a code', async () => {
  const world = new World('ways in')
  await using _ = world
  const node = await world.add('a.example')
  for (const [method, url] of WAYS_IN)
    for (const [what, payload] of Object.entries(ODD))
      for (const type of ['application/json', 'text/xml', ';;;', 'application/json; charset=utf-16', undefined]) {
        const answer = await node.app.inject({
          method,
          url,
          headers: { authorization: `Bearer ${node.token}`, ...(type === undefined ? {} : { 'content-type': type }) },
          payload: Buffer.from(payload),
        })
        const where = `${what} as ${type} to ${url}: ${answer.statusCode} ${answer.body.slice(0, 200)}`
        // A watch list answers with what became of each line.
        if (url === '/api/watch/import' && /^\{"added":0,"known":0,"refused":\[\{/.test(answer.body)) continue
        assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, where)
        assert.equal(typeof (JSON.parse(answer.body) as { code?: unknown }).code, 'string', where)
        assert.doesNotMatch(answer.body, /nothing is at/, where)
      }
  assert.equal((await node.app.inject({ url: '/healthz' })).statusCode, 200)
})

test('what an approved peer signs and sends is refused as well where it is odd', async () => {
  const world = new World('odd peer')
  await using _ = world
  const [a, b] = [await world.add('a.example'), await world.add('b.example')]
  await world.introduce(a, b)
  const { document } = await requirePeer(b.store, 'a.example')
  let status = 0
  world.network.arrived = (_to, response) => void (status = response.status)
  for (const path of ['/peer/hint', '/peer/heads', '/peer/cosignature'])
    for (const [what, text] of Object.entries(ODD)) {
      const body = Buffer.from(text)
      if (body.length === 0) continue
      const url = `${document.endpoint}${path}`
      const refused = b.federation.caller.call(document, { method: 'POST', url, body, contentType: 'application/json' })
      await assert.rejects(refused, { code: 'peer.refused' }, `${what} to ${path}`)
      assert.ok(status >= 400 && status < 500 && status !== 401, `${what} to ${path}: ${status}`)
    }
  await b.federation.pullPeer('a.example')
})
