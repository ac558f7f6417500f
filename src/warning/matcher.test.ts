import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'

import fc from 'fast-check'

import { Fault } from '#kernel/fault.ts'
import { anyValue, type Value } from '#kernel/value.ts'

import { buildMatcher } from './matcher.ts'
import { parseWatch, type WatchEntry } from './watch.ts'

function watch(id: number, text: string, kind?: string): WatchEntry {
  const parsed = parseWatch(text, kind)
  if (parsed instanceof Fault) throw parsed
  return { id, ...parsed }
}

function value(text: string): Value {
  return anyValue(text) ?? assert.fail(text)
}

function touched(entries: readonly WatchEntry[], text: string): number[] {
  return buildMatcher(entries)
    .match(value(text))
    .toSorted((a, b) => a - b)
}

test('a domain touches the watched domain and those above it', () => {
  const entries = [
    watch(1, 'example.org'),
    watch(2, 'sub.example.org', 'host'),
    watch(3, 'example.org', 'host'),
    watch(4, 'le.org'),
  ]
  assert.deepEqual(touched(entries, 'evil.sub.example.org'), [1])
  assert.deepEqual(touched(entries, 'sub.example.org'), [1, 2])
  assert.deepEqual(touched(entries, 'example.org'), [1, 3])
  assert.deepEqual(touched(entries, 'badexample.org'), [])
  assert.deepEqual(touched(entries, 'example.org.evil.example'), [])
})

test('a URL touches what its host touches and the URLs above it', () => {
  const entries = [
    watch(1, 'example.org'),
    watch(2, 'https://portal.example.net/login/'),
    watch(3, 'https://portal.example.net:8443/'),
    watch(4, '192.0.2.0/24'),
    watch(5, 'https://x.example/?id=5'),
    watch(6, '2001:db8::/32'),
    watch(7, 'portal.example.net/login/deep'),
  ]
  assert.deepEqual(touched(entries, 'http://a.example.org:99/x?y=/z'), [1])
  assert.deepEqual(touched(entries, 'http://portal.example.net/login'), [2])
  assert.deepEqual(touched(entries, 'http://portal.example.net/login/deep?x'), [2, 7])
  assert.deepEqual(touched(entries, 'http://portal.example.net/loginx'), [])
  assert.deepEqual(touched(entries, 'https://portal.example.net:8443/any'), [3])
  assert.deepEqual(touched(entries, 'https://portal.example.net/'), [])
  assert.deepEqual(touched(entries, 'http://192.0.2.77:8080/'), [4])
  assert.deepEqual(touched(entries, 'http://[::ffff:192.0.2.77]/'), [4])
  assert.deepEqual(touched(entries, 'http://[2001:db8::9]:80/x'), [6])
  assert.deepEqual(touched(entries, 'https://x.example/?id=5&lang=en'), [5])
  assert.deepEqual(touched(entries, 'https://x.example/?id=55'), [])
})

test('a domain or an address touches the watched URLs on that very host', () => {
  const entries = [
    watch(1, 'https://cdn.example.net/tenant'),
    watch(2, 'http://192.0.2.7/x'),
    watch(3, 'http://[2001:db8::7]/x'),
  ]
  assert.deepEqual(touched(entries, 'cdn.example.net'), [1])
  assert.deepEqual(touched(entries, 'a.cdn.example.net'), [])
  assert.deepEqual(touched(entries, '192.0.2.7'), [2])
  assert.deepEqual(touched(entries, '192.0.2.0/29'), [2])
  assert.deepEqual(touched(entries, '2001:db8::7'), [3])
  assert.deepEqual(touched(entries, 'http://192.0.2.7/y'), [])
  assert.deepEqual(touched(entries, 'http://192.0.2.7/x/y'), [2])
})

test('addresses and nets touch what they overlap, both ways', () => {
  const entries = [
    watch(1, '192.0.2.0/24'),
    watch(2, '192.0.2.128/25'),
    watch(3, '192.0.2.200'),
    watch(4, '2001:db8::/32'),
    watch(5, '2001:db8:1::5'),
    watch(6, '::ffff:192.0.2.200'),
  ]
  assert.deepEqual(touched(entries, '192.0.2.200'), [1, 2, 3, 6])
  assert.deepEqual(touched(entries, '192.0.2.1'), [1])
  assert.deepEqual(touched(entries, '192.0.0.0/16'), [1, 2, 3, 6])
  assert.deepEqual(touched(entries, '192.0.2.128/25'), [1, 2, 3, 6])
  assert.deepEqual(touched(entries, '0.0.0.0/0'), [1, 2, 3, 6])
  assert.deepEqual(touched(entries, '192.0.3.0/24'), [])
  assert.deepEqual(touched(entries, '2001:db8:1::/48'), [4, 5])
  assert.deepEqual(touched(entries, '::/0'), [4, 5])
  assert.deepEqual(touched(entries, '2001:db9::1'), [])
})

test('mail, hashes and vulnerabilities', () => {
  const sha = 'ab'.repeat(32)
  const entries = [
    watch(1, 'Jo.Doe@example.org'),
    watch(2, '@example.org'),
    watch(3, 'org.example'),
    watch(4, sha),
    watch(5, 'cve-2026-12345'),
    watch(6, `sha3-256:${sha}`),
    watch(7, 'jürgen@example.org'),
  ]
  assert.deepEqual(touched(entries, 'jo.doe@EXAMPLE.org'), [1, 2])
  assert.deepEqual(touched(entries, 'JÜRGEN@example.org'), [2, 7])
  assert.deepEqual(touched(entries, 'x@mail.example.org'), [])
  assert.deepEqual(touched(entries, 'x@mail.org.example'), [3])
  assert.deepEqual(touched(entries, 'example.org'), [])
  assert.deepEqual(touched(entries, sha.toUpperCase()), [4])
  assert.deepEqual(touched(entries, `sha3-256:${sha}`), [6])
  assert.deepEqual(touched(entries, 'ab'.repeat(16)), [])
  assert.deepEqual(touched(entries, 'CVE-2026-12345'), [5])
  assert.deepEqual(buildMatcher(entries).match({ kind: 'hash', value: 'nonsense' }), [])
})

test('an entry can be replaced and removed at any time, and several may watch one value', () => {
  const matcher = buildMatcher([watch(1, 'example.org'), watch(2, 'example.org')])
  assert.deepEqual(matcher.match(value('example.org')).toSorted(), [1, 2])
  matcher.add(watch(1, '192.0.2.0/24'))
  assert.deepEqual(
    [matcher.match(value('example.org')), matcher.match(value('192.0.2.3')), matcher.size],
    [[2], [1], 2],
  )
  matcher.remove(1)
  matcher.remove(1)
  matcher.remove(99)
  assert.deepEqual([matcher.match(value('192.0.2.3')), matcher.match(value('192.0.0.0/8')), matcher.size], [[], [], 1])
})

/** The definition of touching, entry by entry. */
function touches(entry: WatchEntry, { kind, value: text }: Value): boolean {
  const isUnder = (name: string, above: string): boolean => name === above || name.endsWith(`.${above}`)
  const url = kind === 'url' ? new URL(text) : undefined
  const watched = entry.kind === 'url' ? new URL(entry.value) : undefined
  const inner = url === undefined ? undefined : anyValue(url.hostname.replace(/^\[|\]$/g, ''))
  switch (entry.kind) {
    case 'domain':
      if (kind === 'email') return isUnder(text.split('@')[1]!, entry.value)
      return isUnder(url?.hostname ?? (kind === 'domain' ? text : ''), entry.value)
    case 'host':
      return entry.value === (kind === 'email' ? text.split('@')[1] : (url?.hostname ?? text))
    case 'email-domain':
      return kind === 'email' && text.split('@')[1] === entry.value
    case 'url': {
      const host = anyValue(watched!.hostname.replace(/^\[|\]$/g, ''))!
      if (kind === 'domain') return host.value === text
      if (url === undefined) return overlaps(host, { kind, value: text })
      const [mine, theirs] = [watched!, url].map((each) => `${each.host}${each.pathname}${each.search}`) as [
        string,
        string,
      ]
      const prefix = mine.endsWith('/') ? mine.slice(0, -1) : mine
      return theirs.startsWith(prefix) && (theirs.length === prefix.length || '/?&'.includes(theirs[prefix.length]!))
    }
    case 'email':
      return kind === 'email' && text.toLowerCase() === entry.value.toLowerCase()
    case 'hash':
    case 'vulnerability':
      return kind === entry.kind && text === entry.value
    default:
      return overlaps({ kind: entry.kind, value: entry.value }, inner ?? { kind, value: text })
  }
}

function overlaps(a: Value, b: Value): boolean {
  if (!a.kind.startsWith('ip') || !b.kind.startsWith('ip') || a.kind.slice(0, 4) !== b.kind.slice(0, 4)) return false
  const holds = (outer: Value, inner: Value): boolean => {
    const family = outer.kind.startsWith('ipv4') ? 'ipv4' : 'ipv6'
    const max = family === 'ipv4' ? 32 : 128
    const [net, prefix = max] = outer.value.split('/') as [string, string | undefined]
    const [first, length = max] = inner.value.split('/') as [string, string | undefined]
    if (Number(prefix) > Number(length)) return false
    const list = new BlockList()
    list.addSubnet(net, Number(prefix), family)
    return list.check(first, family)
  }
  return holds(a, b) || holds(b, a)
}

test('it answers as the definition does, through adds and removals', () => {
  const label = fc.constantFrom('a', 'b', 'example')
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
  const ipv4 = fc
    .tuple(fc.constantFrom('10.0', '10.1', '192.0'), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 7 }))
    .map(([head, a, b]) => `${head}.${a}.${b}`)
  const ipv6 = fc
    .tuple(fc.constantFrom('2001:db8:', '2001:db8:1:'), fc.integer({ min: 0, max: 7 }))
    .map(([head, a]) => `${head}:${a}`)
  const net4 = fc.tuple(ipv4, fc.integer({ min: 8, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`)
  const net6 = fc.tuple(ipv6, fc.integer({ min: 19, max: 128 })).map(([address, prefix]) => `${address}/${prefix}`)
  const path = fc.constantFrom('', '/', '/x', '/x/', '/x/y', '/xy', '/x?q=1', '/x?q=1&r', '/?q', '//')
  const url = fc
    .tuple(
      fc.oneof(
        name,
        ipv4,
        ipv6.map((text) => `[${text}]`),
      ),
      fc.constantFrom('', ':8080'),
      path,
    )
    .map(([host, port, rest]) => `http://${host}${port}${rest}`)
  const email = fc.tuple(fc.constantFrom('x', 'Y'), name).map(([local, domain]) => `${local}@${domain}`)
  const hash = fc.constantFrom('a', 'b').map((digit) => digit.repeat(32))
  const cve = fc.constantFrom('CVE-2026-0001', 'CVE-2026-0002')
  const anything = fc.oneof(name, ipv4, ipv6, net4, net6, url, email, hash, cve)
  const entry = fc.oneof(
    anything.map((text) => [text, undefined] as const),
    name.map((text) => [text, 'host'] as const),
    name.map((text) => [text, 'email-domain'] as const),
  )
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.nat(30), entry) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(30), fc.constant(undefined)) },
  )
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 20 }),
      fc.array(step, { maxLength: 20 }),
      fc.array(anything, { minLength: 5 }),
      (first, steps, asked) => {
        const naive = new Map<number, WatchEntry>(first.map(([text, kind], id) => [id, watch(id, text, kind)]))
        const matcher = buildMatcher(naive.values())
        const compare = (): void => {
          assert.equal(matcher.size, naive.size)
          for (const text of asked) {
            const wanted = [...naive.values()].filter((each) => touches(each, value(text))).map(({ id }) => id)
            const found = matcher.match(value(text))
            assert.deepEqual(
              found.toSorted((a, b) => a - b),
              wanted.toSorted((a, b) => a - b),
              text,
            )
          }
        }
        compare()
        for (const [id, change] of steps) {
          if (change === undefined) {
            matcher.remove(id)
            naive.delete(id)
          } else {
            const added = watch(id, change[0], change[1])
            matcher.add(added)
            naive.set(id, added)
          }
        }
        compare()
      },
    ),
    { numRuns: 400 },
  )
})

test('many entries, added, removed and added again, are all found', () => {
  const count = 20_000
  const text = (at: number): string =>
    at % 2 === 0 ? `h${at}.example` : `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
  const matcher = buildMatcher()
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < count; at++) matcher.add(watch(at, text(at)))
    for (let at = 0; at < count; at += 3) matcher.remove(at)
    for (let at = 0; at < count; at++) assert.deepEqual(matcher.match(value(text(at))), at % 3 === 0 ? [] : [at])
    assert.equal(
      matcher.match(value('10.0.0.0/8')).length,
      Array.from({ length: count }, (_, at) => at).filter((at) => at % 2 === 1 && at % 3 !== 0).length,
    )
  }
  assert.equal(matcher.size, count - Math.ceil(count / 3))
})
