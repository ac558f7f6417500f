// The matrix: what a record uses is marked on it, a cell says how many records speak of its technique and leads to it, by
// the keyboard alone.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

const QUAYLOCK = 'malware--00000000-0000-4000-8000-000000000002'

export async function usedOnTheMatrix(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/records/${QUAYLOCK}`)
  await page.getByRole('button', { name: 'What it uses, on the matrix' }).click()
  await page.getByText('QuayLock uses 1 of 1 techniques').waitFor()
  assert.equal(await page.getByRole('columnheader').count(), 1)
  const cell = page.getByRole('cell').getByRole('link', { name: /T0821 Modify Controller Tasking used 1 record/ })
  await cell.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Modify Controller Tasking' }).waitFor()
  await page.goBack()
  await page.getByLabel('Lit by').selectOption({ label: 'Malware' })
  await page.getByLabel('Only what it uses').check()
  await cell.waitFor()
  await page.getByLabel('Used by').selectOption({ label: 'nobody chosen' })
  await page.getByRole('link', { name: /Modify Controller Tasking 1 record speaks of it/ }).waitFor()
  await context.close()
}
