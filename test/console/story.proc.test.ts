// The story of a first day, from two empty folders to a warning, told in every language by the same words: names of
// roles and labels come from the files that translators edit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensureConsole } from '../../scripts/console.ts'
import { noBrowser, openBrowser, openWindow, type Look } from './browser.ts'
import { keyboard, pointer, type Hands } from './hands.ts'
import { meet, serveEmptyFolder, setUp, warn } from './first-run.ts'
import { Reader, type Language } from './words.ts'

type Day = { readonly language: Language; readonly look: Look; readonly hands: Hands; readonly how: string }

const DAYS: readonly Day[] = [
  { language: 'en', look: {}, hands: keyboard, how: 'in English, by the keyboard alone' },
  { language: 'zh-Hans', look: { language: 'zh-CN' }, hands: pointer, how: 'in Chinese' },
  { language: 'en-XB', look: { pseudo: true }, hands: pointer, how: 'in the pseudo language, from right to left' },
]
/** Between the set-up page and the node that takes its place nobody answers for a moment. */
const PASSING = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/

for (const { language, look, hands, how } of DAYS)
  test(`from two empty folders to a warning, ${how}`, { skip: noBrowser ?? false, timeout: 300_000 }, async () => {
    await ensureConsole()
    await using first = await serveEmptyFolder()
    await using second = await serveEmptyFolder()
    await using browser = await openBrowser('')
    const windows = [await openWindow(browser, undefined, look), await openWindow(browser, undefined, look)] as const
    const [north, isles] = [
      new Reader(windows[0].page, language, hands),
      new Reader(windows[1].page, language, hands),
    ] as const
    const faults = await Promise.all([
      setUp(north, first.link, { member: 'north.example', name: 'CERT North', chinese: '北方应急中心' }),
      setUp(isles, second.link, { member: 'isles.example', name: 'CERT Isles', chinese: '群岛应急中心' }),
    ])
    assert.deepEqual(faults.flat(), [])
    await meet(north, isles)
    await warn(north, isles)
    const complaints = windows.flatMap((each) => each.complaints)
    assert.deepEqual(
      complaints.filter((each) => !PASSING.test(each)),
      [],
    )
  })
