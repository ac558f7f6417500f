import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyValue } from '#kernel/value.ts'
import { checkObject } from '#sharing/stix/check.ts'
import { FIXED_MARKINGS } from '#sharing/stix/tlp.ts'
import { toCsv } from '#web/ui/csv.ts'
import { EMPTY, type Draft } from '#web/write/draft.ts'
import { whatIsMissing, type Kind, type Writing } from '#web/write/make.ts'
import {
  changedOf,
  noteOf,
  objectOf,
  opinionOf,
  sightingOf,
  textOf,
  TLP_IDS,
  type Common,
  type TlpName,
} from '#web/write/objects.ts'
import { valuesIn } from '#kernel/value-text.ts'

test('values are found in text as people paste it, refanged, each once', () => {
  const text = `Seen: hxxps://evil[.]example/a, (evil[.]example), 203.0.113[.]47; 203.0.113.47.
    mail "a.b[@]mail[.]example" and CVE-2026-12345! sha-256:${'a'.repeat(64)} plain words`
  assert.deepEqual(
    valuesIn(text).values.map(({ kind, value }) => `${kind} ${value}`),
    [
      'url https://evil.example/a',
      'domain evil.example',
      'ipv4 203.0.113.47',
      'email a.b@mail.example',
      'vulnerability CVE-2026-12345',
      `hash sha-256:${'a'.repeat(64)}`,
    ],
  )
})

const found = (text: string): string[] => valuesIn(text).values.map(({ kind, value }) => `${kind} ${value}`)

test('values are found in a sentence of any script, in print, in tables and behind their names', () => {
  const cases: readonly (readonly [string, ...string[]])[] = [
    ['连接 203.0.113.5，以及“evil.example”。', 'ipv4 203.0.113.5', 'domain evil.example'],
    ['样本访问evil.example下载，再连接到203.0.113.8', 'domain evil.example', 'ipv4 203.0.113.8'],
    ['•evil.example—seen twice…', 'domain evil.example'],
    [
      '[evil.example] [http://a.example/x](http://b.example/y)',
      'domain evil.example',
      'url http://a.example/x',
      'url http://b.example/y',
    ],
    ['203.0.113.5:8080 evil.example:443', 'ipv4 203.0.113.5', 'domain evil.example'],
    [`src:203.0.113.5 MD5=${'d'.repeat(32)}`, 'ipv4 203.0.113.5', `hash md5:${'d'.repeat(32)}`],
  ]
  for (const [text, ...values] of cases) assert.deepEqual(found(text), values, text)
})

test('a file and an abbreviation are no domains unless somebody defanged them, and what looks like a value is shown', () => {
  assert.deepEqual(found('e.g. invoice.pdf, setup.exe and update.zip; setup[.]exe'), ['domain setup.exe'])
  const { others, doubtful } = valuesIn('open invoice.pdf at evil.example/a/b, then wait')
  assert.equal(others, 6)
  assert.deepEqual(doubtful, ['invoice.pdf', 'evil.example/a/b'])
})

test('five thousand lines of a table are read whole, and what is too long to be read is counted', () => {
  const line = (n: number): string =>
    `${n}\t2026-01-15 08:00\tseen by us\t10.${n >> 8}.${n & 255}.7\thxxp://h${n}[.]evil[.]example/x`
  const table = valuesIn(Array.from({ length: 5000 }, (_, n) => line(n)).join('\n'))
  assert.deepEqual([table.values.length, table.unread], [10_000, 0])
  assert.equal(valuesIn('word '.repeat(100_007)).unread, 8)
})

test('what is written carries the marking that was chosen', () => {
  for (const [tlp, id] of Object.entries(TLP_IDS)) assert.equal(FIXED_MARKINGS.get(id)?.tlp, tlp)
  assert.equal(Object.keys(TLP_IDS).length, [...FIXED_MARKINGS.values()].filter(({ version }) => version === 2).length)
  const value = anyValue("https://x.example/it's")
  assert.ok(value !== undefined)
  const made = objectOf(
    value,
    { name: '', description: '' },
    { tlp: 'RED', now: '2026-01-15T00:00:00.000Z', newUuid: () => '0', until: undefined },
  )
  assert.equal(made['pattern'], "[url:value = 'https://x.example/it\\'s']")
  assert.deepEqual(made['object_marking_refs'], [TLP_IDS.RED])
})

test('a spreadsheet takes no cell of ours for a formula', () => {
  assert.equal(toCsv([['=1+1', 'a,b', '"q"', '-x']]), `'=1+1,"a,b","""q""",'-x\r\n`)
})

const AT = '2026-01-15T00:00:00.000Z'
const SEEN = 'indicator--00000000-0000-4000-8000-000000000001'
const common = (tlp: TlpName, now = AT): Common => ({
  tlp,
  now,
  newUuid: () => '00000000-0000-4000-8000-00000000000a',
})

test('an opinion and a sighting are what STIX says they are', () => {
  const opinion = opinionOf({ name: '', description: ' seen it ', opinion: 'agree' }, [SEEN], common('GREEN'))
  assert.deepEqual([opinion['opinion'], opinion['explanation'], opinion['object_refs']], ['agree', 'seen it', [SEEN]])
  const seen = { name: '', description: '', count: '3', firstSeen: '2026-01-14T08:00', lastSeen: '' }
  const sighting = sightingOf(seen, [SEEN], common('GREEN'))
  assert.deepEqual(
    [sighting['first_seen'], sighting['last_seen'], sighting['count'], sighting['sighting_of_ref']],
    ['2026-01-14T08:00:00.000Z', undefined, 3, SEEN],
  )
  for (const object of [opinion, sighting]) {
    const answer = checkObject(object, { strictness: 'strict' })
    assert.ok(answer.ok, JSON.stringify(answer))
  }
})

test('a next version is as the one before, later, with another text and under the marking chosen now', () => {
  const foreign = 'marking-definition--00000000-0000-4000-8000-000000000009'
  const before = { ...noteOf({ name: 'a', description: 'b' }, [SEEN], common('GREEN')), x_more: 1 }
  const marked = { ...before, object_marking_refs: [TLP_IDS.GREEN, foreign] }
  assert.deepEqual(textOf(marked), { name: 'a', description: 'b' })
  const next = changedOf(marked, { name: '', description: 'c' }, common('AMBER', '2026-01-16T00:00:00.000Z'))
  const { abstract: _, ...unnamed } = before as Record<string, unknown>
  assert.deepEqual(next, {
    ...unnamed,
    content: 'c',
    modified: '2026-01-16T00:00:00.000Z',
    object_marking_refs: [TLP_IDS.AMBER, foreign],
  })
  const later = changedOf(marked, { name: 'a', description: 'b' }, common('AMBER', '2025-01-01T00:00:00.000Z'))
  assert.equal(later['modified'], '2026-01-15T00:00:00.001Z', 'also by a clock that is behind')
})

test('what is missing is named, and what is there is enough', () => {
  const writing = (kind: Kind, draft: Partial<Draft>, about: readonly string[] = [SEEN]): Writing => ({
    kind,
    draft: { ...EMPTY, ...draft },
    values: [],
    about,
  })
  assert.equal(whatIsMissing(writing('indicators', {})), 'write.needValue')
  const values = [anyValue('evil.example')].filter((value) => value !== undefined)
  for (const days of ['', '-1', '3651', '9'.repeat(20)])
    assert.equal(whatIsMissing({ ...writing('indicators', { days }), values }), 'write.needDays')
  for (const days of ['0', '30', '3650'])
    assert.equal(whatIsMissing({ ...writing('indicators', { days }), values }), undefined)
  assert.equal(whatIsMissing(writing('opinion', {})), 'write.needOpinion')
  assert.equal(whatIsMissing(writing('opinion', { opinion: 'agree' }, [])), 'write.needAbout')
  assert.equal(whatIsMissing(writing('sighting', {}, [SEEN, 'x'])), 'write.needOne')
  assert.equal(whatIsMissing(writing('sighting', { count: '0' })), 'write.needCount')
  const turned = { firstSeen: '2026-01-02T00:00', lastSeen: '2026-01-01T00:00' }
  assert.equal(whatIsMissing(writing('sighting', turned)), 'write.needOrder')
  for (const good of [writing('opinion', { opinion: 'agree' }), writing('sighting', {}), writing('change', {})])
    assert.equal(whatIsMissing(good), undefined)
})
