// Knowledge without a word: what is newest, narrowed by what people know of it; and a search that is kept is there wherever
// its person signs in.
import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { openWindow } from './browser.ts'
import { OWN, type Stage } from './stage.ts'

/** Signs somebody in on a page of a member’s node. */
export type SignIn = (page: Page, host: string, name?: string) => Promise<unknown>

export async function withoutWords(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.getByRole('link', { name: 'Knowledge' }).click()
  await page.getByRole('link', { name: 'CVE-2026-12345', exact: true }).waitFor()
  await page
    .getByRole('navigation', { name: 'Kinds of records' })
    .getByRole('link', { name: /^Campaign/ })
    .click()
  await page.getByText('1 record, newest first').waitFor()
  await page.getByRole('link', { name: 'Slack Tide' }).waitFor()
  await page.getByLabel('kind').selectOption({ label: 'any' })
  await page.getByLabel('said by').selectOption('plateau.example')
  await page.getByText('1 record, newest first').waitFor()
  assert.match(page.url(), /\/knowledge\?author=plateau\.example$/)
  await page.getByRole('button', { name: 'Keep this search' }).click()
  await page.getByRole('button', { name: 'Forget the search Plateau Grid' }).waitFor()
  await context.close()

  const other = await openWindow(browser, stage)
  await signIn(other.page, OWN)
  await other.page.goto(`http://${OWN}/knowledge`)
  await other.page.getByRole('button', { name: 'Plateau Grid', exact: true }).click()
  await other.page.getByText('1 record, newest first').waitFor()
  await other.page.getByRole('button', { name: 'Forget the search Plateau Grid' }).click()
  await other.page.getByRole('button', { name: 'Keep this search' }).waitFor()
  await other.context.close()
}
