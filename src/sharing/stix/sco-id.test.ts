import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson, observableId } from './sco-id.ts'

test('ids are those that OASIS prints in its examples', () => {
  assert.equal(
    observableId({ type: 'ipv4-addr', value: '198.51.100.3' }),
    'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4',
  )
  assert.equal(
    observableId({ type: 'domain-name', value: 'example.com' }),
    'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
  )
})

test('ids are those that the OASIS library makes, extensions and lists included', () => {
  const section = {
    name: '.data',
    size: 4096,
    entropy: 7.980693,
    hashes: { 'SHA-256': '6e3b6f3978e5cd96ba7abee35c24e867b7e64072e2ecb22d0ee7a6e6af6894d0' },
  }
  const file = {
    type: 'file',
    size: 68_000,
    name: 'example.exe',
    magic_number_hex: '50000000',
    hashes: { 'SHA-256': '841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649' },
    extensions: { 'windows-pebinary-ext': { pe_type: 'exe', machine_hex: '014c', sections: [section] } },
  }
  assert.equal(observableId(file), 'file--ced31cd4-bdcb-537d-aefa-92d291bfc11d')
  const values = [
    { name: 'Foo', data: 'qwerty' },
    { name: 'Bar', data: '42' },
  ]
  assert.equal(
    observableId({ type: 'windows-registry-key', values }),
    'windows-registry-key--36594eba-bcc7-5014-9835-0e154264e588',
  )
})

test('of several digests one counts, and the order in the object does not', () => {
  const md5 = { MD5: 'd41d8cd98f00b204e9800998ecf8427e' }
  const alone = observableId({ type: 'file', hashes: md5 })
  assert.equal(
    observableId({ type: 'file', hashes: { 'SHA-1': 'da39a3ee5e6b4b0d3255bfef95601890afd80709', ...md5 } }),
    alone,
  )
})

test('there is no such id where nothing contributes', () => {
  assert.equal(observableId({ type: 'process', pid: 1 }), undefined)
  assert.equal(observableId({ type: 'user-account', is_disabled: true }), undefined)
  assert.equal(observableId({ type: 'indicator', name: 'n' }), undefined)
})

test('canonical JSON is that of RFC 8785', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew',
    '1': 'One',
    '\u{1f600}': 'Smiley',
    '\u0080': 'Control',
    '\u00f6': 'o',
  }
  assert.equal(
    canonicalJson(value),
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"o","€":"Euro Sign","\u{1f600}":"Smiley","\ufb33":"Hebrew"}',
  )
  assert.equal(
    canonicalJson({ b: [1.0, 1e21, 0.000001, 4.5, true, null], a: '\u000f"\\' }),
    '{"a":"\\u000f\\"\\\\","b":[1,1e+21,0.000001,4.5,true,null]}',
  )
})
