import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from './fault.ts'
import { parseHeader } from './header.ts'
import { LIMITS } from './limits.ts'

const HEADER = {
  v: 1,
  member: 'cert.example',
  origin: 'cert.example/log',
  id: '0190163d-8694-739b-aea5-966c26f8ad91',
  kind: 'records.put',
  time: '2026-01-02T03:04:05.678Z',
  marking: { tlp: 'AMBER', audience: { named: false, communities: ['energy.example'] }, personal: 'none' },
  mediaType: 'application/stix+json;version=2.1',
  count: 3,
}
const REF = { origin: 'b.example/log', index: 5, commitment: 'ab'.repeat(32) }
const parse = (value: unknown) => parseHeader(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
const invalid = { name: 'Fault', code: 'log.invalid' }

test('a header is read, its optional members too', () => {
  assert.deepEqual(parse(HEADER), HEADER)
  const full = { ...HEADER, contextMarking: { ...HEADER.marking, tlp: 'RED' }, collection: 'x', re: REF, replaces: REF }
  assert.deepEqual(parse(full), full)
})

test('a kind nobody knows yet is read, and keys nobody knows are left out', () => {
  assert.equal(parse({ ...HEADER, kind: 'case.entry-added' }).kind, 'case.entry-added')
  assert.deepEqual(parse({ ...HEADER, later: { x: 1 } }), HEADER)
})

test('a header that lacks anything is refused', () => {
  for (const key of Object.keys(HEADER)) assert.throws(() => parse({ ...HEADER, [key]: undefined }), invalid, key)
})

test('a header with a wrong value is refused', () => {
  const wrong: Record<string, unknown>[] = [
    { v: 2 },
    { v: '1' },
    { member: 'Cert.example' },
    { member: 'cert' },
    { origin: '' },
    { origin: 'o'.repeat(256) },
    { id: '0190163d-8694-439b-aea5-966c26f8ad91' },
    { id: '0190163D-8694-739B-AEA5-966C26F8AD91' },
    { kind: 'Records.put' },
    { kind: 'records put' },
    { kind: '' },
    { kind: 'k'.repeat(65) },
    { time: '2026-01-02T03:04:05+01:00' },
    { time: '2026-02-30T00:00:00Z' },
    { marking: { ...HEADER.marking, tlp: 'PURPLE' } },
    { marking: {} },
    { marking: null },
    { contextMarking: {} },
    { mediaType: '' },
    { count: -1 },
    { count: 1.5 },
    { count: LIMITS.statementRecordsMax + 1 },
    { collection: 5 },
    { re: { ...REF, index: -1 } },
    { re: { ...REF, commitment: 'AB'.repeat(32) } },
    { replaces: [REF] },
  ]
  for (const change of wrong) assert.throws(() => parse({ ...HEADER, ...change }), invalid, JSON.stringify(change))
})

test('a key given twice is refused at any depth, however it is spelled', () => {
  const text = JSON.stringify(HEADER)
  assert.throws(() => parse(text.replace('"v":1', '"v":1,"v":1')), invalid)
  assert.throws(() => parse(text.replace('"tlp":"AMBER"', '"tlp":"RED","tlp":"AMBER"')), invalid)
  assert.throws(() => parse(text.replace('"tlp":"AMBER"', '"\\u0074lp":"RED","tlp":"AMBER"')), invalid)
  assert.deepEqual(parse({ ...HEADER, x: [{ a: ':' }, { a: '{' }] }), HEADER)
})

test('bytes that are not one JSON object in UTF-8 are refused', () => {
  for (const text of ['', '[]', 'null', '{', '"x"', '\ufeff{}', `${JSON.stringify(HEADER)}x`, '['.repeat(8000)]) {
    assert.throws(() => parse(text), invalid, text.slice(0, 10))
  }
  assert.throws(() => parseHeader(Uint8Array.of(0x22, 0xff, 0x22)), invalid)
  assert.throws(() => parse(JSON.stringify({ ...HEADER, x: 'x'.repeat(LIMITS.headerBytesMax) })), invalid)
})

test('no value makes the header parser throw anything but a fault', () => {
  const changed = fc
    .tuple(fc.constantFrom(...Object.keys(HEADER), 're', 'replaces'), fc.jsonValue())
    .map(([key, value]) => {
      return JSON.stringify({ ...HEADER, [key]: value })
    })
  fc.assert(
    fc.property(fc.oneof(changed, fc.json(), fc.string()), (text) => {
      try {
        parse(text)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
      }
    }),
  )
})
