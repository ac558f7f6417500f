import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

import { readCsv } from '#kernel/csv-read.ts'
import { readWatchList } from './watch-csv.ts'
import { parseWatch, WATCH_KIND_NAMES, WATCH_KINDS } from './watch.ts'

test('what people write is understood', () => {
  for (const [text, kind, expected, value] of [
    ['Example.org', undefined, 'domain', 'example.org'],
    ['*.example.org', undefined, 'domain', 'example.org'],
    ['.example.org', undefined, 'domain', 'example.org'],
    ['example.org', 'host', 'host', 'example.org'],
    ['evil[.]example', undefined, 'domain', 'evil.example'],
    ['@example.org', undefined, 'email-domain', 'example.org'],
    ['example.org', 'email-domain', 'email-domain', 'example.org'],
    ['a@example.org', undefined, 'email', 'a@example.org'],
    ['hxxps://example[.]org/login', undefined, 'url', 'https://example.org/login'],
    ['https://user@example.org/', undefined, 'url', 'https://example.org/'],
    ['example.org/login', undefined, 'url', 'https://example.org/login'],
    ['example.org', 'url', 'url', 'https://example.org/'],
    ['192.0.2.1', undefined, 'ipv4', '192.0.2.1'],
    ['192.0.2.1/24', 'net', 'ipv4-net', '192.0.2.0/24'],
    ['2001:DB8::/32', 'ip', 'ipv6-net', '2001:db8::/32'],
    ['::ffff:192.0.2.1', 'ipv4', 'ipv4', '192.0.2.1'],
    ['A'.repeat(64), undefined, 'hash', `sha-256:${'a'.repeat(64)}`],
    [' cve-2026-12345 ', undefined, 'vulnerability', 'CVE-2026-12345'],
    ['CVE-2026-12345', 'cve', 'vulnerability', 'CVE-2026-12345'],
  ] as const) {
    assert.deepEqual(parseWatch(text, kind), { kind: expected, value }, text)
  }
})

test('what cannot be watched is refused with a remedy', () => {
  for (const [text, kind] of [
    ['', undefined],
    ['  ', 'ip'],
    ['localhost', undefined],
    ['com', undefined],
    ['a b', undefined],
    ['example.org', 'ip'],
    ['192.0.2.1', 'ipv6'],
    ['192.0.2.1', 'planet'],
    ['0.0.0.0/0', undefined],
    ['10.0.0.0/7', undefined],
    ['2001::/16', undefined],
    ['javascript:alert(1)', undefined],
  ] as const) {
    const fault = parseWatch(text, kind)
    assert.ok(fault instanceof Fault, text)
    assert.equal(fault.code, 'input.invalid')
    assert.ok(fault.remedy)
  }
  for (const kind of WATCH_KINDS) assert.ok(WATCH_KIND_NAMES.includes(kind))
})

test('a watch reads again as itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.domain(), fc.emailAddress(), fc.ipV4(), fc.ipV6()), (text) => {
      const watch = parseWatch(text)
      if (watch instanceof Fault) return
      assert.deepEqual(parseWatch(watch.value, watch.kind), watch)
    }),
    { numRuns: 1000 },
  )
})

test('a list is read line by line and each bad line is named', () => {
  const text = [
    '\ufeffAsset , VALUE,note,kind,owner',
    'mail gateway,mx.example.org,"first, ""best""\r\nsecond line",host,me',
    '',
    'web,nonsense,,,',
    ',192.0.2.1,,,',
    'web,192.0.2.1',
    'web,"192.0.2.2"x,,',
    `${'x'.repeat(LIMITS.assetCharsMax + 1)},192.0.2.3`,
    'web,192.0.2.4,,planet',
    'web,192.0.2.5',
  ].join('\r\n')
  const rows = [...readWatchList(text)].map((row) =>
    row instanceof Fault ? [row.place, row.message] : [row.line, row.watch.value, row.asset, row.note],
  )
  assert.deepEqual(rows, [
    [2, 'mx.example.org', 'mail gateway', 'first, "best"\r\nsecond line'],
    ['line 5', '"nonsense" is nothing that can be watched'],
    ['line 6', 'the asset has no name'],
    [7, '192.0.2.1', 'web', ''],
    ['line 8', 'a quote where none may stand: put the whole field in quotes and double those inside'],
    ['line 9', 'the name of the asset is longer than 200 characters'],
    ['line 10', '"planet" is not a kind of thing to watch'],
    [11, '192.0.2.5', 'web', ''],
  ])
})

test('a list without a fitting header is refused at once', () => {
  for (const text of [
    '',
    '\n\n',
    'value,note\nx,y',
    'value,value,asset\n',
    '192.0.2.1,web\n192.0.2.2,web',
    '"value,asset\n',
  ]) {
    const rows = [...readWatchList(text)]
    assert.equal(rows.length, 1, text)
    assert.ok(rows[0] instanceof Fault && rows[0].place === 'line 1', text)
  }
})

const limits = { fieldCharsMax: 1000, fieldsMax: 10 }
const quote = (field: string): string => (/^[^",\r\n]+$/.test(field) ? field : `"${field.replaceAll('"', '""')}"`)

test('what RFC 4180 writes is read back', () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' '), maxLength: 8 })
  const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 5 }))
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), (list, end) => {
      const text = list.map((row) => row.map(quote).join(',') + end).join('')
      const lines: number[] = []
      let line = 1
      for (const row of list) {
        lines.push(line)
        line += 1 + row.reduce((sum, each) => sum + (each.match(/\r\n|\r|\n/g)?.length ?? 0), 0)
      }
      assert.deepEqual(
        [...readCsv(text, limits)],
        list.map((fields, at) => ({ fields, line: lines[at] })),
      )
    }),
  )
})

test('foreign text ends, within bounds', () => {
  const unit = fc.constantFrom('a', ',', '"', '\n', '\r')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      const rows = [...readCsv(text, { fieldCharsMax: 5, fieldsMax: 3 })]
      assert.ok(rows.length <= text.length + 1)
      for (const row of rows)
        if ('fields' in row) assert.ok(row.fields.length <= 3 && row.fields.every((field) => field.length <= 5))
      void [...readWatchList(text)]
    }),
    { numRuns: 1000 },
  )
  assert.deepEqual(
    [...readCsv(`${','.repeat(20)}\nx`, limits)],
    [
      { problem: 'more than 10 fields', line: 1 },
      { fields: ['x'], line: 2 },
    ],
  )
})
