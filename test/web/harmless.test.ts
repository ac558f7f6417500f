import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defang, escapeHidden, hides, plainText, shortId, splitHidden } from '#web/ui/harmless.ts'
import { drawnText, roomOf } from '#web/ui/room.ts'

test('addresses in a text are no links any more', () => {
  for (const [text, shown] of [
    ['QuayLock staging host 203.0.113.47', 'QuayLock staging host 203.0.113[.]47'],
    ['203.0.113.0/24', '203.0.113[.]0/24'],
    ['https://evil.example/a.b?c=d.e', 'hxxps://evil[.]example/a.b?c=d.e'],
    ['http://192.0.2.7:8080/x', 'hxxp://192.0.2[.]7:8080/x'],
    ['cdn.updates.example', 'cdn.updates[.]example'],
    ['write to a.b@mail.example', 'write to a.b[@]mail[.]example'],
    ['invoice.pdf and setup.exe', 'invoice.pdf and setup.exe'],
    ['version 4.1.2 of it', 'version 4.1.2 of it'],
    ['203.0.113[.]47', '203.0.113[.]47'],
    ['a sentence. Another', 'a sentence. Another'],
  ])
    assert.equal(defang(text ?? ''), shown)
})

test('what hides in a name is shown by its number, and letters keep what joins them', () => {
  assert.deepEqual(splitHidden('Invoice\u202Efdp.exe'), [
    { text: 'Invoice' },
    { hidden: 'U+202E' },
    { text: 'fdp.exe' },
  ])
  assert.ok(hides('a\u200Bb'))
  assert.ok(!hides('क्\u200Dष'))
  assert.ok(!hides('ordinary, 普通, عادي'))
  assert.deepEqual(splitHidden('two\r\nlines'), [{ text: 'two lines' }])
})

test('marks piled on a letter stay in their line', () => {
  const [name, hidden, rest] = splitHidden(`Z${'\u0301'.repeat(200)}algo`)
  assert.deepEqual([name, hidden, rest], [{ text: `Z${'\u0301'.repeat(5)}` }, { hidden: 'U+034F' }, { text: 'algo' }])
  assert.ok(!hides('Tiếng Việt, ภาษาไทย, हिन्दी, עִבְרִית'))
})

test('a value in a script that runs the other way keeps its order', () => {
  assert.equal(plainText(defang('خادم 203.0.113.9')), 'خادم \u2066203.0.113[.]9\u2069')
  assert.equal(plainText(defang('host 203.0.113.9')), 'host 203.0.113[.]9')
})

test('what hides in a text for machines is written out', () => {
  assert.equal(escapeHidden("[file:name = 'a\u202Eb']\n"), "[file:name = 'a\\u202eb']\n")
  assert.equal(escapeHidden('\u{E0041}'), '\\udb40\\udc41')
})

test('a name in a drawing takes no more room than it has, in any script', () => {
  const most = roomOf('n'.repeat(26)) + 12
  for (const name of [
    'W'.repeat(10_000),
    '北方应急中心发布的关于港口闸门控制器攻击活动的警告以及处置建议',
    '🔥'.repeat(60),
    'n'.repeat(40),
  ])
    assert.ok(roomOf(drawnText(name, 26)) <= most, name.slice(0, 10))
  assert.equal(drawnText('CERT North', 26), 'CERT North')
})

test('a title holds no more than a line', () => {
  assert.equal(plainText('x'.repeat(10_000), 10), `${'x'.repeat(10)}…`)
  assert.equal(plainText('a\u202Eb'), 'a\u{FFFD}b')
})

test('an id is short in lists', () => {
  assert.equal(shortId('indicator--6f1c2b90-3d5e-4a17-9c58-2e0d7f41b8aa'), 'indicator--6f1c…b8aa')
})
