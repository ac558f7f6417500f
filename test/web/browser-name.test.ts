// What a browser calls itself, made short.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserName } from '#web/account/browser-name.ts'

const LINES: Readonly<Record<string, string>> = {
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'Firefox on Linux',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0':
    'Edge on Windows',
  'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36':
    'Chrome on Android',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1':
    'Safari on iOS',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15':
    'Safari on macOS',
}

test('a browser is named by what people know of it, however many others it names', () => {
  for (const [line, named] of Object.entries(LINES)) {
    const { browser, system } = browserName(line) ?? {}
    assert.equal(`${browser} on ${system}`, named)
  }
})

test('what is no browser is not called one', () => {
  for (const line of ['', 'curl/8.14.1', 'lightMyRequest', '\u202Egnp.exe']) assert.equal(browserName(line), undefined)
})
