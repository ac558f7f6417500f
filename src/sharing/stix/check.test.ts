import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { dataFile, NO_DATA } from '#test/data.ts'
import { type CheckAnswer, checkObject, type Strictness } from './check.ts'
import { DEFINITIONS } from './model/registry.ts'

const UUID = '6ba7b812-9dad-41d1-80b4-00c04fd430c8'
const TIMES = { created: '2026-01-01T00:00:00.000Z', modified: '2026-01-02T00:00:00.000Z' }

/** An object of a type with what all such objects need, and more. */
function versioned(type: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { type, spec_version: '2.1', id: `${type}--${UUID}`, ...TIMES, ...more }
}

function observable(type: string, more: Record<string, unknown>): Record<string, unknown> {
  return { type, id: `${type}--${UUID}`, ...more }
}

const judge = (object: unknown, strictness: Strictness = 'strict') => checkObject(object, { strictness })
const codes = (answer: CheckAnswer) => (answer.ok ? [] : [...new Set(answer.errors.map((error) => error.code))])

test('strict agrees with the OASIS validator on every verdict', (t) => {
  const file = dataFile('stix/verdict-cases.json')
  if (file === undefined) return t.skip(NO_DATA)
  const cases = JSON.parse(readFileSync(file, 'utf8')) as { must_valid: boolean; object: unknown; errors: string[] }[]
  assert.equal(cases.length, 154)
  cases.forEach(({ must_valid: valid, object, errors }, at) => {
    const answer = judge(object)
    assert.equal(answer.ok, valid, `case ${at}: ${JSON.stringify(answer.ok ? errors : answer.errors)}`)
  })
})

test('every object of the real bundles is accepted by lenient', (t) => {
  const folder = dataFile('misp/misp-stix')
  const attack = dataFile('attack/ics-attack-18.1.json')
  const capec = dataFile('attack/capec-stix-2.1.json')
  const examples = dataFile('stix/examples')
  if (folder === undefined || attack === undefined || capec === undefined || examples === undefined)
    return t.skip(NO_DATA)
  const files = [
    attack,
    capec,
    ...globSync(`${examples}/**/*.json`),
    ...globSync(`${folder}/{bundles21-*,files}/*.json`),
  ]
  let count = 0
  for (const file of files) {
    const content = JSON.parse(readFileSync(file, 'utf8')) as { type?: string; objects?: { id: string }[] }
    if (content.type !== 'bundle') continue
    for (const object of content.objects ?? []) {
      const answer = checkObject(object, { strictness: 'lenient', inBundle: true })
      assert.ok(answer.ok, `${file} ${object.id}: ${JSON.stringify(answer)}`)
      count++
    }
  }
  assert.ok(count > 6800, `${count} objects`)
})

const ACCEPTED: readonly Record<string, unknown>[] = [
  versioned('attack-pattern', { name: 'n' }),
  versioned('campaign', { name: 'n', first_seen: '2026-01-01T00:00:00Z', last_seen: '2026-01-01T00:00:00.0Z' }),
  versioned('course-of-action', { name: 'n' }),
  versioned('grouping', { context: 'unspecified', object_refs: [`file--${UUID}`] }),
  versioned('identity', { name: 'n', lang: 'de-CH-1996' }),
  versioned('incident', { name: 'n' }),
  versioned('indicator', {
    pattern: "[url:value = 'https://a.example/']",
    pattern_type: 'stix',
    valid_from: '2024-02-29T00:00:00Z',
  }),
  versioned('infrastructure', { name: 'n' }),
  versioned('intrusion-set', { name: 'n' }),
  versioned('location', { latitude: 47.5, longitude: 7.6, precision: 10 }),
  versioned('malware', { is_family: false }),
  versioned('malware-analysis', { product: 'anonymized', result: 'unknown' }),
  versioned('note', { content: 'c', object_refs: [`indicator--${UUID}`] }),
  versioned('observed-data', {
    first_observed: '2026-01-01T00:00:00Z',
    last_observed: '2026-01-01T00:00:00Z',
    number_observed: 1,
    objects: {
      '0': { type: 'ipv4-addr', value: '192.0.2.1' },
      '1': { type: 'network-traffic', dst_ref: '0', protocols: ['tcp'] },
    },
  }),
  versioned('opinion', { opinion: 'agree', object_refs: [`note--${UUID}`] }),
  versioned('report', { name: 'n', published: '2026-01-01T00:00:00Z', object_refs: [`tool--${UUID}`] }),
  versioned('threat-actor', { name: 'n' }),
  versioned('tool', { name: 'n' }),
  versioned('vulnerability', {
    name: 'n',
    external_references: [{ source_name: 'cve', external_id: 'CVE-2026-0001' }],
  }),
  versioned('relationship', { relationship_type: 'uses', source_ref: `tool--${UUID}`, target_ref: `malware--${UUID}` }),
  versioned('sighting', { sighting_of_ref: `indicator--${UUID}`, where_sighted_refs: [`identity--${UUID}`] }),
  observable('artifact', { url: 'https://a.example/x', hashes: { MD5: 'd41d8cd98f00b204e9800998ecf8427e' } }),
  observable('autonomous-system', { number: 64496 }),
  observable('directory', { path: '/tmp', path_enc: 'utf-8' }),
  observable('domain-name', { value: 'münchen.example' }),
  observable('email-addr', { value: 'a+b@a.example' }),
  observable('email-message', { is_multipart: true, body_multipart: [{ body: 'b' }] }),
  observable('file', {
    name: 'f',
    extensions: { 'windows-pebinary-ext': { pe_type: 'exe', time_date_stamp: '2026-01-01T00:00:00Z' } },
  }),
  observable('ipv4-addr', { value: '192.0.2.0/24' }),
  observable('ipv6-addr', { value: '2001:db8::/32' }),
  observable('mac-addr', { value: '00:1b:44:11:3a:b7' }),
  observable('mutex', { name: 'm' }),
  observable('network-traffic', {
    src_ref: `ipv4-addr--${UUID}`,
    protocols: ['tcp'],
    extensions: { 'tcp-ext': { src_flags_hex: '02' } },
  }),
  observable('process', { pid: 1 }),
  observable('software', { name: 's', cpe: 'cpe:2.3:a:x\\:y:z:1.0:*:*:*:*:*:*:*', languages: ['en'] }),
  observable('url', { value: 'https://a.example/?q=%20' }),
  observable('user-account', { user_id: '1', extensions: { 'unix-account-ext': { gid: 0 } } }),
  observable('windows-registry-key', { key: 'HKEY_LOCAL_MACHINE\\Software\\HKLM' }),
  observable('x509-certificate', { serial_number: '01' }),
  versioned('language-content', { object_ref: `campaign--${UUID}`, contents: { de: { name: 'N' } } }),
  {
    type: 'marking-definition',
    spec_version: '2.1',
    id: `marking-definition--${UUID}`,
    created: TIMES.created,
    definition_type: 'statement',
    definition: { statement: '©' },
  },
  versioned('extension-definition', {
    name: 'n',
    schema: 's',
    version: '1.0.0',
    extension_types: ['new-sdo'],
    created_by_ref: `identity--${UUID}`,
  }),
  { type: 'bundle', id: `bundle--${UUID}`, objects: [versioned('tool', { name: 'n' })] },
]

test('every type of STIX 2.1 has an object that strict accepts without a word', () => {
  assert.deepEqual(new Set(ACCEPTED.map((object) => object['type'])), new Set(DEFINITIONS.map(({ type }) => type)))
  for (const object of ACCEPTED) {
    const answer = judge(object)
    assert.ok(answer.ok, JSON.stringify(answer))
    assert.deepEqual([...answer.forgiven, ...answer.unknown], [], String(object['type']))
  }
})

const REFUSED: readonly (readonly [code: string, object: unknown])[] = [
  ['value.type', null],
  ['value.type', []],
  ['property.missing', {}],
  ['value.type', { type: 1 }],
  ['type.name', versioned('x')],
  ['id.type', { ...versioned('x-a'), id: `x-b--${UUID}` }],
  ['id.format', { ...versioned('tool', { name: 'n' }), id: 'tool--1' }],
  ['property.missing', versioned('tool')],
  ['value.null', versioned('tool', { name: 'n', description: null })],
  ['value.null', versioned('tool', { name: 'n', x_extra: null })],
  ['list.empty', versioned('tool', { name: 'n', labels: [] })],
  ['list.empty', versioned('tool', { name: 'n', x_extra: [] })],
  ['dictionary.empty', versioned('tool', { name: 'n', extensions: {} })],
  ['extension.name', versioned('tool', { name: 'n', extensions: { x: { a: 1 } } })],
  ['property.missing', versioned('tool', { name: 'n', extensions: { [`extension-definition--${UUID}`]: { a: 1 } } })],
  ['property.reserved', versioned('tool', { name: 'n', action: 'a' })],
  ['property.not-here', versioned('tool', { name: 'n', defanged: true })],
  ['property.name', versioned('tool', { name: 'n', 'x-extra': 1 })],
  ['value.hex', versioned('tool', { name: 'n', x_a_hex: 'abc' })],
  ['value.base64', versioned('tool', { name: 'n', x_a_bin: '=' })],
  ['value.language', versioned('tool', { name: 'n', lang: 'english please' })],
  ['value.range', versioned('tool', { name: 'n', confidence: 101 })],
  ['value.type', versioned('tool', { name: 'n', confidence: 1.5 })],
  ['time.order', versioned('tool', { name: 'n', modified: '2025-01-01T00:00:00.000Z' })],
  ['time.format', versioned('tool', { name: 'n', modified: '2026-02-29T00:00:00.000Z' })],
  ['time.format', versioned('tool', { name: 'n', modified: '2026-01-02T00:00:00Z' })],
  ['time.format', versioned('tool', { name: 'n', modified: '2100-02-29T00:00:00.000Z' })],
  [
    'time.order',
    versioned('campaign', { name: 'n', first_seen: '2026-01-02T00:00:00Z', last_seen: '2026-01-01T00:00:00Z' }),
  ],
  ['property.one-of', versioned('tool', { name: 'n', external_references: [{ source_name: 's' }] })],
  [
    'reference.catalogue',
    versioned('attack-pattern', { name: 'n', external_references: [{ source_name: 'capec', external_id: '1' }] }),
  ],
  [
    'selector.nowhere',
    versioned('tool', { name: 'n', granular_markings: [{ lang: 'en', selectors: ['labels.[0]'] }] }),
  ],
  ['selector.format', versioned('tool', { name: 'n', granular_markings: [{ lang: 'en', selectors: ['[0]'] }] })],
  [
    'marking.both',
    versioned('tool', {
      name: 'n',
      granular_markings: [{ lang: 'en', marking_ref: `marking-definition--${UUID}`, selectors: ['name'] }],
    }),
  ],
  ['ref.format', versioned('tool', { name: 'n', object_marking_refs: [`tool--${UUID}`] })],
  ['pattern.syntax', versioned('indicator', { pattern: '[', pattern_type: 'stix', valid_from: TIMES.created })],
  [
    'pattern.name',
    versioned('indicator', { pattern: "[f:name = 'x']", pattern_type: 'stix', valid_from: TIMES.created }),
  ],
  [
    'time.order',
    versioned('indicator', {
      pattern: 'x',
      pattern_type: 'sigma',
      valid_from: TIMES.created,
      valid_until: TIMES.created,
    }),
  ],
  ['property.missing', versioned('location', { region: 'europe', latitude: 1 })],
  ['property.missing', versioned('location', { region: 'europe', precision: 1 })],
  ['value.range', versioned('location', { latitude: 91, longitude: 0 })],
  ['property.one-of', versioned('location')],
  ['property.missing', versioned('malware', { is_family: true })],
  ['property.one-of', versioned('malware-analysis', { product: 'p' })],
  ['value.enum', versioned('opinion', { opinion: 'maybe', object_refs: [`note--${UUID}`] })],
  [
    'ref.format',
    versioned('relationship', {
      relationship_type: 'uses',
      source_ref: `sighting--${UUID}`,
      target_ref: `tool--${UUID}`,
    }),
  ],
  [
    'relationship.type',
    versioned('relationship', { relationship_type: 'USES', source_ref: `tool--${UUID}`, target_ref: `tool--${UUID}` }),
  ],
  [
    'ref.format',
    versioned('sighting', { sighting_of_ref: `indicator--${UUID}`, where_sighted_refs: [`tool--${UUID}`] }),
  ],
  [
    'property.conflict',
    observable('artifact', { url: 'https://a.example/', payload_bin: 'AAAA', hashes: { MD5: '0'.repeat(32) } }),
  ],
  ['property.missing', observable('artifact', { url: 'https://a.example/' })],
  ['property.missing', observable('artifact', { payload_bin: 'AAAA', decryption_key: 'k' })],
  ['hash.value', observable('file', { hashes: { 'SHA-256': 'ab' } })],
  ['hash.name', observable('file', { hashes: { 'a b c': 'ab' } })],
  ['property.one-of', observable('file', { size: 1 })],
  ['property.conflict', observable('file', { hashes: { MD5: '0'.repeat(32) }, name_enc: 'UTF-8' })],
  ['property.conflict', observable('email-message', { is_multipart: true, body: 'b' })],
  ['property.conflict', observable('email-message', { is_multipart: false, body_multipart: [{ body: 'b' }] })],
  ['value.email', observable('email-addr', { value: 'A <a@a.example>' })],
  ['value.domain', observable('domain-name', { value: 'a b.example' })],
  ['value.ipv4', observable('ipv4-addr', { value: '192.0.2.256' })],
  ['value.ipv6', observable('ipv6-addr', { value: '2001:db8:::1' })],
  ['value.mac', observable('mac-addr', { value: '00-1B-44-11-3A-B7' })],
  ['value.uri', observable('url', { value: 'a.example' })],
  ['property.one-of', observable('network-traffic', { protocols: ['tcp'] })],
  ['ref.format', observable('network-traffic', { src_ref: `tool--${UUID}`, protocols: ['tcp'] })],
  [
    'property.conflict',
    observable('network-traffic', {
      src_ref: `ipv4-addr--${UUID}`,
      protocols: ['tcp'],
      is_active: true,
      end: TIMES.created,
    }),
  ],
  ['id.version', { ...observable('process', { pid: 1 }), id: 'process--6ba7b812-9dad-51d1-80b4-00c04fd430c8' }],
  [
    'id.version',
    { ...observable('user-account', { is_disabled: true }), id: 'user-account--6ba7b812-9dad-51d1-80b4-00c04fd430c8' },
  ],
  ['registry.hive', observable('windows-registry-key', { key: 'hklm\\Software' })],
  ['value.cpe', observable('software', { name: 's', cpe: 'cpe:/a:x' })],
  ['value.charset', observable('directory', { path: '/', path_enc: 'latin-99' })],
  [
    'property.not-here',
    versioned('extension-definition', {
      name: 'n',
      schema: 's',
      version: '1',
      extension_types: ['new-sdo'],
      extension_properties: ['abc'],
      created_by_ref: `identity--${UUID}`,
    }),
  ],
  [
    'marking.circular',
    {
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${UUID}`,
      created: TIMES.created,
      definition_type: 'statement',
      definition: { statement: 's' },
      object_marking_refs: [`marking-definition--${UUID}`],
    },
  ],
  [
    'marking.tlp',
    {
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${UUID}`,
      created: TIMES.created,
      definition_type: 'tlp',
      definition: { tlp: 'white' },
    },
  ],
  [
    'ref.local',
    versioned('observed-data', {
      first_observed: TIMES.created,
      last_observed: TIMES.created,
      number_observed: 1,
      objects: { '0': { type: 'network-traffic', dst_ref: '1', protocols: ['tcp'] } },
    }),
  ],
  ['bundle.member', { type: 'bundle', id: `bundle--${UUID}`, objects: [{ type: 'bundle', id: `bundle--${UUID}` }] }],
]

test('strict names the code of what breaks a rule', () => {
  for (const [code, object] of REFUSED)
    assert.ok(codes(judge(object)).includes(code), `${code}: ${JSON.stringify(judge(object))}`)
})

test('a finding says where, and which section of STIX says so', () => {
  const answer = judge(versioned('file-x', { external_references: [{ source_name: 's', url: 'not a url' }] }))
  assert.ok(!answer.ok)
  assert.deepEqual(
    answer.errors.map(({ code, path, clause }) => ({ code, path, clause })),
    [{ code: 'value.uri', path: '/external_references/0/url', clause: '2.5' }],
  )
})

test('the summary carries what storing needs', () => {
  const object = versioned('tool', { name: 'n', modified: '2026-01-02T00:00:00.1234567Z', revoked: true })
  const answer = judge(object)
  assert.ok(answer.ok)
  assert.deepEqual(answer.object, {
    type: 'tool',
    id: `tool--${UUID}`,
    uuid: Uint8Array.fromHex(UUID.replaceAll('-', '')),
    versionMicros: Date.UTC(2026, 0, 2) * 1000 + 123_456,
    specVersion: '2.1',
    revoked: true,
  })
  const plain = judge(observable('mutex', { name: 'm' }))
  assert.ok(plain.ok)
  assert.equal('versionMicros' in plain.object, false)
  assert.equal(plain.object.specVersion, '2.1')
})

test('unknown types, properties and extensions are kept and reported', () => {
  const answer = judge(
    versioned('x-machine', {
      x_serial: 7,
      extensions: { [`extension-definition--${UUID}`]: { extension_type: 'new-sdo' } },
    }),
  )
  assert.ok(answer.ok)
  assert.deepEqual(
    answer.unknown.map(({ code, path }) => `${code} ${path}`),
    ['type.unknown /type', 'property.unknown /x_serial', `extension.unknown /extensions/extension-definition--${UUID}`],
  )
})

test('an id that is not the one made from the content is a remark, not a refusal', () => {
  const answer = judge({ type: 'mutex', id: 'mutex--6ba7b812-9dad-51d1-80b4-00c04fd430c8', name: 'm' })
  assert.ok(answer.ok)
  assert.deepEqual(
    answer.forgiven.map(({ code }) => code),
    ['id.deterministic'],
  )
})

const FORGIVEN: readonly (readonly [code: string, object: unknown])[] = [
  ['time.format', versioned('tool', { name: 'n', created: '2026-01-01T00:00:00Z' })],
  ['time.format', versioned('tool', { name: 'n', modified: '2026-01-02T00:00:00.000+00:00' })],
  ['id.format', { ...versioned('tool', { name: 'n' }), id: 'tool--00000000-0000-0000-0000-000000000000' }],
  ['id.format', { ...versioned('tool', { name: 'n' }), id: 'tool--17' }],
  ['property.missing', { ...versioned('tool', { name: 'n' }), spec_version: undefined }],
  ['list.empty', versioned('tool', { name: 'n', labels: [] })],
  [
    'value.uri',
    versioned('tool', { name: 'n', external_references: [{ source_name: 's', url: ' https://a.example' }] }),
  ],
  ['pattern.syntax', versioned('indicator', { pattern: '[', pattern_type: 'stix', valid_from: TIMES.created })],
]

test('lenient accepts habits of the wild and says which', () => {
  for (const [code, object] of FORGIVEN) {
    const parsed: unknown = JSON.parse(JSON.stringify(object))
    const answer = judge(parsed, 'lenient')
    assert.ok(answer.ok, `${code}: ${JSON.stringify(answer)}`)
    assert.deepEqual(
      answer.forgiven.map((finding) => finding.code),
      [code],
    )
    assert.equal(judge(parsed).ok, false)
  }
})

test('lenient still refuses what cannot be stored, versioned or found again', () => {
  const tool = versioned('tool', { name: 'n' })
  const holes = [
    { id: null },
    { id: 5 },
    { id: 'malware--17' },
    { id: 'tool--a b' },
    { created: null },
    { modified: 'yesterday' },
    { modified: '2026-02-30T00:00:00Z' },
    { spec_version: '3.0' },
    { name: 5 },
    { revoked: null },
  ]
  for (const hole of holes) assert.equal(judge({ ...tool, ...hole }, 'lenient').ok, false, JSON.stringify(hole))
})

test('an object in a bundle without spec_version is one of STIX 2.0', () => {
  const { spec_version: _, ...object } = versioned('tool', { name: 'n' })
  const answer = checkObject(object, { strictness: 'strict', inBundle: true })
  assert.ok(answer.ok)
  assert.equal(answer.object.specVersion, '2.0')
  assert.deepEqual(
    answer.forgiven.map(({ code }) => code),
    ['spec-version.implied'],
  )
})
