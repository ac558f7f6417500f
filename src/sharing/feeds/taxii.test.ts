import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { LIMITS } from '#kernel/limits.ts'
import { feedStage, indicator, listenSource, type Script } from '#test/feeds.ts'
import { removeFeed, runFeed, setFeed } from './commands.ts'

const TAXII = 'application/taxii+json;version=2.1'
const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'

function envelope(response: ServerResponse, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': TAXII, ...headers }).end(JSON.stringify(body))
}
const added = (time: string): Record<string, string> => ({ 'x-taxii-date-added-last': time })
const options = { from: 'c1' }

/** Three pages by `next`, and nothing behind the last time. */
const pages: Script = ({ url }, response) => {
  const query = new URL(url, 'http://x').searchParams
  if (query.has('added_after')) return envelope(response, {})
  const page = Number(query.get('next') ?? 0)
  return envelope(
    response,
    {
      more: page < 2,
      ...(page < 2 ? { next: String(page + 1) } : {}),
      objects: [indicator(page * 2), indicator(page * 2 + 1)],
    },
    added(`2026-01-1${page}T00:00:00.123456Z`),
  )
}

test('every page is read once, and the next run begins behind the last time the server named', async () => {
  await using source = await listenSource(pages)
  await using stage = await feedStage()
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  const feed = await stage.read()
  assert.deepEqual([feed.state, feed.added, feed.known, feed.refused], ['ok', 6, 0, 0])
  assert.deepEqual(
    source.heard.map(({ url }) => url),
    ['', '&next=1', '&next=2'].map(
      (next) => `/api/collections/c1/objects/?${next.slice(1)}${next === '' ? '' : '&'}limit=1000`,
    ),
  )
  stage.clock.advance(3700_000)
  assert.deepEqual((await stage.read()).added, 0)
  assert.equal(
    new URL(source.heard.at(-1)?.url ?? '', 'http://x').searchParams.get('added_after'),
    '2026-01-12T00:00:00.123456Z',
  )
})

test('a request carries what the administrator wrote, what the server said, and nothing else', async () => {
  await using source = await listenSource(pages)
  await using stage = await feedStage()
  const url = `${source.url}/api/`
  const secret = stage.feeds.seal({ user: 'reader', secret: 'open sesame' }, { name: 'f', url })
  await stage.add({ kind: 'taxii', url, options, secret })
  await stage.read()
  for (const { method, body, headers } of source.heard) {
    const { host: _, connection: __, ...said } = headers
    assert.deepEqual(
      { method, body, ...said },
      {
        method: 'GET',
        body: '',
        accept: TAXII,
        'accept-encoding': 'zstd, gzip',
        'user-agent': 'comity',
        authorization: `Basic ${Buffer.from('reader:open sesame').toString('base64')}`,
      },
    )
  }
  const stored = await stage.store.get<{ secret: Uint8Array }>('SELECT secret FROM feed')
  assert.doesNotMatch(Buffer.from(stored?.secret ?? []).toString('latin1'), /sesame|reader/)
})

test('an object keeps a stricter marking and never gets a looser one than the feed', async () => {
  await using source = await listenSource((_, response) =>
    envelope(response, {
      objects: [
        indicator(1),
        indicator(2, { object_marking_refs: [AMBER] }),
        indicator(3, { object_marking_refs: ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'] }),
      ],
    }),
  )
  await using stage = await feedStage()
  const marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' } as const
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options, marking })
  await stage.read()
  assert.deepEqual((await stage.records()).map(({ tlp }) => tlp).toSorted(), ['AMBER', 'GREEN', 'GREEN'])
})

test('what is refused costs itself alone, and says why', async () => {
  await using source = await listenSource((_, response) =>
    envelope(response, { objects: [indicator(1), { type: 'indicator', id: 'indicator--x' }, indicator(2), 7] }),
  )
  await using stage = await feedStage()
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  const feed = await stage.read()
  assert.deepEqual([feed.state, feed.added, feed.refused], ['ok', 2, 2])
  const refusals = await stage.store.all<{ what: string; reason: string }>('SELECT what, reason FROM feed_refusal')
  assert.equal(refusals.length, 2)
  assert.ok(refusals.every(({ reason }) => reason.length > 5))
})

test('a run that breaks off goes on where it was, and begins again where the server forgot', async () => {
  let down = false
  await using source = await listenSource((request, response) => {
    const next = new URL(request.url, 'http://x').searchParams.get('next')
    if (down && next === '1') return void response.writeHead(503, { 'retry-after': '120' }).end()
    return pages(request, response)
  })
  await using stage = await feedStage()
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  down = true
  const broken = await stage.read()
  assert.deepEqual([broken.state, broken.added, broken.failures], ['failing', 2, 1])
  assert.match(broken.error?.message ?? '', /trouble of its own \(503\)/)
  assert.equal(Date.parse(broken.next ?? ''), stage.clock.nowMs() + 120_000)
  down = false
  stage.clock.advance(121_000)
  source.heard.length = 0
  const whole = await stage.read()
  assert.deepEqual([whole.state, whole.failures, whole.error, whole.total], ['ok', 0, undefined, 6])
  assert.match(source.heard[0]?.url ?? '', /next=1/)
  // A mark that is no longer known: from the beginning, and what is known is known.
  const forgetful: Script = (request, response) =>
    new URL(request.url, 'http://x').searchParams.get('next') === '1' && forgotten++ === 0
      ? void response.writeHead(400).end()
      : pages(request, response)
  let forgotten = 0
  source.answer(forgetful)
  await stage.store.write(removeFeed, { actor: 'test', name: 'f' })
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  const again = await stage.read()
  assert.deepEqual([again.state, again.added, again.known], ['ok', 0, 8])
})

test('a server that gives all its pages one mark is read to its end', async () => {
  let page = 0
  await using source = await listenSource((_, response) => {
    page += 1
    envelope(response, { more: page < 4, next: page < 4 ? 'session' : null, objects: [indicator(page)] })
  })
  await using stage = await feedStage()
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  assert.deepEqual([(await stage.read()).state, (await stage.view()).added], ['ok', 4])
})

test('a server that says no mark is asked on behind its last time; of a page with one object the first will do', async () => {
  await using source = await listenSource(({ url }, response) => {
    const after = new URL(url, 'http://x').searchParams.get('added_after')
    const n = after === null ? 1 : Number(after.slice(8, 10)) - 9
    const time = `2026-01-${String(n + 10).padStart(2, '0')}T00:00:00.000000Z`
    envelope(
      response,
      { more: n < 4, objects: [indicator(n)] },
      { [`x-taxii-date-added-${n === 2 ? 'first' : 'last'}`]: time },
    )
  })
  await using stage = await feedStage()
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  assert.deepEqual([(await stage.read()).state, (await stage.view()).added], ['ok', 4])
})

const HOSTILE: readonly (readonly [string, RegExp, Script])[] = [
  [
    'pages without end',
    /the same page again and again/,
    (_, r) => envelope(r, { more: true, next: 'x', objects: [indicator(1)] }),
  ],
  [
    'empty pages without end',
    /empty pages in a row/,
    (q, r) => envelope(r, { more: true, next: `${new URL(q.url, 'http://x').searchParams.get('next') ?? ''}x` }),
  ],
  ['more, and not where', /and not where/, (_, r) => envelope(r, { more: true, objects: [indicator(1)] })],
  ['another media type', /not TAXII 2\.1/, (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello')],
  [
    'an older version',
    /not TAXII 2\.1/,
    (_, r) => r.writeHead(200, { 'content-type': 'application/vnd.oasis.taxii+json; version=2.0' }).end('{}'),
  ],
  ['a redirect', /no redirect is followed/, (_, r) => r.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
  ['no envelope', /no TAXII envelope/, (_, r) => r.writeHead(200, { 'content-type': TAXII }).end('[1, 2]')],
  [
    'half an envelope',
    /no TAXII envelope/,
    (_, r) => r.writeHead(200, { 'content-type': TAXII }).end('{"objects": [{}'),
  ],
  [
    'much besides objects',
    /besides its objects/,
    (_, r) => envelope(r, { objects: [indicator(1)], padding: 'x'.repeat(LIMITS.feedEnvelopeBytesMax) }),
  ],
  ['credentials refused', /does not let this node in \(401\)/, (_, r) => r.writeHead(401).end()],
  ['nothing there', /has nothing at this address/, (_, r) => r.writeHead(404).end()],
  [
    'asked too often',
    /asked less often/,
    (_, r) => r.writeHead(429, { 'retry-after': 'Thu, 15 Jan 2026 09:30:00 GMT' }).end(),
  ],
]

test('whatever a server does, the feed says what, and tries again later and later', async () => {
  for (const [name, message, script] of HOSTILE) {
    await using source = await listenSource(script)
    await using stage = await feedStage()
    await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
    const feed = await stage.read()
    assert.equal(feed.state, 'failing', name)
    assert.match(feed.error?.message ?? '', message, name)
    assert.ok((feed.error?.remedy ?? '').length > 10, name)
    assert.ok(Date.parse(feed.next ?? '') >= stage.clock.nowMs() + 60_000, name)
    assert.ok(source.heard.length <= LIMITS.feedEmptyPagesMax + 2, name)
    assert.deepEqual(stage.errors, [], name)
  }
})

test('a date in Retry-After is kept to, and waits double up to the interval', async () => {
  await using source = await listenSource((_, r) =>
    r.writeHead(429, { 'retry-after': 'Thu, 15 Jan 2026 09:30:00 GMT' }).end(),
  )
  await using stage = await feedStage()
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  assert.equal((await stage.read()).next, '2026-01-15T09:30:00.000Z')
  source.answer((_, r) => void r.writeHead(500).end())
  const waits = []
  for (let round = 0; round < 8; round += 1) {
    await stage.store.write(runFeed, { actor: 'test', name: 'f' })
    const { next } = await stage.read()
    waits.push((Date.parse(next ?? '') - stage.clock.nowMs()) / 60_000)
  }
  assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60, 60])
})

test('a private address is not asked, whoever names it', async () => {
  await using source = await listenSource(pages)
  await using stage = await feedStage({ allowPrivate: false })
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  assert.match((await stage.read()).error?.message ?? '', /private address/)
  assert.equal(source.heard.length, 0)
})

test('who is paused or removed while a page is on its way brings nothing more in', async () => {
  for (const end of ['pause', 'remove'] as const) {
    await using stage = await feedStage()
    await using source = await listenSource((request, response) => {
      const stop =
        end === 'pause'
          ? stage.store.write(setFeed, { actor: 'test', name: 'f', setting: { paused: true } })
          : stage.store.write(removeFeed, { actor: 'test', name: 'f' })
      void stop.then(() => pages(request, response))
    })
    await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
    if (end === 'pause')
      assert.deepEqual([(await stage.read()).state, (await stage.view()).next], ['paused', undefined])
    else await assert.rejects(stage.read(), { code: 'not-found' })
    assert.deepEqual(await stage.records(), [])
    assert.equal(source.heard.length, 1)
  }
})

test('who is not named any more while a page is on its way is not named for what it brings', async () => {
  await using stage = await feedStage()
  const { setCollection } = await import('../collection.ts')
  const name = (named: string[]) =>
    stage.store.write(setCollection, { actor: 'test', id: stage.collection, change: { named } })
  await name(['b.example'])
  await using source = await listenSource((request, response) => void name([]).then(() => pages(request, response)))
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  assert.ok((await stage.read()).added > 0)
  const classes = await stage.store.all<{ marking: string }>(
    'SELECT DISTINCT l.marking FROM record r JOIN label_class l ON l.id = r.label_class',
  )
  assert.deepEqual(
    classes.map(({ marking }) => JSON.parse(marking) as object),
    [{ tlp: 'CLEAR', audience: { named: false, communities: [] }, personal: 'none' }],
  )
})

test('a feed does not speak over what this member says elsewhere, and not again what was taken back', async () => {
  await using source = await listenSource((_, response) =>
    envelope(response, { objects: [indicator(1, { revoked: true, modified: '2026-01-11T00:00:00.000Z' })] }),
  )
  await using stage = await feedStage()
  const { putObjects } = await import('../put.ts')
  const { addCollection, requireCollection } = await import('../collection.ts')
  await stage.store.write(addCollection, { actor: 'test', change: { title: 'Own', alias: 'own' } })
  const own = await requireCollection(stage.store, 'own')
  const pieces = [{ index: 0, bytes: Buffer.from(JSON.stringify(indicator(1))) }]
  await putObjects({ store: stage.store, now: stage.clock.nowMs }, { collection: own, pieces })
  await stage.add({ kind: 'taxii', url: `${source.url}/api/`, options })
  assert.equal((await stage.read()).refused, 1)
  const [refusal] = await stage.store.all<{ reason: string }>('SELECT reason FROM feed_refusal')
  assert.match(refusal?.reason ?? '', /does not speak over it/)
  // What the feed itself brought, and a person took back.
  source.answer((_, response) => envelope(response, { objects: [indicator(2)] }))
  await stage.store.write(runFeed, { actor: 'test', name: 'f' })
  assert.equal((await stage.read()).added, 1)
  const { withdrawRecords } = await import('../withdraw-command.ts')
  const id = (indicator(2) as { id: string }).id
  await stage.store.write(withdrawRecords, { actor: 'test', id, reason: 'false-positive' })
  await stage.store.write(runFeed, { actor: 'test', name: 'f' })
  assert.deepEqual([(await stage.read()).added, (await stage.view()).known], [0, 1])
})
