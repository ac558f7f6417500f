// The line of time: from the page of a record, with what happened around it, how long things count and what warned here; the
// same in words below it.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

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
