// The graph: from a record to what it is joined to, further, narrowed, and a way between two; with the keys, and the same in
// words below it.
import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { openWindow, unexpected } from './browser.ts'
import type { SignIn } from './knowledge.ts'
import { OWN, type Stage } from './stage.ts'

const STAGING_HOST = 'indicator--00000000-0000-4000-8000-000000000001'

export async function throughTheGraph(browser: Browser, stage: Stage, signIn: SignIn): Promise<void> {
  const { context, page, complaints } = await openWindow(browser, stage)
  await signIn(page, OWN)
  await page.goto(`http://${OWN}/records/${STAGING_HOST}`)
  await page.getByRole('link', { name: 'Open the graph' }).click()
  const drawing = page.getByRole('application')
  const words = page.getByRole('table', { name: 'In words' })
  const status = page.locator('[role=status].graph-status')
  await words.getByRole('button', { name: 'QuayLock', exact: true }).waitFor()
  const beside = page.getByRole('complementary')
  await beside.getByRole('heading', { name: /QuayLock staging host/ }).waitFor()

  await words.getByRole('button', { name: 'QuayLock', exact: true }).click()
  await beside.getByRole('heading', { name: 'QuayLock', exact: true }).waitFor()
  await beside.getByRole('button', { name: 'Expand' }).click()
  await words.getByRole('button', { name: 'CVE-2026-12345' }).waitFor()

  await beside.getByRole('checkbox', { name: /^exploits/ }).uncheck()
  await words.getByRole('button', { name: 'CVE-2026-12345' }).waitFor({ state: 'detached' })
  await beside.getByRole('checkbox', { name: /^exploits/ }).check()
  await words.getByRole('button', { name: 'CVE-2026-12345' }).waitFor()

  await beside.getByRole('button', { name: 'Way from here' }).click()
  await page.getByLabel('Bring in a record').fill('named')
  await page.getByRole('search').getByRole('button', { name: 'Search' }).click()
  await page
    .getByRole('list', { name: 'Records that were found' })
    .getByRole('button', { name: 'No one named yet' })
    .click()
  await beside.getByRole('heading', { name: 'No one named yet' }).waitFor()
  await beside.getByRole('button', { name: 'Way to here' }).click()
  await status.getByText(/A way of 2 steps/).waitFor()
  assert.equal(await words.locator('tr.mine').count(), 2)

  await drawing.focus()
  await page.keyboard.press('Escape')
  await beside.getByRole('heading', { name: 'Chosen record' }).waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await drawing.evaluate('document.activeElement.getAttribute("role")'), null, 'Escape, then Tab, leaves')
  await drawing.focus()
  await page.keyboard.press('Tab')
  await beside.getByRole('heading', { name: /QuayLock staging host/ }).waitFor()
  for (const key of ['+', '-', '0', 'ArrowLeft']) await page.keyboard.press(key)
  assert.deepEqual(unexpected(complaints), [])
  await context.close()
}
