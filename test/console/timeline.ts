// The line of time: from the page of a record, with what happened around it, how long things count and what warned here; the
// same in words below it.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { eventually, openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, say, type Stage } from './stage.ts'
import { indicator, relation } from './story.ts'

const QUAYLOCK = 'malware--00000000-0000-4000-8000-000000000002'

export async function aroundARecord(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/records/${QUAYLOCK}`)
  await page.getByRole('button', { name: 'Time line' }).click()
  const table = page.getByRole('table', { name: 'In words' })
  await table.getByRole('row', { name: /counts until QuayLock staging host/ }).waitFor()
  await table.getByRole('row', { name: /first seen Slack Tide/ }).waitFor()
  await table.getByRole('row', { name: /warning here QuayLock staging host/ }).waitFor()
  const drawing = page.getByRole('application', { name: /Time line of \d+ records/ })
  const ticks = (): Promise<string[]> => drawing.locator('text.m').allInnerTexts()
  const before = await ticks()
  await drawing.focus()
  for (const _ of [1, 2, 3]) await page.keyboard.press('+')
  const nearer = await ticks()
  assert.notDeepEqual(nearer, before)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  assert.notDeepEqual(await ticks(), nearer)
  await page.getByRole('button', { name: 'Show all' }).click()
  assert.deepEqual(await ticks(), before)
  await context.close()
}

const BUSY = 'malware--00000000-0000-4000-8000-000000000777'

/** A record that very much hangs on: a lane for each kind, opened by a button, nearer by the wheel. */
export async function manyAroundARecord(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const busy = { ...indicator(777, 'Swell', ''), type: 'malware', id: BUSY, is_family: true }
  const {
    pattern: _,
    pattern_type: __,
    valid_from: ___,
    indicator_types: ____,
    ...family
  } = busy as Record<string, unknown>
  const hosts = Array.from({ length: 24 }, (_each, at) =>
    indicator(800 + at, `Swell host ${at}`, `[ipv4-addr:value = '198.51.100.${at + 100}']`),
  )
  const links = hosts.map((host, at) => relation(830 + at, host, 'indicates', family))
  await say(stage.member('isles.example'), 'advisories', [family, ...hosts, ...links])
  await stage.world.quiesce()
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/timeline?id=${BUSY}`)
  const drawing = page.getByRole('application', { name: 'Time line of 25 records' })
  await drawing.waitFor()
  const heightOf = async (): Promise<number> => (await drawing.boundingBox())?.height ?? 0
  const folded = await heightOf()
  assert.ok(folded < 200, 'one lane for all of a kind')
  const lane = page
    .getByRole('group', { name: 'Kinds, each opened to its records' })
    .getByRole('button', { name: /24/ })
  await lane.click()
  await eventually('an open lane shows every record', async () => (await heightOf()) > folded + 20 * 24)
  assert.equal(await lane.getAttribute('aria-expanded'), 'true')
  await lane.click()
  await eventually('and folds again', async () => (await heightOf()) === folded)
  const ticks = (): Promise<string[]> => drawing.locator('text.m').allInnerTexts()
  const whole = await ticks()
  await drawing.hover()
  await page.mouse.wheel(0, -300)
  assert.deepEqual(await ticks(), whole, 'the page scrolls until the drawing is taken hold of')
  await drawing.focus()
  for (const each of [1, 2, 3]) await page.mouse.wheel(0, -300 * each)
  await eventually('then the wheel looks nearer', async () => (await ticks()).join() !== whole.join())
  await context.close()
}
