import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

import fc from 'fast-check'

import { LIMITS } from '#kernel/limits.ts'
import { dataFile, NO_DATA } from '#test/data.ts'

import { extractValues, valuesOf } from './value.ts'

const of = (object: unknown): string[] => valuesOf(object).map(({ kind, value }) => `${kind} ${value}`)
const indicator = (pattern: string, type = 'stix') => ({ type: 'indicator', pattern, pattern_type: type })
const SHA256 = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f'
const MD5 = 'cead3f77f6cda6ec00f57d76c9a6879f'

test('observables give their values', () => {
  assert.deepEqual(of({ type: 'ipv4-addr', value: '198.51.100.7/24' }), ['ipv4-net 198.51.100.0/24'])
  assert.deepEqual(of({ type: 'ipv6-addr', value: '::FFFF:198.51.100.7' }), ['ipv4 198.51.100.7'])
  assert.deepEqual(of({ type: 'domain-name', value: 'Evil[.]Example.' }), ['domain evil.example'])
  assert.deepEqual(of({ type: 'email-addr', value: 'a@Evil.Example' }), ['email a@evil.example'])
  assert.deepEqual(of({ type: 'url', value: 'hxxp://evil.example' }), ['url http://evil.example/'])
  assert.deepEqual(of({ type: 'artifact', url: 'https://evil.example/a', hashes: { MD5 } }), [
    `hash md5:${MD5}`,
    'url https://evil.example/a',
  ])
  assert.deepEqual(
    of({
      type: 'file',
      hashes: { 'SHA-256': SHA256.toUpperCase(), SSDEEP: '3:x:y' },
      extensions: { 'ntfs-ext': { alternate_data_streams: [{ hashes: { MD5 } }] } },
    }),
    [`hash sha-256:${SHA256}`, `hash md5:${MD5}`],
  )
  const references = [
    { source_name: 'cve', external_id: 'cve-2026-12345' },
    { source_name: 'capec', external_id: 'CAPEC-1' },
  ]
  assert.deepEqual(of({ type: 'vulnerability', name: 'CVE-2026-12345', external_references: references }), [
    'vulnerability CVE-2026-12345',
  ])
})

test('a pattern gives what it looks for, from every branch', () => {
  assert.deepEqual(
    of(
      indicator(
        `([domain-name:value = 'evil.example' AND domain-name:resolves_to_refs[*].value = '198.51.100.1/32']
          FOLLOWEDBY [network-traffic:dst_ref.value ISSUBSET '203.0.113.9/24' OR url:value IN ('http://a.example', 'http://b.example')])
          WITHIN 5 SECONDS OR [file:hashes.'SHA-256' = '${SHA256}' OR file:hashes[*] = '${MD5}' OR email-message:from_ref.value = 'x@y.example']`,
      ),
    ),
    [
      'domain evil.example',
      'ipv4 198.51.100.1',
      'ipv4-net 203.0.113.0/24',
      'url http://a.example/',
      'url http://b.example/',
      `hash sha-256:${SHA256}`,
      `hash md5:${MD5}`,
      'email x@y.example',
    ],
  )
})

test('what a pattern excludes is not among its values', () => {
  const { values, unmatchable } = extractValues(
    indicator(
      "[domain-name:value != 'a.example' OR domain-name:value NOT = 'b.example' OR ipv4-addr:value NOT IN ('192.0.2.1') OR NOT EXISTS url:value]",
    ),
  )
  assert.deepEqual([values, unmatchable], [[], []])
})

test('what cannot be compared is reported', () => {
  const { unmatchable } = extractValues(
    indicator(
      "[domain-name:value LIKE '%.example' OR url:value MATCHES '^http' OR file:name = 'x' OR ipv4-addr:value = 'nonsense' OR ipv4-addr:value ISSUPERSET '192.0.2.0/24']",
    ),
  )
  assert.deepEqual(unmatchable, [
    'domain-name:value LIKE',
    'url:value MATCHES',
    'ipv4-addr:value: not a value',
    'ipv4-addr:value ISSUPERSET',
  ])
  assert.deepEqual(extractValues(indicator('rule x {}', 'yara')).unmatchable, ['a pattern in yara'])
  assert.match(extractValues(indicator('[a')).unmatchable[0] ?? '', /the pattern: expected/)
  assert.equal(extractValues({ type: 'file', hashes: { MD5: 'short' } }).unmatchable.length, 1)
})

test('each value comes once, and never more than the limit', () => {
  const twice = indicator(
    "[ipv4-addr:value IN ('192.0.2.1', '192.0.2.1/32')] OR [ipv4-addr:value = '::ffff:192.0.2.1']",
  )
  assert.deepEqual(of(twice), ['ipv4 192.0.2.1'])
  const streams = Array.from({ length: LIMITS.valuesPerRecordMax + 5 }, (_, at) => ({
    hashes: { MD5: String(at).padStart(32, '0') },
  }))
  const many = extractValues({ type: 'file', extensions: { 'ntfs-ext': { alternate_data_streams: streams } } })
  assert.deepEqual([many.values.length, many.isCapped], [LIMITS.valuesPerRecordMax, true])
  const hashes = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`alg${at}`, 'x']))
  assert.equal(extractValues({ type: 'file', hashes }).unmatchable.length, 100)
})

test('observed data, other types and wrong shapes have no values', () => {
  for (const object of [
    {
      type: 'observed-data',
      object_refs: ['ipv4-addr--x'],
      objects: { '0': { type: 'ipv4-addr', value: '192.0.2.1' } },
    },
    { type: 'malware', name: '192.0.2.1' },
    { type: 'constructor' },
    { type: '__proto__' },
    { type: 'file', hashes: [1] },
    { type: 'ipv4-addr', value: 1 },
    null,
    [],
    'x',
  ])
    assert.deepEqual(extractValues(object), { values: [], unmatchable: [], isCapped: false })
  const type = fc.constantFrom('file', 'indicator', 'vulnerability', 'artifact', 'ipv4-addr', 'url')
  fc.assert(
    fc.property(
      type,
      fc.dictionary(
        fc.constantFrom('hashes', 'value', 'pattern', 'extensions', 'external_references', 'ntfs-ext'),
        fc.jsonValue(),
      ),
      (name, rest) => void valuesOf({ ...rest, type: name }),
    ),
  )
})

test('nearly every indicator of real collections can be matched', (t) => {
  const folder = dataFile('misp/misp-stix')
  if (folder === undefined) return t.skip(NO_DATA)
  let found = 0
  let mute = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue
    const { objects } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { objects?: unknown }
    for (const object of Array.isArray(objects) ? (objects as { type?: string }[]) : []) {
      if (object?.type !== 'indicator') continue
      const { values, unmatchable } = extractValues(object)
      if (values.length > 0) found++
      else if (unmatchable.length === 0) mute++
    }
  }
  t.diagnostic(`${found} indicators with values, ${mute} about other things`)
  assert.ok(found > 100)
})
