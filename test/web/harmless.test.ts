import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defang, hides, plainText, shortId, splitHidden } from '#web/ui/harmless.ts'

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

test('a title holds no more than a line', () => {
  assert.equal(plainText('x'.repeat(10_000), 10), `${'x'.repeat(10)}…`)
  assert.equal(plainText('a\u202Eb'), 'a\u{FFFD}b')
})

test('an id is short in lists', () => {
  assert.equal(shortId('indicator--6f1c2b90-3d5e-4a17-9c58-2e0d7f41b8aa'), 'indicator--6f1c…b8aa')
})
