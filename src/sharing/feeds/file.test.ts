import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedStage, indicator, listenSource, type Script } from '#test/feeds.ts'
import { runFeed } from './commands.ts'

const DAY_MS = 24 * 3600 * 1000
const text =
  (...lines: string[]): Script =>
  (_, response) =>
    response.end(lines.join('\n'))
const now = { actor: 'test', name: 'f' }

test('a bundle comes in as it flows, and is not sent again while it has not changed', async () => {
  const bundle = { type: 'bundle', id: 'bundle--1', objects: Array.from({ length: 5000 }, (_, n) => indicator(n)) }
  await using source = await listenSource((request, response) => {
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end()
    assert.equal(request.headers['if-modified-since'], undefined)
    response.setHeader('etag', '"1"').end(JSON.stringify(bundle))
  })
  await using stage = await feedStage()
  await stage.add({ kind: 'stix', url: `${source.url}/b.json` })
  assert.deepEqual([(await stage.read()).added, (await stage.view()).state], [5000, 'ok'])
  await stage.store.write(runFeed, now)
  assert.deepEqual([(await stage.read()).known, source.heard.length], [0, 2])
  bundle.objects = [indicator(1, { modified: '2026-01-12T00:00:00.000Z', name: 'newer' }), indicator(2)]
  source.answer((_, response) => void response.setHeader('etag', '"2"').end(JSON.stringify(bundle)))
  await stage.store.write(runFeed, now)
  const feed = await stage.read()
  assert.deepEqual([feed.added, feed.known, feed.total], [1, 1, 5001])
})

test('a bundle that breaks off keeps what came before, and is asked for whole the next time', async () => {
  const objects = Array.from({ length: 3000 }, (_, n) => indicator(n))
  const whole = JSON.stringify({ type: 'bundle', id: 'bundle--1', objects })
  await using source = await listenSource((_, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': whole.length })
    response.write(whole.slice(0, whole.length / 2), () => response.destroy())
  })
  await using stage = await feedStage()
  await stage.add({ kind: 'stix', url: `${source.url}/b.json` })
  const broken = await stage.read()
  assert.deepEqual([broken.state, broken.read], ['failing', undefined])
  source.answer((_, response) => void response.end(whole))
  await stage.store.write(runFeed, now)
  const feed = await stage.read()
  assert.equal(source.heard[1]?.headers['if-none-match'], undefined)
  assert.deepEqual([feed.state, feed.added + feed.known, (await stage.records()).length], ['ok', 3000, 3000])
})

test('lines become indicators of what they are; comments are passed over, the rest is refused by its line', async () => {
  await using source = await listenSource(
    text(
      '# bad',
      'evil[.]example',
      '',
      '198.51.100.7 # seen today',
      'hxxps://evil.example/a',
      'nothing',
      '0.0.0.0 sunk.example',
      'CVE-2026-12345',
      'evil.example',
    ),
  )
  await using stage = await feedStage()
  await stage.add({
    kind: 'list',
    url: `${source.url}/l.txt`,
    marking: { tlp: 'AMBER', audience: { named: false, communities: [] }, personal: 'none' },
  })
  const feed = await stage.read()
  assert.deepEqual([feed.state, feed.added, feed.refused], ['ok', 5, 1])
  const records = await stage.records()
  const objects = records.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>)
  assert.deepEqual(
    objects.map((each) => each['pattern'] ?? each['name']),
    [
      "[domain-name:value = 'evil.example']",
      "[ipv4-addr:value = '198.51.100.7']",
      "[url:value = 'https://evil.example/a']",
      "[domain-name:value = 'sunk.example']",
      'CVE-2026-12345',
    ],
  )
  assert.ok(records.every(({ tlp }) => tlp === 'AMBER'))
  assert.deepEqual(objects[0]?.['external_references'], [{ source_name: 'f', description: 'CC0' }])
  const [refusal] = await stage.store.all<{ what: string }>('SELECT what FROM feed_refusal')
  assert.equal(refusal?.what, 'line 6')
})

test('a column of a table is found by its name or its number', async () => {
  await using source = await listenSource(
    text('when,"dst ip",note', '2026-01-01,198.51.100.1,"a, b"', '2026-01-02,198.51.100.2,c'),
  )
  for (const [column, added, refused] of [
    ['Dst IP', 2, 0],
    ['2', 2, 1],
    ['nowhere', 0, 3],
  ] as const) {
    await using stage = await feedStage()
    await stage.add({ kind: 'list', url: `${source.url}/l.csv`, options: { column } })
    const feed = await stage.read()
    assert.deepEqual([feed.added, feed.refused, feed.state], [added, refused, added === 0 ? 'failing' : 'ok'], column)
  }
})

test('what vanishes from a list is left, or revoked after the days that were chosen, and comes back as another object', async () => {
  for (const revokeAfterDays of [undefined, 2]) {
    await using source = await listenSource(text('a.example', 'b.example'))
    await using stage = await feedStage()
    await stage.add({
      kind: 'list',
      url: `${source.url}/l.txt`,
      options: revokeAfterDays === undefined ? {} : { revokeAfterDays },
    })
    const revoked = async (): Promise<unknown[]> =>
      (await stage.records())
        .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>)
        .filter((each) => each['revoked'] === true)
        .map((each) => each['name'])
    await stage.read()
    source.answer(text('a.example'))
    for (const day of [0, 1, 2, 3]) {
      await stage.store.write(runFeed, now)
      await stage.read()
      assert.deepEqual(await revoked(), revokeAfterDays !== undefined && day >= 2 ? ['b.example'] : [], `day ${day}`)
      stage.clock.advance(DAY_MS)
    }
    source.answer(text('a.example', 'b.example'))
    await stage.store.write(runFeed, now)
    const feed = await stage.read()
    assert.deepEqual([feed.added, (await stage.records()).length], revokeAfterDays === undefined ? [0, 2] : [1, 3])
  }
})

test('what is back in time is not revoked', async () => {
  await using source = await listenSource(text('a.example', 'b.example'))
  await using stage = await feedStage()
  await stage.add({ kind: 'list', url: `${source.url}/l.txt`, options: { revokeAfterDays: 2 } })
  for (const lines of [
    ['a.example', 'b.example'],
    ['a.example'],
    ['a.example', 'b.example'],
    ['a.example', 'b.example'],
  ]) {
    source.answer(text(...lines))
    await stage.store.write(runFeed, now)
    await stage.read()
    stage.clock.advance(DAY_MS * 1.5)
  }
  assert.equal((await stage.records()).length, 2)
})

test('an empty list, a page for people and a list of something else change nothing', async () => {
  await using source = await listenSource(text('a.example'))
  await using stage = await feedStage()
  await stage.add({ kind: 'list', url: `${source.url}/l.txt`, options: { revokeAfterDays: 1 } })
  await stage.read()
  const wrong: readonly Script[] = [
    text(''),
    text('# all quiet'),
    text('one', 'two'),
    (_, response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('evil.example'),
  ]
  for (const script of wrong) {
    source.answer(script)
    stage.clock.advance(2 * DAY_MS)
    await stage.store.write(runFeed, now)
    assert.equal((await stage.read()).state, 'failing')
  }
  const values = await stage.store.all<{ gone: number | null }>('SELECT gone_ms AS gone FROM feed_value')
  assert.deepEqual(
    values.map(({ gone }) => gone),
    [null],
  )
})

test('a removed feed leaves its records and nothing of its own', async () => {
  await using source = await listenSource((_, response) =>
    response.end(Array.from({ length: 2500 }, (_each, n) => `h${n}.example`).join('\n')),
  )
  await using stage = await feedStage()
  await stage.add({ kind: 'list', url: `${source.url}/l.txt` })
  assert.equal((await stage.read()).added, 2500)
  const { removeFeed } = await import('./commands.ts')
  await stage.store.write(removeFeed, now)
  await assert.rejects(stage.read(), { code: 'not-found' })
  for (const table of ['feed', 'feed_value', 'feed_refusal', 'job'])
    assert.equal((await stage.store.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n, 0, table)
  assert.equal((await stage.records()).length, 2500)
})

test('an erase leaves nothing of a value that a list brought', async () => {
  await using source = await listenSource(text('person.example', 'other.example'))
  await using stage = await feedStage()
  await stage.add({ kind: 'list', url: `${source.url}/l.txt` })
  await stage.read()
  const row = await stage.store.get<{ object: string }>("SELECT object FROM feed_value WHERE value = 'person.example'")
  const { eraseRecords } = await import('../erase-command.ts')
  await stage.store.write(eraseRecords, {
    actor: 'test',
    of: { id: row?.object ?? '' },
    reason: 'personal-data',
  } as never)
  const left = await stage.store.all<{ value: string }>('SELECT value FROM feed_value')
  assert.deepEqual(
    left.map(({ value }) => value),
    ['other.example'],
  )
})

test('an erase takes what a feed brought of the same object and what was not taken', async () => {
  const bundle = (name: string): Script => {
    const objects = [1, 2].map((n) => indicator(n, { name }))
    return (_, response) => void response.end(JSON.stringify({ type: 'bundle', id: 'bundle--1', objects }))
  }
  await using source = await listenSource(bundle('one'))
  await using stage = await feedStage()
  await stage.add({ kind: 'stix', url: `${source.url}/b.json` })
  await stage.read()
  source.answer(bundle('other'))
  await stage.store.write(runFeed, now)
  assert.equal((await stage.read()).refused, 2)
  const { id } = indicator(1) as { id: string }
  const { eraseRecords } = await import('../erase-command.ts')
  await stage.store.write(eraseRecords, { actor: 'test', of: { id }, reason: 'legal', keepHeader: false })
  const left = await stage.store.all<{ what: string }>('SELECT what FROM feed_refusal')
  assert.deepEqual(
    left.map(({ what }) => what.split(' ')[0]),
    [(indicator(2) as { id: string }).id],
  )
})
