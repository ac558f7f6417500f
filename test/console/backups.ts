// An administrator makes a backup from the settings while the node goes on, has it read again, and is told how to restore it.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { accessibilityFaults, openWindow, unexpected } from './browser.ts'
import { PASSWORD } from './stage.ts'
import { Reader } from './words.ts'

type House = { readonly origin: string; readonly invite: (name: string, role: string) => Promise<string> }

export async function backUpFromThePage(browser: Browser, house: House): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, undefined)
  const reader = new Reader(page)
  await page.goto(await house.invite('bea', 'administrator'))
  await reader.fill('welcome.password', PASSWORD)
  await reader.press('welcome.verb')
  await reader.by('heading', 'home.title.none').waitFor()
  await page.goto(`${house.origin}/settings/backups`)
  await reader.text('backups.none').waitFor()
  await page.getByText('comity restore DIR').waitFor()
  await reader.press('backups.make')
  const table = page.getByRole('table', { name: reader.says('backups.list') })
  await table.getByText('Not since it was made').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await table.getByRole('button', { name: reader.says('backups.check') }).click()
  await table.getByText('Whole').waitFor()
  await page.getByText(/comity restore \S+backups\/\d{4}-\d\d-\d\dT/).waitFor()
  await page.goto(`${house.origin}/audit`)
  await page
    .getByText(/checked the backup/)
    .first()
    .waitFor()
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}
