import assert from 'node:assert/strict'
import { isIPv6 } from 'node:net'
import { test } from 'node:test'

import fc from 'fast-check'

import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './address.ts'
import {
  addressValue,
  anyValue,
  domainValue,
  emailValue,
  hashValue,
  refang,
  urlValue,
  vulnerabilityValue,
} from './value.ts'

test('IPv4 is read strictly and written as it was', () => {
  fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(formatIpv4(parseIpv4(text)), text)))
  for (const text of [
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1..2.3',
    '1.2.3.4 ',
    'a.b.c.d',
    '',
    '1.2.3.-4',
    '.1.2.3.4',
  ]) {
    assert.equal(parseIpv4(text), -1, text)
  }
})

test('IPv6 has one spelling', () => {
  const words = new Uint32Array(4)
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      assert.equal(parseIpv6(text, words), isIPv6(text), text)
      const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
      assert.equal(formatIpv6(words), canonical)
    }),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(':', '1', 'f', '0', '.', '255', '::') }), (text) => {
      assert.equal(parseIpv6(text, words), isIPv6(text), text)
    }),
    { numRuns: 3000 },
  )
})

test('addresses and nets have one spelling', () => {
  for (const [text, kind, value] of [
    ['192.0.2.1', 'ipv4', '192.0.2.1'],
    ['192.0.2[.]1', 'ipv4', '192.0.2.1'],
    ['203.0.113.33/32', 'ipv4', '203.0.113.33'],
    ['192.168.0.1/24', 'ipv4-net', '192.168.0.0/24'],
    ['0.0.0.0/0', 'ipv4-net', '0.0.0.0/0'],
    ['::ffff:192.0.2.1', 'ipv4', '192.0.2.1'],
    ['::FFFF:c000:0201', 'ipv4', '192.0.2.1'],
    ['::ffff:192.0.2.1/120', 'ipv4-net', '192.0.2.0/24'],
    ['2001:0DB8:dead:beef:0000:0000:0000:0000/64', 'ipv6-net', '2001:db8:dead:beef::/64'],
    ['2001:db8::1:0:0:1', 'ipv6', '2001:db8::1:0:0:1'],
    ['2001:db8::1/128', 'ipv6', '2001:db8::1'],
  ])
    assert.deepEqual(addressValue(text!), { kind, value })
  for (const text of ['192.0.2.1/33', '192.0.2.1/', '192.0.2.1/024', '::1/129', '192.0.2.0-9', '::1%eth0'])
    assert.equal(addressValue(text), undefined, text)
})

test('domains have one spelling', () => {
  for (const [text, value] of [
    ['Example.ORG.', 'example.org'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['例子。测试', 'xn--fsqu00a.xn--0zwm56d'],
    ['evil[.]example(.)org', 'evil.example.org'],
    ['evil[dot]example', 'evil.example'],
    ['_dmarc.example.org', '_dmarc.example.org'],
  ])
    assert.deepEqual(domainValue(text!), { kind: 'domain', value })
  for (const text of [
    'localhost',
    '1.2.3.4',
    '1.2',
    'a..b',
    '-a.example',
    'a b.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    'exa%6dple.org',
    'a/b.example',
    '',
    '.',
  ]) {
    assert.equal(domainValue(text), undefined, text)
  }
})

test('URLs have one spelling', () => {
  for (const [text, value] of [
    ['hxxps://Evil[.]Example:443/a/../b?q=1#x', 'https://evil.example/b?q=1'],
    ['hXXp[:]//user:pass@evil.example', 'http://evil.example/'],
    ['http://bücher.example./ä', 'http://xn--bcher-kva.example/%C3%A4'],
    ['http://0xC0.0.2.1:8080/', 'http://192.0.2.1:8080/'],
    ['http://[2001:DB8::1]/', 'http://[2001:db8::1]/'],
  ])
    assert.deepEqual(urlValue(text!), { kind: 'url', value })
  for (const text of [
    'evil.example',
    'mailto:a@b.example',
    'javascript:1',
    'http://',
    'file:///etc/passwd',
    `http://a.example/${'x'.repeat(9000)}`,
  ])
    assert.equal(urlValue(text), undefined, text)
})

test('e-mail addresses, hashes and vulnerabilities have one spelling', () => {
  assert.equal(emailValue('Jo.Doe[@]Bücher.Example')?.value, 'Jo.Doe@xn--bcher-kva.example')
  for (const text of ['a@', '@b.example', 'a b@c.example', 'a@localhost', 'a@b@c.example'])
    assert.equal(emailValue(text), undefined, text)
  const md5 = 'D41D8CD98F00B204E9800998ECF8427E'
  assert.equal(hashValue(md5)?.value, `md5:${md5.toLowerCase()}`)
  assert.equal(hashValue(`SHA256:${'a'.repeat(64)}`)?.value, `sha-256:${'a'.repeat(64)}`)
  assert.equal(hashValue('a'.repeat(64))?.value, `sha-256:${'a'.repeat(64)}`)
  assert.equal(hashValue('a'.repeat(64), 'SHA3-256')?.value, `sha3-256:${'a'.repeat(64)}`)
  for (const [text, algorithm] of [
    [md5, 'SHA-1'],
    [md5, 'SSDEEP'],
    ['f00', undefined],
    ['g'.repeat(32), undefined],
  ] as const)
    assert.equal(hashValue(text, algorithm), undefined)
  assert.equal(vulnerabilityValue(' cve-2026-12345 ')?.value, 'CVE-2026-12345')
  assert.equal(vulnerabilityValue('CVE-26-1'), undefined)
})

test('a text of unknown kind is what it most plainly is', () => {
  const kinds = [
    '192.0.2.1',
    '2001:db8::/32',
    'https://a.example/',
    'a.example',
    'a@b.example',
    'a'.repeat(40),
    'cve-2026-0001',
    'a b',
  ].map((text) => anyValue(text)?.kind)
  assert.deepEqual(kinds, ['ipv4', 'ipv6-net', 'url', 'domain', 'email', 'hash', 'vulnerability', undefined])
})

test('normalising twice changes nothing, and foreign text never throws', () => {
  const part = fc.constantFrom(
    'a',
    '.',
    '[.]',
    'é',
    '。',
    'xn--',
    '@',
    'http://',
    '/',
    ':',
    '1',
    '%41',
    '\\',
    '[',
    ']',
    '-',
    '_',
    ' ',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(part).map((list) => list.join('')),
        fc.webUrl(),
        fc.domain(),
        fc.emailAddress(),
      ),
      (text) => {
        refang(text)
        const value = anyValue(text)
        if (value === undefined) return
        assert.deepEqual(anyValue(value.value), value)
      },
    ),
    { numRuns: 3000 },
  )
})
